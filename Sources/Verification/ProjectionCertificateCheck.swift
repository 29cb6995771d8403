import QAP
import QAPPrimitives

/// Checks a projection bound; see `ProjectionProof` for what it says.
///
/// Everything is computed in doubles in the plainest way, and every step states how wrong it can
/// be, u = 2⁻⁵³. For approximate eigenpairs (Λ, Q) of a symmetric M, Q square with the vector e/√n
/// added,
///
///     δ ≥ ‖QᵀQ − I‖,  ρ ≥ ‖MQ − QΛ‖   ⟹   |λ_i(M) − Λ_i| ≤ ρ + δ(‖M‖ + max|Λ|)
///
/// for both sides in ascending order: with the polar factors Q = UH, ‖H − I‖ ≤ δ, the matrix UᵀMU
/// differs from Λ by Uᵀ(MQ − QΛ) − UᵀMU(H − I) + (H − I)Λ, and Weyl's theorem applies. Leaving out
/// the eigenvalue 0 of e on one side and the 0 of the added vector on the other at most doubles
/// this. All norms are Frobenius norms. O(n³) time.
struct ProjectionCertificateCheck {
  let costs: ClaimCosts
  let proof: ProjectionProof

  /// The value that the numbers prove, or their fault.
  func result() -> Result<Double, Fault> {
    let n = costs.size
    guard proof.size == n else {
      return .failure(Fault("size \(proof.size), expected \(n) free facilities"))
    }
    for matrix in [proof.flowVectors, proof.distanceVectors]
    where matrix.rows != n - 1 || matrix.columns != n { return .failure(Fault("a wrong shape")) }
    guard proof.flowValues.count == n - 1, proof.distanceValues.count == n - 1,
      proof.locationDuals.count == n
    else { return .failure(Fault("wrong numbers of values")) }
    guard let (a, b) = matrices() else {
      return .failure(Fault("the instance is not symmetric, and the bound not defined"))
    }
    // Beyond these sizes squares and products might underflow unseen.
    for matrix in [a, b] {
      let largest = matrix.elements.reduce(0) { max($0, abs($1)) }
      guard largest == 0 || (0x1p-200...0x1p200).contains(largest) else {
        return .failure(Fault("entries of size \(largest): beyond what this check can bound"))
      }
    }
    let flow = spectrum(a, proof.flowValues, proof.flowVectors)
    let distance = spectrum(b, proof.distanceValues, proof.distanceVectors)
    // The minimal scalar product, and its change when every eigenvalue moves by its error.
    var product = 0.0
    var error = Double(n) * flow.error * distance.error
    for k in 0..<n - 1 {
      let (x, y) = (flow.values[k], distance.values[n - 2 - k])
      product += x * y
      error += abs(x) * distance.error + abs(y) * flow.error + Double(n + 2) * unit * abs(x * y)
    }
    let linear = linearPart(a, b)
    let fixed = costs.fixed
    var constant = fixed
    constant.add(costs.instance.constant)
    let sum = product + linear.value + constant.lower
    if [a, b].allSatisfy({ $0.elements.contains { $0 != 0 } }) {
      error += Double(n * n) * .leastNormalMagnitude
    }
    error += linear.error + 4 * unit * (abs(product) + abs(linear.value) + abs(constant.lower))
    // Twice, for the rounding of the errors themselves.
    let proven = (sum - 2 * error).nextDown
    return proven.isFinite ? .success(proven) : .failure(Fault("numbers beyond doubles"))
  }

  /// A fault in words.
  struct Fault: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private var unit: Double { 0x1p-53 }

  /// The two symmetric matrices over the free facilities and locations; nil when neither is
  /// symmetric, or for tensors. A sum with the transpose is rounded once; halving is exact.
  private func matrices() -> (Matrix<Double>, Matrix<Double>)? {
    guard case .koopmansBeckmann(let flow, let distance) = costs.instance.cost else { return nil }
    func free(_ matrix: Matrix<Double>, _ kept: [Int]) -> Matrix<Double> {
      Matrix(rows: costs.size, columns: costs.size) {
        $0 == $1 && proof.movesDiagonal ? 0 : matrix[kept[$0], kept[$1]]
      }
    }
    let (a, b) = (free(flow, costs.facilities), free(distance, costs.locations))
    func mean(_ matrix: Matrix<Double>) -> Matrix<Double> {
      Matrix(rows: matrix.rows, columns: matrix.rows) { 0.5 * (matrix[$0, $1] + matrix[$1, $0]) }
    }
    guard a.isSymmetric || b.isSymmetric else { return nil }
    return (mean(a), mean(b))
  }

  /// The claimed eigenvalues in ascending order and how far the true ones can be from them.
  private func spectrum(
    _ matrix: Matrix<Double>, _ values: [Double], _ vectors: Matrix<Double>
  ) -> (values: [Double], error: Double) {
    let n = matrix.rows
    let size = Double(n)
    // PMP, element by element: two means of n terms and one of n² taken off, each rounded.
    let means = (0..<n).map { matrix.row($0).reduce(0, +) / size }
    let mean = means.reduce(0, +) / size
    let projected = Matrix<Double>(rows: n, columns: n) {
      matrix[$0, $1] - means[$0] - means[$1] + mean
    }
    let largest = matrix.elements.reduce(0) { max($0, abs($1)) }
    let projection = size * 8 * (size + 4) * unit * largest
    let normal = 1 / size.squareRoot()
    func vector(_ k: Int, _ i: Int) -> Double { k < n - 1 ? vectors[k, i] : normal }
    func value(_ k: Int) -> Double { k < n - 1 ? values[k] : 0 }
    var residual = 0.0
    var orthogonality = 0.0
    var sizeOfVectors = 0.0
    for k in 0..<n {
      for i in 0..<n {
        var sum = -value(k) * vector(k, i)
        for j in 0..<n { sum += projected[i, j] * vector(k, j) }
        residual += sum * sum
        sizeOfVectors += vector(k, i) * vector(k, i)
      }
      for l in 0..<n {
        var sum = k == l ? -1.0 : 0.0
        for j in 0..<n { sum += vector(k, j) * vector(l, j) }
        orthogonality += sum * sum
      }
    }
    let norm = frobenius(projected)
    let extreme = values.reduce(0) { max($0, abs($1)) }
    let rounding = (size + 6) * unit
    let rho = residual.squareRoot() + rounding * sizeOfVectors.squareRoot() * (norm + extreme)
    let delta = orthogonality.squareRoot() + rounding * (sizeOfVectors + size.squareRoot())
    return (values.sorted(), 2 * (rho + delta * (norm + extreme)) + 2 * projection)
  }

  private func frobenius(_ matrix: Matrix<Double>) -> Double {
    matrix.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// The value that the assignment problem over D + L proves by its location duals, less
  /// s(A)s(B)/n².
  private func linearPart(
    _ a: Matrix<Double>, _ b: Matrix<Double>
  ) -> (value: Double, error: Double) {
    let n = costs.size
    let size = Double(n)
    let (x, y) = ((0..<n).map { a.row($0).reduce(0, +) }, (0..<n).map { b.row($0).reduce(0, +) })
    let (magnitudeX, magnitudeY) = (
      (0..<n).map { a.row($0).reduce(0) { $0 + abs($1) } },
      (0..<n).map { b.row($0).reduce(0) { $0 + abs($1) } }
    )
    var value = 0.0
    var magnitude = 0.0
    for i in 0..<n {
      var least = Double.infinity
      var largest = 0.0
      for j in 0..<n where !costs.isForbidden(i, j) {
        // The diagonal is in the matrices or here, and what is fixed always here.
        let single = costs.single(i, j, withDiagonal: proof.movesDiagonal).lower
        least = min(least, 2 / size * x[i] * y[j] + single - proof.locationDuals[j])
        largest = max(
          largest,
          2 / size * magnitudeX[i] * magnitudeY[j] + abs(single) + abs(proof.locationDuals[j]))
      }
      value += least
      magnitude += largest
    }
    for dual in proof.locationDuals {
      value += dual
      magnitude += abs(dual)
    }
    value -= x.reduce(0, +) * y.reduce(0, +) / (size * size)
    magnitude += magnitudeX.reduce(0, +) * magnitudeY.reduce(0, +) / (size * size)
    return (value, (6 * size + 24) * unit * magnitude)
  }
}
