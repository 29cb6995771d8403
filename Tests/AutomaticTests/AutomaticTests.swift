import Automatic
import Primitives
import QAP
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
    #expect(small.notes.first?.contains("n = 12 is small") == true, "\(small.notes)")
    #expect(small.notes.first?.contains("tabu, then dual ascent") == true, "\(small.notes)")
    let large = try run(size: 40, limits: Limits(iterations: 3000))
    #expect(large.notes.first?.contains("beyond 30") == true, "\(large.notes)")
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
    #expect(notes.first?.contains("has all of the 60 s, since a target is asked for") == true)
  }

  @Test func timeIsDividedWhereAscentIsWorthIt() throws {
    let (report, notes) = try run(size: 33, limits: Limits(time: .seconds(2)))
    #expect(notes.first?.contains("for 1 of 2 s, then dual ascent") == true, "\(notes)")
    #expect(report.trace.contains { $0.source == "rlt1" || $0.source == "hahn-grant" })
    let large = try run(size: 90, limits: Limits(time: .seconds(0.3)))
    #expect(large.notes.first?.contains("has all of the 0.3 s") == true, "\(large.notes)")
    #expect(large.report.termination == .time)
  }

  @Test func iterationsEndARunWithATimeLimit() throws {
    let (report, _) = try run(size: 33, limits: Limits(time: .seconds(60), iterations: 5000))
    #expect(report.seconds < 60 && report.termination != .time)
  }
}
