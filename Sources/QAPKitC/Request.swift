// The names are those of qapkit.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CQAPKit
import FoundationEssentials
import QAP
import QAPInstanceIO
import QAPKit
import QAPMatching
import QAPPrimitives
import QAPRegistry
import Synchronization

/// The bytes of `qapkit_options`, and of its first version.
private let optionsSize = unsafe MemoryLayout<qapkit_options>.size
private let oldestSize = unsafe MemoryLayout<qapkit_options>.offset(of: \.distinct) ?? optionsSize

/// The options of a C caller, checked.
@safe
struct Request {
  var given = unsafe qapkit_options()
  let method: String?
  let threads: Int
  let pairs: [FixedPair]
  let forbidden: [FixedPair]
  let start: [Int]?
  let startBound: Certificate?
  let checkpoint: FileCheckpoint?
  let metricName: String?
  let sourceQueries: [Int]?
  let targetQueries: [Int]?
  let truth: [Int]?
  let initial: [Int]?

  /// Throws for an option out of range; NULL gives the defaults.
  init(_ pointer: UnsafePointer<qapkit_options>?) throws {
    unsafe qapkit_options_init(&given, optionsSize)
    if let pointer = unsafe pointer {
      let size = try unsafe checkedSize(pointer, "options", minSize: oldestSize)
      // A caller of an older header has fewer fields; the others keep their defaults.
      unsafe withUnsafeMutableBytes(of: &given) {
        unsafe $0.copyMemory(
          from: UnsafeRawBufferPointer(start: pointer, count: min(size, optionsSize)))
      }
    }
    method = unsafe try string(given.method, "method")
    threads = try unsafe threadCount(given.threads)
    let limit = unsafe given.time_limit
    guard limit.isNaN || (limit > 0 && limit.isFinite) else {
      throw Failure.argument("time_limit is \(limit); expected seconds above 0")
    }
    for (name, value) in unsafe [
      ("iterations", given.iterations), ("nodes", given.nodes), ("starts", given.starts),
      ("best", Int64(given.best)), ("csls", given.csls), ("anchors", given.anchors),
      ("permutations", given.permutations), ("clusters", given.clusters),
    ] {
      guard (0...1 << 62).contains(value) else {
        throw Failure.argument("\(name) is \(value); expected at least 1, or 0 for the default")
      }
    }
    let target = unsafe given.target
    guard target.isNaN || target.isFinite else {
      throw Failure.argument("target is \(target); expected a number")
    }
    func placements(
      _ list: UnsafePointer<Int64>?, _ count: Int64, _ name: String, _ countName: String
    ) throws -> [FixedPair] {
      guard (0...1 << 30).contains(count) else {
        throw Failure.argument("\(countName) is \(count); expected 0 to 2^30")
      }
      let flat = unsafe try numbers(list, 2 * count, name).map { Int($0) }
      return stride(from: 0, to: flat.count, by: 2).map {
        FixedPair(facility: flat[$0], location: flat[$0 + 1])
      }
    }
    pairs = unsafe try placements(given.pairs, given.pair_count, "pairs", "pair_count")
    forbidden = unsafe try placements(
      given.forbidden, given.forbidden_count, "forbidden", "forbidden_count")
    start = unsafe try indices(given.start, given.start_count, "start")
    startBound = unsafe try string(given.start_certificate, "start_certificate").map {
      try CertificateFile.parse(Array($0.utf8), file: "start_certificate")
    }
    checkpoint = unsafe try string(given.checkpoint, "checkpoint").map(FileCheckpoint.init)
    metricName = unsafe try string(given.metric, "metric")
    sourceQueries = unsafe try indices(
      given.source_queries, given.source_query_count, "source_queries")
    targetQueries = unsafe try indices(
      given.target_queries, given.target_query_count, "target_queries")
    truth = unsafe try indices(given.truth, given.truth_count, "truth")
    initial = unsafe try indices(given.initial, given.initial_count, "initial")
  }

  var seed: UInt64 { unsafe given.seed }

  var sense: Sense { unsafe given.maximize == 0 ? .min : .max }

  var keepsProof: Bool { unsafe given.certificate != 0 }

  /// The entry of the method asked for.
  func entry(_ usual: String = "auto") throws -> RegisteredMethod {
    let id = method ?? usual
    if let registered = MethodRegistry.method(id) { return registered }
    throw Failure.argument(
      "no method is called \(id); expected one of \(MethodRegistry.choices(insteadOf: id))")
  }

  /// Limits in the caller's sense.
  var limits: Limits {
    func number(_ value: Double) -> Double? { value.isNaN ? nil : value }
    func count(_ value: Int64) -> Int? { value == 0 ? nil : Int(value) }
    // A year is no limit, and more seconds may be more than a duration holds.
    let time = unsafe number(given.time_limit).flatMap { $0 < 3e7 ? Duration.seconds($0) : nil }
    return unsafe Limits(
      time: time, iterations: count(given.iterations), nodes: count(given.nodes),
      gap: number(given.gap), target: number(given.target))
  }

  /// The options of any run.
  func options(_ relay: ProgressRelay) -> SolveOptions {
    let tolerance = unsafe given.tolerance
    let stop: @Sendable (SearchStatus) -> Termination? = { _ in
      relay.isStopped ? .interrupted : nil
    }
    var options = SolveOptions(
      limits: limits, stop: stop, seed: seed, threads: threads, keepsProof: keepsProof,
      memoryLimit: AvailableMemory.bytes / 4 * 3)
    if !tolerance.isNaN { options.tolerance = tolerance }
    if relay.hasListener { options.observer = { relay.handle($0) } }
    return options
  }

  /// The known pairs as rows of the source and the target.
  var rowPairs: [RowPair] {
    pairs.map { RowPair(source: $0.facility, target: $0.location) }
  }

  /// The comparison of embeddings.
  func matching() throws -> MatchingOptions {
    guard let metric = Metric(metricName ?? "gw") else {
      throw Failure.argument(
        "metric is \(metricName ?? ""); expected one of \(Metric.names.joined(separator: ", "))")
    }
    let normalize = unsafe given.normalize
    var options = unsafe MatchingOptions(
      metric: metric, normalizes: normalize < 0 ? nil : normalize != 0,
      stretches: given.stretch != 0, standardizes: given.standardize != 0, pairs: rowPairs,
      sourceQueries: sourceQueries, targetQueries: targetQueries, seed: seed, threads: threads)
    options.forbidden = forbidden.map { RowPair(source: $0.facility, target: $0.location) }
    options.isPrecomputed = unsafe given.precomputed != 0
    options.linear = unsafe try matrix(given.linear, "linear")
    let alpha = unsafe given.alpha
    if !alpha.isNaN { options.alpha = alpha }
    let (price, most) = unsafe (given.outliers, given.max_outliers)
    if !price.isNaN { options.outlierCost = price }
    if most >= 0 { options.maxOutliers = Int(clamping: most) }
    return options
  }
}

/// The size that a struct of a caller states.
///
/// - Throws: for one below `minSize`, and for a version that this library does not know.
func checkedSize(_ pointer: UnsafeRawPointer, _ name: String, minSize: Int) throws -> Int {
  let size = unsafe Int(pointer.load(as: UInt32.self))
  guard size >= minSize else {
    throw Failure.argument("\(name).size is \(size); expected what qapkit_\(name)_init sets")
  }
  let version = unsafe pointer.load(fromByteOffset: 4, as: UInt32.self)
  guard version >= 1, version <= UInt32(QAPKIT_API) else {
    throw Failure.argument("\(name).version is \(version); expected 1 to \(QAPKIT_API)")
  }
  return size
}

/// The number of threads that a caller asks for.
func threadCount(_ threads: Int32) throws -> Int {
  guard (0...256).contains(threads) else {
    throw Failure.argument("threads is \(threads); expected 1 to 256, or 0 for all processors")
  }
  return threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : Int(threads)
}

/// Tells a C function of progress, and hears from it, from a flag or from a failed callback when to
/// stop.
@safe
final class ProgressRelay: @unchecked Sendable {
  // Unchecked because of the pointers, which are the caller's to share between threads.

  private let listener: qapkit_progress?
  private let context: UnsafeMutableRawPointer?
  private let flag: UnsafePointer<Int32>?
  private let tensor: CallbackTensor?
  private let asksToStop = Atomic<Bool>(false)
  private let lastWorking = Mutex(-Double.infinity)

  init(_ request: Request, tensor: CallbackTensor? = nil) {
    unsafe listener = request.given.progress
    unsafe context = request.given.progress_context
    unsafe flag = request.given.stop
    self.tensor = tensor
  }

  var hasListener: Bool { unsafe listener != nil }

  var isStopped: Bool {
    if asksToStop.load(ordering: .relaxed) || tensor?.hasFailed ?? false { return true }
    return unsafe flag?.pointee ?? 0 != 0
  }

  func handle(_ event: ProgressEvent) {
    switch event {
    case .incumbent(let status, let source): tell(QAPKIT_EVENT_INCUMBENT, status, source)
    case .bound(let status, let source): tell(QAPKIT_EVENT_BOUND, status, source)
    case .working(let status, let source):
      let isDue = lastWorking.withLock {
        if status.seconds - $0 < 0.1 { return false }
        $0 = status.seconds
        return true
      }
      if isDue { tell(QAPKIT_EVENT_WORKING, status, source) }
    case .note(let text): tell(QAPKIT_EVENT_NOTE, nil, "", text)
    }
  }

  private func tell(
    _ kind: some BinaryInteger, _ status: SearchStatus?, _ source: String, _ text: String = ""
  ) {
    guard let listener = unsafe listener else { return }
    unsafe source.withCString { source in
      unsafe text.withCString { text in
        var event = unsafe qapkit_event(
          size: UInt32(MemoryLayout<qapkit_event>.size), kind: Int32(kind),
          seconds: status?.seconds ?? .nan, objective: status?.objective ?? .nan,
          bound: status?.bound ?? .nan, gap: status?.gap ?? .nan,
          iterations: Int64(status?.iterations ?? 0), nodes: Int64(status?.nodes ?? 0),
          open: Int64(status?.open ?? 0), source: source, text: text)
        if unsafe listener(&event, context) != 0 { asksToStop.store(true, ordering: .relaxed) }
      }
    }
  }
}

@c @implementation
public func qapkit_options_init(_ options: UnsafeMutablePointer<qapkit_options>?, _ size: Int) {
  guard let options = unsafe options, size >= oldestSize else { return }
  var fresh = unsafe qapkit_options()
  let known = min(size, optionsSize)
  unsafe fresh.size = UInt32(known)
  unsafe fresh.version = UInt32(QAPKIT_API)
  unsafe (fresh.time_limit, fresh.gap, fresh.target, fresh.tolerance) = (.nan, .nan, .nan, .nan)
  unsafe (fresh.normalize, fresh.alpha) = (-1, .nan)
  unsafe (fresh.outliers, fresh.max_outliers) = (.nan, -1)
  unsafe (fresh.exponent, fresh.level) = (.nan, .nan)
  unsafe fresh.moves = -1
  unsafe withUnsafeBytes(of: fresh) {
    unsafe UnsafeMutableRawPointer(options).copyMemory(from: $0.baseAddress!, byteCount: known)
  }
}
