import QAP
import RandomInstances
import Testing

@testable import QAPSemidefinite

/// The relaxation of the nodes of a search tree.
@Suite struct NodeRelaxationTests {
  /// What is proven of an instance, and of each of its placements, holds; also from its parent's
  /// state.
  @Test(arguments: Family.allCases)
  func boundsAreTrueAtANodeAndAtItsChildren(_ family: Family) throws {
    var runs = 0
    for seed in 0..<10 as Range<UInt64> {
      let n = 2 + Int(seed % 5)
      let instance = family.instance(size: n, seed: 500 + seed)
      guard NodeRelaxation.supports(instance) else { continue }
      runs += 1
      let relaxation = NodeRelaxation(steps: 60, interval: 10)
      let parent = relaxation.run(
        instance, from: nil, needed: .infinity, threads: 1, shouldStop: { false })
      let best = leastObjective(instance)
      #expect(parent.bound <= best, "\(instance.name): \(parent.bound), not below \(best)")
      #expect(parent.bound.isFinite)
      for i in 0..<min(n, instance.facilities) {
        for j in 0..<n {
          let pair = FixedPair(facility: i, location: j)
          let least = leastObjective(instance, with: [pair])
          let known = parent.placementBounds[i * n + j]
          #expect(known <= least, "\(instance.name) \(i), \(j): \(known), not below \(least)")
          guard n > 2, let state = parent.state, i == j else { continue }
          let reduction = try ReducedInstance(instance, fixing: [pair])
          let child = relaxation.run(
            reduction.instance, from: state.fixing(i, at: j), needed: .infinity, threads: 2,
            shouldStop: { false })
          #expect(child.bound <= least, "\(instance.name) child: \(child.bound) of \(least)")
          if let found = child.assignment {
            #expect(instance.objective(of: reduction.lift(found)) >= least - 1e-9 * abs(least))
          }
        }
      }
    }
    #expect(runs == 10, "\(family): \(runs)")
  }

  /// A child that begins from its parent's state is no worse off than its parent at its first
  /// bound.
  @Test func aStateCarriesTheBoundOver() throws {
    let instance = Family.symmetric.instance(size: 8, seed: 3)
    let relaxation = NodeRelaxation(steps: 100)
    let parent = relaxation.run(
      instance, from: nil, needed: .infinity, threads: 1, shouldStop: { false })
    let state = try #require(parent.state)
    for j in 0..<8 {
      let reduction = try ReducedInstance(instance, fixing: [FixedPair(facility: 2, location: j)])
      let child = NodeRelaxation(steps: 1).run(
        reduction.instance, from: state.fixing(2, at: j), needed: .infinity, threads: 1,
        shouldStop: { false })
      #expect(child.bound >= parent.bound - 0.05 * abs(parent.bound), "\(child.bound)")
    }
  }

  /// What a parent knew holds the bound up from the beginning. That a run has not caught up with it
  /// yet does not end the run.
  @Test func knownBoundsDoNotEndARun() throws {
    let instance = Family.symmetric.instance(size: 8, seed: 6)
    let relaxation = NodeRelaxation(steps: 200, interval: 10, patience: 1000)
    let free = relaxation.run(
      instance, from: nil, needed: .infinity, threads: 1, shouldStop: { false })
    let best = leastObjective(instance)
    #expect(free.bound <= best)
    let known = Array(repeating: free.bound - 1, count: 64)
    let run = relaxation.run(
      instance, from: nil, known: known, needed: best + 1, threads: 1, shouldStop: { false })
    #expect(run.bound > free.bound - 1 || run.isPruned, "\(run.bound) of \(free.bound)")
  }

  @Test func stopsWhereItIsTold() throws {
    let instance = Family.symmetric.instance(size: 7, seed: 4)
    let relaxation = NodeRelaxation()
    let far = relaxation.run(
      instance, from: nil, needed: -1e9, threads: 1, shouldStop: { false })
    #expect(far.isPruned && far.steps <= relaxation.interval)
    let none = relaxation.run(
      instance, from: nil, needed: .infinity, threads: 1, shouldStop: { true })
    #expect(none.steps == 0 && !none.isPruned && none.bound == -.infinity)
  }
}
