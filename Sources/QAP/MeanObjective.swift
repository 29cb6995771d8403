import QAPPrimitives
import Synchronization

/// The mean objective over all assignments, in closed form: a facility is at each location equally
/// often, and two of them at each pair of locations.
enum MeanObjective {
  /// ΣA·ΣB/(n(n − 1)) off the diagonals, tr A·tr B/n, and ΣL/n.
  static func matrices(
    _ a: MatrixSummary, _ b: MatrixSummary, _ linear: Matrix<Double>?, size n: Int
  ) -> Double {
    let size = Double(n)
    let quadratic = n > 1 ? a.offDiagonal / size * (b.offDiagonal / (size - 1)) : 0
    return quadratic + a.trace / size * b.trace + linearMean(linear, n)
  }

  static func linearMean(_ linear: Matrix<Double>?, _ n: Int) -> Double {
    guard let linear else { return 0 }
    var sum = CompensatedSum()
    for cost in linear.elements { sum.add(cost) }
    return sum.value / Double(n)
  }
}

/// The summary of a tensor's entries, computed on first use.
final class TensorSummary: Sendable {
  /// Beyond this size the n⁴ entries are too many to look at.
  private static let maxSize = 128

  private let tensor: any CostTensor
  private let linear: Matrix<Double>?
  private let state = Mutex<(mean: Double, magnitude: Double)?>(nil)

  init(_ tensor: any CostTensor, linear: Matrix<Double>?) {
    self.tensor = tensor
    self.linear = linear
  }

  /// The mean objective, and a number that no objective nor partial sum of one exceeds in
  /// magnitude, both without the constant. Nil beyond the size to which entries are looked at.
  /// O(n⁴).
  var values: (mean: Double, magnitude: Double)? {
    guard tensor.size <= Self.maxSize else { return nil }
    return state.withLock { state in
      if let known = state { return known }
      let found = examine()
      state = found
      return found
    }
  }

  private func examine() -> (mean: Double, magnitude: Double) {
    let n = tensor.size
    let block = Buffer(count: n * n, repeating: 0.0)
    var (pairs, single) = (CompensatedSum(), CompensatedSum())
    var magnitude = 0.0
    for i in 0..<n {
      // The largest cost with each other facility, wherever both are.
      var largest = [Double](repeating: 0, count: n)
      for j in 0..<n {
        block.view.withMutableSpan { tensor.fill(i, j, into: &$0) }
        for k in 0..<n {
          for l in 0..<n where (k == i) == (l == j) {
            let cost = block.view[k * n + l]
            if k == i { single.add(cost) } else { pairs.add(cost) }
            largest[k] = max(largest[k], abs(cost))
          }
        }
      }
      magnitude += largest.reduce(0, +)
      if let linear { magnitude += linear.row(i).reduce(0) { max($0, abs($1)) } }
    }
    let size = Double(n)
    let quadratic = n > 1 ? pairs.value / size / (size - 1) : 0
    return (
      quadratic + single.value / size + MeanObjective.linearMean(linear, n),
      magnitude * (1 + 2e-9)
    )
  }
}
