/// The size of a search tree, estimated by random walks (Knuth 1975).
public struct TreeEstimate: Equatable, Sendable {
  /// The mean over the walks: right on average, though the few largest subtrees are easily missed,
  /// and the estimate then comes out too low.
  public let nodes: Double
  /// Its standard error; nothing is known of it with a single walk.
  public let error: Double
  /// The number of walks.
  public let probes: Int

  init(nodes: Double, error: Double, probes: Int) {
    self.nodes = nodes
    self.error = error
    self.probes = probes
  }

  /// The mean of what the walks found.
  init(_ found: [Double]) {
    let count = Double(found.count)
    let mean = found.reduce(0, +) / max(1, count)
    let squares = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.init(
      nodes: mean, error: count > 1 ? (squares / (count * (count - 1))).squareRoot() : mean,
      probes: found.count)
  }

  /// "some 810000 nodes (standard error 90000, 64 walks)".
  var description: String {
    "about \(TreeEstimate.rounded(nodes)) nodes (standard error \(TreeEstimate.rounded(error)), "
      + "\(probes) walks)"
  }

  /// Two significant digits.
  private static func rounded(_ value: Double) -> String {
    var scale = 1.0
    while value / scale >= 100, scale < 1e300 { scale *= 10 }
    let result = (value / scale).rounded() * scale
    return result < 1e15 ? "\(Int(result))" : "\(result)"
  }
}

extension BranchAndBound {
  /// The limit of a search in nodes, which depends on the estimate at its beginning.
  public struct Budget: Equatable, Sendable {
    /// The number of nodes up to which a tree is searched to the end.
    public var worthwhile: Int
    /// The nodes spent on a larger one, for what they raise the bound.
    public var otherwise: Int

    /// A budget in nodes: trees estimated at up to `worthwhile` of them are searched to the end,
    /// larger ones for `otherwise` of them.
    public init(worthwhile: Int, otherwise: Int) {
      self.worthwhile = worthwhile
      self.otherwise = otherwise
    }
  }
}
