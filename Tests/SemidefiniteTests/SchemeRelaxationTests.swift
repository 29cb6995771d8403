import QAP
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPSemidefinite

/// The relaxation in the space that symmetry leaves against the whole one, and against enumeration.
@Suite struct SchemeRelaxationTests {
  /// Distances with a scheme: a 3-cube less one, a cycle, a torus, a complete graph.
  private static let distances: [Matrix<Double>] = [
    Matrix(rows: 8, columns: 8) { Double(max(0, ($0 ^ $1).nonzeroBitCount - 1)) },
    Matrix(rows: 7, columns: 7) { Double(min(($0 - $1 + 7) % 7, ($1 - $0 + 7) % 7)) },
    Matrix(rows: 6, columns: 6) {
      let (x, y) = ($0 % 3 == $1 % 3, $0 / 3 == $1 / 3)
      return x && y ? 0 : x || y ? 1.25 : -2
    },
    Matrix(rows: 5, columns: 5) { $0 == $1 ? 3 : 1 },
  ]

  private func instance(_ kind: Int, seed: UInt64) throws -> Instance {
    let distance = Self.distances[kind]
    let n = distance.rows
    var generator = SeededGenerator(seed: seed, stream: 5)
    let isReal = seed % 3 == 2
    let flow = Matrix<Double>(rows: n, columns: n) { _, _ in
      isReal ? 10 * generator.unit() - 3 : Double(generator.below(9)) - 2
    }
    let single = (0..<n).map { _ in Double(generator.below(5)) }
    let order = Permutation(randomOf: n, using: &generator)
    let moved = Matrix<Double>(rows: n, columns: n) { distance[order[$0], order[$1]] }
    // Every other instance has the scheme on its facilities.
    return seed % 2 == 0
      ? try Instance(
        flow: flow, distance: moved,
        linear: Matrix(rows: n, columns: n) { i, _ in single[i] }, constant: 7)
      : try Instance(
        flow: moved, distance: flow, linear: Matrix(rows: n, columns: n) { _, j in single[j] })
  }

  @Test(arguments: 0..<4) func agreesWithTheWholeRelaxation(_ kind: Int) throws {
    for seed in 0..<6 as Range<UInt64> {
      let instance = try instance(kind, seed: seed)
      let cost = PairCost(instance)
      let lifted = LiftedCosts(cost, threads: 1)
      let parameters = DoublyNonnegative.Parameters()
      let scheme = try #require(SchemeRelaxation(cost, lifted, parameters: parameters))
      scheme.run(limit: 5000) { false }
      let whole = Splitting(lifted, parameters: parameters, threads: 1)
      for _ in 0..<1500 { #expect(whole.step()) }
      let values = [scheme.makeState(threads: 1).primal, whole.primal].map { y in
        (0..<y.places).reduce(0.0) { sum, place in
          let (ys, costs) = (y.row(place), lifted.matrix.row(place))
          return (0..<y.places).reduce(sum) { $0 + costs[$1] * ys[$1] }
        }
      }
      let size = lifted.scale * Double(instance.size * instance.size)
      #expect(abs(values[0] - values[1]) < 1e-3 * size, "\(kind) \(seed): \(values)")
    }
  }

  @Test(arguments: 0..<4) func boundsAreValid(_ kind: Int) throws {
    for seed in 0..<6 as Range<UInt64> {
      let instance = try instance(kind, seed: seed)
      let report = try instance.solve(with: DoublyNonnegative())
      let best = leastObjective(instance)
      let bound = try #require(report.bound)
      let mean = try #require(instance.meanObjective)
      #expect(bound.value <= best + 1e-9 * abs(best), "\(kind) \(seed)")
      #expect(bound.unrounded >= best - 0.5 * (mean - best) - 1e-9 * abs(best), "\(kind) \(seed)")
    }
  }

  @Test func declinesWhatDiffersFromPointToPoint() throws {
    let instance = try instance(0, seed: 0)
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { return }
    let other = try Instance(
      flow: flow, distance: distance, linear: Matrix(rows: 8, columns: 8) { Double($0 * $1) })
    let cost = PairCost(other)
    #expect(
      SchemeRelaxation(cost, LiftedCosts(cost, threads: 1), parameters: .init()) == nil)
  }
}
