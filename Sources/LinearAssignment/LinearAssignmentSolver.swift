import QAPPrimitives

/// Solves dense linear assignment problems: shortest augmenting paths with row and column duals,
/// after Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems", Computing 38 (1987).
///
/// Two things differ from the paper. Every scan of a row is a wide vector loop over all columns,
/// without lists of columns to do. And the augmenting row reduction has a budget: on costs with
/// many ties, such as products a·bᵀ, it can otherwise creep along in minute steps for longer than
/// all shortest paths take together.
///
/// A solver is a workspace: it allocates at birth and never again. Use one for each thread. Ties
/// are broken by index, so the answer is reproducible. O(n³) time, O(n²) memory.
public final class LinearAssignmentSolver {
  /// The largest size it can solve.
  public let capacity: Int
  /// The size of the current problem.
  public private(set) var size: Int
  /// The distance between the starts of consecutive rows of `costs`, a multiple of eight.
  public private(set) var stride: Int
  /// The current problem, row-major with `stride`; filled by the caller after `prepare(size:)`.
  /// Elements between `size` and `stride` of each row must stay infinite.
  public let costs: BufferView<Double>
  /// One dual a row; valid after a solve.
  public let rowDuals: BufferView<Double>
  /// One dual a column; valid after a solve, and read by a warm start.
  public let columnDuals: BufferView<Double>
  /// The column of each row; valid after a solve.
  public let columnOfRow: BufferView<Int>
  /// The row of each column; valid after a solve.
  public let rowOfColumn: BufferView<Int>

  let kernel: AssignmentAlgorithm
  private let owned: [Buffer<Double>]
  private let ownedIntegers: [Buffer<Int>]
  private let ownedPredecessors: Buffer<Int64>

  /// A workspace for problems of up to `capacity` rows.
  public init(capacity: Int) {
    precondition(capacity >= 0, "a negative size")
    self.capacity = capacity
    let wide = wideStride(max(1, capacity))
    let costs = Buffer(count: capacity * wide, repeating: Double.infinity)
    let lines = (0..<4).map { _ in Buffer(count: wide, repeating: 0.0) }
    let indices = (0..<5).map { _ in Buffer(count: wide, repeating: 0) }
    let predecessors = Buffer(count: wide, repeating: Int64(0))
    owned = [costs] + lines
    ownedIntegers = indices
    ownedPredecessors = predecessors
    size = capacity
    stride = wide
    self.costs = costs.view
    rowDuals = lines[0].view
    columnDuals = lines[1].view
    columnOfRow = indices[0].view
    rowOfColumn = indices[1].view
    kernel = AssignmentAlgorithm(
      costs: costs.view, rowDuals: lines[0].view, columnDuals: lines[1].view,
      columnOfRow: indices[0].view, rowOfColumn: indices[1].view, distances: lines[2].view,
      freeOffsets: lines[3].view, predecessors: predecessors.view,
      scanned: indices[2].view, pending: indices[3].view, claims: indices[4].view)
    prepare(size: capacity)
  }

  /// Sets the size of the next problem, restores the padding and forgets duals and assignment.
  public func prepare(size: Int) {
    precondition(size >= 0 && size <= capacity, "size beyond the solver's capacity")
    self.size = size
    stride = wideStride(max(1, size))
    for row in 0..<size {
      for column in size..<stride { costs[row * stride + column] = .infinity }
    }
    columnDuals.fill(0)
    columnOfRow.fill(-1)
  }

  /// Solves the problem in `costs` and leaves duals and assignment in the views.
  ///
  /// - Returns: `Σ rowDuals + Σ columnDuals`, the optimal value.
  @discardableResult
  public func solve(_ start: LinearAssignmentStart) -> Double {
    kernel.solve(size: size, stride: stride, start: start).value
  }

  /// Solves the problem in `costs` unless `isStopped` stops it, which is asked before
  /// every shortest path: each takes O(n²) time at worst, and so does the work before the first
  /// one.
  ///
  /// - Returns: `Σ rowDuals + Σ columnDuals`, and whether that is the optimal value. Where it was
  ///   stopped the duals are feasible, so that their sum is a lower bound, and `columnOfRow` is
  ///   −1 in rows that have no column yet.
  public func solve(
    _ start: LinearAssignmentStart, unless isStopped: () -> Bool
  ) -> (value: Double, isOptimal: Bool) {
    let (value, isComplete) = kernel.solve(
      size: size, stride: stride, start: start, unless: isStopped)
    return (value, isComplete)
  }

  /// Solves a problem of `rows` rows and `rows + 1` columns of which `excluded` is no column at
  /// all, as when a row and a column of a square matrix are struck out in place. `stride` is that
  /// of `rows + 1` columns, set by `prepare(size: rows + 1)`; the excluded column's costs must be
  /// infinite. Duals and assignment are indexed by row `0..<rows` and column `0...rows`.
  @discardableResult
  public func solve(
    _ start: LinearAssignmentStart, rows: Int, excludingColumn excluded: Int
  ) -> Double {
    kernel.solve(size: rows, stride: stride, start: start, excluded: excluded).value
  }

  /// Solves a problem of `rows` rows and `size` columns, without `excluded` if there is one, whose
  /// costs must be infinite; there may be more columns than rows. Column duals come out at zero or
  /// below, and at zero in columns without a row: what a problem with more columns than rows needs
  /// to prove its value.
  ///
  /// - Returns: the optimal value.
  @discardableResult
  public func solve(rows: Int, excludingColumn excluded: Int? = nil) -> Double {
    precondition(rows + (excluded == nil ? 0 : 1) <= size, "more rows than columns")
    columnDuals.fill(0)
    columnOfRow.fill(-1)
    return kernel.solve(
      size: rows, stride: stride, start: .warm, excluded: excluded, columns: size
    ).value
  }

  /// Solves for a square matrix of finite costs, optionally from given column duals.
  public func solve(_ matrix: Matrix<Double>, columnDuals warm: [Double]? = nil)
    -> LinearAssignmentSolution
  {
    load(matrix)
    if let warm { columnDuals.copy(from: warm) }
    solve(warm == nil ? .cold : .warm)
    var value = CompensatedSum()
    for row in 0..<size { value.add(costs[row * stride + columnOfRow[row]]) }
    return LinearAssignmentSolution(
      columnOfRow: (0..<size).map { columnOfRow[$0] }, rowDuals: (0..<size).map { rowDuals[$0] },
      columnDuals: (0..<size).map { columnDuals[$0] }, value: value.value)
  }

  /// Sets size and costs of the next problem to those of a square matrix of finite costs, and
  /// forgets duals and assignment.
  public func load(_ matrix: Matrix<Double>) {
    precondition(matrix.isSquare, "the assignment problem is square")
    prepare(size: matrix.rows)
    let (costs, stride, n) = (costs, stride, size)
    matrix.withView { elements in
      for row in 0..<n { costs.window(row * stride, n).copy(from: elements.window(row * n, n)) }
    }
  }
}

/// The optimal assignment of `costs`, a square matrix; a convenience for a single solve.
public func solveLinearAssignment(_ costs: Matrix<Double>) -> LinearAssignmentSolution {
  LinearAssignmentSolver(capacity: costs.rows).solve(costs)
}
