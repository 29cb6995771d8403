import QAP

extension RobustTabu {
  /// The options of the tabu search.
  public struct Parameters: Sendable {
    /// Iterations planned over all walks together; nil for the run's limit, or else
    /// `defaultIterations(size:)`. At least 1.
    public var iterations: Int?
    /// Independent walks, each with a separate random stream; nil for `defaultWalks(size:)`. At
    /// least 1. The answer depends on their number, never on the number of threads that run them.
    public var walks: Int?
    /// A facility may not return to a location for between `minTenure · n` and
    /// `maxTenure · n` iterations, drawn for each move (Taillard: 0.9 and 1.1).
    public var minTenure: Double
    /// See `minTenure`.
    public var maxTenure: Double
    /// A move is forced once one of its two facilities has stayed away from the location it would
    /// take for this many times n² iterations (Taillard's long-term memory).
    public var aspiration: Double
    /// A round ends after this many times n iterations without improving on its own best; the next
    /// one starts from a kicked assignment.
    public var patience: Double
    /// The weakest kick: a random cycle through this share of the facilities (two at least).
    public var weakestKick: Double
    /// The strongest kick, as a share of the facilities. Kicks grow while they lead nowhere.
    public var strongestKick: Double
    /// After this many rounds that did not improve it, a walk leaves its home for a random
    /// assignment. At least 1.
    public var roundsPerHome: Int

    /// The defaults, each replaceable by name.
    public init(
      iterations: Int? = nil, walks: Int? = nil,
      minTenure: Double = 0.9, maxTenure: Double = 1.1, aspiration: Double = 5,
      patience: Double = 10, weakestKick: Double = 0.2, strongestKick: Double = 0.8,
      roundsPerHome: Int = 100
    ) {
      self.iterations = iterations
      self.walks = walks
      self.minTenure = minTenure
      self.maxTenure = maxTenure
      self.aspiration = aspiration
      self.patience = patience
      self.weakestKick = weakestKick
      self.strongestKick = strongestKick
      self.roundsPerHome = roundsPerHome
    }

    /// The iterations that a run makes when none are asked for: 300·n³ up to n = 20, then 6000·n²,
    /// and from n = 50 on as many as update 4·10¹⁰ swaps (some twenty seconds).
    public static func defaultIterations(size n: Int) -> Int {
      let square = max(1, n * n)
      return max(1000, min(300 * square * n, 6000 * square, 40_000_000_000 / square))
    }

    /// The walks of a run when no number is asked for: 8, and 2 beyond n = 500, where a walk spends
    /// seconds evaluating its first neighborhood.
    public static func defaultWalks(size n: Int) -> Int { n <= 500 ? 8 : 2 }

    func validate() throws(MethodError) {
      if let iterations { try require(iterations >= 1, "iterations", iterations, "at least 1") }
      if let walks { try require(walks >= 1 && walks <= 65_536, "walks", walks, "1 to 65536") }
      try require(
        minTenure > 0 && minTenure <= 1000, "minTenure", minTenure,
        "more than 0, at most 1000")
      try require(
        maxTenure >= minTenure && maxTenure <= 1000, "maxTenure", maxTenure,
        "\(minTenure) to 1000")
      try require(aspiration > 0, "aspiration", aspiration, "more than 0")
      try require(patience > 0 && patience < 1e9, "patience", patience, "more than 0, below 1e9")
      try require(
        weakestKick >= 0 && weakestKick <= 1, "weakestKick", weakestKick, "a share, 0 to 1")
      try require(
        strongestKick >= weakestKick && strongestKick <= 1, "strongestKick", strongestKick,
        "\(weakestKick) to 1")
      try require(roundsPerHome >= 1, "roundsPerHome", roundsPerHome, "at least 1")
    }
  }
}
