import QAP
import QAPBranchAndBound
import QAPLocalSearch
import QAPSemidefinite

/// The facts on which the portfolio decides: sizes, the instance's properties, and the remaining
/// ticks.
struct Outlook: Equatable, Sendable {
  var size: Int
  var threads = 1
  /// Ticks until the time limit; nil without one.
  var ticksLeft: Double?
  /// An objective that is good enough was named.
  var hasTarget = false
  /// The costs are matrices.
  var hasMatrices = true
  /// Methods that take such an instance, and fit into memory.
  var projects = true
  /// Projection closes so much of the gap that a dual ascent would not come up to it in time.
  var projectionLeads = false
  var ascends = true
  var relaxes = true
  var growsTree = true
}

/// The decisions of the portfolio, as values: each is a function of an outlook and the parameters.
struct PortfolioPlan: Equatable, Sendable {
  /// Which search for assignments runs.
  enum Search: String, Sendable {
    case tabu, memetic
  }

  let parameters: Automatic.Parameters

  func search(_ outlook: Outlook) -> Search {
    outlook.size <= parameters.maxTabuSize ? .tabu : .memetic
  }

  /// True when `ticks` are a small share of the time that is left.
  private func isCheap(_ ticks: Double, _ outlook: Outlook) -> Bool {
    outlook.ticksLeft.map { ticks <= parameters.cheapShare * $0 } ?? true
  }

  /// The projection bound comes first.
  func projects(_ outlook: Outlook) -> Bool {
    outlook.projects && isCheap(WorkModel.projection(size: outlook.size), outlook)
  }

  /// Frank–Wolfe gives the first assignments.
  func descends(_ outlook: Outlook) -> Bool {
    outlook.hasMatrices && (2...500).contains(outlook.size)
      && isCheap(WorkModel.frankWolfe(size: outlook.size), outlook)
  }

  /// Share of the time that the first search may take.
  func searchShare(_ outlook: Outlook) -> Double {
    outlook.size <= parameters.maxHopefulTreeSize
      ? parameters.searchShare : parameters.largeSearchShare
  }

  /// Some bound method comes far in the time that is left, and more than a target is wanted.
  func bounds(_ outlook: Outlook) -> Bool {
    guard parameters.seeksAssignments, outlook.ticksLeft != nil else { return true }
    return !outlook.hasTarget && (hasLeader(outlook) || hasOnlyRounds(outlook))
  }

  /// No bound method comes far in what the usual share of a search leaves: it has all of the time,
  /// unless it dries up early.
  func boundsFollowDrySearch(_ outlook: Outlook) -> Bool {
    var later = outlook
    later.ticksLeft = outlook.ticksLeft.map { (1 - searchShare(outlook)) * $0 }
    return !bounds(later)
  }

  /// Iterations of the first search, which bounds follow.
  func openingIterations(_ outlook: Outlook) -> Int {
    let usual = RobustTabu.Parameters.defaultIterations(size: outlook.size)
    let isPart = outlook.size <= parameters.maxTabuSize || !parameters.seeksAssignments
    return max(1, Int(Double(usual) * (isPart ? parameters.openingShare : 1)))
  }

  /// Iterations without improvement that end the first search at least.
  func minIdleIterations(_ outlook: Outlook) -> Int {
    let usual = RobustTabu.Parameters.defaultIterations(size: outlook.size)
    return max(1, Int(Double(usual) * parameters.minIdleShare))
  }

  /// The rounds of dual ascent before anything is annealed.
  func hasRounds(_ outlook: Outlook) -> Bool {
    outlook.ascends
      && isCheap(
        WorkModel.rounds(parameters.ascentRounds, size: outlook.size), outlook)
  }

  /// Rounds of dual ascent are all the bounds that there is time for; they get the time once the
  /// search for assignments has dried up.
  func hasOnlyRounds(_ outlook: Outlook) -> Bool {
    guard let left = outlook.ticksLeft, outlook.ascends, !isOvertaken(outlook) else {
      return false
    }
    return !hasLeader(outlook)
      && WorkModel.rounds(parameters.ascentRounds, size: outlook.size)
        <= parameters.roundsShare * left
  }

  /// An annealed ascent or the relaxation fits.
  private func hasLeader(_ outlook: Outlook) -> Bool {
    leadingSweeps(outlook) != nil || relaxationTicks(outlook) != nil
  }

  /// Sweeps of the ascent that is measured before the relaxation; nil for none. Without a time
  /// limit it is all of the ascent.
  func probingSweeps(_ outlook: Outlook) -> Int? {
    guard let left = outlook.ticksLeft else { return leadingSweeps(outlook) }
    guard relaxationTicks(outlook) != nil else { return leadingSweeps(outlook) }
    guard outlook.ascends, !isOvertaken(outlook) else { return nil }
    // Where the relaxation needs all threads, the probe delays it.
    let share = races(outlook) ? parameters.probeShare : parameters.probeShare / 2
    let affordable = share * left / WorkModel.sweep(size: outlook.size)
    return affordable < Double(parameters.minSweeps)
      ? nil : Int(min(affordable, Double(parameters.probeSweeps)))
  }

  /// Sweeps of an ascent that leads; nil when too few would fit.
  func leadingSweeps(_ outlook: Outlook) -> Int? {
    guard outlook.ascends, !isOvertaken(outlook) else { return nil }
    let ticks = outlook.ticksLeft ?? parameters.ascentTicks
    let affordable = ticks / WorkModel.sweep(size: outlook.size)
    guard affordable >= Double(parameters.minSweeps) else { return nil }
    // Where a search follows, its bounds gain more from the time than this one does in the end.
    let isFollowed = outlook.ticksLeft == nil || outlook.size <= parameters.maxHopefulTreeSize
    let most = isFollowed ? parameters.maxSweepsBeforeTree : parameters.maxSweeps
    return Int(min(affordable, Double(most)))
  }

  /// A dual ascent would not come up to projection, and no tree needs its multipliers.
  private func isOvertaken(_ outlook: Outlook) -> Bool {
    outlook.projectionLeads && outlook.ticksLeft != nil
      && outlook.size > parameters.maxHopefulTreeSize
  }

  /// The relaxation comes first, where the symmetry of one side makes it a matter of `ticks` of one
  /// thread.
  func relaxesFirst(_ outlook: Outlook, ticks: Double?) -> Bool {
    guard let ticks, let left = outlook.ticksLeft, outlook.relaxes, !outlook.hasTarget else {
      return false
    }
    return ticks * Double(outlook.threads) <= parameters.symmetricShare * left
  }

  /// Ticks of the relaxation; nil when its first safe bound does not fit.
  func relaxationTicks(_ outlook: Outlook) -> Double? {
    guard outlook.relaxes, outlook.size >= parameters.minRelaxationSize else { return nil }
    let ticks = outlook.ticksLeft ?? parameters.relaxationTicks
    return ticks < Double(parameters.minRelaxationSteps) * relaxationStep(outlook) ? nil : ticks
  }

  /// Ticks of all threads in a step of the relaxation: a whole eigendecomposition keeps one thread
  /// at work.
  private func relaxationStep(_ outlook: Outlook) -> Double {
    let step = DoublyNonnegative.ticksPerStep(size: outlook.size)
    let isParallel = outlook.ticksLeft == nil || DoublyNonnegative.limitsRanks(size: outlook.size)
    return isParallel ? step : step * Double(outlook.threads)
  }

  /// Steps of the relaxation at most.
  func relaxationSteps(_ outlook: Outlook) -> Int {
    guard outlook.ticksLeft == nil else { return parameters.maxRelaxationSteps }
    let affordable =
      parameters.relaxationTicks / DoublyNonnegative.ticksPerStep(size: outlook.size)
    let isFollowed = outlook.size <= parameters.maxHopefulTreeSize
    return Int(
      min(affordable, Double(isFollowed ? parameters.maxStepsBeforeTree : 2000)))
  }

  /// The tree below a relaxed root has a first level that is worth beginning: its nodes fit into
  /// the time.
  func growsRelaxedTree(_ outlook: Outlook) -> Bool {
    guard isTreeConsidered(outlook) else { return false }
    guard let left = outlook.ticksLeft, outlook.size > 1 else { return true }
    return Double(outlook.size) * NodeRelaxation.ticks(size: outlook.size - 1) <= left
  }

  /// The relaxation keeps one thread at work, and others have time for the rest.
  func races(_ outlook: Outlook) -> Bool {
    outlook.ticksLeft != nil && outlook.threads > 1 && relaxationTicks(outlook) != nil
      && !DoublyNonnegative.limitsRanks(size: outlook.size)
  }

  /// The search of a small tree beside the relaxation, which ends when it begins; nil for none.
  func treeBeside(_ outlook: Outlook) -> BranchAndBound.Budget? {
    guard isTreeConsidered(outlook), let left = outlook.ticksLeft,
      WorkModel.firstLook(size: outlook.size) <= parameters.lookShare * left
    else { return nil }
    return BranchAndBound.Budget(
      worthwhile: nodes(parameters.smallTreeShare * left, outlook), otherwise: 0)
  }

  /// The search of a small tree before the relaxation, which it gives way to; nil for none.
  func smallTree(_ outlook: Outlook) -> BranchAndBound.Budget? {
    guard isTreeConsidered(outlook), relaxationTicks(outlook) != nil,
      isCheap(WorkModel.firstLook(size: outlook.size), outlook)
    else { return nil }
    let ticks = min(
      parameters.smallTreeTicks,
      outlook.ticksLeft.map { parameters.smallTreeShare * $0 } ?? .infinity)
    return BranchAndBound.Budget(worthwhile: nodes(ticks, outlook), otherwise: 0)
  }

  /// The search of a tree once bounds rise no further; nil for none.
  func lastTree(_ outlook: Outlook) -> BranchAndBound.Budget? {
    guard isTreeConsidered(outlook) else { return nil }
    guard let left = outlook.ticksLeft else {
      return BranchAndBound.Budget(
        worthwhile: nodes(parameters.treeTicks, outlook),
        otherwise: nodes(parameters.otherTreeTicks, outlook))
    }
    let isHopeful = outlook.size <= parameters.maxHopefulTreeSize
    guard isHopeful || isCheap(WorkModel.firstLook(size: outlook.size), outlook) else { return nil }
    return BranchAndBound.Budget(
      worthwhile: nodes(1.5 * left, outlook), otherwise: isHopeful ? .max : 0)
  }

  private func isTreeConsidered(_ outlook: Outlook) -> Bool {
    outlook.growsTree && outlook.size <= parameters.maxTreeSize
  }

  private func nodes(_ ticks: Double, _ outlook: Outlook) -> Int {
    Int(min(1e15, max(1000, ticks / WorkModel.node(size: outlook.size))))
  }
}
