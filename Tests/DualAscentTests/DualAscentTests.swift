import Foundation
import QAP
import QAPInstanceIO
import QAPLinearAssignment
import QAPPrimitives
import Testing

@testable import QAPDualAscent

/// Random instances of every kind that the ascent accepts.
enum Kind: CaseIterable, Sendable {
  case symmetric, oneSymmetric, asymmetric, negative, real, linearOnly, everything, tensor

  func instance(_ n: Int, seed: UInt64) throws -> Instance {
    var g = SeededGenerator(seed: seed, stream: 7)
    func matrix(_ element: (inout SeededGenerator) -> Double) -> Matrix<Double> {
      Matrix(rows: n, columns: n) { _, _ in element(&g) }
    }
    func symmetric(_ m: Matrix<Double>) -> Matrix<Double> {
      Matrix(rows: n, columns: n) { m[max($0, $1), min($0, $1)] }
    }
    let digit: (inout SeededGenerator) -> Double = { Double($0.below(10)) }
    let signed: (inout SeededGenerator) -> Double = { Double($0.below(41) - 20) }
    let real: (inout SeededGenerator) -> Double = { 20 * $0.unit() - 10 }
    let zero = Matrix(rows: n, columns: n, repeating: 0.0)
    switch self {
    case .symmetric:
      return try Instance(
        flow: symmetric(matrix(digit)).withZeroDiagonal,
        distance: symmetric(matrix(digit)).withZeroDiagonal)
    case .oneSymmetric:
      return try Instance(flow: matrix(digit), distance: symmetric(matrix(digit)))
    case .asymmetric: return try Instance(flow: matrix(digit), distance: matrix(digit))
    case .negative: return try Instance(flow: matrix(signed), distance: matrix(signed))
    case .real: return try Instance(flow: matrix(real), distance: matrix(real))
    case .linearOnly: return try Instance(flow: zero, distance: zero, linear: matrix(signed))
    case .everything:
      return try Instance(
        flow: matrix(real), distance: matrix(signed), linear: matrix(real), constant: -3.25)
    case .tensor:
      let entries = (0..<n * n * n * n).map { _ in Double(g.below(21) - 5) }
      return try Instance(
        cost: .tensor(DenseCostTensor(size: n, entries: entries)), linear: matrix(signed))
    }
  }
}

/// The least objective over all assignments, by enumeration.
func optimum(_ instance: Instance) -> Double {
  var best = Double.infinity
  var locations = Array(0..<instance.size)
  func visit(_ k: Int) {
    if k == locations.count {
      best = min(best, instance.objective(of: Assignment(locations: locations)!))
      return
    }
    for other in k..<locations.count {
      locations.swapAt(k, other)
      visit(k + 1)
      locations.swapAt(k, other)
    }
  }
  visit(0)
  return best
}

@Suite struct HahnGrantTests {
  @Test(arguments: Kind.allCases)
  func boundsNeverExceedTheOptimum(_ kind: Kind) throws {
    for seed in 0..<36 {
      let n = 1 + seed % 6
      let instance = try kind.instance(n, seed: UInt64(seed))
      let best = optimum(instance)
      let report = try instance.solve(
        with: HahnGrant(.init(rounds: 12)), options: SolveOptions(threads: 2))
      let bound = try #require(report.bound)
      #expect(bound.unrounded <= best, "\(kind) seed \(seed)")
      #expect(bound.value <= best + 1e-9 * abs(best), "\(kind) seed \(seed)")
      #expect(report.incumbent!.objective >= best - 1e-9 * abs(best), "\(kind) seed \(seed)")
      // Up to size 3 the relaxation is exact, and so nearly is the ascent.
      if n <= 2 {
        #expect(bound.unrounded >= best - 1e-6 * max(1, abs(best)), "\(kind) seed \(seed)")
      }
    }
  }

  @Test func aLinearInstanceIsSolvedByItsAssignmentProblem() throws {
    for seed in 0..<20 {
      let instance = try Kind.linearOnly.instance(9, seed: UInt64(seed))
      let report = try instance.solve(with: HahnGrant(.init(rounds: 3)))
      let expected = solveLinearAssignment(instance.linear!).value
      #expect(report.bound!.value == expected, "seed \(seed)")
    }
  }

  @Test func theProofHoldsForAnyMultipliers() throws {
    for kind in Kind.allCases {
      for seed in 0..<12 {
        let instance = try kind.instance(2 + seed % 4, seed: UInt64(seed))
        let best = optimum(instance)
        let dual = RLTDual(PairCost(instance))
        let n = dual.size
        var g = SeededGenerator(seed: UInt64(seed), stream: 99)
        for i in 0..<n {
          dual.facilityDuals[i] = 10 * g.unit() - 5
          for j in 0..<n {
            let line = (i * n + j) * dual.stride
            for k in 0..<n where k != i {
              dual.rowMultipliers[line + k] = 4 * g.unit() - 2
              dual.rowMirror[(k * n + i) * dual.stride + j] = dual.rowMultipliers[line + k]
            }
            for l in 0..<n where l != j {
              dual.columnMultipliers[line + l] = 4 * g.unit() - 2
              dual.columnMirror[(l * n + i) * dual.stride + j] = dual.columnMultipliers[line + l]
            }
          }
        }
        let workspaces = [SubmatrixWorkspace(dual.cost)]
        let exact = try #require(
          dual.makeExact(threads: 1, workspaces, LinearAssignmentSolver(capacity: n)))
        #expect(exact.value <= best, "\(kind) seed \(seed)")
      }
    }
  }

  @Test func threadsDoNotChangeTheAnswer() throws {
    let instance = try Kind.everything.instance(24, seed: 3)
    let reports = try [1, 2, 3].map {
      try instance.solve(
        with: HahnGrant(.init(rounds: 4)), options: SolveOptions(threads: $0))
    }
    for report in reports {
      #expect(report.bound == reports[0].bound)
      #expect(report.incumbent == reports[0].incumbent)
    }
  }

  @Test func aTensorIsTreatedLikeTheMatricesItComesFrom() throws {
    let matrices = try Kind.asymmetric.instance(5, seed: 1)
    guard case .koopmansBeckmann(let a, let b) = matrices.cost else { return }
    let n = 5
    var entries: [Double] = []
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n { for l in 0..<n { entries.append(a[i, k] * b[j, l]) } }
      }
    }
    let tensor = try Instance(cost: .tensor(DenseCostTensor(size: n, entries: entries)))
    let method = HahnGrant(.init(rounds: 6))
    let expected = try matrices.solve(with: method).bound!.unrounded
    let found = try tensor.solve(with: method).bound!.unrounded
    #expect(abs(expected - found) < 1e-8)
  }

  @Test func parametersAndSizeAreChecked() throws {
    let instance = try Kind.symmetric.instance(30, seed: 1)
    #expect(throws: MethodError.self) {
      try instance.solve(with: HahnGrant(.init(rounds: 0)))
    }
    #expect(throws: MethodError.self) {
      try instance.solve(with: HahnGrant(.init(memoryLimit: 1 << 16)))
    }
  }
}

@Suite struct AnnealedAscentTests {
  @Test func functionsAgreeWithTheirDefinitions() {
    var g = SeededGenerator(seed: 1)
    for _ in 0..<2000 {
      let x = 1300 * g.unit() - 690
      let value = wideExponential(Wide(repeating: x))[3]
      #expect(abs(wideLogarithm(Wide(repeating: value))[5] - x) < 1e-8 * max(1, abs(x)))
    }
    #expect(abs(wideExponential(Wide(repeating: 1))[0] - 2.718281828459045) < 1e-9)
    #expect(wideExponential(Wide(repeating: -800)) == Wide(repeating: 0))
    #expect(wideExponential(Wide(repeating: -.infinity)) == Wide(repeating: 0))
    #expect(abs(wideLogarithm(Wide(repeating: 10))[7] - 2.302585092994046) < 1e-12)
  }

  @Test(arguments: Kind.allCases)
  func boundsNeverExceedTheOptimum(_ kind: Kind) throws {
    for seed in 0..<36 {
      let instance = try kind.instance(1 + seed % 6, seed: UInt64(seed))
      let best = optimum(instance)
      let report = try instance.solve(
        with: AnnealedAscent(.init(sweeps: 60)), options: SolveOptions(threads: 2))
      let bound = try #require(report.bound)
      #expect(bound.unrounded <= best, "\(kind) seed \(seed)")
      #expect(bound.value <= best + 1e-9 * abs(best), "\(kind) seed \(seed)")
    }
  }

  /// Up to size 3 the relaxation is exact, and the ascent must reach it whatever the data.
  @Test(arguments: Kind.allCases)
  func tinyInstancesAreExact(_ kind: Kind) throws {
    for seed in 0..<20 {
      let instance = try kind.instance(1 + seed % 3, seed: UInt64(seed))
      let best = optimum(instance)
      let report = try instance.solve(with: AnnealedAscent())
      #expect(report.bound!.value >= best - 1e-3 * max(10, abs(best)), "\(kind) seed \(seed)")
    }
  }

  /// The level-1 RLT linear programs solved by HiGHS: reached to 0.1 %, never exceeded.
  @Test(arguments: [
    ("tai10a", 131098.1777), ("nug12", 522.8944), ("had12", 1621.5377), ("scr12", 29827.3279),
    ("rou12", 224302.0224), ("tai12a", 222186.4227), ("chr12a", 9552), ("nug14", 922.8661),
    ("nug15", 1040.994), ("rou15", 324901.6113), ("chr15a", 9513.1241),
  ])
  func reachesTheLinearProgram(_ name: String, _ value: Double) throws {
    let root = packageRoot.appendingPathComponent("Instances/qaplib/\(name).dat")
    let instance = try InstanceFile.read(root.path)
    let report = try instance.solve(with: AnnealedAscent(), options: SolveOptions(threads: 2))
    let bound = report.bound!.unrounded
    #expect(bound >= 0.999 * value, "\(name): \(bound) of \(value)")
    #expect(bound <= value + 1e-4, "\(name): \(bound) of \(value)")
  }

  @Test func scaleDoesNotMatter() throws {
    let instance = try Kind.symmetric.instance(9, seed: 3)
    guard case .koopmansBeckmann(let a, let b) = instance.cost else { return }
    let method = AnnealedAscent(.init(sweeps: 400))
    let bound = try instance.solve(with: method).bound!.unrounded
    for factor in [1e-6, 1e-3, 1e4, 1e9] {
      let scaled = try Instance(flow: a.map { $0 * factor }, distance: b)
      let found = try scaled.solve(with: method).bound!.unrounded
      #expect(abs(found / factor - bound) < 1e-5 * bound, "factor \(factor)")
    }
  }

  @Test func threadsDoNotChangeTheAnswer() throws {
    let instance = try Kind.everything.instance(26, seed: 3)
    let reports = try [1, 2, 3].map {
      try instance.solve(
        with: AnnealedAscent(.init(sweeps: 20)), options: SolveOptions(threads: $0))
    }
    for report in reports {
      #expect(report.bound == reports[0].bound)
      #expect(report.incumbent == reports[0].incumbent)
    }
  }
}

private let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()
