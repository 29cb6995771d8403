// The names are those of qapkit.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CQAPKit
import QAP
import QAPKit
import QAPMatching
import QAPPrimitives
import QAPRegistry

private let translationSize = unsafe MemoryLayout<qapkit_translation>.size

@c @implementation
public func qapkit_translation_init(
  _ translation: UnsafeMutablePointer<qapkit_translation>?, _ size: Int
) {
  guard let translation = unsafe translation, size >= translationSize else { return }
  var fresh = unsafe qapkit_translation()
  unsafe (fresh.size, fresh.version) = (UInt32(translationSize), UInt32(QAPKIT_API))
  unsafe (fresh.power, fresh.pair_weight) = (.nan, .nan)
  unsafe translation.pointee = fresh
}

/// The options of a translation, checked.
@safe
private struct TranslationRequest {
  var options = TranslationOptions()
  var csls: Int?
  var pairs: TranslationPairs?
  var valid: TranslationPairs?

  init(_ pointer: UnsafePointer<qapkit_translation>?, _ request: Request) throws {
    guard let pointer = unsafe pointer else {
      options.seed = request.seed
      options.threads = request.threads
      return
    }
    _ = try unsafe checkedSize(pointer, "translation", minSize: translationSize)
    let given = unsafe pointer.pointee
    if unsafe given.published != 0 { options = .published }
    options.seed = request.seed
    options.threads = request.threads
    func number(_ value: Int64, _ name: String, to max: Int64, from min: Int64 = 1) throws
      -> Int?
    {
      if value == 0 { return nil }
      guard (min...max).contains(value) else {
        throw Failure.argument("\(name) is \(value); expected \(min) to \(max)")
      }
      return Int(value)
    }
    func list(
      _ pointer: UnsafePointer<Int64>?, _ count: Int64, _ name: String, from min: Int
    ) throws -> [Int]? {
      guard let values = try unsafe indices(pointer, count, name) else { return nil }
      guard !values.isEmpty, values.count <= 1_000,
        values.allSatisfy({ (min...100_000).contains($0) })
      else {
        throw Failure.argument("\(name): expected numbers from \(min) to 100000")
      }
      return values
    }
    func real(_ value: Double, _ name: String, _ range: ClosedRange<Double>) throws -> Double? {
      if value.isNaN { return nil }
      guard range.contains(value) else {
        throw Failure.argument(
          "\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
    if let clusters = try unsafe list(given.clusters, given.cluster_count, "clusters", from: 3) {
      options.clusters = clusters
    }
    if let blocks = try unsafe list(given.blocks, given.stage_count, "blocks", from: 2) {
      options.blocks = blocks
    }
    if let epochs = try unsafe list(given.epochs, given.stage_count, "epochs", from: 0) {
      options.epochs = epochs
    }
    guard options.blocks.count == options.epochs.count else {
      throw Failure.argument("blocks and epochs: expected as many numbers of each")
    }
    if let count = try number(unsafe Int64(given.restarts), "restarts", to: 10_000) {
      options.restarts = count
    }
    if let count = try number(unsafe Int64(given.kmeans_starts), "kmeans_starts", to: 1_000) {
      options.clusteringStarts = count
    }
    if let count = try number(unsafe Int64(given.repeat), "repeat", to: 100) {
      options.repeats = count
    }
    if let rows = try number(unsafe given.batch, "batch", to: 100_000_000, from: 2) {
      options.batch = rows
    }
    if let power = try real(unsafe given.power, "power", 1e-9...2) { options.power = power }
    if let weight = try real(unsafe given.pair_weight, "pair_weight", 0...1e9) {
      options.pairWeight = weight
    }
    csls = try number(unsafe given.csls, "csls", to: 1 << 31)
    pairs = try unsafe TranslationRequest.pairs(
      given.pairs_source, given.pairs_target, "pairs_source", "pairs_target")
    valid = try unsafe TranslationRequest.pairs(
      given.valid_source, given.valid_target, "valid_source", "valid_target")
  }

  private static func pairs(
    _ source: UnsafePointer<qapkit_matrix>?, _ target: UnsafePointer<qapkit_matrix>?,
    _ first: String, _ second: String
  ) throws -> TranslationPairs? {
    if unsafe source == nil, unsafe target == nil { return nil }
    return try unsafe TranslationPairs(
      source: embeddings(source, first), target: embeddings(target, second))
  }
}

/// The quality of a map, with the memory of all cosines checked.
private func quality(
  _ map: TranslationMap, _ pairs: TranslationPairs, csls: Int?, threads: Int
) throws -> TranslationQuality {
  let n = Double(pairs.source.rows)
  try AvailableMemory.require(
    32 * n * n, for: "validation", size: pairs.source.rows, alternative: "fewer pairs")
  return try TranslationQuality(map, on: pairs, csls: csls, threads: threads)
}

@c @implementation
public func qapkit_translate(
  _ source: UnsafePointer<qapkit_matrix>?, _ target: UnsafePointer<qapkit_matrix>?,
  _ translation: UnsafePointer<qapkit_translation>?, _ options: UnsafePointer<qapkit_options>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    let request = unsafe try Request(options)
    let (x, y) = unsafe (try embeddings(source, "source"), try embeddings(target, "target"))
    var asked = try unsafe TranslationRequest(translation, request)
    if !request.pairs.isEmpty {
      guard asked.pairs == nil else {
        throw Failure.argument("known pairs are either pairs or matrices, not both")
      }
      for pair in request.rowPairs
      where !(0..<x.rows).contains(pair.source) || !(0..<y.rows).contains(pair.target) {
        throw Failure.argument(
          "pairs: row \(pair.source) with row \(pair.target); expected numbers below \(x.rows) "
            + "and \(y.rows)")
      }
      asked.pairs = try TranslationPairs(
        source: x.selecting(request.pairs.map(\.facility)),
        target: y.selecting(request.pairs.map(\.location)))
    }
    let block = Double(min(asked.options.blocks.max() ?? 0, min(x.rows, y.rows)))
    try AvailableMemory.require(
      16 * block * block * Double(request.threads), for: "translate", size: Int(block),
      alternative: "smaller blocks or fewer threads")
    let relay = ProgressRelay(request)
    let clock = SolveOptions.monotonicClock()
    let limit = unsafe request.given.time_limit
    let fit = try Translation(
      from: x, to: y, pairs: asked.pairs, options: asked.options,
      shouldStop: { relay.isStopped || clock() > limit },
      progress: { if relay.hasListener { relay.handle(.note($0)) } })
    let answer = TranslateAnswer(
      rows: [x.rows, y.rows], features: [x.features, y.features], request: request,
      outcome: TranslationOutcome(
        fit,
        quality: try asked.valid.map {
          try quality(fit.map, $0, csls: asked.csls, threads: request.threads)
        }),
      scale: fit.map.targetScale,
      termination: fit.isComplete ? .iterations : relay.isStopped ? .interrupted : .time,
      seconds: clock())
    return try ResultBox(
      answer,
      arrays: [
        "source_mean": fit.map.sourceMean, "target_mean": fit.map.targetMean,
        "weight": fit.map.weight.elements.array,
      ])
  }
}

/// The JSON of a translation.
private struct TranslateAnswer: Encodable {
  let rows: [Int]
  let features: [Int]
  let request: Request
  let outcome: TranslationOutcome
  let scale: Double
  let termination: Termination
  let seconds: Double

  private enum Key: String, CodingKey {
    case features, rows, seconds, seed, termination, threads, version
    case targetScale = "target_scale"
  }

  func encode(to encoder: any Encoder) throws {
    try outcome.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(features, forKey: .features)
    try container.encode(rows, forKey: .rows)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(request.seed, forKey: .seed)
    try container.encode(scale, forKey: .targetScale)
    try container.encode(termination.rawValue, forKey: .termination)
    try container.encode(request.threads, forKey: .threads)
    try container.encode(PackageVersion.text, forKey: .version)
  }
}

/// The map in a caller's memory.
private func map(_ pointer: UnsafePointer<qapkit_map>?) throws -> TranslationMap {
  guard let pointer = unsafe pointer else { throw Failure.argument("map is NULL") }
  let given = unsafe pointer.pointee
  let (p, q) = unsafe (given.source_features, given.target_features)
  guard (1...1 << 20).contains(p), (1...1 << 20).contains(q) else {
    throw Failure.argument("map has \(p) and \(q) features; expected 1 to 2^20")
  }
  try AvailableMemory.require(
    8 * Double(p) * Double(q), for: "a map", size: Int(max(p, q)), alternative: "fewer features")
  func part(_ pointer: UnsafePointer<Double>?, _ count: Int64, _ name: String) throws -> [Double] {
    let values = unsafe Array(try numbers(pointer, count, name))
    guard values.allSatisfy({ abs($0) < 1e70 }) else {
      throw Failure(
        Int32(QAPKIT_ERROR_DATA), "\(name) contains NaN, infinity or numbers of 1e70 and more")
    }
    return values
  }
  guard unsafe abs(given.target_scale) < 1e70 else {
    throw Failure.argument("target_scale is \(unsafe given.target_scale)")
  }
  return try unsafe TranslationMap(
    sourceMean: part(given.source_mean, p, "source_mean"),
    targetMean: part(given.target_mean, q, "target_mean"), targetScale: given.target_scale,
    weight: Matrix(
      rows: Int(p), columns: Int(q), elements: part(given.weight, p * q, "weight")))
}

@c @implementation
public func qapkit_map_apply(
  _ map: UnsafePointer<qapkit_map>?, _ source: UnsafePointer<qapkit_matrix>?, _ threads: Int32,
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int64
) -> Int32 {
  guarded {
    let translation = try unsafe QAPKitC.map(map)
    let rows = unsafe try embeddings(source, "source")
    try AvailableMemory.require(
      24 * Double(rows.rows) * Double(max(rows.features, translation.targetMean.count)),
      for: "a translation", size: rows.rows, alternative: "fewer rows at a time")
    let moved = try translation(rows, threads: threadCount(threads))
    try unsafe copy(moved.values.elements.array, to: values, capacity)
  }
}

@c @implementation
public func qapkit_map_validate(
  _ map: UnsafePointer<qapkit_map>?, _ source: UnsafePointer<qapkit_matrix>?,
  _ target: UnsafePointer<qapkit_matrix>?, _ csls: Int64, _ threads: Int32,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    guard csls >= 0 else { throw Failure.argument("csls is \(csls); expected at least 0") }
    let pairs = try unsafe TranslationPairs(
      source: embeddings(source, "source"), target: embeddings(target, "target"))
    return try ResultBox(
      TranslationOutcome(
        nil,
        quality: quality(
          unsafe QAPKitC.map(map), pairs, csls: csls == 0 ? nil : Int(clamping: csls),
          threads: threadCount(threads))))
  }
}
