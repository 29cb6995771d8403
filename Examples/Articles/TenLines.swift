import Foundation
import QAPKit
import Testing

// The ten-line programs of the README, one for each kind of reader.

@Suite struct TenLines {
  @Test func solvesMatrices() throws {
    let flow: Matrix<Double> = [[0, 5, 2], [5, 0, 3], [2, 3, 0]]
    let distance: Matrix<Double> = [[0, 1, 2], [1, 0, 1], [2, 1, 0]]
    let instance = try Instance(flow: flow, distance: distance)
    let report = try instance.solve()
    #expect(report.objective == 24)
    #expect(report.bound?.value == 24)
    #expect(report.gap == 0)
    #expect(report.status == .optimal)
    #expect(report.assignment?.size == 3)
    #expect("\(flow)".hasPrefix("0.0 5.0 2.0\n"))
  }

  @Test func refusesArgumentsOutOfRange() throws {
    let instance = try Instance(flow: [[0]], distance: [[0]])
    for threads in [0, -1, 257] {
      #expect(throws: MethodError.self) { try instance.solve(threads: threads) }
    }
    #expect(throws: MethodError.self) { try instance.solve(method: "tabou") }
    #expect(throws: MethodError.self) { try instance.solve(limits: Limits(iterations: 0)) }
    #expect(throws: MethodError.self) { try instance.solve(tolerance: 1) }
  }

  @Test func reportsProgressAsASequence() async throws {
    let instance = try Family.named("grid")!.generate(size: 9).instance
    let run = instance.solving()
    var improvements = 0
    for await event in run.events {
      if case .incumbent = event { improvements += 1 }
    }
    let report = try await run.report
    #expect(report.isProvenOptimal && improvements > 0)
  }

  @Test func cancelingATaskReturnsTheBestSoFar() async throws {
    let instance = try Family.named("taillard-uniform")!.generate(size: 60).instance
    let task = Task { try await instance.solve() }
    try await Task.sleep(for: .seconds(1))
    task.cancel()
    let report = try await task.value
    #expect(report.status == .interrupted && report.objective != nil)
  }

  @Test func matchesEmbeddings() throws {
    let images = try Embeddings([[1, 0, 0.1], [0.9, 0.3, 0], [0, 1, 0.2], [0.1, 0.2, 1]])
    let texts = try Embeddings([[0, 1, 0.2], [0.1, 0.2, 1], [1, 0, 0.1], [0.9, 0.3, 0]])
    let match = try MatchingProblem(images, texts, known: [RowPair(source: 0, target: 2)])
      .solve()
    #expect(match.targets == [2, 3, 0, 1])
    #expect(match.accuracy(against: [2, 3, 0, 1]) == 1)
    #expect(match.status == .optimal && abs(match.value ?? 1) < 1e-9 && match.bound != nil)
  }
}
