import QAP
import QAPPrimitives
import QAPVerification
import RandomInstances
import Testing

@Suite struct ObjectiveCheckTests {
  @Test(arguments: Family.allCases)
  func agreesWithTheEngineAndRefusesEverythingElse(_ family: Family) throws {
    for seed in 0..<40 as Range<UInt64> {
      let n = 1 + Int(seed % 6)
      let instance = family.instance(size: n, seed: seed)
      var g = SeededGenerator(seed: seed)
      let assignment = Assignment(Permutation(randomOf: n, using: &g))
      let objective = instance.objective(of: assignment)
      #expect(checkObjective(of: assignment, in: instance, claimed: objective).holds, "\(seed)")
      for wrong in [objective + 1, objective - 1, objective + 1e-3, -.infinity, .nan] {
        #expect(!checkObjective(of: assignment, in: instance, claimed: wrong).holds, "\(seed)")
      }
    }
  }

  @Test func integersNearTheEdgeAreExact() throws {
    // 94906265² is the last square below 2⁵³.
    let big = 94_906_265.0
    let one = Matrix(rows: 1, columns: 1, repeating: big)
    let instance = try Instance(flow: one, distance: one)
    #expect(!instance.properties.isIntegral || instance.properties.magnitude < 0x1p53)
    let smaller = try Instance(
      flow: Matrix(rows: 1, columns: 1, repeating: big - 1),
      distance: Matrix(rows: 1, columns: 1, repeating: big - 5))
    #expect(smaller.properties.isIntegral)
    let assignment = try #require(Assignment(locations: [0]))
    let value = 9_007_198_566_812_640.0
    #expect(smaller.objective(of: assignment) == value)
    #expect(checkObjective(of: assignment, in: smaller, claimed: value).holds)
    #expect(!checkObjective(of: assignment, in: smaller, claimed: value + 1).holds)
  }

  @Test func cancellationDoesNotHideAnError() throws {
    let flow = Matrix(rows: 2, columns: 2, elements: [0.1, 1e15, -1e15, 0.2])
    let distance = Matrix(rows: 2, columns: 2, elements: [1.0, 1, 1, 1])
    let instance = try Instance(flow: flow, distance: distance)
    let assignment = try #require(Assignment(locations: [0, 1]))
    let check = checkObjective(of: assignment, in: instance, claimed: 0.3)
    #expect(abs(check.recomputed - 0.3) < 1e-15)
    #expect(check.holds)
  }
}

@Suite struct ObjectiveTests {
  @Test(arguments: Family.allCases)
  func swapDeltasEqualDifferences(_ family: Family) throws {
    for seed in 0..<30 as Range<UInt64> {
      let n = 2 + Int(seed % 6)
      let instance = family.instance(size: n, seed: seed)
      var g = SeededGenerator(seed: seed)
      var assignment = Assignment(Permutation(randomOf: n, using: &g))
      for _ in 0..<10 {
        let (r, s) = (g.below(n), g.below(n))
        let before = instance.objective(of: assignment)
        let delta = instance.swapDelta(assignment, r, s)
        assignment.swap(r, s)
        let after = instance.objective(of: assignment)
        #expect(
          abs(after - before - delta) <= (family.isIntegral ? 0 : 1e-9), "\(family) seed \(seed)")
      }
    }
  }

  @Test(arguments: Family.allCases)
  func pairCostsAddUpToTheObjective(_ family: Family) throws {
    for seed in 0..<30 as Range<UInt64> {
      let n = 1 + Int(seed % 6)
      let instance = family.instance(size: n, seed: seed)
      var g = SeededGenerator(seed: seed)
      let p = Permutation(randomOf: n, using: &g)
      let objective = instance.objective(of: Assignment(p))
      let forward = PairCost(instance)
      // With facilities and locations transposed, the same assignment is written as the inverse.
      for (cost, p) in [(forward, p), (forward.transposed, p.inverse)] {
        var sum = cost.constant
        for i in 0..<n {
          sum += cost.linear[i, p[i]]
          for k in 0..<i { sum += cost.pair(i, p[i], k, p[k]) }
        }
        #expect(abs(sum - objective) <= 1e-9 * max(1, abs(objective)), "\(family) seed \(seed)")
      }
    }
  }

  @Test(arguments: [Family.symmetric, .asymmetric, .halfSymmetric, .sparse])
  func everyObjectiveLiesOnTheLattice(_ family: Family) throws {
    for seed in 0..<40 as Range<UInt64> {
      let instance = family.instance(size: 5, seed: seed)
      let lattice = try #require(instance.lattice)
      var g = SeededGenerator(seed: seed)
      for _ in 0..<20 {
        let value = instance.objective(of: Assignment(Permutation(randomOf: 5, using: &g)))
        let steps = (value - lattice.offset) / lattice.step
        #expect(steps == steps.rounded(), "\(family) seed \(seed)")
        // Rounding up a bound just below an objective gives the objective, and never more.
        #expect(lattice.roundedUp(value) == value)
        #expect(lattice.roundedUp(value.nextDown) == value)
        #expect(lattice.roundedUp(value.nextUp) >= value)
        #expect(lattice.roundedUp(value - 0.5) <= value)
      }
    }
  }

  @Test func gapsAreDefinedOnce() {
    #expect(relativeGap(objective: 100, bound: 90) == 0.1)
    #expect(relativeGap(objective: 0, bound: 0) == 0)
    #expect(relativeGap(objective: 0, bound: -1) == nil)
    #expect(relativeGap(objective: -100, bound: -110) == 0.1)
    #expect(relativeGap(objective: nil, bound: 1) == nil)
    #expect(relativeGap(objective: 1, bound: -.infinity) == nil)
  }

  @Test func impossibleInstancesAreRefused() {
    let two = Matrix(rows: 2, columns: 2, repeating: 1.0)
    let three = Matrix(rows: 3, columns: 3, repeating: 1.0)
    let none = Matrix<Double>(rows: 0, columns: 0, elements: [])
    #expect(throws: InputError.self) { try Instance(flow: three, distance: two) }
    #expect(throws: InputError.empty) { try Instance(flow: none, distance: none) }
    #expect(throws: InputError.self) { try Instance(flow: two, distance: two, linear: three) }
    #expect(throws: InputError.self) { try Instance(flow: two, distance: three, linear: three) }
    #expect(throws: InputError.notFinite(what: "distance", row: 1, column: 0)) {
      try Instance(flow: two, distance: Matrix(rows: 2, columns: 2, elements: [1, 2, .nan, 4]))
    }
    #expect(throws: InputError.overflow(Instance.maxObjective)) {
      try Instance(
        flow: Matrix(rows: 2, columns: 2, repeating: 1e200),
        distance: Matrix(rows: 2, columns: 2, repeating: 1e200))
    }
    // Far from the largest double, but not from the squares and sums that methods make of it.
    #expect(throws: InputError.overflow(Instance.maxObjective)) {
      try Instance(flow: two, distance: Matrix(rows: 2, columns: 2, repeating: 1e150))
    }
    #expect(throws: InputError.overflow(Instance.maxObjective)) {
      try Instance(
        cost: .tensor(DenseCostTensor(size: 2, entries: [Double](repeating: -1e150, count: 16))))
    }
    #expect(throws: InputError.overflow(Instance.maxObjective)) {
      try Instance(
        cost: .tensor(DenseCostTensor(size: 2, entries: [Double](repeating: 0, count: 16))),
        linear: Matrix(rows: 2, columns: 2, repeating: -1e308))
    }
  }

  /// Integers whose sums leave the exact range are treated as real data, in tensors as in matrices.
  @Test func tensorsOfHugeIntegersAreReal() throws {
    for (entry, isIntegral) in [(0x1p50, true), (0x1p52, false)] {
      let tensor = DenseCostTensor(size: 2, entries: [Double](repeating: entry, count: 16))
      #expect(try Instance(cost: .tensor(tensor)).properties.isIntegral == isIntegral)
    }
  }
}
