/// One pair of a match: its share of the objective, and the cost of breaking it.
public struct PairMargin: Equatable, Sendable {
  /// The row of the source, from 0.
  public let source: Int
  /// The row of the target, from 0.
  public let target: Int
  /// The pair's share of the objective, in the metric's unit; all shares add up to the objective.
  public let value: Double
  /// The loss of objective in the cheapest swap that breaks the pair, negative if that improves
  /// the match; nil for a known pair, or when there is nothing to swap it with.
  public let margin: Double?
  /// The row of the target that the source's row gets in that swap; nil for none.
  public let rival: Int?
  /// The place among all pairs by margin, from 1 for the largest; nil without a margin.
  public let rank: Int?
  /// The estimated probability, 0 to 1, that the pair is right; nil without a margin, and for
  /// cost tensors. See
  /// `MatchingProblem.margins(of:threads:)`.
  public let confidence: Double?
}
