import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPReporting
import Synchronization

/// `qap compare`: methods × instances × seeds.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare methods over instances: objectives, bounds, gaps and times.",
    discussion: """
      Runs every method on every instance, --seeds times each (bounding methods once). Best known \
      values come from a file best-known.csv in the folder of the instances or its parent. With \
      --threads 1 as many runs as processors go in parallel; by default each run has the whole \
      machine.

      --state keeps every finished run as a line of JSON, and finished runs are not repeated: a \
      comparison can be interrupted (Ctrl-C) and resumed. '-' for one of --csv, --json and \
      --report is standard output, instead of the table.

      Files may also be finished runs: --json output of 'qap solve', 'bound', 'match' or \
      'classify', or complete comparisons (--json of this command). The report draws matches. \
      Matches of one pair of files in one metric appear side by side if they have the same number \
      of rows.

      --external name=results.csv adds results of other programs ('qap help results' describes the \
      file); programs in Scripts/peers write such files.

      Examples:
        qap compare Instances/qaplib/nug*.dat --methods hahn-grant,rlt1
        qap compare nug20.dat tai20a.dat --seeds 5 --time-limit 60 --report r.html
        qap compare match-auto.json match-faq.json --report matches.html
      """)

  @OptionGroup var options: SweepOptions

  func run() throws {
    try reportingFailures {
      let sweep = try ComparisonSweep(options)
      let (runs, failure) = try make(sweep)
      try sweep.publish(runs)
      if let failure { throw failure }
    }
  }

  /// Makes all runs, those of the state file excepted; after an interruption, or the failure of a
  /// run, what there is.
  private func make(_ sweep: ComparisonSweep) throws -> ([ComparisonRun], Failure?) {
    let jobs = sweep.jobs
    let known = try sweep.finishedRuns()
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    let table = Mutex(
      (runs: [ComparisonRun?](repeating: nil, count: jobs.count), done: 0, failure: Failure?.none))
    let next = Atomic<Int>(0)
    let lanes = min(options.lanes, max(1, jobs.count))
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < jobs.count, !interruption.isRequested else { return }
        let job = jobs[index]
        var planned = sweep.planned(job)
        let held = known[planned.key]
        var failure: Failure?
        do {
          if let held {
            planned = held
            planned.bestKnown = job.bestKnown
          } else {
            planned = try sweep.perform(job, interruption)
          }
        } catch {
          failure = Failure(of: error)
        }
        let finished = planned
        let wasCut = interruption.isRequested
        table.withLock { table in
          if let failure {
            table.failure = table.failure ?? failure
            return interruption.request()
          }
          table.runs[index] = finished
          table.done += 1
          if held == nil {
            if !wasCut {
              do { try sweep.keep(finished) } catch {
                // What cannot be kept would be lost: no further runs, and what there is is
                // published.
                table.failure = table.failure ?? Failure(of: error)
                interruption.request()
              }
            }
            sweep.tell(finished, table.done)
          }
        }
      }
    }
    withExtendedLifetime(watch) {}
    return table.withLock { ($0.runs.compactMap { $0 }, $0.failure) }
  }
}
