/// Steps around a method of retrieval, and its parameters.
public struct RetrievalOptions: Sendable {
  /// Subtract the mean of the known rows from all rows of a side first.
  public var centers: Bool
  /// The number of nearest neighbors for cross-domain similarity local scaling; nil for none.
  public var csls: Int?
  /// The largest cosines to known rows that `asif` keeps for each row.
  public var anchors: Int
  /// The power that `asif` raises cosines to.
  public var exponent: Double

  /// The defaults, each replaceable by name; those of `asif` are the published ones.
  public init(
    centers: Bool = false, csls: Int? = nil, anchors: Int = 800, exponent: Double = 8
  ) {
    self.centers = centers
    self.csls = csls
    self.anchors = max(1, anchors)
    self.exponent = exponent
  }
}
