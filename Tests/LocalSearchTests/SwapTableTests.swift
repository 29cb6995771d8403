import QAP
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPLocalSearch

@Suite struct SwapTableTests {
  /// Every delta of the table, after every swap, against the general formula.
  @Test(arguments: Family.allCases)
  func deltasFollowSwaps(_ family: Family) {
    for n in [1, 2, 3, 5, 8, 9, 13] where !(family.isTensor && n > 9) {
      for seed in UInt64(0)..<4 {
        let instance = family.instance(size: n, seed: seed)
        let table = SwapTable(SwapProblem(instance))
        var generator = SeededGenerator(seed: seed, stream: 1)
        table.reset(to: Permutation(randomOf: n, using: &generator).images)
        expectExact(table, instance)
        guard n > 1 else { continue }
        for _ in 0..<12 {
          let u = generator.below(n)
          let v = (u + 1 + generator.below(n - 1)) % n
          table.swap(u, v)
          expectExact(table, instance)
        }
      }
    }
  }

  /// Beyond one tile of the product that sets a table up, in both directions.
  @Test(arguments: [Family.symmetric, .asymmetric])
  func largeTablesAreExact(_ family: Family) {
    let n = 531
    let instance = family.instance(size: n, seed: 1)
    let table = SwapTable(SwapProblem(instance))
    var generator = SeededGenerator(seed: 1, stream: 3)
    let start = Permutation(randomOf: n, using: &generator)
    #expect(table.reset(to: start.images))
    for _ in 0..<300 {
      let r = generator.below(n - 1)
      let s = r + 1 + generator.below(n - 1 - r)
      let expected = instance.swapDelta(Assignment(start), r, s)
      #expect(table.delta(r, s) == expected, "\(r) \(s)")
    }
  }

  /// Searches in floats are those in doubles, which the same flows in a larger unit need.
  @Test(arguments: [12, 31, 40, 65])
  func floatsGoTheWayOfDoubles(_ n: Int) throws {
    for seed in UInt64(0)..<4 {
      var generator = SeededGenerator(seed: seed, stream: 5)
      // Some of the facilities alike, and some locations near each other.
      let kinds = (0..<n).map { _ in generator.below(seed < 2 ? n : n / 3) }
      let flows = Matrix<Double>(rows: n, columns: n) { _, _ in Double(generator.below(9)) }
      let flow = Matrix<Double>(rows: n, columns: n) {
        $0 == $1 ? 0 : flows[min(kinds[$0], kinds[$1]), max(kinds[$0], kinds[$1])]
      }
      let raw = Matrix<Double>(rows: n, columns: n) { r, c in
        Double(generator.below(seed % 2 == 0 || r / 5 != c / 5 ? 50 : 3))
      }
      let distance = raw.plusTranspose
      let linear = Matrix<Double>(rows: n, columns: n) { _, _ in Double(generator.below(40)) }
      let unit = 0x1p20
      let instance = try Instance(
        flow: flow, distance: distance, linear: seed == 3 ? linear : nil)
      let scaled = try Instance(
        flow: flow.map { unit * $0 }, distance: distance,
        linear: seed == 3 ? linear.map { unit * $0 } : nil)
      #expect(SwapProblem(instance).narrowFlow != nil && SwapProblem(scaled).narrowFlow == nil)
      let methods: [any Method] = [RobustTabu(), Memetic(), TwoOpt(.init(rule: .bestImprovement))]
      for method in methods {
        let options = SolveOptions(limits: Limits(iterations: 30_000), seed: seed, threads: 2)
        let (a, b) = (
          try instance.solve(with: method, options: options),
          try scaled.solve(with: method, options: options)
        )
        #expect(a.incumbent?.assignment == b.incumbent?.assignment, "\(n), \(seed)")
        #expect(a.incumbent.map { unit * $0.objective } == b.incumbent?.objective)
        #expect(a.iterations == b.iterations)
      }
    }
  }

  /// A tensor too large to tabulate is asked entry by entry, with the same deltas.
  @Test func largeTensorsAreAskedEntryByEntry() throws {
    struct Product: CostTensor {
      let size = SwapProblem.maxTableSize + 1
      let isIntegral = true
      func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
        for k in 0..<size {
          for l in 0..<size { block[k * size + l] = cost(i, j, k, l) }
        }
      }
      func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
        Double((i &* 7 &+ k &* 3) % 11 &* ((j &* 5 &+ l) % 13))
      }
    }
    let instance = try Instance(cost: .tensor(Product()))
    let table = SwapTable(SwapProblem(instance))
    table.rebuild()
    table.swap(3, 17)
    table.swap(3, 40)
    expectExact(table, instance)
  }

  /// Twins of either side, with and without symmetry and linear terms: their swaps are left out,
  /// and they are the ones that change nothing; all other deltas are exact in the caller's numbers.
  @Test(arguments: [true, false], [true, false])
  func twinsAreLeftOut(_ isSymmetric: Bool, _ amongLocations: Bool) throws {
    for seed in UInt64(0)..<12 {
      var generator = SeededGenerator(seed: seed, stream: 2)
      let n = 5 + Int(seed)
      // Facilities of the same kind are interchangeable.
      let kinds = (0..<n).map { _ in generator.below(3) }
      let table = (0..<3).map { _ in (0..<3).map { _ in Double(generator.below(7)) } }
      let grouped = Matrix<Double>(rows: n, columns: n) { r, c in
        let (x, y) = (kinds[r], kinds[c])
        return r == c ? 0 : isSymmetric ? table[min(x, y)][max(x, y)] : table[x][y]
      }
      let plain = Matrix<Double>(rows: n, columns: n) { _, _ in Double(generator.below(9)) }
      let other = isSymmetric ? plain.plusTranspose : plain
      let costs = (0..<3).map { _ in (0..<n).map { _ in Double(generator.below(9)) } }
      let instance = try Instance(
        flow: amongLocations ? other : grouped, distance: amongLocations ? grouped : other,
        linear: seed % 2 == 0
          ? nil
          : Matrix(rows: n, columns: n) { i, j in
            amongLocations ? costs[kinds[j]][i] : costs[kinds[i]][j]
          })
      let problem = SwapProblem(instance, mergesInterchangeable: true)
      let grouping = problem.grouping
      #expect(grouping.groupCount <= Set(kinds).count && grouping.isTransposed == amongLocations)
      let start = Permutation(randomOf: n, using: &generator).images
      let swaps = SwapTable(problem)
      swaps.reset(to: grouping.encode(start))
      #expect(grouping.decode(swaps.locations) == start)
      for _ in 0..<10 {
        let here = try #require(Assignment(locations: grouping.decode(swaps.locations)))
        let value = instance.objective(of: here)
        #expect(swaps.value == value)
        for r in 0..<n {
          for s in r + 1..<n {
            var places = swaps.locations
            places.swapAt(r, s)
            let there = try #require(Assignment(locations: grouping.decode(places)))
            let delta = swaps.delta(r, s)
            let change = instance.objective(of: there) - value
            if grouping.group[r] == grouping.group[s] {
              #expect(delta == .infinity && change == 0, "seed \(seed)")
            } else {
              #expect(delta == change, "seed \(seed)")
            }
          }
        }
        guard grouping.groupCount > 1 else { break }
        let r = generator.below(n)
        let others = (0..<n).filter { grouping.group[$0] != grouping.group[r] }
        swaps.swap(r, others[generator.below(others.count)])
      }
    }
  }

  /// A number of the table of deltas as swaps keep it.
  private func stored(_ table: SwapTable, _ index: Int) -> Double {
    table.narrow.map { Double($0.deltas.view[index]) } ?? table.rows.deltas.view[index]
  }

  private func expectExact(_ table: SwapTable, _ instance: Instance) {
    let (n, width) = (instance.size, table.problem.stride)
    guard let assignment = Assignment(locations: table.locations) else {
      Issue.record("\(instance.name): not a permutation")
      return
    }
    let tolerance = instance.properties.isIntegral ? 0 : 1e-9
    let value = instance.objective(of: assignment) - instance.constant
    #expect(abs(table.value - value) <= tolerance, "\(instance.name)")
    var worst = 0.0
    for r in 0..<n {
      for s in 0..<width {
        let delta = stored(table, r * width + s)
        if s > r && s < n {
          worst = max(worst, abs(delta - instance.swapDelta(assignment, r, s)))
        } else if delta != .infinity {
          worst = .infinity
        }
      }
    }
    #expect(worst <= tolerance, "\(instance.name)")
  }
}
