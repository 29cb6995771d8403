import QAP
import QAPPrimitives
import Testing

@testable import QAPLocalSearch

@Suite struct SparseSwapTests {
  /// Flows of a few random pairs, some facilities without any, some alike.
  private static func instance(
    size n: Int, edges: Int, seed: UInt64, isReal: Bool = false, isTransposed: Bool = false
  ) throws -> Instance {
    var generator = SeededGenerator(seed: seed, stream: 4)
    func number() -> Double {
      isReal ? 9 * generator.unit() - 3 : Double(generator.below(15) - 4)
    }
    var flow = Matrix(rows: n, columns: n, repeating: 0.0)
    for _ in 0..<edges {
      let (i, k) = (generator.below(n - 3), generator.below(n - 3))
      flow[i, k] = number()
      flow[k, i] = flow[i, k]
    }
    var distance = Matrix(rows: n, columns: n, repeating: 0.0)
    for j in 0..<n {
      for l in 0...j {
        distance[j, l] = number()
        distance[l, j] = distance[j, l]
      }
    }
    let linear =
      seed % 2 == 0 ? nil : Matrix<Double>(rows: n, columns: n) { _, _ in number() }
    return try Instance(
      flow: isTransposed ? distance : flow, distance: isTransposed ? flow : distance,
      linear: linear)
  }

  /// Every delta and the least of every row after each swap, against a table set up at once; some
  /// against the objective.
  @Test(arguments: [false, true], [false, true])
  func deltasFollowSwaps(_ isReal: Bool, _ isTransposed: Bool) throws {
    for seed in UInt64(0)..<4 {
      let n = 197 + Int(seed)
      let instance = try Self.instance(
        size: n, edges: n * 3 / 4, seed: seed, isReal: isReal, isTransposed: isTransposed)
      let problem = SwapProblem(instance, mergesInterchangeable: true)
      #expect(problem.isSparse)
      // Facilities without flows are twins, unless linear costs tell them apart.
      #expect(problem.grouping.groupCount < n || seed % 2 == 1)
      let (table, fresh) = (SwapTable(problem), SwapTable(problem))
      var generator = SeededGenerator(seed: seed, stream: 5)
      table.reset(to: Permutation(randomOf: n, using: &generator).images)
      let group = problem.grouping.group
      let tolerance = isReal ? 1e-8 : 0
      func objective(_ places: [Int]) throws -> Double {
        let assignment = try #require(Assignment(locations: problem.grouping.decode(places)))
        return instance.objective(of: assignment) - problem.constant
      }
      for _ in 0..<30 {
        let u = generator.below(n)
        let v = (u + 1 + generator.below(n - 1)) % n
        if group[u] == group[v] { continue }
        table.swap(u, v)
        fresh.reset(to: table.locations)
        let value = try objective(table.locations)
        #expect(abs(table.value - value) <= tolerance)
        var faults = 0
        for r in 0..<n {
          var least = Double.infinity
          for s in r + 1..<max(n, r + 1) {
            let index = r * problem.stride + s
            let (delta, expected) = (table.deltas.view[index], fresh.deltas.view[index])
            least = min(least, delta)
            if delta != expected, !(abs(delta - expected) <= tolerance) { faults += 1 }
            if (group[r] == group[s]) != (delta == .infinity) { faults += 1 }
          }
          if table.rowLeast.view[r] != least { faults += 1 }
        }
        #expect(faults == 0, "seed \(seed)")
        for _ in 0..<5 {
          let (r, s) = (generator.below(n), generator.below(n))
          if group[r] == group[s] { continue }
          var places = table.locations
          places.swapAt(r, s)
          #expect(abs(table.delta(r, s) - (try objective(places) - value)) <= tolerance)
        }
        let best = table.smallestDelta()
        #expect(best.delta == table.delta(best.u, best.v))
        #expect(best.delta == (0..<n).map { table.rowLeast.view[$0] }.min())
      }
    }
  }

  /// Searches on sparse instances repeat whatever the number of threads, and descend.
  @Test func searchesAreReproducible() throws {
    let instance = try Self.instance(size: 200, edges: 150, seed: 8)
    let descent = try instance.solve(with: TwoOpt(.init(starts: 1)))
    for method in [RobustTabu(.init(iterations: 20_000)), Memetic(.init(iterations: 40_000))]
      as [any Method]
    {
      let reports = try [1, 2, 3].map {
        try instance.solve(with: method, options: SolveOptions(seed: 3, threads: $0))
      }
      let found = try #require(reports[0].incumbent)
      #expect(instance.objective(of: found.assignment) == found.objective)
      #expect(found.objective <= (descent.incumbent?.objective ?? -.infinity))
      #expect(reports.allSatisfy { $0.incumbent == found })
      #expect(reports.allSatisfy { $0.iterations == reports[0].iterations })
    }
  }
}
