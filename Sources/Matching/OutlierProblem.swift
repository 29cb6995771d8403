import QAP
import QAPPrimitives

/// A match in which rows may stay unmatched, as an instance.
///
/// Facilities are the rows of the smaller side and fillers, locations the rows of the larger side
/// and places for rows without a partner. Only losses between matched rows count. Each of the
/// three parts of a loss f1(x) + f2(y) − h1(x)·h2(y) is a product then, with a matrix of ones over
/// the rows of the other side, so the cost is a sum of at most three products.
struct OutlierProblem {
  private let x: Matrix<Double>
  private let y: Matrix<Double>
  private let loss: Loss
  private let isTransposed: Bool
  private let weight: Double
  private let linear: Matrix<Double>?
  private let price: Double
  private let maxCount: Int?

  /// - Parameters:
  ///   - isTransposed: the facilities are those of `y`.
  ///   - weight: a factor of all losses.
  ///   - linear: the costs of facilities at locations, if there are any.
  ///   - price: of each row of either side without a partner.
  ///   - maxCount: rows of the smaller side without a partner at most; nil for all of them.
  init(
    _ x: Matrix<Double>, _ y: Matrix<Double>, loss: Loss, isTransposed: Bool, weight: Double,
    linear: Matrix<Double>?, price: Double, maxCount: Int?
  ) {
    self.x = x
    self.y = y
    self.loss = loss
    self.isTransposed = isTransposed
    self.weight = weight
    self.linear = linear
    self.price = price
    self.maxCount = maxCount
  }

  /// The instance.
  ///
  /// - Throws: `MethodError` for a price that is no number and for too many rows, and
  ///   `InputError`.
  func instance(name: String, metric: Metric) throws -> Instance {
    guard price.isFinite, maxCount ?? 0 >= 0 else {
      throw MethodError.parameter(
        name: "outliers", found: "the cost \(price), at most \(maxCount ?? 0)", expected: "a number"
      )
    }
    let (m, n) = isTransposed ? (y.rows, x.rows) : (x.rows, y.rows)
    let size = n + min(maxCount ?? m, m)
    guard loss.isProduct || size <= MatchingProblem.maxTensorSize else {
      throw MethodError.tooLarge(
        method: metric.name, size: size,
        needs: "at most \(MatchingProblem.maxTensorSize) rows and outliers",
        alternative: "--max-outliers, --metric cka or correlation")
    }
    func padded(_ count: Int, _ value: (Int, Int) -> Double) -> Matrix<Double> {
      Matrix(rows: size, columns: size) { $0 < count && $1 < count ? value($0, $1) : 0 }
    }
    let (x, y, loss, weight) = (x, y, loss, weight)
    let ofX = padded(x.rows) { 0 - weight * loss.h1(x[$0, $1]) }
    let ofY = padded(y.rows) { loss.h2(y[$0, $1]) }
    let costs = Matrix<Double>(rows: size, columns: size) { i, j in
      switch (i < m, j < n) {
      case (true, true): linear?[i, j] ?? 0
      case (true, false), (false, true): price
      case (false, false): 0
      }
    }
    let product = try Instance(
      name: name, flow: isTransposed ? ofY : ofX, distance: isTransposed ? ofX : ofY, linear: costs)
    if loss.isProduct { return product }
    let (first, second) = (
      padded(x.rows) { weight * loss.f1(x[$0, $1]) }, padded(y.rows) { weight * loss.f2(y[$0, $1]) }
    )
    let (onesOfX, onesOfY) = (padded(x.rows) { _, _ in 1 }, padded(y.rows) { _, _ in 1 })
    return try product.adding(
      isTransposed
        ? [
          CostLayer(flow: onesOfY, distance: first), CostLayer(flow: second, distance: onesOfX),
        ]
        : [
          CostLayer(flow: first, distance: onesOfY), CostLayer(flow: onesOfX, distance: second),
        ])
  }
}
