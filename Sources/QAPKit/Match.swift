import QAP
import QAPMatching
import QAPPrimitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A match of the rows of two sets of embeddings, with a bound on how good any match can be.
public struct Match: Sendable {
  /// The matching problem.
  public let problem: MatchingProblem
  /// The report of the run, in the metric's sense.
  public let report: SolveReport
  /// The row of the target for each row of the source; nil for rows that take no part or have no
  /// partner, and for all of them before the first assignment.
  public let targets: [Int?]

  /// The metric's value; nil before the first assignment.
  public var value: Double? { report.objective }
  /// No match is better than this.
  public var bound: Double? { report.bound?.value }
  /// Why the run ended.
  public var status: Termination { report.termination }
  /// The bound proves the match optimal.
  public var isProvenOptimal: Bool { report.isProvenOptimal }

  /// The share of rows, known pairs apart, that are matched as `truth` says, the row of the target
  /// for each row of the source; nil when there are none, or when `truth` has another number of
  /// rows.
  public func accuracy(against truth: [Int]) -> Double? {
    guard truth.count == targets.count else { return nil }
    return problem.accuracy(of: targets, truth: truth)
  }
}

extension MatchingProblem {
  /// A match of `source` and `target` by `metric`, of which the pairs `known` are given.
  ///
  /// - Throws: what the initializer with options throws.
  public init(
    _ source: Embeddings, _ target: Embeddings, metric: Metric = .gromovWasserstein,
    known: [RowPair] = [], standardizes: Bool = false
  ) throws {
    try self.init(
      source: source, target: target,
      options: MatchingOptions(
        metric: metric, standardizes: standardizes, pairs: known,
        threads: ProcessInfo.processInfo.activeProcessorCount))
  }

  /// Solves the match: known pairs stay, and the metric decides the sense.
  ///
  /// - Parameters:
  ///   - method: an id of `MethodRegistry.methods`.
  ///   - limits: when to stop early; `target` in the metric's sense.
  ///   - seed: the seed of every random choice.
  ///   - threads: 1 to 256; nil for one a processor.
  ///   - observer: called on every event, from any thread, one call at a time.
  /// - Returns: the match, with its bound.
  /// - Throws: `MethodError` when the method declines or an argument is out of range, and
  ///   `VerificationFailure`.
  public func solve(
    method: String = "auto", limits: Limits = Limits(), seed: UInt64 = 0, threads: Int? = nil,
    observer: (@Sendable (ProgressEvent) -> Void)? = nil
  ) throws -> Match {
    let report = try instance.run(
      method: method, limits: limits, sense: metric.isMaximized ? .max : .min,
      isNegated: metric.isMaximized, seed: seed, threads: threads, pairs: pairs, observer: observer)
    let targets = report.assignment.map { self.targets(of: $0) }
    return Match(
      problem: self, report: report,
      targets: targets ?? Array(repeating: nil, count: sourceCount))
  }
}

extension Embeddings {
  /// Embeddings from rows of numbers, all of the same length.
  ///
  /// - Throws: `InputError`.
  public init(_ rows: [[Float]], name: String = "embeddings") throws(InputError) {
    let width = rows.first?.count ?? 0
    if let fault = rows.firstIndex(where: { $0.count != width }) {
      throw InputError(
        name, found: "\(rows[fault].count) features in row \(fault)", expected: "\(width)")
    }
    try self.init(
      Matrix(rows: rows.count, columns: width, elements: rows.joined().map(Double.init)),
      name: name)
  }
}
