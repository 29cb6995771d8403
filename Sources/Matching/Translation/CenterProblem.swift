import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// The centers of one restart on both sides, and the assignment problem between them.
struct CenterProblem: Sendable {
  /// Centers less their mean, clusters × leading coordinates. They are not normalized again.
  let source: CenterSide
  let target: CenterSide

  /// The problem of assigning source centers to target centers so that their kernels agree best.
  ///
  /// maximize Σ K[i,k]·L[p(i),p(k)] + 2·Σ_i Σ_a K₁₂[i,a]·L₁₂[p(i),a], with kernels of unit norm
  /// and known pairs a; they do not enlarge the problem.
  ///
  /// - Parameters:
  ///   - pairs: coordinates of known pairs, a row each.
  ///   - guide: a map that assignments should agree with, and the weight of that wish.
  func instance(
    pairs: (source: Matrix<Double>, target: Matrix<Double>)?,
    guide: (map: RankedMap, weight: Double)? = nil
  ) -> Instance? {
    let clusters = source.centers.rows
    var linear: Matrix<Double>?
    if let pairs {
      linear = gemm(
        -2, source.similarities(to: pairs.source), .plain, target.similarities(to: pairs.target),
        .transposed)
    }
    if let guide {
      let (p, q) = (source.centers.columns, target.centers.columns)
      let moved = gemm(
        1, source.centers, .plain, guide.map.weight(rows: p, columns: q), .plain)
      let norm = source.centers.frobeniusNorm * target.centers.frobeniusNorm
      linear = gemm(
        -guide.weight / norm, moved, .plain, target.centers, .transposed, beta: 1,
        adding: linear ?? Matrix(rows: clusters, columns: clusters, repeating: 0))
    }
    return try? Instance(
      name: "centers", flow: source.kernel.map { 0 - $0 }, distance: target.kernel, linear: linear)
  }

  /// Σ a·bᵀ/C over assigned centers: source coordinates × target coordinates.
  func crossCovariance(_ locations: [Int]) -> Matrix<Double> {
    let matched = Matrix<Double>(
      rows: locations.count, columns: target.centers.columns
    ) { target.centers[locations[$0], $1] }
    return gemm(
      1 / Double(locations.count), source.centers, .transposed, matched, .plain)
  }
}
