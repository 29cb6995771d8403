import ArgumentParser
import QAP
import QAPFrontend
import QAPMatching
import QAPPrimitives
import QAPRegistry
import QAPReporting
import QAPSubsetSelection

extension Match {
  /// The sizes asked for; nil without `--sizes`.
  func wantedSizes() throws -> [Int]? {
    guard let sizes else { return nil }
    return try list(sizes, "--sizes", "numbers from 1") {
      Int($0).flatMap { $0 > 0 ? $0 : nil }
    }
  }

  /// Matches subsets of several sizes.
  func sweep(_ wanted: [Int]) throws {
    for (name, isGiven) in [
      ("--pairs", options.pairs != nil), ("--queries", queries != nil),
      ("--start", options.start != nil), ("--certificate", options.certificate != nil),
      ("--output", output != nil), ("--keep", keep != nil), ("--instance", instance != nil),
      ("--gap", search.goal.gap != nil), ("--nodes", options.nodes != nil),
      ("--checkpoint", options.checkpoint != nil), ("--unique", ranking.unique),
      ("--distinct", ranking.distinct), ("--precomputed", fused.precomputed),
      ("--linear", fused.linear != nil), ("--outliers", fused.outliers != nil),
      ("--forbid", placements.forbid != nil),
      ("--allow", placements.allow != nil),
      ("--target", search.goal.target != nil),
    ] where isGiven {
      throw Failure.usage("\(name) does not apply with --sizes")
    }
    try requireOutputs(
      ["--json": options.json.path], from: self.sides.paths)
    let registered = try options.registered(search.method)
    try options.requireMeaning(registered)
    let sides = try sides.read()
    let truth = try sides.truth(truth ?? "identity")
    let partners = truth.compactMap(\.self)
    if partners.count < truth.count {
      throw Failure.usage("--truth: a row of SOURCE has no partner; --sizes needs all, or --rows")
    }
    if Set(partners).count < partners.count {
      throw Failure.usage("--truth: a row of TARGET occurs twice; --sizes needs each row once")
    }
    if let largest = wanted.max(), largest > sides.source.rows {
      throw Failure.usage(
        "--sizes must be between 1 and \(sides.source.rows), the number of rows, not \(largest)")
    }
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    let rows = try SizeSweep(
      sizes: wanted, subsets: ranking.best ?? 1, seeds: seeds ?? 1, sides: sides, truth: partners,
      matching: try comparison.matching(
        seed: options.seed, threads: options.threadCount),
      options: options, registered: registered, interruption: interruption
    ).run()
    withExtendedLifetime(watch) {}
    try options.json.write(
      Originated(
        answer: SizeSweepReport(
          metric: comparison.metric, method: search.method, sizes: rows, version: version),
        origin: RunOrigin(self.sides.paths)))
    if options.json.ownsStandardOutput { return }
    try Console.print("size  accuracy  deviation  proven  truth reached  matches")
    for row in rows {
      try Console.print(
        columns([
          ("\(row.size)", 4), (Wording.fixed(100 * row.accuracy, 1) + "%", 10),
          (Wording.fixed(100 * row.accuracyDeviation, 1) + "%", 11),
          (Wording.fixed(100 * row.proven, 0) + "%", 8),
          (Wording.fixed(100 * row.truthReached, 0) + "%", 15), ("\(row.runs.count)", 9),
        ]))
    }
    try Console.print(
      "(truth reached: matches at least as good as the true pairing; if they are wrong, the metric "
        + "limits the accuracy, not the search)")
  }
}
