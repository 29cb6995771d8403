/// The options of a run.
public struct SolveOptions: Sendable {
  /// When to stop early.
  public var limits: Limits
  /// A caller's own reason to stop: asked often, from any thread; nil to go on. `.time`,
  /// `.interrupted` and `.memory` end the run in the middle of an iteration, others at its end.
  public var stop: (@Sendable (SearchStatus) -> Termination?)?
  /// Real data only: a fraction, from 0 (all that rounding allows) to less than 1, of the distance
  /// between the mean objective and the bound; an incumbent that is closer to the bound counts as
  /// optimal.
  public var tolerance: Double
  /// Seed of every random choice.
  public var seed: UInt64
  /// The number of threads; the answer does not depend on it unless a time limit strikes.
  public var threads: Int
  /// An assignment to start from.
  public var start: Assignment?
  /// Multipliers to start dual ascent from, of a run with the same fixed pairs.
  public var startBound: Certificate?
  /// Facilities that must stand at given locations; bounds then hold for such assignments only.
  public var pairs: [FixedPair]
  /// Keep the proof of the best bound, for a certificate: O(n³) memory, and for some methods work.
  public var keepsProof: Bool
  /// Bytes that a method may take, of which it knows its large arrays only; nil for each method's
  /// own limit.
  public var memoryLimit: Int?
  /// Called on every event, from any thread, one call at a time.
  public var observer: (@Sendable (ProgressEvent) -> Void)?
  /// Seconds since some fixed moment. Replaceable, so that tests own the time.
  public var clock: @Sendable () -> Double
  /// The clock's time from which the run's seconds count, so that reading and preparing can be part
  /// of them; nil for the moment at which it is called.
  public var origin: Double?

  /// The defaults, each replaceable by name: no limit, seed 0, one thread, no proof kept. Less than
  /// one thread counts as one.
  public init(
    limits: Limits = Limits(), stop: (@Sendable (SearchStatus) -> Termination?)? = nil,
    tolerance: Double = OptimalityRule.defaultTolerance, seed: UInt64 = 0, threads: Int = 1,
    start: Assignment? = nil, startBound: Certificate? = nil, pairs: [FixedPair] = [],
    keepsProof: Bool = false, memoryLimit: Int? = nil,
    observer: (@Sendable (ProgressEvent) -> Void)? = nil,
    clock: @escaping @Sendable () -> Double = SolveOptions.monotonicClock(), origin: Double? = nil
  ) {
    self.limits = limits
    self.stop = stop
    self.tolerance = tolerance
    self.seed = seed
    self.threads = max(1, threads)
    self.start = start
    self.startBound = startBound
    self.pairs = pairs
    self.keepsProof = keepsProof
    self.memoryLimit = memoryLimit
    self.observer = observer
    self.clock = clock
    self.origin = origin
  }

  /// Throws `MethodError.parameter` for a limit or a tolerance out of range.
  public func validate() throws(MethodError) {
    try limits.validate()
    try require(
      tolerance >= 0 && tolerance < 1, "tolerance", tolerance,
      "a fraction from 0 to less than 1")
  }

  /// The machine's monotonic clock, in seconds from now.
  public static func monotonicClock() -> @Sendable () -> Double {
    let origin = ContinuousClock.now
    return { (ContinuousClock.now - origin).seconds }
  }
}
