import QAP
import QAPGeneration
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPLocalSearch

@Suite struct BlockMovesTests {
  /// The pairs are disjoint, and cost what the objective says.
  @Test(arguments: [RandomInstances.Family.symmetric, .sparse, .real, .halfSymmetric, .asymmetric])
  func drawsDisjointPairsAndKnowsTheirCost(_ family: RandomInstances.Family) throws {
    for seed in UInt64(0)..<6 {
      let n = 6 + 5 * Int(seed)
      let instance = family.instance(size: n, seed: seed)
      let problem = SwapProblem(instance, mergesInterchangeable: true)
      var generator = SeededGenerator(seed: seed)
      let moves = try #require(BlockMoves(problem, using: &generator))
      #expect(moves.classes.first?.lowerBound == 2 && moves.classes.last?.upperBound == n / 2)
      let table = SwapTable(problem)
      table.reset(to: Permutation(randomOf: n, using: &generator).images)
      for _ in 0..<20 {
        let pairs = moves.draw(2 + generator.below(n / 2 - 1), in: table, using: &generator)
        let moved = pairs.flatMap { [$0.0, $0.1] }
        #expect(Set(moved).count == moved.count)
        var partner = Array(0..<n)
        for (u, v) in pairs { (partner[u], partner[v]) = (v, u) }
        let before = table.value
        let cost = moves.cost(of: pairs, partner, in: table)
        for (u, v) in pairs { table.swap(u, v) }
        guard problem.form == .symmetric else { continue }
        #expect(abs(table.value - before - cost) <= (family.isIntegral ? 0 : 1e-8), "seed \(seed)")
      }
    }
    let small = SwapProblem(family.instance(size: 5, seed: 1))
    var generator = SeededGenerator(seed: 1)
    #expect(BlockMoves(small, using: &generator) == nil)
  }

  /// Swaps alone do not find these optima in the same time.
  @Test func findsBlocksInBlocks() throws {
    let generated = try MultiLevel(size: 45).generate(seed: 3)
    let planted = generated.instance.objective(of: try #require(generated.planted))
    let report = try generated.instance.solve(
      with: Memetic(.init(iterations: 300_000)),
      options: SolveOptions(limits: Limits(target: planted), seed: 1))
    #expect(report.termination == .target)
  }
}
