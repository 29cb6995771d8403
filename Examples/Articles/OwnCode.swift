import Foundation
import QAPKit
import Testing

/// Costs of a slope: placing two facilities on the wrong side of each other costs their distance.
struct SlopeCosts: CostTensor {
  let heights: [Double]

  var size: Int { heights.count }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    for k in 0..<size {
      for l in 0..<size { block[k * size + l] = cost(i, j, k, l) }
    }
  }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    (i < k) == (j < l) ? 0 : abs(heights[j] - heights[l])
  }
}

/// Random assignments: the least that a method can be.
struct RandomSearch: Method {
  static let info = MethodInfo(
    id: "random", summary: "uniformly random assignments", paper: "none", output: .assignment,
    iteration: "one assignment", supportsTensors: true, isRelabelingInvariant: false)

  func run(_ context: SolveContext) throws -> Termination {
    var generator = SeededGenerator(seed: context.seed)
    for _ in 0..<1000 {
      if let reason = context.stopReason() { return reason }
      context.offer(Assignment(Permutation(randomOf: context.instance.size, using: &generator)))
      context.count(iterations: 1)
    }
    return .iterations
  }
}

/// What the articles for programmers show.
@Suite struct OwnCodeExamples {
  init() { goToCheckout() }

  @Test func readme() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let report = try instance.solve(limits: Limits(time: .seconds(10)))
    if let objective = report.objective, let bound = report.bound?.value {
      print(objective, bound, report.status)  // 578.0 578.0 optimal
    }
    print(report.locations ?? [])  // facility → location, from 0
    #expect(report.objective == 578 && report.isProvenOptimal)
  }

  @Test func matrices() throws {
    let flow = Matrix<Double>(rows: 3, columns: 3, elements: [0, 5, 2, 5, 0, 3, 2, 3, 0])
    let distance = Matrix<Double>(rows: 4, columns: 4) { j, l in Double(abs(j - l)) }
    let instance = try Instance(name: "line", flow: flow, distance: distance)
    let report = try instance.solve()
    print(instance.facilities, instance.size)  // 3 4: one location stays empty
    print(report.locations ?? [])
    #expect(report.isProvenOptimal && report.incumbent?.objective == 24)
  }

  @Test func ownTensor() throws {
    let costs = SlopeCosts(heights: [3, 1, 4, 1.5, 9, 2.6])
    let instance = try Instance(name: "slope", cost: .tensor(costs))
    let report = try instance.solve(with: AnnealedAscent(), options: SolveOptions(threads: 2))
    print(report.incumbent?.objective ?? .nan, report.bound?.value ?? .nan)
    #expect(report.incumbent?.objective == 0)
  }

  @Test func ownMethod() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let report = try instance.solve(with: RandomSearch(), options: SolveOptions(seed: 7))
    print(report.method, report.incumbent?.objective ?? .nan, report.iterations)
    #expect(report.iterations == 1000 && report.bound == nil)
  }

  @Test func progress() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug20.dat")
    let interruption = Interruption()
    let options = SolveOptions(
      limits: Limits(time: .seconds(10), gap: 0.2), stop: interruption.criterion, threads: 2,
      observer: { event in
        switch event {
        case .incumbent(let status, let source):
          print("\(source) found \(status.objective ?? .nan) after \(status.seconds) s")
        case .bound(let status, let source):
          print("\(source) proved \(status.bound ?? .nan) after \(status.seconds) s")
        case .working: break
        case .note(let text): print(text)
        }
      })
    // From another thread, such as a button's: interruption.request()
    let report = try instance.solve(with: Automatic(), options: options)
    print(report.termination)
    #expect(report.termination == .gap)
  }

  @Test func progressOfATask() async throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug30.dat")
    let task = Task {
      let run = instance.solving(limits: Limits(time: .seconds(600)))
      for await event in run.events {
        if case .incumbent(let status, let source) = event {
          print(source, status.objective ?? .nan)
        }
      }
      return try await run.report
    }
    try await Task.sleep(for: .seconds(1))
    task.cancel()
    let report = try await task.value
    #expect(report.status == .interrupted && report.objective != nil && report.seconds < 600)
  }

  @Test func catalog() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    for registered in MethodRegistry.methods where registered.info.output == .assignment {
      let method = registered.make(MethodOptions())
      let report = try instance.solve(with: method)
      print(registered.info.id, report.incumbent?.objective ?? .nan)
    }
  }

  @Test func certificate() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let report = try instance.solve(
      with: HahnGrant(.init(rounds: 10)), options: SolveOptions(keepsProof: true))
    if let certificate = report.certificate {
      try CertificateFile.write(certificate, to: folder + "/own.cert")
    }

    let certificate = try CertificateFile.read(folder + "/own.cert")
    let verdict = check(certificate, of: instance)
    print(verdict.kind, verdict.rounded, verdict.fault ?? "holds")
    #expect(verdict.holds)
  }

  @Test func objectives() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let solution = try SolutionFile.read("Instances/qaplib/nug12.sln")
    for found in try solution.resolve(against: instance) {
      let verdict = checkObjective(
        of: found.assignment, in: instance, claimed: found.claimed ?? found.objective)
      print(found.objective, found.orientation, verdict.holds)
    }
    #expect(try solution.resolve(against: instance).map(\.objective) == [578])
  }
}
