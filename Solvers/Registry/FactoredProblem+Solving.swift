import QAP
import QAPMatching

extension FactoredProblem {
  /// The smallest match for which `auto` takes it instead of kernels.
  public static let minSize = MatchStart.maxSize + 1

  /// Matches the rows by blocks, with the usual search for assignments of centers.
  ///
  /// Of a time limit the map may take half; the other half is that of the blocks.
  ///
  /// - Parameters:
  ///   - options: seed, threads, tolerance, clock, and of the limits time and target.
  ///   - shouldStop: asked often, from any thread; the best match so far is the answer then.
  ///   - progress: called with a line about each step, from any thread.
  /// - Returns: the report in the metric's sense; without an assignment where it was stopped before
  ///   there was a map.
  /// - Throws: `InputError` for sides that cannot be clustered.
  public func solve(
    name: String = "match", options: SolveOptions = SolveOptions(),
    shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> SolveReport {
    let monitor = RunMonitor(options)
    let limit = options.limits.time?.seconds
    let half = limit.map { (monitor.seconds + $0) / 2 }
    let wanted = options.limits.target ?? .infinity
    let centers = CenterSearch()
    let found = try match(
      options: TranslationOptions(seed: options.seed, threads: options.threads),
      // A match that meets the bound needs no better one.
      wanted: min(wanted, bound - 2e-9),
      search: { try centers($0, seed: $1, shouldStop: $2) },
      shouldStop: { isMapping in
        shouldStop() || (isMapping ? half : limit).map { monitor.seconds > $0 } ?? false
      }, progress: progress)
    let isWanted = found.map { $0.objective >= wanted } ?? false
    let isComplete = found?.isComplete ?? false
    var described = options
    described.pairs = rows.pairs
    return SolveReport(
      maximizing: name, method: "auto", size: size,
      facilities: min(rows.sourceRows.count, rows.targetRows.count), options: described,
      best: found.map { ($0.assignment, $0.objective) }, bound: bound, mean: meanObjective,
      termination: isWanted
        ? .target : isComplete ? .stalled : shouldStop() ? .interrupted : .time,
      seconds: monitor.seconds, iterations: found?.epochs ?? 0)
  }
}
