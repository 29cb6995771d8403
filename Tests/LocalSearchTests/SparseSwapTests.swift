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

  /// Every delta and the least of every row, after every swap.
  @Test(arguments: [false, true], [false, true])
  func deltasFollowSwaps(_ isReal: Bool, _ isTransposed: Bool) throws {
    for seed in UInt64(0)..<6 {
      let n = 32 + 3 * Int(seed)
      let instance = try Self.instance(
        size: n, edges: n, seed: seed, isReal: isReal, isTransposed: isTransposed)
      let problem = SwapProblem(instance, mergesInterchangeable: true)
      #expect(problem.isSparse)
      // Facilities without flows are twins, unless linear costs tell them apart.
      #expect(problem.grouping.groupCount < n || seed % 2 == 1)
      let table = SwapTable(problem)
      var generator = SeededGenerator(seed: seed, stream: 5)
      table.reset(to: Permutation(randomOf: n, using: &generator).images)
      for _ in 0..<40 {
        let u = generator.below(n)
        let v = (u + 1 + generator.below(n - 1)) % n
        if problem.grouping.group[u] == problem.grouping.group[v] { continue }
        table.swap(u, v)
        let here = try #require(Assignment(locations: problem.grouping.decode(table.locations)))
        let value = instance.objective(of: here) - problem.constant
        #expect(abs(table.value - value) <= (isReal ? 1e-8 : 0))
        for r in 0..<n {
          var least = Double.infinity
          for s in r + 1..<max(n, r + 1) {
            let delta = table.deltas.view[r * problem.stride + s]
            least = min(least, delta)
            if problem.grouping.group[r] == problem.grouping.group[s] {
              #expect(delta == .infinity)
              continue
            }
            var places = table.locations
            places.swapAt(r, s)
            let there = try #require(Assignment(locations: problem.grouping.decode(places)))
            let change = instance.objective(of: there) - problem.constant - value
            #expect(abs(delta - change) <= (isReal ? 1e-8 : 0), "seed \(seed) \(r) \(s)")
          }
          #expect(table.rowLeast.view[r] == least)
        }
        let best = table.smallestDelta()
        #expect(best.delta == table.delta(best.u, best.v))
        #expect(best.delta == (0..<n).map { table.rowLeast.view[$0] }.min())
      }
    }
  }

  /// Searches on sparse instances repeat whatever the number of threads, and descend.
  @Test func searchesAreReproducible() throws {
    let instance = try Self.instance(size: 60, edges: 90, seed: 8)
    let descent = try instance.solve(with: TwoOpt(.init(starts: 8)))
    for method in [RobustTabu(.init(iterations: 20_000)), Memetic(.init(iterations: 60_000))]
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
