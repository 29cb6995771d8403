import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// Turns multipliers of the relaxation into a dual point of whole numbers whose eigenvalue is
/// proven.
final class DualRounding {
  /// A unit of a dual point is 2^shift units of cost.
  static let shift = 8
  private let matrix: Buffer<Double>

  init(capacity: Int) { matrix = Buffer(count: capacity * capacity, repeating: 0) }

  /// The dual point near Z, where `factor` units of cost are 1 in Z's scale and `eigenvalue` is
  /// about λmax(VᵀZV); nil when numbers are too large or the eigenvalue cannot be proven.
  ///
  /// In units, with Q the lower right block of Z and w the rest of its first column, yᵀZy less Z₀₀
  /// is sᵀQs + 2wᵀs, and VᵀZV ⪯ λI says that Q + (weᵀ + ewᵀ)/n ⪯ λI + (λ − Z₀₀)/n²·eeᵀ.
  ///
  /// - Complexity: O(m³).
  func round(
    _ z: BufferView<Double>, free m: Int, size n: Int, eigenvalue: Double, factor: Double
  ) -> SubsetDual? {
    let k = m + 1
    let scale = factor * Double(sign: .plus, exponent: -DualRounding.shift, significand: 1)
    let limit = 0x1p60 / Double(m)
    func whole(_ value: Double) -> Int64? {
      let scaled = (value * scale).rounded()
      return abs(scaled) < limit ? Int64(scaled) : nil
    }
    var linear: [Int64] = []
    linear.reserveCapacity(m)
    var quadratic: [Int64] = []
    quadratic.reserveCapacity(m * (m + 1) / 2)
    for i in 1...m {
      guard let own = whole(z[i]) else { return nil }
      linear.append(own)
      for j in 1...i {
        guard let entry = whole(0.5 * (z[i * k + j] + z[j * k + i])) else { return nil }
        quadratic.append(entry)
      }
    }
    let size = Double(n)
    // Rounding moves eigenvalues by at most the norm of what it changes.
    var margin = Double(m) / 2 + Double(m) / size + 2
    for _ in 0..<12 {
      let top = (eigenvalue * scale + margin).rounded(.up)
      let constant = (top - z[0] * scale).rounded(.up)
      guard abs(top) < 0x1p60, abs(constant) < 0x1p60 else { return nil }
      let dual = SubsetDual(
        shift: DualRounding.shift, eigenvalue: Int64(top), constant: Int64(constant),
        linear: linear, quadratic: quadratic)
      if isProven(dual, size: n) { return dual }
      margin *= 4
    }
    return nil
  }

  /// True when λI + (τ/n²)eeᵀ − Q − (weᵀ + ewᵀ)/n is positive semidefinite beyond doubt.
  ///
  /// A factorization that succeeds in floating point proves a perturbed matrix semidefinite, where
  /// the perturbation's norm is at most γ(m + 1)·trace/(1 − γ) (Higham 2002, theorem 10.5; Rump
  /// 2006); eight times that, and what the entries are wrong by, is taken off the diagonal first.
  private func isProven(_ dual: SubsetDual, size n: Int) -> Bool {
    let m = dual.linear.count
    let (top, constant, size) = (Double(dual.eigenvalue), Double(dual.constant), Double(n))
    let shared = constant / (size * size)
    let view = matrix.view
    var largest = 0.0
    var trace = 0.0
    for i in 0..<m {
      for j in 0...i {
        let entry = Double(dual.quadratic[i * (i + 1) / 2 + j])
        let sides = (Double(dual.linear[i]) + Double(dual.linear[j])) / size
        let value = (shared - entry - sides) + (i == j ? top : 0)
        view[i * m + j] = value
        view[j * m + i] = value
        largest = max(largest, abs(shared) + abs(entry) + abs(sides) + (i == j ? abs(top) : 0))
        if i == j { trace += abs(value) }
      }
    }
    let unit = 0x1p-53
    let error = Double(m) * 8 * unit * largest + 8 * Double(m + 4) * unit * trace
    for i in 0..<m { view[i * m + i] -= error }
    return Cholesky.factor(MatrixView(view, rows: m, columns: m)) == .factored
  }
}
