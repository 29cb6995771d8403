import Foundation
import QAPMatching
import QAPPrimitives

extension Golden {
  static func object(_ name: String) throws -> Node {
    let data = try Data(contentsOf: URL(fileURLWithPath: path("\(name).json")))
    return Node(value: try JSONSerialization.jsonObject(with: data))
  }

  /// A place in a JSON value; what is not there is NaN or empty, so that comparisons fail.
  struct Node {
    let value: Any?
    subscript(key: String) -> Node { Node(value: (value as? [String: Any])?[key]) }
    subscript(index: Int) -> Node {
      let list = value as? [Any] ?? []
      return Node(value: list.indices.contains(index) ? list[index] : nil)
    }
    var number: Double { (value as? NSNumber)?.doubleValue ?? .nan }
    var numbers: [Double] {
      (value as? [Any])?.map { ($0 as? NSNumber)?.doubleValue ?? .nan } ?? []
    }
  }
}

/// True when `found` and `expected` agree to `tolerance`, relative to the latter.
func agrees(_ found: Double, _ expected: Double, _ tolerance: Double = 1e-10) -> Bool {
  abs(found - expected) <= tolerance * max(abs(expected), 1e-300)
}

/// ‖found − expected‖ ≤ tolerance·‖expected‖, all elements together.
func agrees(
  _ found: some Collection<Double>, _ expected: some Collection<Double>,
  _ tolerance: Double = 1e-10
) -> Bool {
  guard found.count == expected.count else { return false }
  let difference = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let size = expected.reduce(0) { $0 + $1 * $1 }
  return difference.squareRoot() <= tolerance * size.squareRoot()
}

/// Random embeddings with a common part, so that alignment is neither 0 nor 1.
func randomPair(
  rows: Int, _ dx: Int, _ dy: Int, seed: UInt64, noise: Double = 0.7
) throws -> (Embeddings, Embeddings) {
  var rng = SeededGenerator(seed: seed)
  let latent = Matrix<Double>(rows: rows, columns: 4) { _, _ in rng.approximateNormal() }
  func view(_ columns: Int) throws -> Embeddings {
    let map = Matrix<Double>(rows: 4, columns: columns) { _, _ in rng.approximateNormal() }
    return try Embeddings(
      Matrix<Double>(rows: rows, columns: columns) { row, column in
        (0..<4).reduce(0.3) { $0 + latent[row, $1] * map[$1, column] }
          + noise * rng.approximateNormal()
      })
  }
  return (try view(dx), try view(dy))
}
