import QAP

/// Who hears of a run on a subset problem that is a part of another one.
struct SubsetRelay: Sendable {
  /// A better subset.
  let improved: @Sendable (Subset) -> Void
  /// A better bound, unrounded.
  let raised: @Sendable (Double) -> Void
  /// Nodes done, and those that are open now.
  let worked: @Sendable (_ nodes: Int, _ open: Int) -> Void
}
