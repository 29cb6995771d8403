import QAP

extension Automatic {
  /// The thresholds of the portfolio. Shares are of the time that is left when they are asked,
  /// ticks those of `WorkModel`: nanoseconds of one core.
  public struct Parameters: Equatable, Sendable {
    /// Look for assignments beyond what bounds need; false for `qap bound`.
    public var seeksAssignments = true
    /// Largest size at which tabu search looks for assignments; a memetic search does beyond it.
    public var maxTabuSize = 30
    /// Largest size at which a search tree is considered.
    public var maxTreeSize = 64
    /// Largest size at which a search tree is worth time that nothing else can use.
    public var maxHopefulTreeSize = 30
    /// Least size at which the doubly nonnegative relaxation is considered.
    public var minRelaxationSize = 10

    /// Part of tabu search's usual work that comes before bounds, up to `maxTabuSize`.
    public var openingShare = 1.0 / 8
    /// Share of the time that the first search may take.
    public var searchShare = 0.5
    /// That share beyond `maxHopefulTreeSize`, where no bound is likely to prove an optimum.
    public var largeSearchShare = 0.75
    /// The first search ends when it has gone on without improvement for this many times the work
    /// of its last improvement, and `minIdleShare` of its usual work.
    public var idleFactor = 3.0
    /// See `idleFactor`.
    public var minIdleShare = 1.0 / 64
    /// The same factor where the search would have all of the time, and bounds follow only if it
    /// dries up early.
    public var dryFactor = 20.0
    /// Share of the time that one cheap method may be expected to take.
    public var cheapShare = 0.05

    /// Rounds of dual ascent before it is annealed.
    public var ascentRounds = 12
    /// Share of the time that these rounds may be expected to take where nothing stronger fits.
    public var roundsShare = 0.8
    /// The part of the gap that projection closes beyond Gilmore–Lawler where a dual ascent is not
    /// worth its time beyond `maxHopefulTreeSize`.
    public var projectionLead = 0.3
    /// Sweeps of an annealed ascent at least; less proves too little.
    public var minSweeps = 50
    /// Sweeps of the ascent that is measured before the relaxation, at most.
    public var probeSweeps = 1000
    /// Share of the time that this ascent may take beside the relaxation; half of it before.
    public var probeShare = 0.06
    /// The part of the gap that more sweeps are expected to close.
    public var ascentPromise = 0.05
    /// Sweeps of an ascent that a search follows, at most.
    public var maxSweepsBeforeTree = 2000
    /// Sweeps of an ascent that has all of the time, at most.
    public var maxSweeps = 20_000
    /// Ticks of an ascent without a time limit.
    public var ascentTicks = 8e10

    /// Steps of the relaxation that must fit for it to begin: its bounds rise late.
    public var minRelaxationSteps = 40
    /// Steps of the relaxation at most; fewer, `maxStepsBeforeTree`, where a search follows and no
    /// time limit asks for more.
    public var maxRelaxationSteps = 20_000
    /// See `maxRelaxationSteps`.
    public var maxStepsBeforeTree = 300
    /// Ticks of the relaxation without a time limit.
    public var relaxationTicks = 3e11
    /// Share of the time that the relaxation may be expected to take where symmetry makes it small,
    /// and it comes first.
    public var symmetricShare = 0.6
    /// Share of its time after which the relaxation is compared with the ascent.
    public var reviewShare = 0.6
    /// The relaxation has dried up when the last third of its steps closed no more than this part
    /// of the gap.
    public var dryShare = 0.02
    /// The relaxation has nearly closed the gap when no more than this part of it is left.
    public var nearlyClosedShare = 0.03

    /// Share of the time that a tree may be expected to take to be searched before the relaxation.
    public var smallTreeShare = 0.7
    /// Share of the time that the first look at a tree beside the relaxation may take.
    public var lookShare = 0.3
    /// Ticks of a tree that is searched before the relaxation, at most.
    public var smallTreeTicks = 1e10
    /// Ticks of a tree that is searched to its end without a time limit.
    public var treeTicks = 1.2e12
    /// Ticks that a larger tree gets without a time limit, to raise the bound.
    public var otherTreeTicks = 3e10

    /// The defaults.
    public init() {}

    func validate() throws(MethodError) {
      let shares = [
        ("openingShare", openingShare), ("searchShare", searchShare),
        ("largeSearchShare", largeSearchShare),
        ("minIdleShare", minIdleShare), ("cheapShare", cheapShare), ("probeShare", probeShare),
        ("reviewShare", reviewShare), ("dryShare", dryShare),
        ("symmetricShare", symmetricShare), ("nearlyClosedShare", nearlyClosedShare),
        ("smallTreeShare", smallTreeShare),
        ("lookShare", lookShare), ("ascentPromise", ascentPromise), ("roundsShare", roundsShare),
        ("projectionLead", projectionLead),
      ]
      for (name, value) in shares {
        try require(value >= 0 && value <= 1, name, value, "a share from 0 to 1")
      }
      let counts = [
        ("maxTabuSize", maxTabuSize), ("maxTreeSize", maxTreeSize),
        ("maxHopefulTreeSize", maxHopefulTreeSize), ("minRelaxationSize", minRelaxationSize),
        ("ascentRounds", ascentRounds), ("minSweeps", minSweeps), ("probeSweeps", probeSweeps),
        ("maxSweepsBeforeTree", maxSweepsBeforeTree), ("maxSweeps", maxSweeps),
        ("minRelaxationSteps", minRelaxationSteps), ("maxRelaxationSteps", maxRelaxationSteps),
        ("maxStepsBeforeTree", maxStepsBeforeTree),
      ]
      for (name, value) in counts { try require(value >= 1, name, value, "at least 1") }
      let amounts = [
        ("idleFactor", idleFactor), ("dryFactor", dryFactor), ("ascentTicks", ascentTicks),
        ("relaxationTicks", relaxationTicks), ("smallTreeTicks", smallTreeTicks),
        ("treeTicks", treeTicks), ("otherTreeTicks", otherTreeTicks),
      ]
      for (name, value) in amounts {
        try require(value >= 0 && value.isFinite, name, value, "a number of at least 0")
      }
    }
  }
}
