import QAP
import QAPFrontend
import QAPRegistry
import QAPReporting

extension Solve {
  /// The JSON of a sweep over two layers' weights.
  private struct Sweep: Encodable {
    struct Point: Encodable {
      let weights: [Double]
      let objectives: [Double]
      let objective: Double
      let bound: Double?
      let gap: Double?
      let termination: String
      let assignment: [Int]
    }

    let instance: String
    let size: Int
    let method: String
    let seed: UInt64
    let threads: Int
    let sense: String
    let pareto: [Point]
    let runs: Int
    let complete: Bool
    let seconds: Double
    let version: String
  }

  /// Solves weighted sums of two layers and lists the assignments that no other beats in both.
  func runPareto(_ most: Int) throws {
    for (name, isGiven) in [
      ("--bottleneck", bottleneck), ("--best or --unique", ranking.wanted > 1),
      ("--target", search.goal.target != nil), ("--start", options.start != nil),
      ("--checkpoint", options.checkpoint != nil), ("--certificate", options.certificate != nil),
      ("--output", output != nil), ("--outliers", layers.outliers != nil),
    ] where isGiven {
      throw Failure.usage("\(name) does not apply with --pareto")
    }
    var options = options
    let stated = try layers.readTwo(file)
    if stated.sense == .max { options.maximize = true }
    let sense = options.sense
    let asStated = try placements.apply(to: stated.first)
    let given = sense == .max ? asStated.negated : asStated
    let registered = try options.registered(search.method)
    guard registered.info.output != .bound else {
      throw Failure.usage("--pareto needs a method that finds assignments, such as auto")
    }
    try options.requireMeaning(registered, goal: search.goal)
    try requireOutputs(["--json": options.json.path], from: [file])
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    var runs = 0
    let outcome = try ParetoSweep(
      given, sense == .max ? stated.second.negated : stated.second
    ).run(atMost: most) { weighted, left in
      if interruption.isRequested { return nil }
      var solving = options.solveOptions(search.goal, stop: interruption)
      if let time = options.timeLimit {
        let now = RunClock.seconds()
        if runs > 1, now >= time { return nil }
        solving.limits.time = .seconds(now + max(0, time - now) / Double(left))
      }
      var session = try SolveSession(
        weighted, sense: sense, isNegated: sense == .max, registered: registered, options: solving,
        methodOptions: options.methodOptions)
      session.options.pairs = try options.fixedPairs(given)
      let report = try session.solve()
      runs += 1
      if !options.quiet {
        Console.error(
          "pareto: run \(runs) of at most \(most): weighted objective "
            + "\(Wording.value(report.incumbent?.objective)), bound "
            + "\(Wording.value(report.bound?.value)), "
            + report.termination.sentence(report.rule).lowercased())
      }
      return report
    }
    withExtendedLifetime(watch) {}
    let points = outcome.points
    try options.json.write(
      Sweep(
        instance: given.name, size: given.facilities, method: search.method, seed: options.seed,
        threads: options.threadCount, sense: sense.rawValue,
        pareto: points.map { point in
          Sweep.Point(
            weights: [point.weights.first, point.weights.second],
            objectives: [sense.value(point.first), sense.value(point.second)],
            objective: point.report.incumbent?.objective ?? 0, bound: point.report.bound?.value,
            gap: point.report.gap, termination: point.report.termination.rawValue,
            assignment: point.report.locations ?? [])
        }, runs: outcome.runs, complete: outcome.isComplete, seconds: RunClock.seconds(),
        version: version))
    guard !options.json.ownsStandardOutput else { return }
    var table = [["first", "second", "weights", "weighted", "bound", "assignment"]]
    for point in points {
      table.append([
        Wording.value(sense.value(point.first)), Wording.value(sense.value(point.second)),
        "\(Wording.value(point.weights.first)) : \(Wording.value(point.weights.second))",
        Wording.value(point.report.incumbent?.objective),
        Wording.value(point.report.bound?.value),
        (point.report.locations ?? []).map { String($0 + 1) }.joined(separator: " "),
      ])
    }
    let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    for row in table {
      try Console.print(
        zip(row, widths).enumerated().map { index, cell in
          let pad = String(repeating: " ", count: cell.1 - cell.0.count)
          return index == row.count - 1 ? cell.0 : pad + cell.0
        }.joined(separator: "  "))
    }
    try Console.print(
      outcome.isComplete
        ? "(\(outcome.runs) runs, all proven: no weighting has a better assignment)"
        : "(\(outcome.runs) runs; other weightings may have better assignments)")
  }
}
