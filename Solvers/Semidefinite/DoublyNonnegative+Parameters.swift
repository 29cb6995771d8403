import QAP

extension DoublyNonnegative {
  /// The options of the splitting.
  public struct Parameters: Sendable {
    /// Steps at most.
    public var steps: Int?
    /// The first penalty β as a multiple of n times the mean magnitude of the costs.
    public var penalty: Double
    /// The multiplier moves by this times β after each of the two projections.
    public var overRelaxation: Double
    /// The number of steps after which the penalty rises by a factor where ‖Y − X‖ is more than
    /// `penaltyRise` times the change of Y, and falls by it where the change is more than
    /// `penaltyFall` times ‖Y − X‖.
    public var penaltyInterval: Int
    /// By how much the penalty rises or falls; 1 for a penalty that stays. Nil for 1.3, and 1.2
    /// beyond n = 32: where it falls too fast, large relaxations whose solution has rank one come
    /// to rest near it with ranks in the hundreds, and their bounds creep.
    public var penaltyFactor: Double?
    /// See `penaltyInterval`; at least 1/`penaltyFall`.
    public var penaltyRise: Double
    /// See `penaltyInterval`; positive.
    public var penaltyFall: Double
    /// Steps between two safe bounds; half of it where a whole decomposition has found the
    /// eigenvalue already.
    public var boundInterval: Int
    /// Rounds of dual ascent on L + Z in a safe bound.
    public var ascentRounds: Int
    /// Ends when this many steps together raise the bound by less than `tolerance` of its
    /// distance to the mean objective.
    public var patience: Int
    /// See `patience`: a fraction from 0 to 1.
    public var tolerance: Double
    /// Bytes that the matrices may take; larger instances are refused.
    public var memoryLimit: Int

    /// Defaults: the best all-round values of some tried on QAPLIB instances of sizes 12 to 20 and
    /// on pairs of embeddings. Low penalties suit the pairs, high ones the grids; the residuals
    /// tell them apart.
    public init(
      steps: Int? = nil, penalty: Double = 1, overRelaxation: Double = 0.95,
      penaltyInterval: Int = 10, penaltyFactor: Double? = nil, penaltyRise: Double = 3,
      penaltyFall: Double = 1,
      boundInterval: Int = 20, ascentRounds: Int = 2, patience: Int = 300,
      tolerance: Double = 1e-6, memoryLimit: Int = DoublyNonnegative.physicalMemory
    ) {
      self.steps = steps
      self.penalty = penalty
      self.overRelaxation = overRelaxation
      self.penaltyInterval = penaltyInterval
      self.penaltyFactor = penaltyFactor
      self.penaltyRise = penaltyRise
      self.penaltyFall = penaltyFall
      self.boundInterval = boundInterval
      self.ascentRounds = ascentRounds
      self.patience = patience
      self.tolerance = tolerance
      self.memoryLimit = memoryLimit
    }

    /// See `penaltyFactor`.
    func penaltyFactor(size n: Int) -> Double {
      penaltyFactor ?? (DoublyNonnegative.limitsRanks(size: n) ? 1.2 : 1.3)
    }

    /// The penalty of the next step. It follows the residuals ‖Y − X‖ and ‖Y − last Y‖: where Y
    /// lags behind X it rises, where Y runs it falls, within a thousand times of the `first`.
    func nextPenalty(
      after penalty: Double, first: Double, step: Int,
      residuals: (primal: Double, dual: Double), size n: Int
    ) -> Double {
      guard step % penaltyInterval == 0 else { return penalty }
      // Once Y no longer moves at all, the penalty would rise for ever.
      let range = 1e-3 * first...1e3 * first
      var next = penalty
      if residuals.primal > penaltyRise * residuals.dual {
        next *= penaltyFactor(size: n)
      } else if residuals.dual > penaltyFall * residuals.primal {
        next /= penaltyFactor(size: n)
      }
      return range.contains(next) ? next : penalty
    }

    func validate() throws {
      if let steps { try require(steps >= 1, "steps", steps, "at least 1") }
      try require(penalty > 0 && penalty.isFinite, "penalty", penalty, "a positive number")
      try require(
        overRelaxation > 0 && overRelaxation < 1.6, "overRelaxation", overRelaxation,
        "a number from 0 to 1.6")
      try require(penaltyInterval >= 1, "penaltyInterval", penaltyInterval, "at least 1")
      if let factor = penaltyFactor {
        try require(factor >= 1 && factor <= 10, "penaltyFactor", factor, "1 to 10")
      }
      try require(
        penaltyFall > 0 && penaltyRise * penaltyFall >= 1, "penaltyRise", penaltyRise,
        "at least 1 / penaltyFall")
      try require(boundInterval >= 1, "boundInterval", boundInterval, "at least 1")
      try require(ascentRounds >= 0, "ascentRounds", ascentRounds, "at least 0")
      try require(patience >= 1, "patience", patience, "at least 1")
      try require(
        tolerance >= 0 && tolerance < 1, "tolerance", tolerance, "a fraction from 0 to 1")
    }
  }
}
