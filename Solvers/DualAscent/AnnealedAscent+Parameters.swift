import QAP

extension AnnealedAscent {
  /// The schedule of temperatures and the limits.
  public struct Parameters: Sendable {
    /// Sweeps over all pairs, from the first temperature to the last: more of them end nearer to
    /// the relaxation's value.
    public var sweeps: Int?
    /// The first temperature, as a fraction of the mean |pair cost|.
    public var firstTemperature: Double
    /// The last one.
    public var lastTemperature: Double
    /// Sweeps between two changes of temperature.
    public var sweepsPerLevel: Int
    /// Exact rounds of Hahn–Grant ascent that turn a smoothed point into a bound.
    public var exactRounds: Int
    /// Passes over all pairs that Newton steps may take whenever the temperature has halved; nil
    /// for a twentieth of the sweeps, and no more than twelve times the size. They do more for the
    /// bound than as much time spent on further sweeps (see BENCHMARKS.md).
    public var newtonPasses: Int?
    /// Estimate how far the bound can still rise: a tenth more work.
    public var estimatesCeiling: Bool
    /// Done when the bound can rise by no more than this fraction of its magnitude.
    public var tolerance: Double
    /// Bytes that the multipliers may take; larger instances are refused.
    public var memoryLimit: Int

    /// The sweeps that are planned where neither the parameters nor the run's limits give a number.
    public static let defaultSweeps = 5000

    /// The defaults need no tuning between instances: temperatures scale with the data.
    public init(
      sweeps: Int? = nil, firstTemperature: Double = 0.1, lastTemperature: Double = 2e-5,
      sweepsPerLevel: Int = 10, exactRounds: Int = 10, newtonPasses: Int? = nil,
      estimatesCeiling: Bool = true,
      tolerance: Double = 1e-5, memoryLimit: Int = 4 << 30
    ) {
      self.sweeps = sweeps
      self.firstTemperature = firstTemperature
      self.lastTemperature = lastTemperature
      self.sweepsPerLevel = sweepsPerLevel
      self.exactRounds = exactRounds
      self.newtonPasses = newtonPasses
      self.estimatesCeiling = estimatesCeiling
      self.tolerance = tolerance
      self.memoryLimit = memoryLimit
    }

    func validate() throws {
      if let sweeps { try require(sweeps >= 1, "sweeps", sweeps, "at least 1") }
      try require(
        firstTemperature > 0 && firstTemperature <= 100, "firstTemperature", firstTemperature,
        "above 0, at most 100")
      try require(
        lastTemperature >= 1e-7 && lastTemperature <= firstTemperature, "lastTemperature",
        lastTemperature, "1e-7 to \(firstTemperature)")
      try require(sweepsPerLevel >= 1, "sweepsPerLevel", sweepsPerLevel, "at least 1")
      try require(tolerance >= 0 && tolerance < 1, "tolerance", tolerance, "a fraction from 0 to 1")
      try require(exactRounds >= 1, "exactRounds", exactRounds, "at least 1")
    }
  }
}
