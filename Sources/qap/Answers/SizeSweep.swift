import QAP
import QAPFrontend
import QAPMatching
import QAPPrimitives
import QAPRegistry
import QAPReporting
import QAPSubsetSelection

/// `qap match --sizes`: how accurate matches are as the number of rows grows. For each size the
/// subsets whose true pairs agree best are matched, blind, from several seeds.
struct SizeSweep {
  let sizes: [Int]
  let subsets: Int
  let seeds: Int
  let sides: SidesOptions.Sides
  let truth: [Int]
  let matching: MatchingOptions
  let options: RunOptions
  let registered: RegisteredMethod
  let interruption: Interruption

  /// One match.
  struct Entry: Encodable {
    let subset: Int
    let seed: UInt64
    let accuracy: Double
    let objective: Double
    let truthObjective: Double?
    let limit: MatchLimit?
    let bound: Double?
    let gap: Double?
    let termination: String
    let seconds: Double

    enum CodingKeys: String, CodingKey {
      case subset, seed, accuracy, objective, limit, bound, gap, termination, seconds
      case truthObjective = "truth_objective"
    }
  }

  /// All matches of one size.
  struct Row: Encodable {
    let size: Int
    let accuracy: Double
    let accuracyDeviation: Double
    let proven: Double
    /// The share of matches at least as good as the true pairing.
    let truthReached: Double
    let subsets: [[Int]]
    let subsetsProven: Bool
    let runs: [Entry]

    enum CodingKeys: String, CodingKey {
      case size, accuracy, proven, subsets, runs
      case accuracyDeviation = "accuracy_deviation"
      case subsetsProven = "subsets_proven"
      case truthReached = "truth_reached"
    }
  }

  /// Chooses and matches; what an interruption leaves is returned.
  func run() throws -> [Row] {
    try SubsetOptions.requireKernels(
      matching, rows: sides.source.rows, for: "match --sizes", alternative: "--rows with fewer rows"
    )
    // The whole of both sides, the target's rows in the order of the source's.
    let x = try matching.kernel(of: sides.source)
    let y = try matching.kernel(of: sides.target, rows: truth)
    let losses = matching.metric.pairLosses(x, y)
    if !options.quiet {
      Console.error("size  subset  seed  accuracy       objective           bound      gap    Time")
    }
    var rows: [Row] = []
    for size in sizes {
      let choice = try choose(losses, size: size)
      if !options.quiet {
        Console.error(
          "\(choice.subsets.count) subsets of \(size): "
            + (choice.isComplete ? "proven best" : "not proven best"))
      }
      var runs: [Entry] = []
      for (index, subset) in choice.subsets.enumerated() {
        for seed in 0..<seeds where !interruption.isRequested {
          guard
            let entry = try match(
              subset.indices, index: index, seed: options.seed &+ UInt64(seed))
          else { continue }
          runs.append(entry)
          log(entry, size: size)
        }
      }
      if !runs.isEmpty {
        rows.append(summary(size, choice, runs))
      }
      if interruption.isRequested { break }
    }
    return rows
  }

  private func choose(_ losses: Matrix<Double>, size: Int) throws -> SubsetReport {
    let problem = try SubsetProblem(name: "subsets of \(size)", costs: losses, size: size)
    return try SubsetSelection(.init(best: subsets)).solve(problem, options: runOptions)
  }

  /// Each run has the whole of the limits, from its own beginning on.
  private var runOptions: SolveOptions {
    var result = options.solveOptions(stop: interruption)
    result.origin = nil
    return result
  }

  /// Matches some rows of the source to theirs of the target.
  private func match(_ rows: [Int], index: Int, seed: UInt64) throws -> Entry? {
    var matching = matching
    matching.sourceQueries = rows
    matching.targetQueries = rows.map { truth[$0] }
    matching.seed = seed
    let problem = try MatchingProblem(
      source: sides.source, target: sides.target, options: matching)
    var session = try SolveSession(
      problem.instance, sense: problem.metric.isMaximized ? .max : .min, isNegated: true,
      registered: registered, options: runOptions, methodOptions: options.methodOptions)
    session.options.seed = seed
    let report = try session.solve()
    guard let incumbent = report.incumbent else { return nil }
    let outcome = MatchOutcome(
      incumbent.assignment, problem: problem, truth: truth, hasMargins: false)
    return Entry(
      subset: index, seed: seed, accuracy: outcome.accuracy ?? 0,
      objective: incumbent.objective, truthObjective: outcome.truthObjective,
      limit: outcome.limit,
      bound: (report.bound?.value).flatMap { $0.isFinite ? $0 : nil },
      gap: report.gap.flatMap { $0.isFinite ? $0 : nil },
      termination: report.termination.rawValue, seconds: report.seconds)
  }

  private func log(_ entry: Entry, size: Int) {
    if options.quiet { return }
    Console.error(
      columns([
        ("\(size)", 4), ("\(entry.subset)", 8), ("\(entry.seed)", 6),
        (Wording.fixed(100 * entry.accuracy, 1) + "%", 10), (Wording.value(entry.objective), 16),
        (Wording.value(entry.bound), 16), (Wording.gap(entry.gap), 9),
        options.timelessLog ? ("", 0) : (Wording.fixed(entry.seconds, 1) + "s", 8),
      ]))
  }

  private func summary(_ size: Int, _ choice: SubsetReport, _ runs: [Entry]) -> Row {
    let count = Double(runs.count)
    let mean = runs.reduce(0) { $0 + $1.accuracy } / count
    let square = runs.reduce(0) { $0 + ($1.accuracy - mean) * ($1.accuracy - mean) }
    return Row(
      size: size, accuracy: mean,
      accuracyDeviation: runs.count > 1 ? (square / (count - 1)).squareRoot() : 0,
      proven: Double(runs.count { $0.termination == Termination.optimal.rawValue }) / count,
      truthReached: Double(runs.count { $0.limit != .search }) / count,
      subsets: choice.subsets.map(\.indices),
      subsetsProven: choice.termination == .optimal && choice.isComplete, runs: runs)
  }
}
