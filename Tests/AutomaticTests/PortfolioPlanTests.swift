import Foundation
import QAP
import QAPPrimitives
import QAPSemidefinite
import Synchronization
import Testing

@testable import QAPAutomatic

/// The decisions of the portfolio, which are values.
@Suite struct PortfolioPlanTests {
  let plan = PortfolioPlan(parameters: .init())

  /// Two threads with a time limit in seconds; nil for none.
  private func outlook(_ size: Int, _ seconds: Double?) -> Outlook {
    Outlook(
      size: size, threads: 2, ticksLeft: seconds.map { WorkModel.ticks(seconds: $0, threads: 2) })
  }

  @Test(
    arguments: [
      // size, seconds, projection first, sweeps of the first ascent, relaxation, search alone
      (12, nil, true, true, true, false), (30, nil, true, true, true, false),
      (64, nil, true, true, true, false),
      (20, 1.0, true, true, true, false), (30, 1.0, true, true, false, false),
      (30, 10.0, true, true, true, false), (42, 10.0, true, true, true, false),
      (60, 10.0, true, true, false, false), (60, 120.0, true, true, true, false),
      (100, 1.0, true, false, false, true), (100, 60.0, true, true, false, false),
      (400, 10.0, false, false, false, true),
    ] as [(Int, Double?, Bool, Bool, Bool, Bool)])
  func methodsJoinWhereTheyFit(
    _ size: Int, _ seconds: Double?, _ projects: Bool, _ ascends: Bool, _ relaxes: Bool,
    _ searches: Bool
  ) {
    let now = outlook(size, seconds)
    let label = "n = \(size), \(seconds.map { "\($0) s" } ?? "no limit")"
    #expect(plan.projects(now) == projects, "\(label)")
    #expect((plan.probingSweeps(now) != nil) == ascends, "\(label)")
    #expect((plan.relaxationTicks(now) != nil) == relaxes, "\(label)")
    #expect(plan.boundsFollowDrySearch(now) == searches, "\(label)")
  }

  @Test func whatAnInstanceRulesOutIsLeftOut() {
    var now = outlook(20, 10)
    (now.relaxes, now.growsTree) = (false, false)
    #expect(plan.relaxationTicks(now) == nil)
    #expect(plan.smallTree(now) == nil && plan.lastTree(now) == nil)
    // The ascent leads then.
    #expect(plan.probingSweeps(now) == plan.leadingSweeps(now))
    now.ascends = false
    #expect(plan.probingSweeps(now) == nil && !plan.bounds(now))
  }

  @Test func targetsAreForTheSearchAlone() {
    var now = outlook(20, 10)
    now.hasTarget = true
    #expect(!plan.bounds(now))
    now.ticksLeft = nil
    #expect(plan.bounds(now))
  }

  @Test func treesGetWhatTheyMayTake() throws {
    let small = try #require(plan.smallTree(outlook(20, 10)))
    #expect(small.otherwise == 0 && small.worthwhile > 10_000)
    let last = try #require(plan.lastTree(outlook(20, 10)))
    #expect(last.otherwise == .max)
    // Without a limit a large tree raises the bound for a while only.
    let free = try #require(plan.lastTree(outlook(28, nil)))
    #expect(free.otherwise < free.worthwhile && free.otherwise > 0)
    #expect(plan.lastTree(outlook(80, 1000)) == nil)
  }

  @Test func boundsAloneDoNotSearchOn() {
    var parameters = Automatic.Parameters()
    parameters.seeksAssignments = false
    let plan = PortfolioPlan(parameters: parameters)
    #expect(plan.bounds(outlook(400, 10)) && !plan.boundsFollowDrySearch(outlook(400, 10)))
    #expect(plan.openingIterations(outlook(40, 10)) < self.plan.openingIterations(outlook(40, 10)))
  }

  @Test func parametersAreChecked() throws {
    var parameters = Automatic.Parameters()
    parameters.searchShare = 1.5
    #expect(throws: MethodError.self) { try parameters.validate() }
    parameters = .init()
    parameters.minSweeps = 0
    #expect(throws: MethodError.self) { try parameters.validate() }
  }

  @Test func theRelaxationRacesWhereItKeepsOneThreadAtWork() throws {
    #expect(plan.races(outlook(20, 10)) && plan.races(outlook(32, 10)))
    // Larger ones use all threads themselves, and a run without a limit is the same for any number.
    #expect(!plan.races(outlook(40, 60)) && !plan.races(outlook(20, nil)))
    var alone = outlook(20, 10)
    alone.threads = 1
    #expect(!plan.races(alone))
    // The tree beside it is looked at where four walks take little of the time.
    let budget = try #require(plan.treeBeside(outlook(26, 10)))
    #expect(budget.otherwise == 0 && budget.worthwhile > 1000)
    #expect(plan.treeBeside(outlook(32, 1)) == nil)
  }

  @Test func roundsLeadWhereNoOtherAscentFits() {
    #expect(plan.hasOnlyRounds(outlook(64, 1)) && plan.bounds(outlook(64, 1)))
    // They begin when the search dries up early.
    #expect(plan.boundsFollowDrySearch(outlook(64, 1)))
    var projected = outlook(64, 1)
    projected.projectionLeads = true
    #expect(!plan.hasOnlyRounds(projected) && !plan.bounds(projected))
    #expect(!plan.boundsFollowDrySearch(outlook(78, 10)))
    #expect(plan.searchShare(outlook(30, 1)) < plan.searchShare(outlook(31, 1)))
    #expect(!plan.hasOnlyRounds(outlook(30, 1)) && !plan.hasOnlyRounds(outlook(200, 1)))
  }

  @Test func boundsAreExtrapolatedByTheResidual() throws {
    var history = BoundHistory()
    #expect(history.predicted(at: 10) == nil)
    // What the bound lacks is the residual to the power 1.7, which halves every second.
    func add(_ t: Double) {
      let residual = exp2(-t)
      history.add(100 - 50 * pow(residual, 1.7), residual: residual, at: t)
    }
    // The bound of no multiplier comes before there is a residual.
    history.add(1, residual: .infinity, at: 0)
    #expect(history.predicted(at: 10) == nil)
    for t in 1...4 { add(Double(t)) }
    let promise = try #require(history.predicted(at: 6))
    #expect(abs(promise - (100 - 50 * pow(exp2(-6), 1.7))) < 1e-9, "\(promise)")
    #expect(history.predicted(at: 4) == history.points.last?.bound)
    #expect(try #require(history.recentGain(until: 4)) > 0)
    history.add(90, residual: 0.01, at: 9)
    #expect(history.points.count == 5)
  }

  @Test func symmetryBringsTheRelaxationForward() throws {
    let plan = PortfolioPlan(parameters: .init())
    var outlook = Outlook(size: 32, threads: 2, ticksLeft: 2e9)
    #expect(plan.relaxesFirst(outlook, ticks: 5e8) && !plan.relaxesFirst(outlook, ticks: 7e8))
    #expect(!plan.relaxesFirst(outlook, ticks: nil))
    outlook.ticksLeft = nil
    #expect(!plan.relaxesFirst(outlook, ticks: 1))
    // The hypercube of dimension 4 has the classes 0 to 4; a path has no such symmetry.
    func ticks(_ distance: (Int, Int) -> Int) throws -> Double? {
      try DoublyNonnegative.symmetricTicks(
        Instance(
          flow: Matrix<Double>(rows: 16, columns: 16) { Double($0 == $1 ? 0 : ($0 * $1) % 5) },
          distance: Matrix<Double>(rows: 16, columns: 16) { Double(distance($0, $1)) }))
    }
    #expect(
      try ticks { ($0 ^ $1).nonzeroBitCount } == WorkModel.schemeRelaxation(size: 16, classes: 5))
    #expect(try ticks { abs($0 - $1) } == nil)
  }

  @Test func theRelaxationIsHeldAgainstTheAscent() {
    func verdict(
      _ rival: Double, _ bounds: [Double], residual: Double = 1, nodes: Int = 0,
      held: Double? = nil
    ) -> RelaxationReview.Verdict {
      let clock = Atomic<Int>(0)
      let review = RelaxationReview(
        .init(), seconds: 10, yieldsToTree: held == nil,
        now: { Double(clock.load(ordering: .relaxed)) }, rival: { (held ?? rival, rival) })
      for (index, bound) in bounds.enumerated() {
        clock.add(1, ordering: .relaxed)
        review.add(bound, residual: pow(0.7, Double(index)) * residual)
        _ = review.decide(
          SearchStatus(
            seconds: Double(index + 1), iterations: 20 * (index + 1), nodes: nodes, objective: 100,
            bound: nil))
      }
      return review.verdict
    }
    #expect(verdict(70, [10, 20, 30, 40, 50, 60, 70]) == .goesOn)
    #expect(verdict(80, [10, 20, 25, 26, 26.1, 26.1, 26.1]) == .lost)
    #expect(verdict(20, [10, 20, 50, 70, 70, 70, 70]) == .dry)
    #expect(verdict(80, [10], nodes: 1) == .yields)
    // A first bound that comes late goes on when it leads.
    let late = [Double](repeating: 50, count: 9)
    #expect(verdict(60, late, held: 40) == .goesOn && verdict(60, late, held: 50) == .lost)
  }
}
