import QAP
import QAPPrimitives

/// The losses between two kernels of different sizes as a cost tensor: facilities are the rows of
/// the smaller kernel and then as many that cost nothing as are missing, locations those of the
/// larger.
///
/// The part f2 of a loss depends on which rows of the larger side have partners, so it is no
/// constant here and the costs are no product.
struct LossTensor: CostTensor {
  let size: Int
  let isSymmetric: Bool
  private let small: Matrix<Double>
  private let large: Matrix<Double>
  private let loss: Loss
  private let isTransposed: Bool
  private let weight: Double

  /// - Parameters:
  ///   - isTransposed: the facilities are those of `y`.
  ///   - weight: a factor of all losses.
  init(
    _ x: Matrix<Double>, _ y: Matrix<Double>, loss: Loss, isTransposed: Bool, weight: Double = 1
  ) {
    size = max(x.rows, y.rows)
    isSymmetric = x.isSymmetric && y.isSymmetric
    small = isTransposed ? y : x
    large = isTransposed ? x : y
    self.loss = loss
    self.isTransposed = isTransposed
    self.weight = weight
  }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    guard i < small.rows, k < small.rows else { return 0 }
    return weight
      * (isTransposed ? loss(large[j, l], small[i, k]) : loss(small[i, k], large[j, l]))
  }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    for k in 0..<size {
      for l in 0..<size { block[k * size + l] = cost(i, j, k, l) }
    }
  }
}
