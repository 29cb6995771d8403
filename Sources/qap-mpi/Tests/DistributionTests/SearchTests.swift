import Foundation
import QAP
import QAPBranchAndBound
import QAPDistribution
import QAPLocalSearch
import QAPPrimitives
import RandomInstances
import Synchronization
import Testing

/// A checkpoint in memory.
final class Store: CheckpointStore {
  private let state = Mutex<SearchState?>(nil)
  var held: SearchState? { state.withLock { $0 } }
  func load(_ instance: Instance) throws -> SearchState? { held }
  func save(_ new: SearchState, _ instance: Instance) throws { state.withLock { $0 = new } }
}

/// Solves with a number of ranks, threads of this process, that talk to each other as processes
/// would.
func solve(
  _ instance: Instance, ranks: Int, _ parameters: BranchAndBound.Parameters = .init(),
  options: SolveOptions = SolveOptions(), recorder: Recorder? = nil, runNodes: Int? = nil,
  worker: (@Sendable () throws -> Instance)? = nil
) throws -> SolveReport {
  let network = LocalNetwork(size: ranks)
  let workers = DispatchGroup()
  for rank in 1..<max(1, ranks) {
    workers.enter()
    Thread.detachNewThread {
      let transport = network.transport(of: rank)
      Worker(over: transport, explain: { ("\($0)", 1) }).serve(
        instance: worker ?? { instance }, parameters: parameters, threads: 1,
        perform: { _, _ in [] })
      transport.send(.farewell, to: 0)
      workers.leave()
    }
  }
  let transport = network.transport(of: 0)
  defer {
    #expect(transport.dismiss(within: 120))
    workers.wait()
  }
  return try instance.solve(
    with: DistributedSearch(
      parameters, over: transport, recorder: recorder, secondsBetweenSaves: 0, runNodes: runNodes),
    options: options)
}

@Suite struct SearchTests {
  /// A search that is nearly all tree, in tiny runs.
  static let stressed = BranchAndBound.Parameters(
    rounds: 1, startRounds: 1, rootRounds: 1, rootSweeps: 1, patience: 0, batch: 3,
    nodesPerSubproblem: 5, maxOpen: 6, tabuIterations: 1)

  @Test(arguments: Family.allCases)
  func fourRanksFindTheOptimumOfEverySmallInstance(_ family: Family) throws {
    for seed in 0..<14 as Range<UInt64> {
      let n = 1 + Int(seed % 7)
      if family.isTensor, n > 6 { continue }
      let plain = family.instance(size: n, seed: 5000 + seed)
      let instance = seed % 3 == 2 ? plain.forbiddingSome(seed: seed).instance : plain
      let best = leastObjective(instance)
      let slack = family.isIntegral ? 0 : 1e-6 * max(1, abs(best))
      for parameters in [BranchAndBound.Parameters(), Self.stressed] {
        let report = try solve(instance, ranks: 4, parameters)
        #expect(report.isProvenOptimal, "\(instance.name): \(report.termination)")
        let found = try #require(report.incumbent?.objective)
        #expect(abs(found - best) <= slack, "\(instance.name): \(found), not \(best)")
        #expect(try #require(report.bound).unrounded <= best, "\(instance.name)")
        #expect(report.figures["ranks"] == 4)
      }
    }
  }

  @Test func theNumberOfRanksChangesNeitherOptimumNorStatus() throws {
    for seed in 0..<4 as Range<UInt64> {
      let instance = Family.symmetric.instance(size: 10, seed: 300 + seed)
      let alone = try instance.solve(with: BranchAndBound(Self.stressed))
      for ranks in [1, 2, 4, 8] {
        let report = try solve(
          instance, ranks: ranks, Self.stressed, runNodes: ranks % 4 == 0 ? 60 : nil)
        #expect(report.incumbent?.objective == alone.incumbent?.objective)
        #expect(report.bound?.value == alone.bound?.value && report.isProvenOptimal)
      }
    }
  }

  /// A search interrupted again and again, by another number of ranks each time, ends with the same
  /// answer.
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
      report = try solve(
        instance, ranks: 1 + runs % 4, parameters,
        options: SolveOptions(limits: Limits(nodes: done + 10)))
      #expect(store.held != nil)
    } while !report.isProvenOptimal && runs < 400
    #expect(report.isProvenOptimal && runs > 1, "\(runs) runs")
    let expected = try #require(whole.incumbent?.objective)
    let found = try #require(report.incumbent?.objective)
    #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)))
    // Nothing is left for the one-machine search either, which takes the same file up.
    #expect(store.held?.open.isEmpty == true)
  }

  @Test func limitsHoldAndBoundsStayTrue() throws {
    let instance = Family.symmetric.instance(size: 11, seed: 5)
    let whole = try instance.solve(with: BranchAndBound(Self.stressed))
    let best = try #require(whole.incumbent?.objective)
    for nodes in [1, 30, 100] {
      let report = try solve(
        instance, ranks: 3, Self.stressed,
        options: SolveOptions(limits: Limits(nodes: nodes)))
      #expect(report.termination == .nodes || report.isProvenOptimal)
      #expect(try #require(report.bound).unrounded <= best)
      #expect(try #require(report.incumbent).objective >= best)
    }
  }

  @Test func aRankWithAnotherInstanceEndsTheSearch() throws {
    let instance = Family.asymmetric.instance(size: 9, seed: 1)
    let other = Family.asymmetric.instance(size: 9, seed: 2)
    let error = #expect(throws: DistributionError.self) {
      // Long enough for the worker to speak up.
      var parameters = Self.stressed
      parameters.nodesPerSubproblem = 1
      parameters.batch = 100_000
      while true {
        _ = try solve(instance, ranks: 2, parameters, worker: { other })
      }
    }
    #expect(error?.description.contains("is not the one that rank 0 has read") == true)
  }

  @Test func recordsReadBackAndReplay() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID().uuidString).subtrees"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let instance = Family.symmetric.instance(size: 10, seed: 301)
    let report = try solve(
      instance, ranks: 2, Self.stressed, recorder: Recorder(path: path, instance: "a\nb"))
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let recording = try SubtreeRecording(text, file: path)
    #expect(recording.instance == "a b" && recording.text == text)
    #expect(recording.subtrees.reduce(0) { $0 + $1.nodes } == report.nodes)
    #expect(recording.subtrees.count == Int(report.figures["reports"] ?? 0))
    // Everything is replayed, whatever the number of ranks.
    let work = recording.subtrees.reduce(0) { $0 + $1.seconds }
    for ranks in [1, 3, 50] {
      let outcome = Simulation(recording).run(Simulation.Settings(ranks: ranks))
      #expect(abs(outcome.work - work) <= 1e-9 * work)
      #expect(outcome.seconds >= work / Double(ranks))
    }
    for cut in stride(from: 0, to: text.utf8.count - 5, by: 97) {
      #expect(throws: (any Error).self) {
        try SubtreeRecording(String(decoding: text.utf8.prefix(cut), as: UTF8.self), file: "x")
      }
    }
  }
}

@Suite struct SeedTests {
  @Test func seedsDoNotDependOnRanks() throws {
    let instance = Family.symmetric.instance(size: 14, seed: 9)
    let method = RobustTabu(.init(iterations: 400))
    var reports: [SolveReport] = []
    for ranks in [1, 3] {
      let network = LocalNetwork(size: ranks)
      let workers = DispatchGroup()
      for rank in 1..<ranks {
        workers.enter()
        Thread.detachNewThread {
          Worker(over: network.transport(of: rank), explain: { ("\($0)", 1) }).serve(
            instance: { instance }, parameters: .init(), threads: 1,
            perform: { index, interruption in
              try SeedAnswer(
                instance, method,
                SolveOptions(stop: interruption.criterion, seed: 4 + UInt64(index))
              ).encoded
            })
          workers.leave()
        }
      }
      let transport = network.transport(of: 0)
      reports.append(
        try instance.solve(
          with: DistributedSeeds(method, seeds: 7, over: transport), options: SolveOptions(seed: 4))
      )
      transport.broadcast(.finish)
      workers.wait()
    }
    #expect(reports[0].incumbent == reports[1].incumbent)
    #expect(reports[0].iterations == reports[1].iterations && reports[0].termination == .iterations)
    let single = try (4..<11 as Range<UInt64>).map {
      try instance.solve(with: method, options: SolveOptions(seed: $0)).incumbent?.objective ?? 0
    }
    #expect(reports[0].incumbent?.objective == single.min())
  }
}
