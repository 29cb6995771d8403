import Primitives
import QAP
import RandomInstances
import Testing

@testable import LocalSearch

@Suite struct SwapTableTests {
  /// Every delta of the table, after every exchange, against the general formula.
  @Test(arguments: Family.allCases)
  func deltasFollowExchanges(_ family: Family) {
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
          table.exchange(u, v)
          expectExact(table, instance)
        }
      }
    }
  }

  /// A tensor too large to tabulate is asked entry by entry, with the same deltas.
  @Test func largeTensorsAreAskedEntryByEntry() throws {
    struct Product: CostTensor {
      let size = SwapProblem.largestTable + 1
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
    table.exchange(3, 17)
    table.exchange(3, 40)
    expectExact(table, instance)
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
        let delta = table.deltas.view[r * width + s]
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
