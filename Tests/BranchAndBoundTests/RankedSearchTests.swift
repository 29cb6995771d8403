import QAP
import QAPLocalSearch
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPBranchAndBound

/// The list of the best assignments, against the enumeration of all.
@Suite struct RankedSearchTests {
  /// All assignments, each once for the facilities that were given, the best first.
  private static func all(_ instance: Instance) -> [Incumbent] {
    var found: [ArraySlice<Int>: Incumbent] = [:]
    forEachAssignment(of: instance) { assignment in
      let one = Incumbent(assignment: assignment, objective: instance.objective(of: assignment))
      found[key(one, instance)] = one
    }
    return found.values.sorted { $0.objective < $1.objective }
  }

  private static func key(_ one: Incumbent, _ instance: Instance) -> ArraySlice<Int> {
    one.assignment.locations.prefix(instance.facilities)
  }

  private func check(
    _ ranking: RankedAssignments, _ instance: Instance, _ all: [Incumbent], _ context: String
  ) {
    let slack = instance.properties.isIntegral ? 0 : 1e-6 * max(1, abs(all[0].objective))
    let expected = all.prefix(ranking.wanted)
    #expect(ranking.assignments.count == expected.count, "\(context)")
    #expect(ranking.isComplete, "\(context): \(ranking.proven) of \(expected.count)")
    for (found, right) in zip(ranking.assignments, expected) {
      #expect(abs(found.objective - right.objective) <= slack, "\(context)")
      #expect(found.objective == instance.objective(of: found.assignment), "\(context)")
    }
    let keys = Set(ranking.assignments.map { Self.key($0, instance) })
    #expect(keys.count == expected.count, "\(context)")
    let others = all.filter { !keys.contains(Self.key($0, instance)) }
    let least = others.first?.objective ?? .infinity
    #expect(ranking.boundOfOthers <= least, "\(context)")
    if all.count >= 2, instance.properties.isIntegral, ranking.wanted > 1 {
      #expect(ranking.margin == all[1].objective - all[0].objective, "\(context)")
      #expect(ranking.isUnique == (all[1].objective > all[0].objective), "\(context)")
    }
  }

  @Test(arguments: Family.allCases)
  func listsWhatEnumerationFinds(_ family: Family) throws {
    for seed in 0..<42 as Range<UInt64> {
      let n = seed < 12 ? 1 + Int(seed % 3) : 4 + Int(seed % 4)
      if family.isTensor, n > 6 { continue }
      let instance = family.instance(size: n, seed: 3000 + seed)
      let all = Self.all(instance)
      let wanted = [2, 3, 5, 10, 60, 1000][Int(seed % 6)]
      let settings = [.init(), BranchAndBoundTests.stressed, BranchAndBoundTests.relaxed]
      let parameters = settings[Int(seed / 6 % 3)]
      let method = RankedSearch(
        first: BranchAndBound(parameters), wanted: wanted, parameters: parameters)
      let report = try instance.solve(with: method)
      #expect(report.isProvenOptimal)
      check(try #require(report.ranking), instance, all, "\(instance.name), \(wanted) best")
    }
  }

  @Test func theAnswerDoesNotDependOnThreads() throws {
    for seed in 0..<4 as Range<UInt64> {
      let instance = Family.symmetric.instance(size: 8, seed: seed)
      let method = RankedSearch(
        first: BranchAndBound(BranchAndBoundTests.stressed), wanted: 20,
        parameters: BranchAndBoundTests.stressed)
      let lists = try [1, 3].map { threads in
        try #require(
          try instance.solve(with: method, options: SolveOptions(threads: threads)).ranking)
      }
      #expect(lists[0].assignments == lists[1].assignments)
    }
  }

  private func grid(_ rows: Int, _ columns: Int) -> Matrix<Double> {
    Matrix<Double>(rows: rows * columns, columns: rows * columns) {
      abs(Double($0 / columns - $1 / columns)) + abs(Double($0 % columns - $1 % columns))
    }
  }

  /// Eight optima, which two symmetries of a flow and four of a grid make of one; then the next.
  @Test func eightOptimaOfAGridComeBeforeTheNextValue() throws {
    let n = 8
    var g = SeededGenerator(seed: 5)
    var flow = Matrix<Double>(rows: n, columns: n) { _, _ in 0 }
    for i in 0..<n {
      for k in 0..<i {
        flow[i, k] = Double(g.below(9))
        flow[k, i] = flow[i, k]
      }
    }
    // Facilities 0 and 1 are twins.
    for k in 2..<n {
      flow[1, k] = flow[0, k]
      flow[k, 1] = flow[0, k]
    }
    let instance = try Instance(flow: flow, distance: grid(2, 4))
    let all = Self.all(instance)
    try #require(all[7].objective == all[0].objective && all[8].objective > all[0].objective)
    let next = all[8].objective
    for wanted in [8, 12] {
      let method = RankedSearch(first: BranchAndBound(), wanted: wanted)
      let ranking = try #require(try instance.solve(with: method).ranking)
      check(ranking, instance, all, "\(wanted) best")
      #expect(ranking.isUnique == false && ranking.margin == 0)
      #expect(
        Set(ranking.assignments.prefix(8).map(\.assignment)) == Set(all[..<8].map(\.assignment)))
      #expect(ranking.assignments.dropFirst(8).allSatisfy { $0.objective == next })
    }
    let method = RankedSearch(first: BranchAndBound(), wanted: 2, isDistinct: true)
    let ranking = try #require(try instance.solve(with: method).ranking)
    #expect(ranking.assignments.map(\.objective) == [all[0].objective, next])
    #expect(ranking.isUnique == true && ranking.isComplete)
  }

  /// Up to symmetry, on grids and with facilities of few kinds, against the classes of all
  /// assignments under all symmetries.
  @Test func distinctAssignmentsAreOnesOfDifferentClasses() throws {
    for seed in 0..<24 as Range<UInt64> {
      var g = SeededGenerator(seed: seed)
      let (rows, columns) = [(2, 3), (1, 5), (2, 2), (1, 6)][Int(seed % 4)]
      let n = rows * columns
      let kinds = (0..<n).map { _ in g.below(3) }
      let table = (0..<9).map { _ in Double(g.below(6)) - 1 }
      let flow = Matrix<Double>(rows: n, columns: n) {
        $0 == $1 ? 0 : table[3 * min(kinds[$0], kinds[$1]) + max(kinds[$0], kinds[$1])]
      }
      let distance = grid(rows, columns)
      let instance = try Instance(flow: flow, distance: distance)
      let permutations = Self.all(
        try Instance(
          flow: Matrix<Double>(rows: n, columns: n) { _, _ in 0 }, distance: distance)
      ).map(\.assignment)
      func symmetries(_ matrix: Matrix<Double>) -> [Assignment] {
        permutations.filter { p in
          (0..<n).allSatisfy { a in (0..<n).allSatisfy { matrix[p[a], p[$0]] == matrix[a, $0] } }
        }
      }
      let (ofFlow, ofDistance) = (symmetries(flow), symmetries(distance))
      var classes: [Set<[Int]>] = []
      for one in Self.all(instance) {
        let p = one.assignment.locations
        if classes.contains(where: { $0.contains(p) }) { continue }
        classes.append(
          Set(ofFlow.flatMap { a in ofDistance.map { b in (0..<n).map { b[p[a[$0]]] } } }))
      }
      let objectives = classes.compactMap { $0.first.flatMap(Assignment.init(locations:)) }
        .map { instance.objective(of: $0) }
      for wanted in [2, 7, 1000] {
        let method = RankedSearch(
          first: BranchAndBound(), wanted: wanted, isDistinct: true,
          parameters: BranchAndBoundTests.stressed)
        let ranking = try #require(try instance.solve(with: method).ranking)
        #expect(
          ranking.assignments.map(\.objective) == Array(objectives.prefix(wanted)),
          "seed \(seed), \(wanted) best")
        #expect(ranking.isComplete)
        let places = ranking.assignments.map { one in
          classes.firstIndex { $0.contains(one.assignment.locations) }
        }
        #expect(Set(places).count == places.count, "seed \(seed)")
      }
    }
  }

  /// Heuristics leave a list without proofs, and node limits one of which less is proven.
  @Test func isLabeledWhereItIsNotProven() throws {
    let instance = Family.asymmetric.instance(size: 9, seed: 2)
    let found = try instance.solve(with: RankedSearch(first: RobustTabu(), wanted: 5))
    let list = try #require(found.ranking)
    #expect(list.assignments.count == 5 && list.proven == 0)
    #expect(list.isUnique == nil && list.margin == nil && list.boundOfOthers == -.infinity)
    let method = RankedSearch(
      first: BranchAndBound(BranchAndBoundTests.stressed), wanted: 500,
      parameters: BranchAndBoundTests.stressed)
    let limited = try instance.solve(
      with: method, options: SolveOptions(limits: Limits(nodes: 40)))
    let ranking = try #require(limited.ranking)
    #expect(ranking.assignments.count == 500 && ranking.proven < 500)
    let all = Self.all(instance)
    for (found, right) in zip(ranking.assignments.prefix(ranking.proven), all) {
      #expect(found.objective == right.objective)
    }
  }

  @Test func pairsAndSensesAreLifted() throws {
    let instance = Family.realAsymmetric.instance(size: 6, seed: 4)
    let pairs = [FixedPair(facility: 2, location: 4), FixedPair(facility: 0, location: 1)]
    let report = try instance.negated.solve(
      with: RankedSearch(first: BranchAndBound(), wanted: 4),
      options: SolveOptions(pairs: pairs)
    ).inSense(.max)
    let all = Self.all(instance).reversed().filter { one in
      pairs.allSatisfy { one.assignment[$0.facility] == $0.location }
    }
    let ranking = try #require(report.ranking)
    #expect(ranking.isComplete && ranking.boundOfOthers >= all[4].objective)
    for (found, right) in zip(ranking.assignments, all) {
      #expect(found.assignment == right.assignment)
      #expect(abs(found.objective - right.objective) < 1e-9)
    }
  }
}
