import QAP
import QAPPrimitives
import QAPRegistry
import QAPVerification
import RandomInstances
import Testing

/// What every method of the catalog must keep, whatever it is.
@Suite struct ConformanceTests {
  static let ids = MethodRegistry.methods.map(\.info.id)

  static func method(_ id: String) throws -> any Method {
    try #require(MethodRegistry.method(id)).make(MethodOptions())
  }

  /// Small work for any method: a few rounds of the expensive ones, thousands of cheap moves.
  static func options(
    _ id: String, _ threads: Int = 2, iterations: Int? = nil, target: Double? = nil
  ) -> SolveOptions {
    let work = [
      "auto": 3000, "tabu": 2000, "memetic": 2000, "hahn-grant": 8, "rlt1": 40, "rlt1-lp": 12,
      "branch-and-bound": 6000, "dnn": 40,
    ][id]
    return SolveOptions(
      limits: Limits(iterations: iterations ?? work, target: target), seed: 5, threads: threads)
  }

  /// Whether `instance` is declined, as `MethodInfo` says it may be.
  static func declines(_ id: String, _ instance: Instance) throws -> Bool {
    let info = try #require(MethodRegistry.method(id)).info
    if info.supports(instance) { return false }
    #expect(throws: MethodError.self) {
      try instance.solve(with: method(id), options: options(id))
    }
    return true
  }

  @Test(arguments: ids, Family.allCases)
  func boundsAndAssignmentsAreTrue(_ id: String, _ family: Family) throws {
    let info = try #require(MethodRegistry.method(id)).info
    var (runs, forbidding) = (0, 0)
    for seed in 0..<49 as Range<UInt64> {
      let n = seed < 35 ? 1 + Int(seed % 7) : 2 + Int(seed % 6)
      let plain = family.instance(size: n, seed: seed)
      let instance = seed < 35 ? plain : plain.forbiddingSome(seed: seed).instance
      if try Self.declines(id, instance) { continue }
      let label = "\(id) \(instance.name), \(instance.forbidden.count) forbidden"
      let report = try instance.solve(with: Self.method(id), options: Self.options(id))
      runs += 1
      forbidding += instance.forbidden.isEmpty ? 0 : 1
      let best = leastObjective(instance)
      let slack = family.isIntegral ? 0 : 1e-9 * max(1, abs(best))

      if info.output != .bound {
        #expect(report.incumbent != nil, "\(label): no assignment")
      }
      if let incumbent = report.incumbent {
        #expect(incumbent.assignment.size == n, "\(label)")
        let check = checkObjective(
          of: incumbent.assignment, in: instance, claimed: incumbent.objective)
        #expect(check.holds, "\(label): says \(check.claimed), is \(check.recomputed)")
        #expect(incumbent.objective >= best - slack, "\(label)")
      }
      if info.output != .assignment {
        let bound = try #require(report.bound, "\(label): no bound")
        #expect(bound.unrounded <= best, "\(label): bound \(bound.unrounded) of \(best)")
        #expect(bound.value <= best + slack, "\(label): rounded \(bound.value) of \(best)")
        #expect(bound.value >= bound.unrounded, "\(label)")
      } else {
        #expect(report.bound == nil, "\(label): a bound MethodInfo does not promise")
      }
      if id == "branch-and-bound" {
        #expect(report.isProvenOptimal, "\(label): not proven")
        #expect((report.incumbent?.objective ?? .infinity) <= best + slack, "\(label)")
      }
      // What is forbidden has a surcharge, whose rounding counts as well.
      #expect(
        !instance.forbidden.isEmpty
          || report.isProvenOptimal
            == instance.isProvenOptimal(
              objective: report.incumbent?.objective, bound: report.bound?.value),
        "\(label)")
    }
    #expect(runs < 40 || forbidding > 10, "\(id), \(family): \(forbidding) of \(runs)")
  }

  @Test(arguments: ids, [Family.symmetric, .realAsymmetric, .halfSymmetric])
  func threadsDoNotMatter(_ id: String, _ family: Family) throws {
    for (n, seed) in [(7, 1), (13, 2), (21, 3), (8, 4)] {
      let plain = family.instance(size: n, seed: UInt64(seed))
      let instance = seed < 4 ? plain : plain.forbiddingSome(seed: 4).instance
      // Minutes a run.
      if id == "rlt1-lp", n > 13 { continue }
      if try Self.declines(id, instance) { continue }
      let reports = try [1, 2, 3, 2].map {
        try instance.solve(with: Self.method(id), options: Self.options(id, $0))
      }
      for report in reports {
        #expect(report.incumbent == reports[0].incumbent, "\(id) \(instance.name)")
        #expect(report.bound == reports[0].bound, "\(id) \(instance.name)")
        #expect(report.termination == reports[0].termination, "\(id) \(instance.name)")
        #expect(report.iterations == reports[0].iterations, "\(id) \(instance.name)")
        #expect(
          report.trace.map(\.objective) == reports[0].trace.map(\.objective),
          "\(id) \(instance.name)")
      }
    }
  }

  /// Seeds together with a linear term, which published code has got wrong, against enumeration.
  @Test(arguments: ids, Family.allCases)
  func fixedPairsAreKept(_ id: String, _ family: Family) throws {
    let searches = ["auto", "tabu", "memetic", "branch-and-bound"].contains(id)
    for seed in 0..<34 as Range<UInt64> {
      let n = 2 + Int(seed % 6)
      let plain = family.instance(size: n, seed: seed)
      let instance = seed < 24 ? plain : plain.forbiddingSome(seed: seed).instance
      if try Self.declines(id, instance) { continue }
      var options = Self.options(id)
      options.pairs = somePairs(size: n, seed: seed)
      let label = "\(id) \(instance.name) with \(options.pairs)"
      let report: SolveReport
      do {
        report = try instance.solve(with: Self.method(id), options: options)
      } catch MethodError.unsupported {
        // What is left may be symmetric where the whole was not, but not the other way round.
        Issue.record("\(label) is declined")
        continue
      }
      let best = leastObjective(instance, with: options.pairs)
      if best == .infinity {
        #expect(report.termination == .infeasible && report.incumbent == nil, "\(label)")
        continue
      }
      let slack = family.isIntegral ? 0 : 1e-9 * max(1, abs(best))
      if let incumbent = report.incumbent {
        #expect(
          options.pairs.allSatisfy { incumbent.assignment[$0.facility] == $0.location }, "\(label)")
        #expect(incumbent.objective >= best - slack, "\(label)")
        #expect(incumbent.objective == instance.objective(of: incumbent.assignment), "\(label)")
        if searches { #expect(incumbent.objective <= best + slack, "\(label)") }
      }
      if let bound = report.bound { #expect(bound.value <= best + slack, "\(label)") }
    }
  }

  @Test(arguments: ids)
  func startsAreTakenAndChecked(_ id: String) throws {
    let instance = Family.symmetric.instance(size: 9, seed: 2)
    var options = Self.options(id)
    let start = try #require(Assignment(locations: [8, 7, 6, 5, 4, 3, 2, 1, 0]))
    options.start = start
    let report = try instance.solve(with: Self.method(id), options: options)
    let incumbent = try #require(report.incumbent)
    #expect(incumbent.objective <= instance.objective(of: start))
    let (other, allowed) = instance.forbiddingSome(seed: 3)
    options.start = allowed
    let allowing = try other.solve(with: Self.method(id), options: options)
    #expect(allowing.incumbent.map { other.allows($0.assignment) } == true)
    #expect((allowing.incumbent?.objective ?? .infinity) <= other.objective(of: allowed))
    options.start = Assignment(locations: [1, 0])
    #expect(throws: MethodError.self) {
      try instance.solve(with: Self.method(id), options: options)
    }
  }

  /// A run that is asked to stop before it begins says so, and so does one whose time is over.
  @Test(arguments: ids)
  func limitsAreKept(_ id: String) throws {
    let registered = try #require(MethodRegistry.method(id))
    let family: Family = registered.info.supportsAsymmetry ? .asymmetric : .symmetric
    let plain = family.instance(size: min(40, registered.info.maxSize ?? 40), seed: 4)
    try #require(registered.info.supports(plain))
    for instance in [plain, plain.forbiddingSome(seed: 1).instance] {
      let interruption = Interruption()
      interruption.request()
      let stopped = try instance.solve(
        with: Self.method(id), options: SolveOptions(stop: interruption.criterion, threads: 2))
      #expect(stopped.termination == .interrupted, "\(id)")
      // An injected clock that leaps a second at every look.
      let ticks = AtomicCounter()
      let timed = try instance.solve(
        with: Self.method(id),
        options: SolveOptions(
          limits: Limits(time: .seconds(20)), threads: 2, clock: { Double(ticks.next()) }))
      // These have a single step, which ends before the clock is asked again.
      let single = ["gilmore-lawler", "projection", "kaufman-broeckx", "xia-yuan"].contains(id)
      // A descent from an allowed assignment may be short.
      let isShort = !instance.forbidden.isEmpty && timed.termination == .stalled
      #expect(isShort || timed.termination == (single ? .stalled : .time), "\(id)")
    }
  }

  /// Work limits are exact, and the work is the same for any number of threads.
  @Test(arguments: ids)
  func workLimitsAreExact(_ id: String) throws {
    let info = try #require(MethodRegistry.method(id)).info
    let family: Family = info.supportsAsymmetry ? .asymmetric : .symmetric
    var runs = 0
    for n in [14, 26, 12] where n <= info.maxSize ?? n {
      let plain = family.instance(size: n, seed: 4)
      let instance = n > 12 ? plain : plain.forbiddingSome(seed: 2).instance
      guard info.supports(instance) else { continue }
      runs += 1
      for limit in [1, 2, 7, 300] where id != "rlt1-lp" || n == 14 {
        let reports = try [1, 3].map {
          try instance.solve(
            with: Self.method(id), options: Self.options(id, $0, iterations: limit))
        }
        for report in reports {
          let text = "\(id) n = \(n): \(report.iterations) of \(limit), \(report.termination)"
          #expect(report.iterations <= limit, "\(text)")
          if ![.stalled, .optimal].contains(report.termination) {
            #expect(report.iterations == limit && report.termination == .iterations, "\(text)")
          }
        }
        #expect(reports[0].iterations == reports[1].iterations, "\(id) n = \(n), \(limit)")
        #expect(reports[0].incumbent == reports[1].incumbent, "\(id) n = \(n), \(limit)")
      }
    }
    #expect(runs >= 2, "\(id): \(runs) instances")
  }

  /// Nodes are counted as exactly, at the top of a tree as below it.
  @Test func nodeLimitsAreExact() throws {
    for (family, n) in [(Family.symmetric, 12), (.asymmetric, 16), (.symmetric, 18)] {
      let plain = family.instance(size: n, seed: 9)
      let instance = n == 16 ? plain.forbiddingSome(seed: 1).instance : plain
      for limit in [1, 5, 60, 700] {
        let reports = try [1, 2, 3].map {
          try instance.solve(
            with: Self.method("branch-and-bound"),
            options: SolveOptions(limits: Limits(nodes: limit), seed: 5, threads: $0))
        }
        for report in reports {
          #expect(report.nodes <= limit, "n = \(n): \(report.nodes) of \(limit)")
          #expect([.nodes, .optimal].contains(report.termination), "\(report.termination)")
          #expect(report.nodes == reports[0].nodes && report.bound == reports[0].bound)
        }
      }
    }
  }

  @Test(arguments: ids)
  func historiesOnlyImprove(_ id: String) throws {
    for seed in [6, 7] as [UInt64] {
      let plain = Family.symmetric.instance(size: seed == 6 ? 15 : 9, seed: seed)
      let instance = seed == 6 ? plain : plain.forbiddingSome(seed: seed).instance
      let report = try instance.solve(with: Self.method(id), options: Self.options(id))
      for (before, after) in zip(report.trace, report.trace.dropFirst()) {
        #expect(before.seconds <= after.seconds, "\(id)")
        if let a = before.objective { #expect((after.objective ?? .infinity) <= a, "\(id)") }
        if let a = before.bound { #expect((after.bound ?? -.infinity) >= a, "\(id)") }
      }
      if let last = report.trace.last {
        #expect(last.objective == report.incumbent?.objective && last.bound == report.bound?.value)
      }
    }
  }

  @Test(arguments: ids)
  func targetsEndARun(_ id: String) throws {
    for seed in [8, 9] as [UInt64] {
      let plain = Family.symmetric.instance(size: seed == 8 ? 12 : 8, seed: seed)
      let instance = seed == 8 ? plain : plain.forbiddingSome(seed: seed).instance
      let free = try instance.solve(with: Self.method(id), options: Self.options(id))
      guard let found = free.incumbent?.objective else {
        #expect(MethodRegistry.method(id)?.info.output == .bound, "\(id)")
        continue
      }
      let report = try instance.solve(
        with: Self.method(id), options: Self.options(id, target: found))
      #expect((report.incumbent?.objective ?? .infinity) <= found, "\(id)")
    }
  }
}
