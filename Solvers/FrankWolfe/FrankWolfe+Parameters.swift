import QAP

extension FrankWolfe {
  /// What can be chosen.
  public struct Parameters: Sendable {
    /// The number of starts: the first from the caller's assignment, or else the barycentre; the
    /// others from random doubly stochastic matrices. At least 1.
    public var starts: Int
    /// Iterations of one start at most. At least 1 (SciPy: 30).
    public var iterationsPerStart: Int
    /// Iterations of all starts together; nil for as many as they take. At least 1.
    public var iterations: Int?
    /// A start ends when its matrix moves by less than this, ‖P − P′‖/√n (SciPy: 0.03). Not negative.
    public var tolerance: Double
    /// Improve each projected assignment by 2-opt.
    public var polishes: Bool
    /// Break ties of the assignment problems in a random order of the locations, drawn from the
    /// seed, rather than by their numbers, which would favour the identity.
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
      guard starts >= 1, starts <= 1 << 30 else {
        throw .parameter(name: "starts", found: "\(starts)", expected: "1 to 2³⁰")
      }
      guard iterationsPerStart >= 1 else {
        throw .parameter(
          name: "iterationsPerStart", found: "\(iterationsPerStart)", expected: "at least 1")
      }
      if let iterations, iterations < 1 {
        throw .parameter(name: "iterations", found: "\(iterations)", expected: "at least 1")
      }
      guard tolerance >= 0, tolerance.isFinite else {
        throw .parameter(name: "tolerance", found: "\(tolerance)", expected: "0 or more")
      }
    }
  }
}
