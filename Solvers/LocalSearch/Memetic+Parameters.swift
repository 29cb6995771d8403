import QAP

extension Memetic {
  /// The options of the memetic search.
  public struct Parameters: Sendable {
    /// Iterations of tabu search planned over all children together, at least 1; nil for the run's
    /// limit, without one for all of the time limit, or else for
    /// `RobustTabu.Parameters.defaultIterations(size:)`.
    public var iterations: Int?
    /// The number of assignments kept of those that tabu search improves. At least 2.
    public var population: Int
    /// Children of a generation, improved side by side; nil for
    /// `RobustTabu.Parameters.defaultWalks(size:)`. At least 1. The answer depends on their number,
    /// never on the number of threads that improve them.
    public var children: Int?
    /// Tabu iterations of each child of the first population, at least 1: every new population gets
    /// twice as many. nil for `defaultIterationsPerChild(size:)`, and on structured instances for
    /// a second lineage whose children swap blocks.
    public var iterationsPerChild: Int?
    /// Generations without a child worth keeping after which a new population begins. At least 1.
    public var patience: Int
    /// The improvement of children; its `iterations` and `walks` are not used. nil for
    /// `defaultSearch(_:)`.
    public var search: RobustTabu.Parameters?

    /// The defaults, each replaceable by name.
    public init(
      iterations: Int? = nil, population: Int = 16, children: Int? = nil,
      iterationsPerChild: Int? = nil, patience: Int = 6,
      search: RobustTabu.Parameters? = nil
    ) {
      self.iterations = iterations
      self.population = population
      self.children = children
      self.iterationsPerChild = iterationsPerChild
      self.patience = patience
      self.search = search
    }

    /// The iterations of a child when no number is asked for.
    public static func defaultIterationsPerChild(size n: Int) -> Int { max(2000, 100 * n) }

    /// The default improvement of children: on structured instances an unsuccessful round ends
    /// early with a kick, on uniform ones it lasts longer.
    public static func defaultSearch(_ structure: FlowDominance?) -> RobustTabu.Parameters {
      RobustTabu.Parameters(patience: structure?.isUniform ?? false ? 3 : 1)
    }

    func validate() throws(MethodError) {
      if let iterations { try require(iterations >= 1, "iterations", iterations, "at least 1") }
      try require(
        population >= 2 && population <= 65_536, "population", population, "2 to 65536")
      if let children {
        try require(children >= 1 && children <= 65_536, "children", children, "1 to 65536")
      }
      if let iterationsPerChild {
        try require(
          iterationsPerChild >= 1, "iterationsPerChild", iterationsPerChild, "at least 1")
      }
      try require(patience >= 1, "patience", patience, "at least 1")
      try search?.validate()
    }
  }
}
