import QAP
import QAPInstanceIO
import QAPMatching
import QAPPrimitives
import QAPRegistry
import QAPSubsetSelection
import RandomInstances
import Synchronization
import Testing

/// An instance and what should follow for it from another one's answer.
private struct Variant {
  let name: String
  let instance: Instance
  /// Objectives are this times the original's, plus `shift`.
  let factor: Double
  let shift: Double
}

/// Units, constants and numbering change no verdict.
@Suite struct MetamorphicTests {
  static let ids = MethodRegistry.methods.map(\.info.id)

  /// Real matrices, one of them symmetric, with linear costs.
  private static func base(_ n: Int, seed: UInt64) throws -> (
    flow: Matrix<Double>, distance: Matrix<Double>, linear: Matrix<Double>
  ) {
    var generator = SeededGenerator(seed: seed, stream: 31)
    let raw = Matrix<Double>(rows: n, columns: n) { _, _ in 9 * generator.unit() }
    let distance = Matrix<Double>(rows: n, columns: n) {
      $0 == $1 ? 0 : raw[min($0, $1), max($0, $1)]
    }
    let flow = Matrix<Double>(rows: n, columns: n) { $0 == $1 ? 0 : 7 * generator.unit() }
    return (flow, distance, Matrix(rows: n, columns: n) { _, _ in 30 * generator.unit() })
  }

  private static func variants(_ n: Int, seed: UInt64, optimum: Double) throws -> [Variant] {
    let (flow, distance, linear) = try base(n, seed: seed)
    func scaled(_ factor: Double, _ shift: Double = 0) throws -> Instance {
      try Instance(
        flow: flow.map { factor * $0 }, distance: distance, linear: linear.map { factor * $0 },
        constant: shift)
    }
    var result: [Variant] = []
    for k in stride(from: -250, through: 140, by: 39) {
      let two = Double(sign: .plus, exponent: k, significand: 1)
      result.append(
        Variant(name: "2^\(k)", instance: try scaled(two), factor: two, shift: 0))
      let ten = Double("1e\(k)") ?? 1
      result.append(
        Variant(name: "10^\(k)", instance: try scaled(ten), factor: ten, shift: 0))
    }
    for shift in [1, -1, 1e9, -optimum] {
      result.append(
        Variant(name: "+ \(shift)", instance: try scaled(1, shift), factor: 1, shift: shift))
    }
    for (isRow, shift) in [(true, 1e3), (false, 1e3), (true, 1e6), (false, -1e6)] {
      let lifted = Matrix<Double>(rows: n, columns: n) {
        linear[$0, $1] + ((isRow ? $0 : $1) == 2 ? shift : 0)
      }
      result.append(
        Variant(
          name: "\(shift) in a \(isRow ? "row" : "column")",
          instance: try Instance(flow: flow, distance: distance, linear: lifted), factor: 1,
          shift: shift))
    }
    var generator = SeededGenerator(seed: seed, stream: 32)
    let p = Permutation(randomOf: n, using: &generator)
    let q = Permutation(randomOf: n, using: &generator)
    result.append(
      Variant(
        name: "renumbered",
        instance: try Instance(
          flow: Matrix(rows: n, columns: n) { flow[p[$0], p[$1]] },
          distance: Matrix(rows: n, columns: n) { distance[q[$0], q[$1]] },
          linear: Matrix(rows: n, columns: n) { linear[p[$0], q[$1]] }), factor: 1, shift: 0))
    return result
  }

  @Test(arguments: ids)
  func unitsAndConstantsChangeNoVerdict(_ id: String) throws {
    let registered = try #require(MethodRegistry.method(id))
    var (compared, declined) = (0, 0)
    for (n, seed) in [(7, UInt64(1)), (8, 2)] {
      let (flow, distance, linear) = try Self.base(n, seed: seed)
      let original = try Instance(flow: flow, distance: distance, linear: linear)
      let optimum = leastObjective(original)
      let options = ConformanceTests.options(id)
      let first = try original.solve(with: registered.make(MethodOptions()), options: options)
      let spread = try #require(original.meanObjective) - optimum
      for variant in try Self.variants(n, seed: seed, optimum: optimum) {
        let label = "\(id), n = \(n), \(variant.name)"
        let report: SolveReport
        do {
          report = try variant.instance.solve(
            with: registered.make(MethodOptions()), options: options)
        } catch is MethodError {
          declined += 1
          continue
        }
        compared += 1
        // What the tolerance leaves open, and what a large constant leaves of the digits.
        let room = variant.factor * spread * 1.1e-6 + 4 * variant.instance.objectiveError
        func expect(_ value: Double?, _ other: Double?, _ what: String, _ room: Double) {
          guard let value, let other else {
            #expect(value == nil && other == nil, "\(label): \(what) is missing")
            return
          }
          let expected = variant.factor * value + variant.shift
          #expect(abs(other - expected) <= room, "\(label): \(what) \(other), not \(expected)")
        }
        let isOptimal = first.termination == .optimal
        #expect(
          (report.termination == .optimal) == isOptimal,
          "\(label): \(report.termination), not \(first.termination)")
        if isOptimal {
          expect(optimum, report.incumbent?.objective, "objective", room)
        } else if variant.name != "renumbered" {
          expect(
            first.incumbent?.objective, report.incumbent?.objective, "objective",
            room + 0.2 * variant.factor * spread)
        }
        // Where the work was cut off, a rounding may have decided which way it went.
        let isCut = !isOptimal || variant.name == "renumbered"
        expect(
          first.bound?.unrounded, report.bound?.unrounded, "bound",
          room + (isCut ? 0.2 * variant.factor * spread : 0))
        if let bound = report.bound?.unrounded {
          #expect(
            bound <= variant.factor * optimum + variant.shift
              + 4 * variant.instance.objectiveError, "\(label): bound \(bound)")
        }
        // A zero objective has no gap to speak of.
        if variant.shift == -optimum, isOptimal { #expect(report.gap ?? 0 <= 1e-3, "\(label)") }
      }
    }
    #expect(compared >= 50 && declined == 0, "\(id): \(compared) compared, \(declined) declined")
  }

  /// Targets, gaps, events and history are in the caller's units, whatever a method is shown.
  @Test func limitsAndEventsAreInTheCallersUnits() throws {
    let (n, factor, row) = (8, 1e-200, 1e-190)
    let (flow, distance, linear) = try Self.base(n, seed: 3)
    let instance = try Instance(
      flow: flow.map { factor * $0 }, distance: distance,
      linear: Matrix(rows: n, columns: n) { factor * linear[$0, $1] + ($0 == 3 ? row : 0) })
    let optimum = leastObjective(instance)
    let spread = try #require(instance.meanObjective) - optimum
    let tabu = try #require(MethodRegistry.method("tabu")).make(MethodOptions())
    let events = Mutex([Double]())
    var options = SolveOptions(limits: Limits(target: optimum + 1e-3 * spread), seed: 4)
    options.observer = { event in
      if case .incumbent(let status, _) = event, let value = status.objective {
        events.withLock { $0.append(value) }
      }
    }
    let found = try instance.solve(with: tabu, options: options)
    #expect(found.termination == .target)
    let objective = try #require(found.incumbent).objective
    #expect(objective <= optimum + 1e-3 * spread)
    let last = try #require(events.withLock { $0.last })
    #expect(abs(last - objective) <= 1e-6 * spread && found.trace.last?.objective == last)

    // The row is most of the objective: half of the gap without it is no gap with it.
    let auto = try #require(MethodRegistry.method("gilmore-lawler")).make(MethodOptions())
    let bounded = try instance.solve(
      with: auto, options: SolveOptions(limits: Limits(gap: 1e-6)))
    #expect(bounded.termination == .gap && (bounded.gap ?? 1) <= 1e-6)
    #expect(try #require(bounded.bound).unrounded <= optimum)
  }

  /// The two claims that were false: flows in other units, and a constant that hides the objective.
  @Test func nug12InOtherUnitsIsSolvedAndNotClaimed() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    guard
      case .koopmansBeckmann(let flow, let distance) = try InstanceFile.read(
        "/\(root)/Instances/qaplib/nug12.dat"
      ).cost
    else { return }
    for (factor, constant, row) in [
      (1e-9, 0.0, 0.0), (1.1, 1e9, 0), (1.1, -635.8, 0), (1e-200, 0, 0), (1.1, 0, 1e9),
    ] {
      let instance = try Instance(
        flow: flow.map { factor * $0 }, distance: distance,
        linear: row == 0 ? nil : Matrix(rows: 12, columns: 12) { i, _ in i == 3 ? row : 0 },
        constant: constant)
      let auto = try #require(MethodRegistry.method("auto"))
      let report = try instance.solve(
        with: auto.make(MethodOptions()), options: SolveOptions(threads: 2))
      let found = try #require(report.incumbent).objective
      #expect(report.termination == .optimal)
      #expect(
        abs(found - (578 * factor + constant + row)) <= 1e-6 * factor + instance.objectiveError,
        "\(factor), \(constant): \(found)")
      // A bound a third below is no proof, whatever the units.
      #expect(
        !instance.isProvenOptimal(
          objective: 635 * factor + constant + row, bound: 578 * factor + constant + row))
    }
  }

  @Test func subsetsKeepTheirVerdict() throws {
    var generator = SeededGenerator(seed: 5, stream: 33)
    let raw = Matrix<Double>(rows: 14, columns: 14) { _, _ in generator.unit() }
    let costs = Matrix<Double>(rows: 14, columns: 14) { raw[min($0, $1), max($0, $1)] }
    let first = try SubsetSelection().solve(SubsetProblem(name: "base", costs: costs, size: 5))
    for k in stride(from: -250, through: 140, by: 26) {
      for factor in [Double("1e\(k)") ?? 1, Double(sign: .plus, exponent: k, significand: 1)] {
        for shift in [0, 3.0] {
          // Each subset has 25 ordered pairs.
          let problem = try SubsetProblem(
            name: "scaled", costs: costs.map { factor * ($0 + shift) }, size: 5)
          let report = try SubsetSelection().solve(problem)
          #expect(report.termination == first.termination, "\(factor)")
          #expect(report.subsets[0].indices == first.subsets[0].indices, "\(factor)")
          let bound = try #require(report.bound)
          let expected = factor * (first.subsets[0].objective + 25 * shift)
          #expect(abs(bound - expected) <= 1e-5 * abs(expected), "\(factor): \(bound)")
        }
      }
    }
  }
}

/// Matches depend on neither the unit of the embeddings, nor the order of rows, nor the axes of
/// features.
@Suite struct MatchMetamorphicTests {
  private static let rows = 9
  private static let features = 6

  private static func embeddings(
    _ stream: UInt64, _ element: (Matrix<Double>, Int, Int) -> Double
  ) throws -> Embeddings {
    var generator = SeededGenerator(seed: 8, stream: stream)
    let base = Matrix(rows: rows, columns: features) { _, _ in generator.approximateNormal() }
    return try Embeddings(
      Matrix(rows: rows, columns: features) { element(base, $0, $1) }, name: "rows \(stream)")
  }

  /// The match of rows of the base, its value and its bound; `rows` holds what stands in each row.
  private static func match(
    _ x: Embeddings, _ y: Embeddings, _ options: MatchingOptions,
    rows: (source: Permutation, target: Permutation)? = nil
  ) throws -> (targets: [Int], value: Double, bound: Double) {
    let problem = try MatchingProblem(source: x, target: y, options: options)
    let auto = try #require(MethodRegistry.method("auto"))
    let report = try problem.instance.solve(
      with: auto.make(MethodOptions()), options: SolveOptions(threads: 2))
    #expect(report.termination == .optimal)
    let incumbent = try #require(report.incumbent)
    var targets = [Int](repeating: -1, count: Self.rows)
    for (source, target) in problem.targets(of: incumbent.assignment).enumerated() {
      let place = try #require(target)
      targets[rows?.source[source] ?? source] = rows?.target[place] ?? place
    }
    return (
      targets, problem.value(incumbent.objective),
      problem.value(try #require(report.bound).unrounded)
    )
  }

  @Test(arguments: ["gw", "cka", "cka-rbf", "knn:3", "inner", "correlation"])
  func unitsOrderAndAxesChangeNoMatch(_ name: String) throws {
    let metric = try #require(Metric(name))
    let options = MatchingOptions(metric: metric)
    let (x, y) = (
      try Self.embeddings(1) { $0[$1, $2] }, try Self.embeddings(2) { $0[$1, $2] }
    )
    let first = try Self.match(x, y, options)
    func expect(
      _ found: (targets: [Int], value: Double, bound: Double), _ what: String
    ) {
      // Of common neighbors many matches are equally good.
      if !name.hasPrefix("knn") { #expect(found.targets == first.targets, "\(name), \(what)") }
      let room = 1e-5 * max(abs(first.value), abs(first.bound))
      #expect(abs(found.value - first.value) <= room, "\(name), \(what): \(found.value)")
      #expect(abs(found.bound - first.bound) <= room, "\(name), \(what): \(found.bound)")
    }
    for k in stride(from: -250, through: 140, by: 65) {
      for factor in [Double(sign: .plus, exponent: k, significand: 1), Double("1e\(k)") ?? 1] {
        let (u, v) = (
          try Self.embeddings(1) { factor * $0[$1, $2] },
          try Self.embeddings(2) { $0[$1, $2] / factor }
        )
        expect(try Self.match(u, v, options), "times \(factor)")
      }
    }
    var generator = SeededGenerator(seed: 9, stream: 3)
    let p = Permutation(randomOf: Self.rows, using: &generator)
    let q = Permutation(randomOf: Self.rows, using: &generator)
    let axes = Permutation(randomOf: Self.features, using: &generator)
    let (u, v) = (
      try Self.embeddings(1) { $0[p[$1], $2] }, try Self.embeddings(2) { $0[q[$1], $2] }
    )
    expect(try Self.match(u, v, options, rows: (p, q)), "rows renumbered")
    let turned = try Self.embeddings(2) { $0[$1, axes[$2]] * ($2 % 2 == 0 ? 1 : -1) }
    expect(try Self.match(x, turned, options), "axes swapped and turned round")
  }

  /// Distances as they are: the loss has the unit squared.
  @Test func lossesScaleWithTheEmbeddings() throws {
    let options = MatchingOptions(metric: .gromovWasserstein, normalizes: false)
    let first = try Self.match(
      Self.embeddings(1) { $0[$1, $2] }, Self.embeddings(2) { $0[$1, $2] }, options)
    for k in stride(from: -120, through: 68, by: 47) {
      for factor in [Double(sign: .plus, exponent: k, significand: 1), Double("1e\(k)") ?? 1] {
        let found = try Self.match(
          Self.embeddings(1) { factor * $0[$1, $2] }, Self.embeddings(2) { factor * $0[$1, $2] },
          options)
        let square = factor * factor
        #expect(found.targets == first.targets, "\(factor)")
        #expect(abs(found.value - square * first.value) <= 1e-5 * square * first.value)
        #expect(abs(found.bound - square * first.bound) <= 1e-5 * square * first.value)
      }
    }
  }
}

/// The rule itself, in numbers.
@Suite struct OptimalityRuleTests {
  @Test func slackIsAShareOfTheDistanceToTheMean() {
    let rule = OptimalityRule.real(tolerance: 1e-6, mean: 1100, error: 1e-9)
    #expect(rule.isProven(objective: 100, bound: 99.9991))
    #expect(!rule.isProven(objective: 100, bound: 99.998))
    #expect(!rule.isProven(objective: nil, bound: 1) && !rule.isProven(objective: 1, bound: nil))
    let strict = OptimalityRule.real(tolerance: 0, mean: 1100, error: 1e-9)
    #expect(!strict.isProven(objective: 100, bound: 99.9991))
    #expect(strict.isProven(objective: 100, bound: 100 - 5e-10))
    #expect(OptimalityRule.exact.isProven(objective: 100, bound: 100))
    #expect(!OptimalityRule.exact.isProven(objective: 100, bound: 99))
  }

  /// The only assignment is optimal, whatever the constants and linear costs beside the products.
  @Test(arguments: ["auto", "branch-and-bound"])
  func theOnlyAssignmentIsOptimal(_ id: String) throws {
    var g = SeededGenerator(seed: 8)
    for exponent in -20..<20 {
      func number(_ power: Int) -> Matrix<Double> {
        Matrix(rows: 1, columns: 1) { _, _ in
          Double(sign: .plus, exponent: power, significand: g.approximateNormal())
        }
      }
      let instance = try Instance(
        flow: number(0), distance: number(1), linear: number(exponent),
        constant: number(exponent / 3)[0, 0])
      let report = try instance.solve(with: ConformanceTests.method(id), options: SolveOptions())
      #expect(report.termination == .optimal, "\(id), 2^\(exponent)")
    }
  }

  @Test func aZeroObjectiveHasNoGap() {
    let rule = OptimalityRule.real(tolerance: 1e-6, mean: 1000, error: 1e-11)
    #expect(rule.gap(objective: 1e-12, bound: -1e-4) == nil)
    #expect(rule.gap(objective: 0, bound: 0) == 0)
    #expect(rule.isZeroWithinRounding(1e-12) && !rule.isZeroWithinRounding(1e-3))
  }

  /// The mean in closed form is the mean over all assignments: every family, linear terms and
  /// constants.
  @Test(arguments: Family.allCases)
  func theMeanIsThatOfAllAssignments(_ family: Family) throws {
    for seed in UInt64(0)..<12 {
      let n = 1 + Int(seed % 5)
      let instance = family.instance(size: n, seed: seed)
      var (sum, count) = (0.0, 0.0)
      func visit(_ places: [Int]) {
        if places.count == n {
          guard let assignment = Assignment(locations: places) else { return }
          sum += instance.objective(of: assignment)
          count += 1
          return
        }
        for place in 0..<n where !places.contains(place) { visit(places + [place]) }
      }
      visit([])
      let mean = try #require(instance.meanObjective)
      #expect(abs(mean - sum / count) <= 1e-9 * max(1, abs(mean)), "\(instance.name)")
    }
  }
}
