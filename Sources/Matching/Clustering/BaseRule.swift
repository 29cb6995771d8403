import QAPPrimitives

/// The rule by which a cluster's representative is chosen.
public enum BaseRule: String, Sendable, CaseIterable {
  /// The row nearest to the center, as "Do Vision and Language Encoders Represent the World
  /// Similarly?" words it.
  case euclidean
  /// The row with the largest cosine with the center, as the paper's code does.
  case cosine
}
