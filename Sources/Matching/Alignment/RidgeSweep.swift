import QAPDenseAlgebra
import QAPPrimitives

/// The leave-one-out errors of one design for many penalties and many targets.
///
/// The error for a penalty is Σᵢ ‖wᵢ·Z + restᵢ‖² / hᵢ², row i of W being that of U times α/(s²+α)
/// and hᵢ its leverage: ⟨Z·Zᵀ, Wᵀ·H⁻²·W⟩ and the terms of the rest. Only Z and the rest depend on
/// the target, so that each further target costs O(rank²) for a penalty instead of
/// O(rows · rank²).
struct RidgeSweep {
  /// The part of a penalty that no target changes.
  private struct Penalty {
    /// α/(s²+α): one number a direction.
    let missing: [Double]
    /// 1/h²: one number a row.
    let weights: [Double]
    /// Wᵀ·H⁻²·W: rank × rank.
    let moment: Matrix<Double>
  }

  private let design: RidgeDesign
  private let penalties: [Penalty]

  /// - Complexity: O(rows · rank²) time and O(rank²) memory for each of `alphas`.
  init(_ design: RidgeDesign, alphas: [Double]) {
    self.design = design
    let (n, rank) = (design.left.rows, design.values.count)
    penalties = alphas.map { alpha in
      let missing = design.values.map { alpha / ($0 * $0 + alpha) }
      var shares = design.left.elements
      var scaled = shares
      var weights = [Double](repeating: 0, count: n)
      for row in 0..<n {
        var leverage = design.room?[row] ?? 0
        for index in 0..<rank {
          let value = shares[row * rank + index]
          leverage += value * value * missing[index]
        }
        let weight = 1 / (leverage * leverage)
        weights[row] = weight
        for index in 0..<rank {
          shares[row * rank + index] *= missing[index]
          scaled[row * rank + index] = shares[row * rank + index] * weight
        }
      }
      return Penalty(
        missing: missing, weights: weights,
        moment: gemm(
          1, Matrix(rows: n, columns: rank, elements: shares), .transposed,
          Matrix(rows: n, columns: rank, elements: scaled), .plain))
    }
  }

  /// The place of the penalty with the least leave-one-out error of `fit`, the first of equals.
  func best(for fit: RidgeFit) -> Int {
    let gram = gemm(1, fit.z, .plain, fit.z, .transposed).elements
    let rank = design.values.count
    let cross = fit.rest.map { gemm(1, $0, .plain, fit.z, .transposed).elements }
    let squares = fit.rest.map { rest in
      (0..<rest.rows).map { rest.row($0).reduce(0) { $0 + $1 * $1 } }
    }
    let errors = penalties.map { penalty in
      var sum = 0.0
      let moment = penalty.moment.elements
      for index in gram.indices { sum += gram[index] * moment[index] }
      if let cross, let squares {
        let left = design.left.elements
        for row in squares.indices {
          var product = 0.0
          for index in 0..<rank {
            product += left[row * rank + index] * penalty.missing[index] * cross[row * rank + index]
          }
          sum += penalty.weights[row] * (2 * product + squares[row])
        }
      }
      return sum.isNaN ? Double.infinity : sum
    }
    var best = 0
    for index in errors.indices where errors[index] < errors[best] { best = index }
    return best
  }
}
