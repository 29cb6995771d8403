import Foundation
import QAPInstanceIO
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Published values: `Tests/Golden`.
enum Golden {
  private static let tests =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
  /// Embeddings of real encoders.
  static let bundledEmbeddings = tests + "/../Instances/embeddings"

  /// The path of a file.
  static func path(_ file: String) -> String { "\(tests)/Golden/\(file)" }

  static func array(_ name: String) throws -> NumericArray {
    try NPY.read(path("\(name).npy"))
  }

  static func matrix(_ name: String) throws -> Matrix<Double> {
    try #require(try array(name).matrix)
  }

  static func indices(_ name: String) throws -> [Int] {
    try array(name).elements.map { Int($0) }
  }

  static func embeddings(_ name: String) throws -> Embeddings {
    try Embeddings(try matrix(name), name: name)
  }

  /// A number in a JSON file, by its path of keys.
  static func number(_ file: String, _ path: String) throws -> Double {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.path("\(file).json")))
    var value: Any = try JSONSerialization.jsonObject(with: data)
    for key in path.split(separator: ".") {
      if let array = value as? [Any], let index = Int(key) {
        value = array[index]
      } else {
        value = try #require((value as? [String: Any])?[String(key)], "no \(path)")
      }
    }
    return try #require((value as? NSNumber)?.doubleValue)
  }
}

/// ‖a − b‖ / ‖b‖ in the Frobenius norm.
func relativeDifference(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
  guard a.rows == b.rows, a.columns == b.columns else { return .infinity }
  var (difference, norm) = (0.0, 0.0)
  for (x, y) in zip(a.elements, b.elements) {
    difference += (x - y) * (x - y)
    norm += y * y
  }
  return (difference / norm).squareRoot()
}

/// |a − b| / |b|.
func relativeDifference(_ a: Double, _ b: Double) -> Double { abs(a - b) / abs(b) }
