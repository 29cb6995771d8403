import ArgumentParser
import QAP
import QAPMatching
import QAPPrimitives

/// The rule by which a base of known pairs is chosen.
enum RetrieveBaseRule: String, CaseIterable, ExpressibleByArgument {
  /// Rows drawn at random.
  case uniform
  /// The row nearest to each k-means center.
  case kmeans
  /// The row with the largest cosine with each k-means center.
  case kmeansCosine = "kmeans-cosine"
}
