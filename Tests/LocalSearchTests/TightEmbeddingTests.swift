import QAP
import QAPGeneration
import QAPLocalSearch
import QAPPrimitives
import RandomInstances
import Testing

@Suite struct TightEmbeddingTests {
  /// One iteration a child: nothing but the construction finds these optima.
  @Test(arguments: [(3, 5), (4, 6), (7, 8), (9, 10), (12, 12)])
  func embedsHiddenGrids(_ rows: Int, _ columns: Int) throws {
    for seed in UInt64(0)..<3 {
      let generated = try DreznerGrid(rows: rows, columns: columns).generate(seed: seed)
      for isTransposed in [false, true] {
        let instance =
          isTransposed ? try generated.instance.transposed() : generated.instance
        for method in [RobustTabu(.init(iterations: 8)), Memetic(.init(iterations: 8))]
          as [any Method]
        {
          let report = try instance.solve(with: method, options: SolveOptions(seed: seed))
          #expect(report.incumbent?.objective == generated.optimum, "\(instance.name) \(seed)")
        }
      }
    }
  }

  /// Linear costs restrict where a facility may go; an instance with flows below zero is embedded
  /// at the greatest distances.
  @Test func respectsLinearCostsAndSigns() throws {
    let generated = try DreznerGrid(rows: 6, columns: 7).generate(seed: 5)
    let planted = try #require(generated.planted)
    guard case .koopmansBeckmann(let flow, let distance) = generated.instance.cost else { return }
    let linear = Matrix<Double>(rows: 42, columns: 42) {
      planted[$0] == $1 || ($0 + $1) % 3 == 0 ? -2 : 5
    }
    let instances = [
      try Instance(flow: flow, distance: distance, linear: linear),
      try Instance(flow: flow.map { -$0 }, distance: distance.map { -$0 }),
    ]
    for instance in instances {
      let report = try instance.solve(with: RobustTabu(.init(iterations: 1)))
      #expect(report.incumbent?.objective == instance.objective(of: planted))
    }
  }

  /// Where no embedding is tight, the greedy completion is still a valid assignment.
  @Test func completesWhatDoesNotFit() throws {
    for n in [4, 5, 9, 20] {
      var generator = SeededGenerator(seed: UInt64(n))
      var flow = Matrix(rows: n, columns: n, repeating: 0.0)
      for i in 1..<n { flow[i, generator.below(i)] = Double(1 + generator.below(9)) }
      let distance = Matrix<Double>(rows: n, columns: n) { $0 == $1 ? 0 : generator.unit() }
      for (a, b) in [(flow, distance), (distance, flow)] {
        let symmetric = try Instance(flow: a.plus(a.transposed), distance: b)
        for instance in [symmetric, try Instance(flow: a, distance: b)] {
          let report = try instance.solve(with: Memetic(.init(iterations: 500)))
          let found = try #require(report.incumbent)
          #expect(abs(instance.objective(of: found.assignment) - found.objective) < 1e-9)
          guard n < 6 else { continue }
          #expect(abs(found.objective - leastObjective(instance)) < 1e-9)
        }
      }
    }
  }
}

extension Instance {
  /// The same problem with facilities and locations transposed.
  fileprivate func transposed() throws -> Instance {
    guard case .koopmansBeckmann(let flow, let distance) = cost else { return self }
    return try Instance(name: name, flow: distance, distance: flow)
  }
}

extension Matrix where Element == Double {
  fileprivate func plus(_ other: Matrix) -> Matrix {
    Matrix(rows: rows, columns: columns) { self[$0, $1] + other[$0, $1] }
  }
}
