import QAP
import QAPDenseAlgebra
import QAPDualAscent
import QAPLinearAssignment
import QAPPrimitives

/// The projection bound (S. W. Hadley, F. Rendl and H. Wolkowicz, "A new lower bound via projection
/// for the quadratic assignment problem", Mathematics of Operations Research 17, 1992, equation
/// 3.5).
///
/// Assignment matrices are orthogonal and keep the vector e of ones. With P = I − eeᵀ/n,
///
///     f(X) ≥ ⟨λ(PAP), λ(PBP)⟩₋ + min over X of ⟨(2/n)·Ae·(Be)ᵀ + L, X⟩ − s(A)s(B)/n²
///
/// where ⟨·,·⟩₋ pairs the largest eigenvalues of one matrix with the smallest of the other.
/// Diagonals may stand in A and B or their products in L: both are tried. At least one matrix must
/// be symmetric; the other is then replaced by the mean of itself and its transpose, which changes
/// no objective.
public struct Projection: Method {
  public static let info = MethodInfo(
    id: "projection", summary: "eigenvalues of the projected matrices: cheap, symmetric instances",
    paper: "Hadley, Rendl and Wolkowicz 1992, Math. Oper. Res. 17:727-739",
    output: .assignmentAndBound, iteration: "one pair of decompositions", supportsTensors: false,
    supportsAsymmetry: false, isRelabelingInvariant: false)

  /// There is nothing to choose.
  public init() {}

  /// Two spectra, a decomposition with its workspace, and the assignment problem.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    10 * 8 * Double(size) * Double(size)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    let instance = context.instance
    try requireSupport(of: instance, alternative: "gilmore-lawler or rlt1")
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { return .stalled }
    if let reason = context.stopReason() {
      MatrixLeaders.offerBound(to: context)
      return reason
    }
    setDenseAlgebraThreads(1)
    let hasDiagonals = (0..<instance.size).contains { flow[$0, $0] != 0 || distance[$0, $0] != 0 }
    var hasBound = false
    let size = Double(instance.size)
    for movesDiagonal in hasDiagonals ? [true, false] : [true] {
      // Decompositions cannot be broken off.
      if let left = context.secondsLeft, left < 1.2e-9 * size * size * size {
        context.note("no time for eigenvalues; the bound is at least that of gilmore-lawler")
        MatrixLeaders.offerBound(to: context, always: true)
        return context.stopReason() ?? .time
      }
      guard
        let bound = ProjectionBound(
          instance, flow, distance, movesDiagonal: movesDiagonal)
      else { continue }
      hasBound = true
      if let assignment = bound.assignment { context.offer(assignment) }
      context.raise(
        to: LowerBound(
          proven: bound.value, method: context.source, for: instance,
          proof: context.keepsProof ? .projection(bound.proof) : nil))
      context.count(iterations: 1)
      if let reason = context.stopReason() { return reason }
    }
    guard hasBound else {
      throw MethodError.unsupported(
        method: Self.info.id, reason: "its entries are beyond 1e60, or all below 1e-60",
        alternative: "gilmore-lawler or rlt1")
    }
    return context.stopReason() ?? .stalled
  }
}

/// One evaluation of the bound, with what proves it.
struct ProjectionBound {
  let value: Double
  let proof: ProjectionProof
  let assignment: Assignment?

  /// O(n³): two decompositions and one assignment problem. Nil when LAPACK fails, or when all that
  /// is left of a matrix is so small, or so large, that squares of it say nothing.
  init?(
    _ instance: Instance, _ flow: Matrix<Double>, _ distance: Matrix<Double>, movesDiagonal: Bool
  ) {
    let n = instance.size
    func prepared(_ matrix: Matrix<Double>) -> Matrix<Double> {
      Matrix(rows: n, columns: n) {
        $0 == $1 && movesDiagonal ? 0 : 0.5 * (matrix[$0, $1] + matrix[$1, $0])
      }
    }
    let (a, b) = (prepared(flow), prepared(distance))
    for matrix in [a, b] {
      let largest = matrix.elements.reduce(0) { max($0, abs($1)) }
      guard largest == 0 || (0x1p-200...0x1p200).contains(largest) else { return nil }
    }
    guard let first = Spectrum(a), let second = Spectrum(b) else { return nil }
    let size = Double(n)
    let costs = Matrix<Double>(rows: n, columns: n) { i, j in
      let diagonal = movesDiagonal ? flow[i, i] * distance[j, j] : 0
      return 2 / size * first.sums[i] * second.sums[j] + diagonal + (instance.linear?[i, j] ?? 0)
    }
    let solution = solveLinearAssignment(costs)
    var sum = CompensatedSum()
    for k in 0..<n - 1 { sum.add(first.values[k] * second.values[n - 2 - k]) }
    for i in 0..<n {
      sum.add((0..<n).reduce(Double.infinity) { min($0, costs[i, $1] - solution.columnDuals[$1]) })
      sum.add(solution.columnDuals[i])
    }
    sum.add(-first.total * second.total / (size * size))
    sum.add(instance.constant)
    // Every step errs by some n units in the last place of what it adds up. A checker states its
    // own errors one by one (see `ProjectionProof`); this is more than all of them.
    let spectra = first.norm * second.norm
    let magnitude =
      spectra + instance.properties.magnitude + abs(instance.constant)
      + 4 * first.magnitude * second.magnitude
      + solution.columnDuals.reduce(0) { $0 + abs($1) }
    // Products may underflow, too.
    let error =
      0x1p-53 * (64 * size * size * size.squareRoot() * spectra + 64 * (size + 4) * magnitude)
      + 64 * (size + 4) * size * .leastNormalMagnitude
    value = (sum.value - error).nextDown
    guard value.isFinite else { return nil }
    proof = ProjectionProof(
      size: n, movesDiagonal: movesDiagonal, flowValues: first.values,
      distanceValues: second.values, flowVectors: first.vectors, distanceVectors: second.vectors,
      locationDuals: solution.columnDuals)
    assignment = Assignment(locations: solution.columnOfRow)
  }
}

/// The spectrum of a symmetric matrix on the complement of e.
private struct Spectrum {
  /// n − 1 eigenvalues, ascending, and their vectors as rows.
  let values: [Double]
  let vectors: Matrix<Double>
  /// Row sums and the sum of all elements.
  let sums: [Double]
  let total: Double
  /// The Frobenius norm, and the sum of magnitudes over n.
  let norm: Double
  let magnitude: Double

  init?(_ matrix: Matrix<Double>) {
    let n = matrix.rows
    let size = Double(n)
    sums = (0..<n).map { matrix.row($0).reduce(0, +) }
    total = sums.reduce(0, +)
    norm = matrix.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    magnitude = matrix.elements.reduce(0) { $0 + abs($1) } / size
    let (sums, total) = (sums, total)
    // The vector e, which has the eigenvalue 0, is moved far beyond all others and comes out last.
    let isZero = norm == 0
    let lift = isZero ? 1 : 4 * norm
    let projected = Matrix<Double>(rows: n, columns: n) { i, j in
      matrix[i, j] - (sums[i] + sums[j]) / size + total / (size * size) + lift / size
    }
    guard let eigen = symmetricEigen(projected) else { return nil }
    values = eigen.values.dropLast().map { isZero ? 0 : $0 }
    vectors = Matrix(rows: n - 1, columns: n) { eigen.vectors[$0, $1] }
  }
}
