import CQAPKit
import Foundation
import FuzzDriver
import QAPKitC

// Sequences of calls of the C interface, made of the fuzzer's bytes: any numbers, NULL anywhere,
// strings that are no text. Only what the library cannot know is kept: a pointer leads to as many
// elements as the call says.

/// The bytes of an input as choices.
struct Choices {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var next = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isEmpty: Bool { next >= bytes.count }

  mutating func byte() -> Int {
    guard next < bytes.count else { return 0 }
    defer { next += 1 }
    return Int(bytes[next])
  }

  mutating func below(_ count: Int) -> Int { byte() % count }

  /// True once in `odds`.
  mutating func rarely(_ odds: Int = 24) -> Bool { byte() % odds == odds - 1 }

  mutating func number() -> Double {
    switch below(16) {
    case 0: [.nan, .infinity, -.infinity, 1e308, -1e200, 5e-300, 0x1p53, 1e100, 1e69][below(9)]
    case 1, 2, 3: Double(byte()) / 7 - 18
    default: Double(below(20)) - 4
    }
  }

  mutating func count() -> Int64 {
    rarely(12) ? [-1, .min, .max, 1 << 31, 1 << 32, 1 << 62, 0][below(7)] : Int64(1 + below(6))
  }

  mutating func text(_ known: [String]) -> String {
    if !rarely(10) { return known[below(known.count)] }
    return String(
      decoding: (0..<below(12)).map { _ in UInt8(byte()) }.filter { $0 != 0 }, as: UTF8.self)
  }
}

/// The calls that an input describes, with the memory behind their pointers.
final class Calls {
  private var choices: Choices
  private var instances: [OpaquePointer?] = [nil]
  private var results: [OpaquePointer?] = [nil]
  private var blocks: [UnsafeMutableRawPointer] = []
  private var texts: [UnsafeMutablePointer<CChar>] = []
  nonisolated(unsafe) static var total = 0
  /// Ends the process after so many calls; the environment says how many.
  static let wanted = ProcessInfo.processInfo.environment["CALLS"].flatMap { Int($0) }

  static func tell() { FileHandle.standardError.write(Data("calls: \(total)\n".utf8)) }

  init(_ bytes: UnsafeBufferPointer<UInt8>) { choices = Choices(bytes) }

  deinit {
    for instance in instances { qapkit_instance_free(instance) }
    for result in results { qapkit_result_free(result) }
    for block in blocks { free(block) }
    for text in texts { free(text) }
  }

  private func memory(_ bytes: Int) -> UnsafeMutableRawPointer {
    let block = calloc(1, max(1, bytes))!
    blocks.append(block)
    return block
  }

  private func doubles(_ count: Int) -> UnsafeMutablePointer<Double>? {
    if choices.rarely() { return nil }
    let block = memory(8 * count).bindMemory(to: Double.self, capacity: count)
    for index in 0..<count { block[index] = choices.number() }
    return block
  }

  private func indices(_ count: Int) -> UnsafeMutablePointer<Int64>? {
    if choices.rarely() { return nil }
    let block = memory(8 * count).bindMemory(to: Int64.self, capacity: count)
    // Often a permutation.
    var rest = Array(0..<Int64(count))
    for index in 0..<count {
      block[index] =
        choices.rarely(20) ? choices.count() &- 2 : rest.remove(at: choices.below(rest.count))
    }
    return block
  }

  private func string(_ known: [String]) -> UnsafePointer<CChar>? {
    if choices.rarely(40) { return nil }
    let text = strdup(choices.text(known))!
    if choices.rarely(40) { text.pointee = CChar(bitPattern: 0xFF) }
    texts.append(text)
    return UnsafePointer(text)
  }

  /// A matrix over 64 elements, which it does not leave.
  private func matrix(_ rows: Int64? = nil, _ columns: Int64? = nil) -> UnsafePointer<
    qapkit_matrix
  >? {
    if choices.rarely(30) { return nil }
    let (r, c) = (rows ?? choices.count(), columns ?? choices.count())
    let described = memory(MemoryLayout<qapkit_matrix>.size).bindMemory(
      to: qapkit_matrix.self, capacity: 1)
    let data = doubles(64)
    described.pointee = qapkit_matrix(
      data: data, rows: r, columns: c, row_stride: 8 * max(0, min(c, 8)), column_stride: 8,
      type: (choices.rarely(8) ? Int32(choices.below(5)) : 0)
        + (choices.rarely(4) ? Int32(QAPKIT_IN_PLACE) : 0))
    guard (0...6).contains(r), (0...6).contains(c) else {
      // Beyond what there is, only strides that stay in place: such a size is refused, or read
      // again and again.
      described.pointee.rows = min(r, 12)
      described.pointee.columns = min(c, 12)
      (described.pointee.row_stride, described.pointee.column_stride) = (0, 0)
      return UnsafePointer(described)
    }
    switch choices.below(6) {
    case 0: (described.pointee.row_stride, described.pointee.column_stride) = (0, 0)
    case 1: (described.pointee.row_stride, described.pointee.column_stride) = (8, 64)
    case 2:
      if let data {
        described.pointee.data = UnsafeRawPointer(data + 63)
        (described.pointee.row_stride, described.pointee.column_stride) = (-64, -8)
      }
    default: break
    }
    return UnsafePointer(described)
  }

  private static let methods = [
    "auto", "branch-and-bound", "gilmore-lawler", "projection", "hahn-grant", "rlt1", "rlt1-lp",
    "dnn",
    "kaufman-broeckx", "xia-yuan", "2-opt", "tabu", "memetic", "faq",
  ]

  private func options(_ methods: [String] = Calls.methods) -> UnsafePointer<qapkit_options>? {
    if choices.rarely(120) { return nil }
    let options = memory(MemoryLayout<qapkit_options>.size).bindMemory(
      to: qapkit_options.self, capacity: 1)
    qapkit_options_init(options, MemoryLayout<qapkit_options>.size)
    options.pointee.time_limit = choices.rarely(30) ? choices.number() : 0.005
    if !methods.isEmpty { options.pointee.method = string(methods) }
    options.pointee.iterations = choices.rarely(30) ? choices.count() : Int64(1 + choices.below(12))
    options.pointee.threads = choices.rarely(30) ? Int32(truncatingIfNeeded: choices.count()) : 1
    options.pointee.seed = UInt64(choices.byte())
    if choices.rarely(30) { options.pointee.size = UInt32(choices.byte()) }
    if choices.rarely(8) { options.pointee.bottleneck = 1 }
    if choices.rarely(8) { options.pointee.distinct = 1 }
    if choices.rarely(8) { options.pointee.precomputed = 1 }
    if choices.rarely(6) { options.pointee.center = 1 }
    if choices.rarely(6) { options.pointee.csls = choices.count() }
    if choices.rarely(8) { options.pointee.anchors = choices.count() }
    if choices.rarely(8) { options.pointee.exponent = choices.number() }
    if choices.rarely(6) { options.pointee.permutations = min(choices.count(), 1 << 21) }
    if choices.rarely(8) { options.pointee.level = choices.number() }
    if choices.rarely(6) { options.pointee.alpha = choices.number() }
    if choices.rarely(6) { options.pointee.outliers = choices.number() }
    if choices.rarely(8) { options.pointee.max_outliers = choices.count() }
    if choices.rarely(8) { options.pointee.linear = matrix() }
    if choices.rarely(8) {
      (options.pointee.initial, options.pointee.initial_count) = list()
      options.pointee.clusters = choices.count()
    }
    if choices.rarely(8) { options.pointee.moves = choices.count() }
    if choices.rarely(8) { options.pointee.subset_bound = string(["dnn", "rows", "lp", "none"]) }
    if choices.rarely(6) {
      (options.pointee.forbidden, options.pointee.forbidden_count) = (
        UnsafePointer(indices(12)), Int64(choices.below(4))
      )
    }
    if choices.rarely(30) { options.pointee.version = UInt32(choices.byte()) }
    if choices.rarely(6) { options.pointee.gap = choices.number() }
    if choices.rarely(6) { options.pointee.target = choices.number() }
    if choices.rarely(6) { options.pointee.tolerance = choices.number() }
    if choices.rarely(6) { options.pointee.nodes = choices.count() }
    if choices.rarely(8) { options.pointee.starts = choices.count() }
    if choices.rarely(6) { options.pointee.maximize = 1 }
    if choices.rarely(4) { options.pointee.certificate = 1 }
    if choices.rarely(8) { options.pointee.best = Int32(choices.below(9)) - 2 }
    if choices.rarely(8) { options.pointee.clustering_starts = Int32(choices.below(9)) - 2 }
    if choices.rarely(4) {
      (options.pointee.pairs, options.pointee.pair_count) = (
        UnsafePointer(indices(12)), Int64(choices.below(4))
      )
    }
    if choices.rarely(4) { (options.pointee.start, options.pointee.start_count) = list() }
    if choices.rarely(12) {
      options.pointee.start_certificate = string(["QAPKIT-CERTIFICATE 1\n", "x"])
    }
    if choices.rarely(3) {
      options.pointee.metric = string([
        "gw", "cka", "cka-rbf", "cka-one-sided", "knn:2", "inner", "kl", "correlation",
        "linear-predictivity",
      ])
    }
    options.pointee.normalize = Int32(choices.below(4)) - 1
    options.pointee.stretch = Int32(choices.below(2))
    options.pointee.standardize = Int32(choices.below(2))
    if choices.rarely(5) {
      (options.pointee.source_queries, options.pointee.source_query_count) = list()
      (options.pointee.target_queries, options.pointee.target_query_count) = list()
    }
    if choices.rarely(2) { (options.pointee.truth, options.pointee.truth_count) = list() }
    if choices.rarely(4) {
      options.pointee.progress = { event, context in
        (event?.pointee.objective ?? 0) < -20 || context != nil ? 1 : 0
      }
    }
    if !(options.pointee.time_limit <= 1) {
      // Work that ends without a clock.
      if options.pointee.iterations == 0 || options.pointee.iterations > 12 {
        options.pointee.iterations = 12
      }
      if options.pointee.nodes == 0 || options.pointee.nodes > 64 { options.pointee.nodes = 64 }
      if options.pointee.starts > 4 { options.pointee.starts = 4 }
    }
    return UnsafePointer(options)
  }

  private func translation() -> UnsafePointer<qapkit_translation>? {
    if choices.rarely(16) { return nil }
    let fit = memory(MemoryLayout<qapkit_translation>.size).bindMemory(
      to: qapkit_translation.self, capacity: 1)
    qapkit_translation_init(fit, MemoryLayout<qapkit_translation>.size)
    if choices.rarely(20) { fit.pointee.size = UInt32(choices.byte()) }
    if choices.rarely(20) { fit.pointee.published = 1 }
    (fit.pointee.clusters, fit.pointee.cluster_count) = list()
    if choices.rarely(3) {
      (fit.pointee.blocks, fit.pointee.stage_count) = list()
      fit.pointee.epochs = UnsafePointer(indices(6))
    }
    fit.pointee.restarts = choices.rarely(9) ? Int32(truncatingIfNeeded: choices.count()) : 1
    if choices.rarely(6) { fit.pointee.kmeans_starts = Int32(choices.below(5)) - 1 }
    if choices.rarely(6) { fit.pointee.repeat = Int32(choices.below(5)) - 1 }
    if choices.rarely(6) { fit.pointee.batch = choices.count() }
    if choices.rarely(6) { fit.pointee.power = choices.number() }
    if choices.rarely(6) { fit.pointee.pair_weight = choices.number() }
    if choices.rarely(6) { fit.pointee.csls = choices.count() }
    if choices.rarely(6) { fit.pointee.pairs_source = matrix() }
    if choices.rarely(6) { fit.pointee.pairs_target = matrix() }
    if choices.rarely(3) { fit.pointee.valid_source = matrix() }
    if choices.rarely(3) { fit.pointee.valid_target = matrix() }
    return UnsafePointer(fit)
  }

  private func list() -> (UnsafePointer<Int64>?, Int64) {
    let count = 1 + choices.below(6)
    return (
      UnsafePointer(indices(count)), choices.rarely(30) ? min(choices.count(), 0) : Int64(count)
    )
  }

  private var instance: OpaquePointer? { instances[choices.below(instances.count)] }

  private func take(_ make: (UnsafeMutablePointer<OpaquePointer?>?) -> Int32, result: Bool) {
    var made: OpaquePointer?
    let code = choices.rarely(60) ? make(nil) : make(&made)
    check(code, made)
    if result { results.append(made) } else { instances.append(made) }
  }

  private func check(_ code: Int32, _ made: OpaquePointer? = nil) {
    precondition(
      code >= -3 && code != 1, "code \(code): \(String(cString: qapkit_error_message()))")
    precondition(code == 0 || made == nil, "a result in spite of the code \(code)")
    if code > 0 {
      let message = String(cString: qapkit_error_message())
      precondition(!message.isEmpty && !message.contains("\n"), message)
    }
  }

  func run() {
    for _ in 0..<24 where !choices.isEmpty {
      Calls.total += 1
      let began = clock()
      call()
      // CPU time, which other programs do not prolong.
      let seconds = Double(clock() - began) / Double(CLOCKS_PER_SEC)
      precondition(seconds < 5, "a call took \(seconds) s")
      if Calls.total == Calls.wanted {
        Calls.tell()
        _exit(0)  // libFuzzer takes an orderly exit for a fault
      }
    }
  }

  private func call() {
    let keys = [
      "objective", "assignment", "json", "certificate", "seconds", "scores", "indices", "trace",
    ]
    switch choices.below(28) {
    case 0, 1, 2, 3:
      let n = 1 + Int64(choices.below(6))
      let (a, b) = choices.rarely(8) ? (matrix(), matrix()) : (matrix(n, n), matrix(n, n))
      let linear = choices.rarely(3) ? matrix(n, n) : nil
      take(
        { qapkit_instance_create(a, b, linear, choices.number(), string(["x"]), $0) }, result: false
      )
    case 25:
      let n = 1 + Int64(choices.below(3))
      let (a, b) = choices.rarely(8) ? (matrix(), matrix()) : (matrix(1 + n, 1 + n), matrix(n, n))
      let linear = choices.rarely(3) ? matrix(1 + n, n) : nil
      let takes = indices(6)
      let count = choices.rarely(8) ? min(choices.count(), 6) : n
      take(
        {
          qapkit_instance_create_with_capacities(
            a, b, linear, choices.number(), takes, count, nil, $0)
        }, result: false)
    case 26:
      let problem = instance
      let (a, b) = (matrix(), matrix())
      take({ qapkit_instance_add_layer(problem, a, b, choices.number(), $0) }, result: false)
    case 27:
      let (x, y, asked, fit) = (matrix(), matrix(), options([]), translation())
      take({ qapkit_translate(x, y, fit, asked, $0) }, result: true)
      let map = memory(MemoryLayout<qapkit_map>.size).bindMemory(to: qapkit_map.self, capacity: 1)
      map.pointee = qapkit_map(
        source_mean: doubles(6), target_mean: doubles(6), weight: doubles(36),
        target_scale: choices.number(), source_features: min(choices.count(), 6),
        target_features: min(choices.count(), 6))
      let given = choices.rarely() ? nil : UnsafePointer(map)
      // At most 12 rows of at most six features.
      let values = memory(576).bindMemory(to: Double.self, capacity: 72)
      check(qapkit_map_apply(given, x, Int32(choices.below(3)), values, 72))
      take({ qapkit_map_validate(given, x, y, choices.count(), 1, $0) }, result: true)
    case 4:
      let n = choices.count()
      let kind = choices.below(6)
      let context = UnsafeMutableRawPointer(bitPattern: kind + 1)
      take(
        { out in
          qapkit_instance_create_tensor(
            min(n, 5),
            { context, i, j, block in
              let kind = Int(bitPattern: context)
              guard let block, kind != 2 else { return 1 }
              block[0] =
                kind == 3
                ? .nan : kind == 4 ? 1e300 : Double((i * 3 + j) % 5) + (kind == 5 ? 0.5 : 0)
              return 0
            }, context, Int32(choices.below(2)), nil, 0, nil, out)
        }, result: false)
    case 5:
      let n = choices.rarely() ? choices.count() : 2
      let entries = doubles(16)
      take(
        { qapkit_instance_create_dense_tensor(min(n, 2), entries, nil, 0, nil, $0) }, result: false)
    case 6:
      let family = string(["taillard-uniform", "grid", "grey-pattern", "planted-gw", "tai12a"])
      let size = choices.rarely(6) ? min(choices.count(), 7) : Int64(1 + choices.below(6))
      take({ qapkit_instance_generate(family, size, 1, $0) }, result: false)
    case 7:
      take(
        { qapkit_instance_read(string(["/", "/dev/null", "missing.dat", ""]), $0) }, result: false)
    case 8:
      let values = doubles(49)
      check(
        qapkit_instance_copy(instance, Int32(choices.below(5)), values, min(choices.count(), 49)))
      _ = qapkit_instance_size(instance) + qapkit_instance_facilities(instance)
      _ = qapkit_instance_name(instance)
      check(qapkit_instance_constant(instance, values))
    case 9:
      let places = indices(6)
      check(qapkit_instance_objective(instance, places, min(choices.count(), 6), doubles(1)))
    case 10, 11, 12:
      let (problem, asked) = (instance, options())
      take({ qapkit_solve(problem, asked, $0) }, result: true)
    case 13:
      let (problem, asked) = (instance, options())
      take({ qapkit_bound(problem, asked, $0) }, result: true)
    case 14:
      let (x, y, asked) = (matrix(), matrix(), options())
      take({ qapkit_match(x, y, asked, $0) }, result: true)
    case 15:
      let (x, y, asked) = (matrix(), choices.rarely(2) ? matrix() : nil, options([]))
      if let asked { UnsafeMutablePointer(mutating: asked).pointee.iterations = 0 }
      take({ qapkit_subset(x, y, choices.count(), asked, $0) }, result: true)
    case 16:
      let asked = options(["local-cka", "local-cka-rbf", "linear", "relative", "cosine"])
      let (x, y) = (matrix(), matrix())
      let (b, c) = choices.rarely(3) ? (matrix(), matrix()) : (nil, nil)
      take({ qapkit_retrieve(x, y, b, c, asked, $0) }, result: true)
    case 17:
      let (x, y, asked) = (matrix(), matrix(), options())
      take({ qapkit_classify(x, y, asked, $0) }, result: true)
    case 18:
      let (x, y, asked, percents) = (matrix(), matrix(), options(), doubles(3))
      take({ qapkit_align(x, y, percents, Int64(choices.below(4)), asked, $0) }, result: true)
    case 19:
      let (x, asked) = (matrix(), options())
      let others = (0..<3).map { _ in choices.rarely(2) ? matrix() : nil }
      take(
        { qapkit_intramodal(x, others[0], others[1], others[2], choices.count(), asked, $0) },
        result: true)
    case 20:
      let claim = string([
        "3 12\n1 2 3\n", "QAPKIT-CERTIFICATE 1\nkind rlt1\n", "2 0\n2 1\n", "1 0 1",
      ])
      let problem = instance
      take({ qapkit_verify(problem, claim, Int32(choices.below(2)), $0) }, result: true)
    case 21, 22:
      let result = results[choices.below(results.count)]
      let key = string(keys)
      check(qapkit_result_number(result, key, doubles(1)))
      let count = qapkit_result_count(result, key)
      if count >= 0, count < 1000 {
        check(
          qapkit_result_numbers(
            result, key, doubles(max(1, Int(count))), count - Int64(choices.below(2))))
        check(qapkit_result_indices(result, key, indices(max(1, Int(count))), count))
      }
      _ = qapkit_result_text(result, key)
    case 23:
      let columns = indices(12)
      check(qapkit_linear_assignment(matrix(), Int32(choices.below(2)), columns))
    default:
      let n = choices.rarely(20) ? min(choices.count(), 5) : Int64(1 + choices.below(5))
      let (a, b) = (doubles(25), doubles(25))
      let state = indices(3)
      if choices.rarely(2) {
        if let state { (state[0], state[1], state[2]) = (0, choices.rarely(9) ? 7 : -1, 0) }
        check(
          qapkit_two_opt(
            n, a, b, indices(5), min(choices.count(), 5), Int32(choices.below(2)), nil, indices(5),
            state))
      } else {
        let (c, gradient) = (
          choices.rarely(2) ? doubles(25) : nil, choices.rarely(2) ? doubles(25) : nil
        )
        check(
          qapkit_faq(
            n, a, b, c, doubles(25), gradient, choices.rarely(9) ? min(choices.count(), 30) : 9,
            choices.rarely(9) ? choices.number() : 0.03, Int32(choices.below(2)), nil, indices(5),
            state, choices.rarely(4) ? indices(150) : nil))
      }
    }
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Calls(UnsafeBufferPointer(start: start, count: count)).run()
  return 0
}

@main
struct FuzzCalls {
  static func main() {
    atexit { Calls.tell() }
    runFuzzer { fuzzOneInput($0, $1) }
  }
}
