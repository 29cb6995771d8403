// The names are those of qapkit.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CQAPKit
import FoundationEssentials
import QAP
import QAPKit
import QAPReporting

/// A result in C's hands: JSON, texts beside it, and arrays that are too large for JSON.
final class ResultBox {
  private let json: String
  private let texts: [String: String]
  private let arrays: [String: [Double]]
  /// The JSON once a key was asked for.
  private lazy var values =
    (try? JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))) ?? [:]
  private var strings: [String: CText] = [:]

  init(_ json: some Encodable, texts: [String: String] = [:], arrays: [String: [Double]] = [:])
    throws
  {
    self.json = String(decoding: try jsonText(json), as: UTF8.self)
    self.texts = texts
    self.arrays = arrays
  }

  func number(_ key: String) -> Double? { values[key]?.number }

  func numbers(_ key: String) -> [Double]? {
    if let array = arrays[key] { return array }
    guard case .array(let list)? = values[key] else { return nil }
    // An index that is unknown is null in JSON, and -1 here.
    return list.map { $0.number ?? -1 }
  }

  func text(_ key: String) -> UnsafePointer<CChar>? {
    if let known = strings[key] { return unsafe known.pointer }
    guard let text = key == "json" ? json : texts[key] ?? values[key]?.string else { return nil }
    let copy = CText(text)
    strings[key] = copy
    return unsafe copy.pointer
  }
}

/// As much of JSON as the keys of a result need.
private enum JSONValue: Decodable {
  case number(Double)
  case string(String)
  case array([JSONValue])
  case other

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self =
      (try? .number(container.decode(Double.self))) ?? (try? .string(container.decode(String.self)))
      ?? (try? .array(container.decode([JSONValue].self))) ?? .other
  }

  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var string: String? { if case .string(let string) = self { string } else { nil } }
}

/// Runs `make` and writes what it made to `result`.
func handOutResult(
  _ result: UnsafeMutablePointer<OpaquePointer?>?, _ make: () throws -> ResultBox
) -> Int32 {
  guarded {
    let result = unsafe try place(result, "result")
    unsafe result.pointee = nil
    unsafe result.pointee = handOut(try make())
  }
}

/// A result and the name of a value of it.
private func find(
  _ result: OpaquePointer?, _ key: UnsafePointer<CChar>?
) throws -> (ResultBox, String) {
  let box = unsafe try object(result, ResultBox.self, "result")
  guard let key = unsafe try string(key, "key") else { throw Failure.argument("key is NULL") }
  return (box, key)
}

@c @implementation
public func qapkit_result_number(
  _ result: OpaquePointer?, _ key: UnsafePointer<CChar>?, _ value: UnsafeMutablePointer<Double>?
) -> Int32 {
  guarded {
    let (box, key) = unsafe try find(result, key)
    guard let number = box.number(key) else {
      throw Failure.argument("the result has no number \(key)")
    }
    unsafe try place(value, "value").pointee = number
  }
}

/// The array `key` of a result.
private func array(_ result: OpaquePointer?, _ key: UnsafePointer<CChar>?) throws -> [Double] {
  let (box, key) = unsafe try find(result, key)
  guard let array = box.numbers(key) else {
    throw Failure.argument("the result has no array \(key)")
  }
  return array
}

@c @implementation
public func qapkit_result_count(_ result: OpaquePointer?, _ key: UnsafePointer<CChar>?) -> Int64 {
  unsafe (try? array(result, key)).map { Int64($0.count) } ?? -1
}

@c @implementation
public func qapkit_result_indices(
  _ result: OpaquePointer?, _ key: UnsafePointer<CChar>?, _ values: UnsafeMutablePointer<Int64>?,
  _ capacity: Int64
) -> Int32 {
  guarded {
    let indices = unsafe try array(result, key).map { number in
      guard let index = Int64(exactly: number) else {
        throw Failure.argument("the array holds numbers that are not indices")
      }
      return index
    }
    unsafe try copy(indices, to: values, capacity)
  }
}

@c @implementation
public func qapkit_result_numbers(
  _ result: OpaquePointer?, _ key: UnsafePointer<CChar>?, _ values: UnsafeMutablePointer<Double>?,
  _ capacity: Int64
) -> Int32 {
  guarded { unsafe try copy(try array(result, key), to: values, capacity) }
}

@c @implementation
public func qapkit_result_text(
  _ result: OpaquePointer?, _ key: UnsafePointer<CChar>?
) -> UnsafePointer<CChar>? {
  guard let (box, key) = unsafe try? find(result, key) else { return nil }
  return unsafe box.text(key)
}

@c @implementation
public func qapkit_result_free(_ result: OpaquePointer?) {
  unsafe takeBack(result, ResultBox.self)
}

private let versionText = CText(PackageVersion.text)
private let methodsText = CText(methodsJSON())

@c @implementation
public func qapkit_version() -> UnsafePointer<CChar>? { unsafe versionText.pointer }

@c @implementation
public func qapkit_error_message() -> UnsafePointer<CChar>? { unsafe ThreadError.message }

@c @implementation
public func qapkit_methods() -> UnsafePointer<CChar>? { unsafe methodsText.pointer }

/// The registry as JSON.
private func methodsJSON() -> String {
  struct Row: Encodable {
    let id, summary, paper, guarantee, iteration: String
    let tensors, asymmetric: Bool
    let largest: Int?
  }
  let rows = MethodRegistry.methods.map(\.info).map {
    Row(
      id: $0.id, summary: $0.summary, paper: $0.paper, guarantee: $0.output.rawValue,
      iteration: $0.iteration, tensors: $0.supportsTensors, asymmetric: $0.supportsAsymmetry,
      largest: $0.maxSize)
  }
  return (try? jsonText(rows)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
}
