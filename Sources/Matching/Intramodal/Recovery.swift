import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// Similarities within one modality, recovered from those between two.
///
/// Given are inner products S = X·Yᵀ of n unknown rows with m others; sought is X·Xᵀ. It is
/// returned as the factor Z of Z·Zᵀ, or of U·Q·Uᵀ.
public enum Recovery {
  /// With the m rows Y (the anchors) known: X = S·Y⁺ᵀ, exact when the anchors span the space
  /// (equations 2 and 3 of the intra-modal paper).
  ///
  /// - Parameters:
  ///   - similarities: n × m.
  ///   - anchors: m × d.
  /// - Returns: X, n × d, and the condition number of the anchors.
  /// - Throws: `InputError` when the anchors have no singular values.
  public static func withAnchors(
    _ similarities: Matrix<Double>, anchors: Embeddings
  ) throws(InputError) -> (rows: Matrix<Double>, condition: Double) {
    precondition(similarities.columns == anchors.rows, "one column an anchor")
    guard let svd = singularValues(anchors.values) else {
      throw InputError(
        anchors.name, found: "numbers without singular values", expected: "numbers of usual size")
    }
    let rows = svd.solve(similarities.transposed).transposed
    let smallest = svd.values.last ?? 0
    return (rows, smallest > 0 ? (svd.values.first ?? 0) / smallest : .infinity)
  }

  /// The result of `withoutAnchors`.
  public struct Unanchored: Sendable {
    /// The similarities X·Xᵀ, n × n.
    public let similarities: Matrix<Double>
    /// The rank d of S.
    public let dimensions: Int
    /// The rank of the linear system for Q.
    public let rank: Int
    /// The rank at which Q is unique: d(d + 1)/2.
    public var expectedRank: Int { dimensions * (dimensions + 1) / 2 }
    /// The singular values of S that count.
    public let singularValues: [Double]
  }

  /// With nothing else known but that all rows of X have length 1. With S = U·Σ·Vᵀ of rank d there
  /// is a symmetric Q such that X·Xᵀ = U·Q·Uᵀ, and each row gives a linear equation u_iᵀ·Q·u_i = 1:
  /// d(d + 1)/2 unknowns, determined for enough rows in general position (appendix A of the paper).
  /// The solution of least norm is taken.
  ///
  /// - Parameters:
  ///   - similarities: n × m.
  ///   - dimensions: the rank d; nil for the number of singular values above rounding.
  /// - Complexity: O(n·m·min(n, m) + n·d⁴).
  ///
  /// Nil when there are no singular values, d is 0, or the system is larger than `maxSystemSize`
  /// numbers.
  public static func withoutAnchors(
    _ similarities: Matrix<Double>, dimensions: Int? = nil
  ) -> Unanchored? {
    guard let svd = QAPDenseAlgebra.singularValues(similarities) else { return nil }
    let d = min(dimensions ?? svd.rank(), svd.values.count)
    let unknowns = d * (d + 1) / 2
    let n = similarities.rows
    guard d > 0, n * unknowns <= maxSystemSize else { return nil }
    // Rows of length about 1 instead of 1/√n.
    let scale = (Double(n) / Double(d)).squareRoot()
    let u = Matrix<Double>(rows: n, columns: d) { svd.left[$0, $1] * scale }
    let system = Matrix(rows: n, columns: unknowns, startingFrom: 0) { out in
      for row in 0..<n {
        var place = row * unknowns
        for a in 0..<d {
          for b in a..<d {
            out[place] = (a == b ? 1 : 2) * u[row, a] * u[row, b]
            place += 1
          }
        }
      }
    }
    guard let solver = QAPDenseAlgebra.singularValues(system) else { return nil }
    let solution = solver.solve(Matrix(rows: n, columns: 1, repeating: 1))
    var q = Matrix<Double>(rows: d, columns: d, repeating: 0)
    var place = 0
    for a in 0..<d {
      for b in a..<d {
        q[a, b] = solution[place, 0]
        q[b, a] = q[a, b]
        place += 1
      }
    }
    let recovered = gemm(1, gemm(1, u, .plain, q, .plain), .plain, u, .transposed)
    return Unanchored(
      similarities: recovered, dimensions: d, rank: solver.rank(),
      singularValues: Array(svd.values.prefix(d)))
  }

  /// The largest system for Q, rows × unknowns.
  public static let maxSystemSize = 1 << 25

  /// ‖found − X·Xᵀ‖ / ‖X·Xᵀ‖ in the Frobenius norm, and the largest difference.
  public static func error(
    of found: Matrix<Double>, for x: Embeddings
  ) -> (relative: Double, largest: Double) {
    let truth = Kernel.linear(x.values)
    var (difference, norm, largest) = (CompensatedSum(), CompensatedSum(), 0.0)
    for (a, b) in zip(found.elements, truth.elements) {
      difference.add((a - b) * (a - b))
      norm.add(b * b)
      largest = max(largest, abs(a - b))
    }
    return ((difference.value / norm.value).squareRoot(), largest)
  }
}
