import QAP
import QAPAutomatic
import QAPPrimitives
import RandomInstances
import Synchronization
import Testing

@Suite struct AutomaticTests {
  /// What a run says, and whose assignments it took.
  private func run(
    size: Int, limits: Limits = Limits()
  ) throws -> (report: SolveReport, notes: [String]) {
    let notes = Mutex<[String]>([])
    let report = try Family.symmetric.instance(size: size, seed: 3).solve(
      with: Automatic(),
      options: SolveOptions(
        limits: limits, seed: 1, threads: 2,
        observer: { event in
          if case .note(let text) = event { notes.withLock { $0.append(text) } }
        }))
    return (report, notes.withLock { $0 })
  }

  @Test func saysWhatItChoseAndWhy() throws {
    let small = try run(size: 12)
    #expect(small.notes.first?.contains("n = 12") == true, "\(small.notes)")
    #expect(small.notes.first?.contains("tabu, then bounds") == true, "\(small.notes)")
    let large = try run(size: 40, limits: Limits(iterations: 3000))
    #expect(large.notes.first?.contains("memetic") == true, "\(large.notes)")
  }

  /// With a target the search has all of the time, and stops where it should.
  @Test func targetsGetAllOfTheTime() throws {
    let free = try run(size: 33, limits: Limits(iterations: 20_000))
    let found = try #require(free.report.incumbent?.objective)
    let (report, notes) = try run(
      size: 33, limits: Limits(time: .seconds(60), target: found))
    #expect(report.termination == .target)
    #expect(try #require(report.incumbent).objective <= found)
    #expect(notes.first?.contains("memetic to the end: a target is set") == true, "\(notes)")
  }

  /// A caller's own criterion is seen by every phase.
  @Test func aCallersCriterionEndsTheRun() throws {
    let report = try Family.symmetric.instance(size: 26, seed: 3).solve(
      with: Automatic(),
      options: SolveOptions(
        stop: { $0.bound != nil && $0.iterations > 2000 ? .interrupted : nil }, seed: 1,
        threads: 2))
    #expect(report.termination == .interrupted)
    #expect(report.bound != nil && report.incumbent != nil)
  }

  @Test func boundsAloneEndByThemselves() throws {
    var parameters = Automatic.Parameters()
    parameters.seeksAssignments = false
    let report = try Family.symmetric.instance(size: 9, seed: 3).solve(
      with: Automatic(parameters), options: SolveOptions(threads: 2))
    #expect(report.termination == .optimal)
  }

  @Test func iterationsEndARunWithATimeLimit() throws {
    let (report, _) = try run(size: 33, limits: Limits(time: .seconds(60), iterations: 5000))
    #expect(report.seconds < 60 && report.termination != .time)
  }
}
