import QAP
import QAPPrimitives

/// One of the two sides of an instance.
package enum Side: Sendable {
  case facilities
  case locations

  /// The matrix of the side without its diagonal, and the linear costs with a row for each of its
  /// elements; nil for a tensor.
  package func data(of pairs: PairCost) -> (matrix: Matrix<Double>, linear: Matrix<Double>)? {
    switch pairs.kind {
    case .product(let flow, let distance), .twoProducts(let flow, let distance):
      self == .facilities ? (flow, pairs.linear) : (distance, pairs.linear.transposed)
    case .tensor: nil
    }
  }
}
