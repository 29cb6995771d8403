import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import RandomInstances
import Synchronization
import Testing

@testable import QAPBranchAndBound

/// A checkpoint in memory.
private final class Store: CheckpointStore {
  private let state = Mutex<SearchState?>(nil)
  private let count = Atomic<Int>(0)
  var saves: Int { count.load(ordering: .relaxed) }
  var held: SearchState? { state.withLock { $0 } }
  func load(_ instance: Instance) throws -> SearchState? { held }
  func save(_ new: SearchState, _ instance: Instance) throws {
    state.withLock { $0 = new }
    count.add(1, ordering: .relaxed)
  }
}

@Suite struct BranchAndBoundTests {
  /// A search that is nearly all tree: hardly any heuristic, a poor root, tiny runs and batches,
  /// and the depth-first order of a full list now and then.
  static let stressed = BranchAndBound.Parameters(
    rounds: 1, startRounds: 1, rootRounds: 1, rootSweeps: 1, patience: 0, batch: 3,
    nodesPerSubproblem: 5, maxOpen: 6, tabuIterations: 1)

  /// Relaxations at all nodes.
  static let relaxed = {
    var parameters = stressed
    (parameters.relaxationGain, parameters.relaxationTrial) = (0, 0)
    return parameters
  }()

  /// Annealed ascents at all nodes that have five free facilities.
  static let annealed = {
    var parameters = stressed
    parameters.annealedShare = .infinity
    return parameters
  }()

  static func nug(_ name: String) throws -> Instance {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try QAPLIB.read(root.appendingPathComponent("Instances/qaplib/\(name).dat").path)
  }

  @Test(arguments: Family.allCases)
  func findsTheOptimumOfEverySmallInstance(_ family: Family) throws {
    for seed in 0..<56 as Range<UInt64> {
      let n = 1 + Int(seed % 8)
      if family.isTensor, n > 6 { continue }
      let instance = family.instance(size: n, seed: 1000 + seed)
      let best = leastObjective(instance)
      let slack = family.isIntegral ? 0 : 1e-6 * max(1, abs(best))
      for parameters in [.init(), Self.stressed, Self.relaxed, Self.annealed] {
        let report = try instance.solve(with: BranchAndBound(parameters))
        #expect(report.isProvenOptimal, "\(instance.name): \(report.termination)")
        let found = try #require(report.incumbent?.objective)
        #expect(abs(found - best) <= slack, "\(instance.name): \(found), not \(best)")
        let bound = try #require(report.bound)
        #expect(bound.unrounded <= best, "\(instance.name): bound \(bound.unrounded) of \(best)")
      }
    }
  }

  /// Symmetric data: grids, complete graphs, many equal facilities and locations.
  @Test func symmetryPrunesNoOptimum() throws {
    for seed in 0..<40 as Range<UInt64> {
      var g = SeededGenerator(seed: seed)
      let (rows, columns) = [(2, 3), (2, 4), (3, 3), (1, 7)][Int(seed % 4)]
      let n = rows * columns
      let distance = Matrix<Double>(rows: n, columns: n) {
        abs(Double($0 / columns - $1 / columns)) + abs(Double($0 % columns - $1 % columns))
      }
      var flow = Matrix<Double>(rows: n, columns: n) { _, _ in 0 }
      let kinds = (0..<n).map { _ in g.below(3) }
      let table = (0..<9).map { _ in Double(g.below(6)) - 1 }
      for i in 0..<n {
        for k in 0..<n where k != i {
          flow[i, k] = table[3 * min(kinds[i], kinds[k]) + max(kinds[i], kinds[k])]
        }
      }
      let linear =
        seed % 3 == 0 ? Matrix<Double>(rows: n, columns: n) { Double(($0 + $1) % 3) } : nil
      let instance = try Instance(flow: flow, distance: distance, linear: linear)
      let best = leastObjective(instance)
      for parameters in [.init(), Self.stressed, Self.relaxed, Self.annealed] {
        let report = try instance.solve(with: BranchAndBound(parameters))
        #expect(report.isProvenOptimal && report.incumbent?.objective == best, "seed \(seed)")
      }
    }
  }

  @Test func automorphismsAreFoundAndTrue() throws {
    let n = 9
    let grid = Matrix<Double>(rows: n, columns: n) {
      abs(Double($0 / 3 - $1 / 3)) + abs(Double($0 % 3 - $1 % 3))
    }
    var g = SeededGenerator(seed: 1)
    let flow = Matrix<Double>(rows: n, columns: n) { _, _ in Double(g.below(100)) }
    let cost = PairCost(try Instance(flow: flow, distance: grid))
    let symmetry = Symmetry(cost, ofFacilities: false)
    #expect(symmetry.permutations.count == 7)
    for p in symmetry.permutations {
      for a in 0..<n { for b in 0..<n { #expect(grid[a, b] == grid[p[a], p[b]]) } }
    }
    // Corners, edges and the center.
    #expect(
      Set(symmetry.orbits(Array(symmetry.permutations.indices), free: Array(0..<n))) == [0, 1, 4])
    #expect(Symmetry(cost, ofFacilities: true).isTrivial)
    // With a corner fixed only the reflection through it is left.
    #expect(symmetry.stabilizer(of: [0]).count == 1)
    let equal = PairCost(
      try Instance(
        flow: flow, distance: Matrix<Double>(rows: n, columns: n) { $0 == $1 ? 0 : 1 }))
    #expect(Symmetry(equal, ofFacilities: false).twins.allSatisfy { $0 == 0 })
  }

  @Test func limitsHoldAndBoundsStayTrue() throws {
    let instance = try Self.nug("nug15")
    for nodes in [1, 7, 100, 700] {
      let report = try instance.solve(
        with: BranchAndBound(), options: SolveOptions(limits: Limits(nodes: nodes)))
      #expect(report.termination == .nodes && report.nodes <= nodes + 1, "\(report.nodes)")
      #expect((report.bound?.value ?? 0) < 1150 && (report.bound?.value ?? 0) >= 1000)
      #expect(report.incumbent?.objective == 1150)
    }
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let instance = try Self.nug("nug14")
    let reports = try [1, 2, 3].map {
      try instance.solve(with: BranchAndBound(), options: SolveOptions(threads: $0))
    }
    for report in reports {
      #expect(report.incumbent?.objective == 1014 && report.isProvenOptimal)
      #expect(report.incumbent == reports[0].incumbent)
      #expect(report.nodes == reports[0].nodes)
      #expect(report.trace.map(\.bound) == reports[0].trace.map(\.bound))
    }
  }

  /// Likewise where the top of the tree is relaxed, here below several levels, or has ascents of
  /// its own.
  @Test(arguments: [0, Double.infinity])
  func theNumberOfThreadsChangesNoRelaxation(_ annealedShare: Double) throws {
    let instance = try Self.nug("nug12")
    var parameters = BranchAndBound.Parameters()
    parameters.annealedShare = annealedShare
    if annealedShare == 0 {
      (parameters.relaxationGain, parameters.relaxationTrial) = (0, 0.001)
    }
    let reports = try [1, 2].map {
      try instance.solve(with: BranchAndBound(parameters), options: SolveOptions(threads: $0))
    }
    for report in reports {
      #expect(report.incumbent?.objective == 578 && report.isProvenOptimal)
      #expect(report.nodes == reports[0].nodes)
      #expect(report.trace.map(\.bound) == reports[0].trace.map(\.bound))
    }
  }

  /// A search broken off many times over ends with the same answer, and does not begin anew.
  @Test(arguments: [Family.symmetric, .realAsymmetric, .fewer])
  func resumesFromACheckpoint(_ family: Family) throws {
    let instance = family.instance(size: 11, seed: 77)
    let whole = try instance.solve(with: BranchAndBound(Self.stressed))
    let store = Store()
    var parameters = Self.stressed
    parameters.checkpoint = store
    var report: SolveReport
    var runs = 0
    repeat {
      runs += 1
      let done = store.held?.nodes ?? 0
      report = try instance.solve(
        with: BranchAndBound(parameters),
        options: SolveOptions(limits: Limits(nodes: done + 12)))
      #expect(store.saves >= runs)
      if let state = store.held {
        // As a file, and back.
        let bytes = CheckpointFile.format(state, of: instance)
        #expect(try CheckpointFile.parse(bytes, file: "x", instance: instance) == state)
      }
    } while !report.isProvenOptimal && runs < 400
    #expect(report.isProvenOptimal && runs > 1)
    let expected = try #require(whole.incumbent?.objective)
    let found = try #require(report.incumbent?.objective)
    #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)))
    #expect(report.nodes <= 3 * whole.nodes + 500, "\(report.nodes) of \(whole.nodes)")
  }

  @Test func aCheckpointOfAnotherInstanceIsRefused() throws {
    let (one, other) = (
      Family.symmetric.instance(size: 5, seed: 1),
      Family.symmetric.instance(size: 5, seed: 2)
    )
    let state = SearchState(
      assignment: Assignment(locations: [4, 3, 2, 1, 0]), nodes: 3,
      open: [Subproblem(pairs: [FixedPair(facility: 1, location: 2)], bound: -3.25)])
    let bytes = CheckpointFile.format(state, of: one)
    #expect(try CheckpointFile.parse(bytes, file: "x", instance: one) == state)
    #expect(throws: InputError.self) {
      try CheckpointFile.parse(bytes, file: "x", instance: other)
    }
    // Cut off anywhere, or with a place fixed twice.
    for length in stride(from: 0, to: bytes.count - 5, by: 7) {
      #expect(throws: InputError.self) {
        try CheckpointFile.parse(Array(bytes[..<length]), file: "x", instance: one)
      }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let twice = text.replacingOccurrences(of: "-3.25 1 1 2", with: "-3.25 2 1 2 1 3")
    #expect(throws: InputError.self) {
      try CheckpointFile.parse(Array(twice.utf8), file: "x", instance: one)
    }
  }
}
