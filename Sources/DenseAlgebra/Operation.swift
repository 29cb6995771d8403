import COpenBLAS
import QAPPrimitives

/// The form in which a matrix enters a product.
public enum Operation: Sendable {
  /// As it is.
  case plain
  /// Transposed.
  case transposed

  var code: Int32 {
    switch self {
    case .plain: Int32(QAP_NO_TRANSPOSE)
    case .transposed: Int32(QAP_TRANSPOSE)
    }
  }
}
