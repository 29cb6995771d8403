import Foundation
import QAP
import QAPPrimitives
import QAPRegistry
import RandomInstances
import Synchronization
import Testing

/// A clock that moves on by a fixed step whenever it is read.
private final class SteppingClock: Sendable {
  private let ticks = Atomic<Int>(0)
  let step: Double
  init(step: Double) { self.step = step }
  var reading: Double { Double(ticks.add(1, ordering: .relaxed).newValue) * step }
}

/// Limits hold for every method of the catalog.
@Suite struct LimitTests {
  static let ids = MethodRegistry.methods.map(\.info.id)

  private func solve(
    _ id: String, _ instance: Instance, _ options: SolveOptions
  ) throws -> SolveReport {
    let registered = try #require(MethodRegistry.method(id))
    return try instance.solve(
      with: registered.make(MethodOptions()), options: options)
  }

  /// What ends a run of a method that may also be done by itself.
  private func expect(_ report: SolveReport, endsBy limit: Termination) {
    #expect(
      [limit, .stalled, .optimal].contains(report.termination),
      "\(report.method): \(report.termination)")
  }

  @Test(arguments: ids)
  func oneIterationIsLittleWork(_ id: String) throws {
    let instance = Family.symmetric.instance(size: 30, seed: 2)
    guard let registered = MethodRegistry.method(id), registered.info.supports(instance) else {
      return
    }
    let report = try solve(id, instance, SolveOptions(limits: Limits(iterations: 1)))
    expect(report, endsBy: .iterations)
    #expect(report.iterations <= 1, "\(id): \(report.iterations)")
  }

  /// Time is asked of the injected clock, and it is asked often: within the limit, and little
  /// after.
  @Test(arguments: ids)
  func timeLimitHolds(_ id: String) throws {
    for family in [Family.symmetric, .realAsymmetric] {
      let instance = family.instance(size: 30, seed: 2)
      guard let registered = MethodRegistry.method(id), registered.info.supports(instance) else {
        continue
      }
      // Coarse steps: a method that looks once in some thousand iterations is still caught in time.
      let clock = SteppingClock(step: 0.01)
      let report = try solve(
        id, instance,
        SolveOptions(limits: Limits(time: .seconds(0.5)), clock: { clock.reading }))
      expect(report, endsBy: .time)
      // A method that went on would read the clock many times more.
      #expect(report.seconds < 0.8, "\(id): \(report.seconds)")
    }
  }

  /// At a size where setting up takes as long as the limit, the setting up ends too, with an
  /// assignment in hand, and a bound where the method promises one.
  @Test(arguments: ["gilmore-lawler", "projection", "2-opt", "tabu", "memetic", "faq", "auto"])
  func timeLimitHoldsWhileTablesAreMade(_ id: String) throws {
    let instance = Family.symmetric.instance(size: 1100, seed: 2)
    let clock = SteppingClock(step: 0.01)
    let report = try solve(
      id, instance, SolveOptions(limits: Limits(time: .seconds(0.06)), clock: { clock.reading }))
    #expect(report.termination == .time, "\(id)")
    #expect(report.iterations == 0, "\(id)")
    #expect(
      (report.bound != nil) == (MethodRegistry.method(id)?.info.output != .assignment), "\(id)")
    #expect(report.incumbent != nil, "\(id)")
  }
}

@Suite struct RegistryTests {
  @Test func idsAreCommandLineWords() {
    let ids = MethodRegistry.methods.map(\.info.id)
    #expect(Set(ids).count == ids.count)
    for id in ids {
      #expect(!id.isEmpty && id.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(id)")
    }
    #expect(ids.contains("auto") && ids.contains("hahn-grant"))
  }

  @Test func cardsSayWhatTheyAre() {
    for info in MethodRegistry.methods.map(\.info) {
      #expect(!info.summary.isEmpty && !info.paper.isEmpty && !info.iteration.isEmpty, "\(info.id)")
      #expect(!info.summary.contains("\n") && info.summary.count < 100, "\(info.id)")
    }
  }

  @Test func findsTheNearestName() {
    #expect(MethodRegistry.nearest(to: "tabou") == "tabu")
    #expect(MethodRegistry.nearest(to: "hahn-grand") == "hahn-grant")
    #expect(MethodRegistry.nearest(to: "2opt") == "2-opt")
    #expect(MethodRegistry.nearest(to: "simulated-annealing") == nil)
    #expect(MethodRegistry.method("tabou") == nil)
  }

  static let ids = MethodRegistry.methods.map(\.info.id)

  /// A cost tensor is refused in so many words, and the method named instead exists and takes it.
  @Test(arguments: MethodRegistry.methods.filter { !$0.info.supportsTensors }.map(\.info.id))
  func refusalNamesAnotherWay(_ id: String) throws {
    let registered = try #require(MethodRegistry.method(id))
    let instance = Family.tensor.instance(size: 4, seed: 1)
    let error = #expect(throws: MethodError.self) {
      try instance.solve(with: registered.make(MethodOptions()))
    }
    guard case .unsupported(id, _, let alternative) = error else {
      Issue.record("\(id): \(String(describing: error))")
      return
    }
    for name in alternative.components(separatedBy: " or ") {
      let other = try #require(MethodRegistry.method(name), "\(id) names \(name)")
      #expect(other.info.supportsTensors, "\(id) names \(name)")
    }
  }

  /// Little memory is enough for a small instance, and a method that needs more declines before it
  /// starts.
  @Test(arguments: ids)
  func needsAreCheckedBeforeTheStart(_ id: String) throws {
    let registered = try #require(MethodRegistry.method(id))
    let instance = Family.symmetric.instance(size: 6, seed: 1)
    func solve(_ bytes: Int) throws -> SolveReport {
      try instance.solve(
        with: registered.make(MethodOptions()),
        options: SolveOptions(limits: Limits(iterations: 1), memoryLimit: bytes))
    }
    _ = try solve(1 << 30)
    // It ends with its root's bound instead.
    if id == "branch-and-bound" { return }
    let error = #expect(throws: MethodError.self) { try solve(1000) }
    guard case .tooLarge(_, 6, _, _) = error else {
      Issue.record("\(id): \(String(describing: error))")
      return
    }
  }

  /// The bounds that renumbering does not change, and every family that their methods support.
  private static let invariant = MethodRegistry.methods.filter {
    $0.info.isRelabelingInvariant && $0.info.output != .assignment
  }.map(\.info.id)

  @Test func someMethodsAreInvariant() { #expect(Self.invariant.contains("gilmore-lawler")) }

  /// Renumbering changes no bound where the card says so: all families, linear terms included.
  @Test(arguments: invariant, Family.allCases)
  func renumberingChangesNoBound(_ id: String, _ family: Family) throws {
    let registered = try #require(MethodRegistry.method(id))
    if family.isTensor { try #require(registered.info.supportsTensors) }
    for n in 1...(family.isTensor ? 5 : 9) {
      for seed in UInt64(0)..<6 {
        let instance = family.instance(size: n, seed: seed)
        let values = try [instance, instance.renumbered(seed: seed)].map {
          try #require(
            try $0.solve(
              with: registered.make(MethodOptions()),
              options: SolveOptions(limits: Limits(iterations: 100))
            ).bound?.value)
        }
        let slack = instance.properties.isIntegral ? 0 : 1e-9 * max(1, abs(values[0]))
        #expect(abs(values[0] - values[1]) <= slack, "\(id), \(instance.name)")
      }
    }
  }
}

extension Instance {
  /// The same problem with its facilities and its locations numbered otherwise.
  fileprivate func renumbered(seed: UInt64) throws -> Instance {
    var generator = SeededGenerator(seed: seed, stream: 13)
    let facility = Permutation(randomOf: size, using: &generator)
    let location = Permutation(randomOf: size, using: &generator)
    let n = size
    let newCost: QuadraticCost
    switch cost {
    case .koopmansBeckmann(let flow, let distance):
      newCost = .koopmansBeckmann(
        flow: Matrix(rows: n, columns: n) { flow[facility[$0], facility[$1]] },
        distance: Matrix(rows: n, columns: n) { distance[location[$0], location[$1]] })
    case .tensor(let tensor):
      var entries: [Double] = []
      for i in 0..<n {
        for j in 0..<n {
          for k in 0..<n {
            for l in 0..<n {
              entries.append(tensor.cost(facility[i], location[j], facility[k], location[l]))
            }
          }
        }
      }
      newCost = .tensor(DenseCostTensor(size: n, entries: entries))
    }
    return try Instance(
      name: name, cost: newCost,
      linear: linear.map { linear in
        Matrix(rows: n, columns: n) { linear[facility[$0], location[$1]] }
      }, constant: constant)
  }
}
