import QAP

extension LogTable {
  /// Prints the subset problem and the run, and the table's head.
  public func begin(
    _ problem: SubsetProblem, best: Int, seed: UInt64, threads: Int, sense: Sense = .min
  ) {
    let kind = problem.costs.isSymmetric ? "symmetric" : "asymmetric"
    begin([
      "\(problem.name): \(problem.size) of \(problem.items) items, \(kind), "
        + (problem.lattice == nil ? "real" : "integral") + (sense == .min ? "" : ", maximized"),
      (best == 1 ? "the best subset" : "the \(best) best subsets") + ", seed \(seed)"
        + (timeless ? "" : ", threads \(threads)"),
    ])
  }

  /// Prints the reason why a run on a subset problem ended, and its work.
  public func end(_ report: SubsetReport) {
    end(
      report.termination.sentence(report.rule),
      work: "\(Wording.fixed(report.seconds, 2)) s, \(Wording.count(report.moves)) moves, "
        + "\(Wording.count(report.nodes)) nodes, \(Wording.count(report.iterations)) steps")
  }
}
