import QAPPrimitives

/// The properties of an instance's numbers; computed once.
public struct InstanceProperties: Sendable {
  /// Every flow, distance and linear cost is an integer (the constant apart), and every partial
  /// sum of every objective stays below 2⁵³, so that arithmetic in doubles is exact.
  public internal(set) var isIntegral: Bool
  /// The entries are integers but some objective might exceed 2⁵³: the instance is then treated as
  /// real data, with stated rounding errors, and callers should say so.
  public let exceedsExactRange: Bool
  /// The flow matrix equals its transpose (false for tensors).
  public let flowIsSymmetric: Bool
  /// The distance matrix equals its transpose (false for tensors).
  public let distanceIsSymmetric: Bool
  /// No |f(p) − constant|, nor any partial sum of it, exceeds this (infinite for tensors, whose
  /// entries are not examined).
  public let magnitude: Double
  /// The values that objectives can take; nil for real data.
  public internal(set) var lattice: ObjectiveLattice?
  /// The mean objective over all assignments, without the constant; NaN for tensors.
  var mean: Double
  /// The largest magnitudes of flows and distances; 0 for tensors.
  let largest: (flow: Double, distance: Double)
  /// The summary of a tensor's entries, computed on first use; nil for matrices.
  var tensorSummary: TensorSummary?

  init(flow: CostMatrix, distance: CostMatrix, linear: Matrix<Double>?, constant: Double) {
    flowIsSymmetric = flow.isSymmetric
    distanceIsSymmetric = distance.isSymmetric
    let (a, b) = (MatrixSummary(flow), MatrixSummary(distance))
    largest = (a.largest, b.largest)
    magnitude = Self.magnitude(a.magnitude * b.largest, linear)
    mean = MeanObjective.matrices(a, b, linear, size: flow.rows)
    tensorSummary = nil
    let integers =
      flow.isIntegral && distance.isIntegral && areIntegers(linear?.elements ?? [])
    isIntegral = integers && magnitude < 0x1p53
    exceedsExactRange = integers && !isIntegral
    guard isIntegral else {
      lattice = nil
      return
    }
    let step = Self.step(
      flow, distance, linear, flowIsSymmetric: flowIsSymmetric,
      distanceIsSymmetric: distanceIsSymmetric)
    lattice = ObjectiveLattice(offset: constant, step: step)
  }

  init(tensor: (any CostTensor)?, linear: Matrix<Double>?, constant: Double) {
    flowIsSymmetric = false
    distanceIsSymmetric = false
    magnitude = .infinity
    mean = .nan
    largest = (0, 0)
    tensorSummary = tensor.map { TensorSummary($0, linear: linear) }
    isIntegral = tensor?.isIntegral ?? false && areIntegers(linear?.elements ?? [])
    exceedsExactRange = false
    lattice = isIntegral ? ObjectiveLattice(offset: constant, step: 1) : nil
  }

  private static func magnitude(_ quadratic: Double, _ linear: Matrix<Double>?) -> Double {
    var bound = quadratic
    if let linear {
      for r in 0..<linear.rows { bound += linear.row(r).reduce(0) { max($0, abs($1)) } }
    }
    // Two parts in a billion cover the rounding of these sums themselves.
    return bound * (1 + 2e-9)
  }

  private static func step(
    _ flow: CostMatrix, _ distance: CostMatrix, _ linear: Matrix<Double>?,
    flowIsSymmetric: Bool, distanceIsSymmetric: Bool
  ) -> Double {
    func divisor(_ values: (inout CommonDivisor) -> Void) -> Int64 {
      var divisor = CommonDivisor()
      values(&divisor)
      return divisor.value
    }
    func offDiagonal(_ matrix: CostMatrix, folded: Bool) -> Int64 {
      divisor { divisor in
        switch matrix {
        case .dense(let matrix):
          for r in 0..<matrix.rows {
            for c in 0..<matrix.rows where c != r {
              divisor.include(folded ? matrix[r, c] + matrix[c, r] : matrix[r, c])
            }
          }
        case .sparse(let given):
          let matrix = folded ? given.plusTranspose : given
          for (r, entry) in zip(matrix.rowIndices, matrix.values.indices)
          where matrix.columnIndices[entry] != r {
            divisor.include(matrix.values[entry])
          }
        }
      }
    }
    func diagonal(_ matrix: CostMatrix) -> Int64 {
      divisor { divisor in
        for r in 0..<matrix.rows { divisor.include(matrix[r, r]) }
      }
    }
    // A pair {i,k} costs A_ik B_jl + A_ki B_lj. When one matrix is symmetric the other is folded:
    // (A_ik + A_ki) B_jl. When both are, folding doubles every entry.
    let quadratic =
      offDiagonal(flow, folded: distanceIsSymmetric)
      * offDiagonal(distance, folded: flowIsSymmetric && !distanceIsSymmetric)
    var step = CommonDivisor()
    step.include(Double(quadratic))
    step.include(Double(diagonal(flow) * diagonal(distance)))
    for value in linear?.elements ?? [] { step.include(value) }
    return Double(max(1, step.value))
  }
}

/// True for integers below 2⁵³: a larger double stands for several integers.
func areIntegers(_ numbers: some Sequence<Double>) -> Bool {
  numbers.allSatisfy { $0 == $0.rounded() && abs($0) < 0x1p53 }
}
