extension SolveReport {
  /// Lifts `report` of the smaller instance to the original one.
  init(lifting report: SolveReport, through reduction: ReducedInstance) {
    let original = reduction.original
    let assignment = report.incumbent.map { reduction.lift($0.assignment) }
    self.init(
      instance: report.instance, size: original.size, facilities: original.facilities,
      method: report.method, seed: report.seed,
      threads: report.threads,
      incumbent: assignment.map {
        Incumbent(assignment: $0, objective: original.objective(of: $0))
      },
      bound: report.bound, certified: report.certified, rule: report.rule,
      termination: report.termination, seconds: report.seconds,
      iterations: report.iterations, nodes: report.nodes, trace: report.trace,
      figures: report.figures, pairs: reduction.pairs)
    (forbidden, sites) = (original.forbidden, original.sites)
    ranking = report.ranking?.map(
      {
        let assignment = reduction.lift($0.assignment)
        return Incumbent(
          assignment: assignment, objective: original.objective(of: assignment))
      }, bound: { $0 })
  }
}
