import QAP
import QAPPrimitives
import Testing

@testable import QAPLocalSearch

@Suite struct SparseSearchTests {
  private static func instance(
    size n: Int, edges: Int, seed: UInt64, isReal: Bool = false, isTransposed: Bool = false
  ) throws -> Instance {
    var generator = SeededGenerator(seed: seed, stream: 6)
    func number() -> Double { isReal ? 9 * generator.unit() - 3 : Double(generator.below(12) - 3) }
    func square(_ pairs: [(Int, Int)], _ isSymmetric: Bool) -> Matrix<Double> {
      var matrix = Matrix(rows: n, columns: n, repeating: 0.0)
      for (i, k) in pairs where i != k {
        matrix[i, k] = number()
        matrix[k, i] = isSymmetric ? matrix[i, k] : number()
      }
      return matrix
    }
    let sparse = square(
      (0..<edges).map { _ in (generator.below(n), generator.below(n)) }, seed % 4 < 3)
    let dense = square((0..<n).flatMap { j in (0..<j).map { (j, $0) } }, seed % 4 != 2)
    return try Instance(
      flow: isTransposed ? dense : sparse, distance: isTransposed ? sparse : dense,
      linear: seed % 2 == 0 ? nil : Matrix<Double>(rows: n, columns: n) { _, _ in number() })
  }

  /// The value that a walk keeps is the objective, kicks and undone ones included, and it comes to
  /// local optima.
  @Test(arguments: [false, true], [false, true])
  func walksKeepTheirValue(_ isReal: Bool, _ isTransposed: Bool) throws {
    for seed in UInt64(0)..<4 {
      let n = 60 + 7 * Int(seed)
      let instance = try Self.instance(
        size: n, edges: n / 2, seed: seed, isReal: isReal, isTransposed: isTransposed)
      let graph = try #require(SparseGraph(instance, minSize: 0))
      #expect(graph.isTransposed == isTransposed)
      var generator = SeededGenerator(seed: seed)
      let slots = try #require(graph.construct(using: &generator, unless: { false }))
      let walk = SparseWalk(graph, slots: slots, generator: generator)
      var best = Double.infinity
      for _ in 0..<300 {
        walk.advance(7)
        let assignment = try #require(Assignment(locations: graph.items(walk.slots)))
        let value = instance.objective(of: assignment)
        #expect(abs(walk.value - value) <= (isReal ? 1e-8 : 0), "seed \(seed)")
        if walk.home == .infinity { best = min(best, value) }
      }
      #expect(walk.home <= best)
    }
    let dense = try Self.instance(size: 20, edges: 300, seed: 1)
    #expect(SparseGraph(dense, minSize: 0) == nil)
  }

  /// `tabu` and `memetic` take this road for large instances; limits and threads as elsewhere.
  @Test func largeSearchesAreReproducible() throws {
    let instance = try Self.instance(size: SparseGraph.minSize, edges: 5000, seed: 2)
    let start = Assignment(Permutation(identity: instance.size))
    for method in [RobustTabu(.init(iterations: 3001)), Memetic(.init(iterations: 3001))]
      as [any Method]
    {
      let reports = try [1, 2].map {
        try instance.solve(with: method, options: SolveOptions(seed: 3, threads: $0))
      }
      let found = try #require(reports[0].incumbent)
      #expect(found.objective < instance.objective(of: start))
      #expect(reports[0].iterations == 3001 && reports[0].termination == .iterations)
      #expect(reports[1].incumbent == found && reports[1].iterations == 3001)
    }
  }
}
