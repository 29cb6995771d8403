import QAPDistribution
import Testing

@Suite struct SimulationTests {
  /// `count` runs of a second each that the first one leaves.
  private func flat(_ count: Int) -> SubtreeRecording {
    SubtreeRecording(
      instance: "flat", secondsPerReport: 0,
      subtrees: [SubtreeRecord(id: 0, parent: -1, depth: 0, bound: 0, nodes: 1, seconds: 1)]
        + (1...count).map {
          SubtreeRecord(id: $0, parent: 0, depth: 1, bound: 0, nodes: 1, seconds: 1)
        })
  }

  @Test func whatCanBeReckonedComesOutSo() {
    let simulation = Simulation(flat(1000))
    for ranks in [1, 2, 10, 100] {
      let outcome = simulation.run(Simulation.Settings(ranks: ranks))
      #expect(outcome.work == 1001)
      // The first alone, then all; some milliseconds of messages.
      let ideal = 1 + (1000.0 / Double(ranks)).rounded(.up)
      #expect(outcome.seconds >= ideal && outcome.seconds < ideal + 0.05, "\(ranks) ranks")
    }
    var shared = Simulation.Settings(ranks: 4)
    shared.cores = 2
    #expect(abs(simulation.run(shared).seconds - 2 * (1 + 250)) < 0.1)
  }

  /// A chain has no work for a second rank.
  @Test func aChainIsNoFasterOnManyRanks() {
    let chain = SubtreeRecording(
      instance: "chain", secondsPerReport: 0,
      subtrees: (0..<50).map {
        SubtreeRecord(id: $0, parent: $0 - 1, depth: $0, bound: 0, nodes: 1, seconds: 0.1)
      })
    let outcome = Simulation(chain).run(Simulation.Settings(ranks: 16))
    #expect(outcome.seconds > 5 && outcome.seconds < 5.2)
  }

  @Test func aSlowLeaderIsSaturated() {
    let simulation = Simulation(flat(20_000))
    #expect(abs(simulation.saturation(secondsPerReport: 0.01) - 100) < 1e-9)
    var settings = Simulation.Settings(ranks: 400)
    settings.secondsPerReport = 0.01
    let outcome = simulation.run(settings)
    #expect(outcome.coordinatorShare > 0.95 && outcome.speedup < 105 && outcome.speedup > 90)
    settings.ranks = 20
    #expect(simulation.run(settings).speedup > 19)
  }

  @Test func copiesAreMoreOfTheSame() {
    var settings = Simulation.Settings(ranks: 8)
    settings.copies = 5
    #expect(Simulation(flat(10)).run(settings).work == 55)
  }
}
