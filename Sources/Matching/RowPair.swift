/// A row of the source and its partner, a row of the target.
public struct RowPair: Hashable, Sendable {
  /// The row of the source, from 0.
  public var source: Int
  /// The row of the target, from 0.
  public var target: Int

  /// The pair of the two rows.
  public init(source: Int, target: Int) {
    self.source = source
    self.target = target
  }
}
