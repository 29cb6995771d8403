import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// Linear maps fitted to known pairs, both sides centered at the means of the known rows: queries
/// and candidates in a common space, for cosines.
enum LinearMap {
  /// The penalties that ridge and canonical correlations choose from, relative to the data's unit.
  static let alphas = LinearPredictivity.usualAlphas

  /// Ridge regression with an intercept (Hoerl and Kennard 1970); the penalty has the least
  /// leave-one-out error over the known pairs, as in scikit-learn's `RidgeCV`.
  ///
  /// - Returns: predictions of the queries and the candidates, both minus the mean of the targets.
  static func ridge(
    _ source: RetrievalSide, _ target: RetrievalSide
  ) throws(InputError) -> (Matrix<Double>, Matrix<Double>) {
    let known = Array(0..<source.base.rows)
    guard let design = RidgeDesign(source.base.values, rows: known) else {
      throw LinearPredictivity.noDecomposition(source.base)
    }
    let fit = RidgeFit(design, target: target.base.values, rows: known)
    let alpha = alphas[fit.best(of: alphas)]
    let coordinates = design.coordinates(source.asked.values, rows: all(source.asked))
    return (
      gemm(1, coordinates, .plain, fit.coefficients(alpha), .plain),
      RidgeDesign.centered(target.asked.values, all(target.asked), fit.mean)
    )
  }

  /// The rotation that brings the known rows, centered and normalized, closest to their partners
  /// (orthogonal Procrustes, Schönemann 1966): U·Vᵀ of the cross product U·S·Vᵀ, as coordinates in
  /// U and V. Directions that no known pair has are left out, as any rotation of them fits.
  static func procrustes(
    _ source: RetrievalSide, _ target: RetrievalSide, threads: Int
  ) throws(InputError) -> (Matrix<Double>, Matrix<Double>) {
    let (x, y) = (try centered(source), try centered(target))
    let cross = parallelProduct(
      x.base.values, .transposed, y.base.values, .plain, threads: threads)
    guard let svd = singularValues(cross) else {
      throw LinearPredictivity.noDecomposition(source.base)
    }
    let rank = svd.rank()
    let left = Matrix<Double>(rows: svd.left.rows, columns: rank) { svd.left[$0, $1] }
    let right = Matrix<Double>(rows: rank, columns: svd.right.columns) { svd.right[$0, $1] }
    return (
      parallelProduct(x.asked.values, .plain, left, .plain, threads: threads),
      parallelProduct(y.asked.values, .plain, right, .transposed, threads: threads)
    )
  }

  /// Regularized canonical correlations (Hotelling 1936; Vinod 1976): directions of both sides that
  /// correlate most over the known pairs, each weighted by its correlation. The penalty, a share of
  /// the mean squared singular value, is the one of `shares` with the best leave-one-fifth-out
  /// retrieval of known pairs.
  static func canonical(
    _ source: RetrievalSide, _ target: RetrievalSide, threads: Int
  ) throws(InputError) -> (Matrix<Double>, Matrix<Double>) {
    let shares = [0.01, 0.1, 1, 10]
    let count = source.base.rows
    var best = (share: 1.0, hits: -1.0)
    if count >= 10 {
      for share in shares {
        var hits = 0.0
        for fold in 0..<5 {
          let kept = (0..<count).filter { $0 % 5 != fold }
          let held = (0..<count).filter { $0 % 5 == fold }
          func part(_ e: Embeddings) throws(InputError) -> RetrievalSide {
            try RetrievalSide(base: try e.selecting(kept), asked: try e.selecting(held))
          }
          let (x, y) = try canonical(
            try part(source.base), try part(target.base), share: share, threads: threads)
          let factors = ScoreFactors(source: x, target: y).unitRows
          hits +=
            factors.quality(
              truth: Array(0..<held.count), top: [1], matching: false, threads: threads
            ).top[0] * Double(held.count)
        }
        if hits > best.hits { best = (share, hits) }
      }
    }
    return try canonical(source, target, share: best.share, threads: threads)
  }

  private static func canonical(
    _ source: RetrievalSide, _ target: RetrievalSide, share: Double, threads: Int
  ) throws(InputError) -> (Matrix<Double>, Matrix<Double>) {
    func whitened(
      _ side: RetrievalSide
    ) throws(InputError) -> (base: Matrix<Double>, asked: Matrix<Double>) {
      guard let design = RidgeDesign(side.base.values, rows: all(side.base)) else {
        throw LinearPredictivity.noDecomposition(side.base)
      }
      let squares = design.values.map { $0 * $0 }
      let penalty =
        share * squares.reduce(0, +) / Double(max(1, squares.count))
      let scale = squares.map { 1 / ($0 + penalty).squareRoot() }
      let asked = design.coordinates(side.asked.values, rows: all(side.asked))
      return (
        Matrix(rows: design.left.rows, columns: scale.count) {
          design.left[$0, $1] * design.values[$1] * scale[$1]
        },
        Matrix(rows: asked.rows, columns: scale.count) { asked[$0, $1] * scale[$1] }
      )
    }
    let (x, y) = (try whitened(source), try whitened(target))
    let cross = parallelProduct(x.base, .transposed, y.base, .plain, threads: threads)
    guard let svd = singularValues(cross) else {
      throw LinearPredictivity.noDecomposition(source.base)
    }
    func projected(_ asked: Matrix<Double>, _ b: Matrix<Double>, _ o: Operation) -> Matrix<Double> {
      let image = parallelProduct(asked, .plain, b, o, threads: threads)
      return Matrix(rows: image.rows, columns: image.columns) {
        image[$0, $1] * svd.values[$1].squareRoot()
      }
    }
    return (
      projected(x.asked, svd.left, .plain), projected(y.asked, svd.right, .transposed)
    )
  }

  /// Both parts minus the mean of the known rows, rows divided by their norms.
  static func centered(_ side: RetrievalSide) throws(InputError) -> RetrievalSide {
    let shifted = try side.centered()
    return try RetrievalSide(
      base: try shifted.base.normalized(), asked: try shifted.asked.normalized())
  }

  private static func all(_ e: Embeddings) -> [Int] { Array(0..<e.rows) }
}
