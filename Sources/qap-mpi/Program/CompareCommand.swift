import ArgumentParser
import Foundation
import QAP
import QAPBranchAndBound
import QAPDistribution
import QAPFrontend
import QAPReporting

/// `qap-mpi compare`: the runs of a comparison, spread over ranks.
struct CompareCommand: DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare methods over instances and seeds, one run per rank at a time.",
    discussion: """
      The options, the state file, the table, the CSV, the report and the JSON are those of 'qap \
      compare'. --threads is the number of threads of each run: use 1 with one rank per core.

      Example:
        mpirun -n 64 qap-mpi compare pairs/*.npz --methods faq,tabu --seeds 20 --threads 1 --state \
        runs
      """)

  @OptionGroup var options: SweepOptions

  func coordinate(_ world: World) throws {
    let sweep = try ComparisonSweep(options)
    let known = try sweep.finishedRuns()
    var runs: [ComparisonRun?] = sweep.jobs.map { job in
      guard var held = known[sweep.planned(job).key] else { return nil }
      held.bestKnown = job.bestKnown
      return held
    }
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    let missing = runs.indices.filter { runs[$0] == nil }
    var done = runs.count - missing.count
    let coordinator = JobCoordinator(missing, over: world, interruption: interruption) {
      [UInt8](try jsonText(try sweep.perform(sweep.jobs[$0], $1)))
    }
    try coordinator.run(
      tick: {},
      finished: { index, bytes in
        let run = try JSONDecoder().decode(ComparisonRun.self, from: Data(bytes))
        runs[index] = run
        done += 1
        if !interruption.isRequested { try sweep.keep(run) }
        sweep.tell(run, done)
      })
    withExtendedLifetime(watch) {}
    try sweep.publish(runs.compactMap { $0 })
  }

  func work(_ world: World) throws {
    // Answers go to rank 0, which writes them.
    var quiet = options
    (quiet.report, quiet.csv, quiet.json, quiet.state) = (nil, nil, nil, nil)
    quiet.external = []
    let sweep = Result { try ComparisonSweep(quiet) }
    Worker(over: world, explain: explain).serve(
      instance: { throw Failure.verification("internal error: a comparison searches no tree") },
      parameters: .init(), threads: 1,
      perform: {
        let sweep = try sweep.get()
        return [UInt8](try jsonText(try sweep.perform(sweep.jobs[$0], $1)))
      })
  }
}
