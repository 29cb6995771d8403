import QAP

extension TwoOpt {
  /// Which improving swap a step carries out.
  public enum Rule: String, Sendable, CaseIterable {
    /// The best of all; ties go to the first in the order of the facilities.
    case bestImprovement
    /// The first improving swap; the order of the facilities is drawn for each start.
    case firstImprovement
  }

  /// The options of 2-opt.
  public struct Parameters: Sendable {
    /// Which improving swap a step carries out.
    public var rule: Rule
    /// The number of descents, each from a random assignment, the first one from the caller's if
    /// there is one. At least 1.
    public var starts: Int
    /// Iterations of one descent at most; nil for as many as it takes. At least 1.
    public var iterationsPerStart: Int?
    /// Iterations of all descents together; nil for as many as they take. At least 1.
    public var iterations: Int?

    /// The defaults, each replaceable by name.
    public init(
      rule: Rule = .bestImprovement, starts: Int = 16, iterationsPerStart: Int? = nil,
      iterations: Int? = nil
    ) {
      self.rule = rule
      self.starts = starts
      self.iterationsPerStart = iterationsPerStart
      self.iterations = iterations
    }

    func validate() throws(MethodError) {
      try require(starts >= 1 && starts <= 1 << 30, "starts", starts, "1 to 2³⁰")
      if let iterations { try require(iterations >= 1, "iterations", iterations, "at least 1") }
      if let limit = iterationsPerStart {
        try require(limit >= 1, "iterationsPerStart", limit, "at least 1")
      }
    }
  }
}
