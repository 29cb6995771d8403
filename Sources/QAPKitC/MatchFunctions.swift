// The names are those of qapkit.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CQAPKit
import QAP
import QAPInstanceIO
import QAPKit
import QAPMatching
import QAPPrimitives
import QAPRegistry
import QAPReporting
import QAPSubsetSelection
import QAPVerification

/// Checks the memory for kernels of both sides and the later steps.
private func requireMemory(
  _ matching: MatchingOptions, _ rows: (Int, Int), then more: Double, for task: String
) throws {
  try AvailableMemory.require(
    matching.kernelBytes(rows: rows.0) + matching.kernelBytes(rows: rows.1) + more, for: task,
    size: max(rows.0, rows.1), alternative: "fewer rows")
}

/// True for many rows whose kernels are inner products, where nothing is asked for that takes the
/// kernels themselves.
private func matchesByBlocks(
  _ request: Request, _ matching: MatchingOptions, _ rows: (Int, Int)
) -> Bool {
  let limits = request.limits
  let needsKernels =
    unsafe request.keepsProof || request.start != nil
    || request.startBound != nil || request.checkpoint != nil || request.given.best > 1
    || request.given.starts != 0 || limits.iterations != nil || limits.nodes != nil
    || limits.gap != nil
  return max(rows.0, rows.1) >= FactoredProblem.minSize && request.method ?? "auto" == "auto"
    && FactoredProblem.applies(matching) && !needsKernels
}

/// The bytes that a run of the method asked for takes.
private func bytes(_ request: Request, size: Int) throws -> Double {
  try request.entry().make(MethodOptions()).bytes(
    size: size, isSymmetric: true, threads: request.threads)
}

@c @implementation
public func qapkit_match(
  _ source: UnsafePointer<qapkit_matrix>?, _ target: UnsafePointer<qapkit_matrix>?,
  _ options: UnsafePointer<qapkit_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    let request = unsafe try Request(options)
    let (x, y) = unsafe (try embeddings(source, "source"), try embeddings(target, "target"))
    let matching = try request.matching()
    if request.sense == .max { throw Failure.argument("maximize: the metric decides the sense") }
    if let truth = request.truth,
      truth.count != x.rows || !truth.allSatisfy({ (-1..<y.rows).contains($0) })
    {
      throw Failure.argument(
        "truth: expected \(x.rows) rows of the target, each below \(y.rows), or -1 for unknown")
    }
    let rows = matching.participants(x, y)
    let truth: [Int?]? = request.truth.map { $0.map { $0 < 0 ? nil : $0 } }
    if matchesByBlocks(request, matching, rows) {
      try AvailableMemory.require(
        FactoredProblem.bytes(
          rows: rows, features: (x.features, y.features), threads: request.threads),
        for: "match", size: max(rows.0, rows.1), alternative: "fewer rows")
      let relay = ProgressRelay(request)
      let problem = try FactoredProblem(source: x, target: y, options: matching)
      let report = try problem.solve(
        options: request.options(relay), shouldStop: { relay.isStopped },
        progress: { relay.handle(.note($0)) })
      return try ResultBox(
        TaskAnswer(
          report,
          MatchOutcome(report.incumbent?.assignment, problem: problem, truth: truth)),
        texts: texts(report))
    }
    try requireMemory(
      matching, rows, then: bytes(request, size: max(rows.0, rows.1)), for: "match")
    let problem = try MatchingProblem(source: x, target: y, options: matching)
    let start = try request.start.map {
      guard $0.count == x.rows, let start = problem.assignment(of: $0) else {
        throw Failure.argument("start is no match of the \(x.rows) rows of the source")
      }
      return start
    }
    let report = try run(
      problem.instance, request, start: start, pairs: problem.pairs,
      isNegated: problem.metric.isMaximized)
    return try ResultBox(
      TaskAnswer(
        report,
        MatchOutcome(
          report.incumbent?.assignment, problem: problem,
          truth: truth, threads: request.threads)),
      texts: texts(report))
  }
}

/// The JSON of a run and of what it means for rows or samples.
private struct TaskAnswer: Encodable {
  let report: SolveReport
  let outcome: any Encodable

  init(_ report: SolveReport, _ outcome: any Encodable) {
    (self.report, self.outcome) = (report, outcome)
  }

  func encode(to encoder: any Encoder) throws {
    try JSONReport(report, version: PackageVersion.text).encode(to: encoder)
    try outcome.encode(to: encoder)
    if let ranking = report.ranking, let outcome = outcome as? MatchOutcome {
      try RankingReport(ranking) { outcome.rows.targets(of: $0) }.encode(to: encoder)
    }
  }
}

/// The parameters of the search for subsets.
private func subsetParameters(_ request: Request) throws -> SubsetSelection.Parameters {
  let (best, moves) = unsafe (Int(request.given.best), request.given.moves)
  guard moves >= -1, moves <= 1 << 62 else {
    throw Failure.argument("moves is \(moves); expected at least 0, or -1 for the default")
  }
  let name = unsafe try string(request.given.subset_bound, "subset_bound") ?? "auto"
  guard let bound = SubsetSelection.BoundMethod(rawValue: name) else {
    let all = SubsetSelection.BoundMethod.allCases.map(\.rawValue).joined(separator: ", ")
    throw Failure.argument("subset_bound is \(name); expected one of \(all)")
  }
  if bound == .none, request.keepsProof {
    throw Failure.argument("certificate: subset_bound none proves no bound")
  }
  return .init(best: best == 0 ? 1 : best, bound: bound, moves: moves < 0 ? nil : Int(moves))
}

@c @implementation
public func qapkit_subset(
  _ costs: UnsafePointer<qapkit_matrix>?, _ target: UnsafePointer<qapkit_matrix>?, _ size: Int64,
  _ options: UnsafePointer<qapkit_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    let request = unsafe try Request(options)
    guard (1...1 << 31).contains(size) else {
      throw Failure.argument("size is \(size); expected at least 1")
    }
    let iterations = unsafe request.given.iterations
    if request.method != nil || iterations != 0 {
      throw Failure.argument("method and iterations do not apply to subset")
    }
    let given: SubsetProblem
    var metric: Metric?
    if unsafe target == nil {
      let costs = unsafe try required(costs, "costs")
      given = try SubsetProblem(name: "subset", costs: costs, size: Int(size))
    } else {
      let (x, y) = unsafe (try embeddings(costs, "costs"), try embeddings(target, "target"))
      guard x.rows == y.rows else {
        throw InputError("target", found: "\(y.rows) rows", expected: "\(x.rows)")
      }
      if request.sense == .max { throw Failure.argument("maximize: the metric decides the sense") }
      let matching = try request.matching()
      try requireMemory(
        matching, (x.rows, y.rows), then: SubsetSelection.bytes(items: x.rows), for: "subset")
      metric = matching.metric
      let losses = matching.metric.pairLosses(
        try matching.kernel(of: x), try matching.kernel(of: y))
      given = try SubsetProblem(name: "subset", costs: losses, size: Int(size))
    }
    try AvailableMemory.require(
      SubsetSelection.bytes(items: given.items), for: "subset", size: given.items,
      alternative: "fewer items")
    let sense: Sense = request.sense == .max || metric?.isMaximized == true ? .max : .min
    let problem = request.sense == .max ? given.negated : given
    let relay = ProgressRelay(request)
    var solving = request.options(relay)
    if relay.hasListener { solving.observer = { relay.handle($0.inSense(sense)) } }
    let minimized = try SubsetSelection(try subsetParameters(request)).solve(
      problem, options: solving)
    for subset in minimized.subsets {
      try VerificationFailure.require(
        checkObjective(of: subset, in: problem), bound: minimized.bound)
    }
    let report = minimized.inSense(sense)
    var texts = ["status": report.termination.sentence(report.rule)]
    if let certificate = report.certificate {
      if let fault = check(certificate, of: problem).fault {
        throw VerificationFailure(certificate: fault)
      }
      texts["certificate"] = String(
        decoding: SubsetCertificateFile.format(certificate), as: UTF8.self)
    }
    return try ResultBox(
      SubsetJSON(report, version: PackageVersion.text, metric: metric?.name), texts: texts)
  }
}

@c @implementation
public func qapkit_classify(
  _ samples: UnsafePointer<qapkit_matrix>?, _ classes: UnsafePointer<qapkit_matrix>?,
  _ options: UnsafePointer<qapkit_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    let request = unsafe try Request(options)
    let (x, y) = unsafe (try embeddings(samples, "samples"), try embeddings(classes, "classes"))
    if request.sense == .max { throw Failure.argument("maximize: the metric decides the sense") }
    if !request.pairs.isEmpty || request.start != nil || request.sourceQueries != nil
      || request.targetQueries != nil
    {
      throw Failure.argument("pairs, start and queries do not apply to classify")
    }
    if let truth = request.truth,
      truth.count != x.rows || !truth.allSatisfy({ (0..<y.rows).contains($0) })
    {
      throw Failure.argument("truth: expected \(x.rows) labels, each below \(y.rows)")
    }
    let starts = unsafe Int(request.given.clustering_starts)
    guard (0...10_000).contains(starts) else {
      throw Failure.argument("clustering_starts is \(starts); expected 1 to 10000, or 0 for 10")
    }
    let count = unsafe request.given.clusters == 0 ? y.rows : Int(request.given.clusters)
    guard count <= x.rows else {
      throw Failure.argument("clusters is \(count); expected at most \(x.rows), one a sample")
    }
    let matching = try request.matching()
    let clustering = KMeansParameters(
      starts: starts == 0 ? 10 : starts, seed: request.seed, threads: request.threads)
    try AvailableMemory.require(
      KMeans.bytes(rows: x.rows, clusters: count, parameters: clustering), for: "k-means",
      size: count, alternative: "fewer classes or threads")
    try requireMemory(
      matching, (count, y.rows), then: bytes(request, size: max(count, y.rows)), for: "classify")
    let relay = ProgressRelay(request)
    let classification = try Classification(
      samples: x, classes: y, options: matching, clustering: clustering, clusterCount: count,
      initial: request.initial, shouldStop: { relay.isStopped })
    let problem = classification.problem
    let report = try run(
      problem.instance, request, start: nil, pairs: [], isNegated: problem.metric.isMaximized)
    return try ResultBox(
      TaskAnswer(
        report,
        ClassificationOutcome(
          report.incumbent?.assignment, classification: classification, labels: request.truth,
          seed: request.seed)),
      texts: texts(report))
  }
}
