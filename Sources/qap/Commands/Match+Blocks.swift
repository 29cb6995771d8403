import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPRegistry

extension Match {
  /// True for many rows whose kernels are inner products, where nothing is asked for that takes
  /// the kernels themselves.
  func matchesByBlocks(_ sides: SidesOptions.Sides, _ matching: MatchingOptions) -> Bool {
    let (source, target) = matching.participants(sides.source, sides.target)
    let needsKernels =
      instance != nil || similarities != nil || keep != nil || ranking.wanted > 1
      || search.goal.gap != nil || options.needsInstance
    return max(source, target) >= FactoredProblem.minSize && search.method == "auto"
      && FactoredProblem.applies(matching) && !needsKernels
  }

  /// Matches by blocks, without kernels.
  func answerByBlocks(
    _ sides: SidesOptions.Sides, _ matching: MatchingOptions, truth: [Int?]?, others: [[Int?]],
    _ interruption: Interruption
  ) throws -> MatchAnswer {
    let rows = matching.participants(sides.source, sides.target)
    try AvailableMemory.require(
      FactoredProblem.bytes(
        rows: rows, features: (sides.source.features, sides.target.features),
        threads: options.threadCount),
      for: "match", size: max(rows.0, rows.1), alternative: "--rows with fewer rows")
    let log = StepLog(isQuiet: options.quiet)
    log.step("matching \(rows.0) and \(rows.1) rows by blocks; kernels and margins are left out")
    let problem = try FactoredProblem(
      source: sides.source, target: sides.target, options: matching)
    let watch = SignalWatch { interruption.request() }
    let report = try problem.solve(
      name: name, options: options.solveOptions(search.goal, stop: interruption),
      shouldStop: { interruption.isRequested }, progress: { log.progress($0) })
    withExtendedLifetime(watch) {}
    return MatchAnswer(
      report: report,
      outcome: MatchOutcome(
        report.incumbent?.assignment, problem: problem, truth: truth, others: others),
      sides: sides, keep: nil)
  }
}
