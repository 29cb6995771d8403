import QAP

extension FrankWolfe {
  /// The options of Frank–Wolfe.
  public struct Parameters: Sendable {
    /// The number of starts: the first from the caller's assignment, or else the barycenter; the
    /// others from random doubly stochastic matrices. At least 1.
    public var starts: Int
    /// Iterations of one start at most. At least 1 (SciPy: 30).
    public var iterationsPerStart: Int
    /// Iterations of all starts together; nil for as many as they take. At least 1.
    public var iterations: Int?
    /// A start ends when its matrix moves by less than this, ‖P − P′‖/√n (SciPy: 0.03). Not
    /// negative.
    public var tolerance: Double
    /// Improve each projected assignment by 2-opt.
    public var polishes: Bool
    /// Break ties of the assignment problems in a random order of the locations, drawn from the
    /// seed, rather than by their numbers, which would favor the identity.
    public var shufflesTies: Bool

    /// The defaults, each replaceable by name.
    public init(
      starts: Int = 1, iterationsPerStart: Int = 30, iterations: Int? = nil,
      tolerance: Double = 0.03,
      polishes: Bool = false, shufflesTies: Bool = true
    ) {
      self.starts = starts
      self.iterationsPerStart = iterationsPerStart
      self.iterations = iterations
      self.tolerance = tolerance
      self.polishes = polishes
      self.shufflesTies = shufflesTies
    }

    func validate() throws(MethodError) {
      try require(starts >= 1 && starts <= 1 << 30, "starts", starts, "1 to 2³⁰")
      try require(
        iterationsPerStart >= 1, "iterationsPerStart", iterationsPerStart, "at least 1")
      if let iterations { try require(iterations >= 1, "iterations", iterations, "at least 1") }
      try require(tolerance >= 0 && tolerance.isFinite, "tolerance", tolerance, "0 or more")
    }
  }
}
