import QAP
import QAPGilmoreLawler
import QAPInstanceIO
import QAPPrimitives
import RandomInstances
import Testing

@Suite struct GilmoreLawlerTests {
  /// The definition, by enumeration: the least row sums over placements of the others.
  @Test(arguments: Family.allCases)
  func boundsTheOptimum(_ family: Family) throws {
    for n in 1...6 {
      for seed in UInt64(0)..<(n < 6 ? 12 : 4) {
        let instance = family.instance(size: n, seed: seed)
        let report = try instance.solve(with: GilmoreLawler())
        let bound = try #require(report.bound, "\(instance.name)")
        let least = leastObjective(instance)
        #expect(bound.value <= least, "\(instance.name)")
        #expect(try #require(report.incumbent).objective >= least - 1e-9, "\(instance.name)")
        // With one or two facilities there is nothing to relax but the order of two.
        if n == 1 { #expect(abs(bound.value - least) <= 1e-9, "\(instance.name)") }
      }
    }
  }

  @Test func isExactOnLinearInstances() throws {
    for seed in UInt64(0)..<20 {
      var g = SeededGenerator(seed: seed)
      let zero = Matrix(rows: 6, columns: 6, repeating: 0.0)
      let linear = Matrix(rows: 6, columns: 6) { _, _ in Double(g.below(100) - 40) }
      let instance = try Instance(flow: zero, distance: zero, linear: linear)
      let report = try instance.solve(with: GilmoreLawler())
      #expect(report.termination == .optimal, "seed \(seed)")
      #expect(report.bound?.unrounded == leastObjective(instance), "seed \(seed)")
    }
  }

  /// A matrix instance written as a tensor has, by rows, the same leaders.
  @Test func tensorsAgreeWithMatrices() throws {
    for seed in UInt64(0)..<20 {
      var g = SeededGenerator(seed: seed)
      let n = 2 + g.below(5)
      func symmetric() -> Matrix<Double> {
        let m = Matrix(rows: n, columns: n) { _, _ in Double(g.below(20) - 6) }
        return m.plusTranspose
      }
      let (a, b) = (symmetric(), symmetric())
      var entries: [Double] = []
      for i in 0..<n {
        for j in 0..<n {
          for k in 0..<n {
            for l in 0..<n { entries.append(a[i, k] * b[j, l]) }
          }
        }
      }
      let matrices = try Instance(flow: a, distance: b)
      let tensor = try Instance(cost: .tensor(DenseCostTensor(size: n, entries: entries)))
      let expected = try matrices.solve(with: GilmoreLawler()).bound?.unrounded
      for threads in 1...3 {
        let found = try tensor.solve(with: GilmoreLawler(), options: SolveOptions(threads: threads))
        #expect(found.bound?.unrounded == expected, "seed \(seed)")
      }
    }
  }

  @Test func relabelingDoesNotChangeTheValue() throws {
    for seed in UInt64(0)..<20 {
      var g = SeededGenerator(seed: seed)
      let n = 9
      let a = Matrix(rows: n, columns: n) { _, _ in Double(g.below(20)) }
      let b = Matrix(rows: n, columns: n) { _, _ in Double(g.below(20)) }
      let (x, y) = (Permutation(randomOf: n, using: &g), Permutation(randomOf: n, using: &g))
      let first = try Instance(flow: a, distance: b)
      let second = try Instance(
        flow: Matrix(rows: n, columns: n) { a[x[$0], x[$1]] },
        distance: Matrix(rows: n, columns: n) { b[y[$0], y[$1]] })
      let values = try [first, second].map { try $0.solve(with: GilmoreLawler()).bound?.unrounded }
      #expect(values[0] == values[1], "seed \(seed)")
    }
  }

  /// Huge and tiny numbers side by side: the bound must still stay below the optimum.
  @Test func roundingErrorsAreCovered() throws {
    for seed in UInt64(0)..<60 {
      var g = SeededGenerator(seed: seed)
      let n = 2 + g.below(4)
      func number() -> Double {
        let power = [1e-8, 1, 1e7, 1e12][g.below(4)]
        return (g.unit() - 0.5) * power
      }
      let flow = Matrix(rows: n, columns: n) { _, _ in number() }
      let distance = Matrix(rows: n, columns: n) { _, _ in number() }
      let instance = try Instance(flow: flow, distance: distance, constant: number())
      let bound = try #require(try instance.solve(with: GilmoreLawler()).bound)
      #expect(bound.value <= leastObjective(instance) + instance.objectiveError, "seed \(seed)")
    }
  }

  @Test func stopsAtOnce() throws {
    let instance = Family.tensor.instance(size: 5, seed: 0)
    let report = try instance.solve(
      with: GilmoreLawler(), options: SolveOptions(limits: Limits(time: .seconds(0))))
    #expect(report.termination == .time && report.bound == nil)
  }

  /// Values that other implementations give.
  @Test(arguments: [
    ("nug12", 493.0), ("nug20", 2057), ("nug30", 4539), ("bur26a", 5_315_200), ("tai12a", 195_918),
  ])
  func reachesPublishedValues(_ name: String, _ expected: Double) throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let instance = try QAPLIB.read("/\(root)/Instances/qaplib/\(name).dat")
    let report = try instance.solve(with: GilmoreLawler())
    #expect(report.bound?.unrounded == expected)
  }
}
