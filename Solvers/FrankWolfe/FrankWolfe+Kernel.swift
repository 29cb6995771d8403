import QAP
import QAPDenseAlgebra
import QAPLinearAssignment
import QAPPrimitives

/// The matrices of an instance, n × n without padding; immutable and shared by all descents.
final class RelaxedProblem: @unchecked Sendable {
  // Unchecked because of the buffers, which only `init` writes.

  let size: Int
  let isSymmetric: Bool
  let flow: Buffer<Double>
  let distance: Buffer<Double>
  let linear: Buffer<Double>
  /// Rows and columns of sparse matrices, for products by entries; nil for dense matrices.
  let sparseFlow: [SparseRows]?
  let sparseDistance: [SparseRows]?

  init?(_ instance: Instance) {
    guard case .koopmansBeckmann(let a, let b) = instance.cost else { return nil }
    let n = instance.size
    size = n
    isSymmetric = instance.properties.flowIsSymmetric && instance.properties.distanceIsSymmetric
    flow = Buffer(count: n * n, repeating: 0)
    flow.view.copy(from: a.elements)
    distance = Buffer(count: n * n, repeating: 0)
    distance.view.copy(from: b.elements)
    linear = Buffer(count: n * n, repeating: 0)
    if let given = instance.linear { linear.view.copy(from: given.elements) }
    sparseFlow = RelaxedProblem.sparse(flow, size: n)
    sparseDistance = RelaxedProblem.sparse(distance, size: n)
  }

  private static func sparse(_ matrix: Buffer<Double>, size: Int) -> [SparseRows]? {
    let lists = [false, true].compactMap {
      SparseRows(matrix.view, size: size, isTransposed: $0)
    }
    return lists.count == 2 ? lists : nil
  }

  /// Square matrices of the same size, of which nothing else is known.
  init(flow a: Matrix<Double>, distance b: Matrix<Double>, linear c: Matrix<Double>?) {
    size = a.rows
    isSymmetric = a.isSymmetric && b.isSymmetric
    func buffer(_ matrix: Matrix<Double>?) -> Buffer<Double> {
      let buffer = Buffer(count: a.elements.count, repeating: 0.0)
      if let matrix { buffer.view.copy(from: matrix.elements) }
      return buffer
    }
    (flow, distance, linear) = (buffer(a), buffer(b), buffer(c))
    // Callers compare these descents with those of dense products, to the last bit.
    (sparseFlow, sparseDistance) = (nil, nil)
  }

  func matrix(_ buffer: Buffer<Double>) -> MatrixView {
    MatrixView(buffer.view, rows: size, columns: size)
  }
}

/// One descent from one start. Used by one thread at a time.
final class RelaxedDescent: @unchecked Sendable {
  // Unchecked because of the buffers and the plain state: see above.

  private let problem: RelaxedProblem
  private let parameters: FrankWolfe.Parameters
  private let index: Int
  private var generator: SeededGenerator
  /// The position of each location among the columns of the assignment problems.
  private let columnOfLocation: [Int]
  private let solver: LinearAssignmentSolver
  private let orderedAssignment: OrderedAssignment?
  /// The doubly stochastic matrix.
  private let point: Buffer<Double>
  /// M(P) = A·P·Bᵀ + Aᵀ·P·B: linear in P, so that a step updates it without a product.
  private let pull: Buffer<Double>
  /// M(Q) of the direction Q.
  private let pullOfVertex: Buffer<Double>
  private let scratch: Buffer<Double>
  /// The location of each facility in Q, and the facility of each location.
  private let vertex: Buffer<Int>
  private let vertexInverse: Buffer<Int>
  /// The vertex of the step before, whose M(Q) `pullOfVertex` still holds.
  private let vertexBefore: Buffer<Int>
  private let sumOfColumn: Buffer<Double>
  /// P is the last vertex.
  private var isAtVertex = false
  private(set) var isDone = false
  /// The gradient at the start as the caller computed it, where its last bits decide between ties.
  private var firstGradient: Matrix<Double>?
  private var isPrepared = false
  /// The last assignment problem had several optima, and rounding of this descent's own decided.
  private(set) var isTied = false
  /// There is a P to go on from, or to project.
  private(set) var hasBegun = false

  init(_ problem: RelaxedProblem, parameters: FrankWolfe.Parameters, seed: UInt64, index: Int) {
    let n = problem.size
    self.problem = problem
    self.parameters = parameters
    self.index = index
    orderedAssignment = parameters.ordersTies ? OrderedAssignment(capacity: n) : nil
    generator = SeededGenerator(seed: seed, stream: UInt64(index))
    let order =
      parameters.shufflesTies
      ? Permutation(randomOf: n, using: &generator) : Permutation(identity: n)
    columnOfLocation = order.images
    solver = LinearAssignmentSolver(capacity: n)
    point = Buffer(count: n * n, repeating: 0)
    pull = Buffer(count: n * n, repeating: 0)
    pullOfVertex = Buffer(count: n * n, repeating: 0)
    scratch = Buffer(count: n * n, repeating: 0)
    vertex = Buffer(count: n, repeating: 0)
    vertexInverse = Buffer(count: n, repeating: 0)
    vertexBefore = Buffer(count: n, repeating: -1)
    sumOfColumn = Buffer(count: n, repeating: 0)
  }

  /// Sets P: start 0 takes the caller's assignment or the barycenter J = 1/n, the others
  /// (J + K)/2 with a random K, as SciPy does.
  ///
  /// Products and assignment problems end early when `isStopped` says so, and the descent with
  /// them.
  func begin(at start: Assignment?, unless isStopped: () -> Bool) {
    let n = problem.size
    isDone = n > 1000 && isStopped()
    if isDone { return }
    let p = point.view
    p.fill(1 / Double(n))
    if index == 0, let start {
      p.fill(0)
      for i in 0..<n { p[i * n + start[i]] = 1 }
    } else if index > 0 {
      mixInRandom { n > 1000 && isStopped() }
    }
    evaluatePoint(isStopped)
  }

  /// Sets P to a given doubly stochastic matrix, and M(P) to `gradient` − L where the caller has
  /// the gradient. A final point is only projected.
  func begin(
    at start: Matrix<Double>, gradient: Matrix<Double>?, isFinal: Bool, unless isStopped: () -> Bool
  ) {
    point.view.copy(from: start.elements)
    hasBegun = true
    if isFinal { return }
    guard let gradient else { return evaluatePoint(isStopped) }
    pull.view.copy(from: gradient.elements)
    firstGradient = gradient
    for index in 0..<pull.view.count { pull.view[index] -= problem.linear.view[index] }
  }

  /// The last direction, the location of each facility.
  var vertexLocations: [Int] { vertex.view.array }

  /// P as it stands.
  var pointElements: [Double] { point.view.array }

  /// M(P) from P.
  private func evaluatePoint(_ isStopped: () -> Bool) {
    let n = problem.size
    hasBegun = true
    let x = problem.matrix(point)
    for isTransposed in problem.isSymmetric ? [false] : [false, true] {
      inBands(isStopped) { rows in
        if let lists = problem.sparseFlow {
          lists[isTransposed ? 1 : 0].multiply(point.view, into: scratch.view, rows: rows, size: n)
          return
        }
        // Rows of A or, transposed, columns of it.
        let a =
          isTransposed
          ? MatrixView(
            problem.flow.view.window(rows.lowerBound, n * n - rows.lowerBound), rows: n,
            columns: rows.count, stride: n)
          : band(problem.flow, rows)
        gemm(1, a, isTransposed ? .transposed : .plain, x, .plain, into: band(scratch, rows))
      }
      multiplyByDistance(transposed: isTransposed, into: pull, isStopped)
    }
  }

  /// `rows` of an n × n matrix.
  private func band(_ buffer: Buffer<Double>, _ rows: Range<Int>) -> MatrixView {
    let n = problem.size
    return MatrixView(
      buffer.view.window(rows.lowerBound * n, rows.count * n), rows: rows.count, columns: n)
  }

  /// Calls `body` for bands of rows that take a fraction of a second each; the descent is done when
  /// `isStopped` says so in between.
  private func inBands(_ isStopped: () -> Bool, _ body: (Range<Int>) -> Void) {
    let height = max(64, min(512, 1_000_000_000 / (problem.size * problem.size)))
    for first in stride(from: 0, to: problem.size, by: height) {
      if isDone { return }
      body(first..<min(problem.size, first + height))
      isDone = problem.size > height && isStopped()
    }
  }

  /// The scratch matrix times B or Bᵀ: the two terms of M.
  private func multiplyByDistance(
    transposed: Bool, into result: Buffer<Double>, _ isStopped: () -> Bool
  ) {
    if let lists = problem.sparseDistance {
      if !transposed { result.view.fill(0) }
      inBands(isStopped) { rows in
        lists[transposed ? 1 : 0].multiplyTransposed(
          scratch.view, times: problem.isSymmetric ? 2 : 1, into: result.view, rows: rows,
          size: problem.size)
      }
      return
    }
    inBands(isStopped) { rows in
      gemm(
        problem.isSymmetric ? 2 : 1, band(scratch, rows), .plain, problem.matrix(problem.distance),
        transposed ? .plain : .transposed, beta: transposed ? 1 : 0, into: band(result, rows))
    }
  }

  /// P ← (P + K)/2 with K uniform in (0, 1), then scaled to row and column sums of one (Sinkhorn
  /// and Knopp 1967).
  private func mixInRandom(unless isStopped: () -> Bool) {
    let n = problem.size
    let (p, k) = (point.view, scratch.view)
    for index in 0..<n * n { k[index] = generator.unit() + 0x1p-54 }
    // Uniform matrices are close to balanced: each pass shrinks the imbalance several times over.
    let sums = sumOfColumn.view
    for _ in 0..<20 {
      sums.fill(0)
      for i in 0..<n {
        let row = i &* n
        var sum = 0.0
        for j in 0..<n { sum += k[row &+ j] }
        let factor = 1 / sum
        for j in 0..<n {
          k[row &+ j] *= factor
          sums[j] += k[row &+ j]
        }
      }
      var imbalance = 0.0
      for j in 0..<n {
        imbalance = max(imbalance, abs(sums[j] - 1))
        sums[j] = 1 / sums[j]
      }
      for i in 0..<n {
        let row = i &* n
        for j in 0..<n { k[row &+ j] *= sums[j] }
      }
      if imbalance < 1e-12 || isStopped() { break }
    }
    for index in 0..<n * n { p[index] = 0.5 * (p[index] + k[index]) }
  }

  /// One step: direction, line search, move. Done without a move when `isStopped` said so.
  func iterate(unless isStopped: () -> Bool) {
    let n = problem.size
    let (p, m, mq) = (point.view, pull.view, pullOfVertex.view)
    let (linear, q) = (problem.linear.view, vertex.view)
    isAtVertex = false
    if let first = firstGradient?.elements {
      firstGradient = nil
      isDone = !solve(unless: isStopped, isExact: true) { first[$0] }
    } else {
      isDone = !solve(unless: isStopped) { index in m[index] + linear[index] }
    }
    if isDone || (isTied && parameters.stopsAtTies) { return }
    // A descent that has arrived meets the same vertex again: its M(Q) is there.
    if !(0..<n).allSatisfy({ q[$0] == vertexBefore.view[$0] }) {
      evaluateVertex(isStopped)
      if isDone { return }
      vertexBefore.view.copy(from: q)
    }

    // f(Q + αR) = f(Q) + bα + aα² with R = P − Q: a = ½⟨R, M(R)⟩, b = ⟨M(Q) + L, R⟩.
    var (quadratic, slope) = (0.0, 0.0)
    var squares = 0.0
    for i in 0..<n {
      for j in 0..<n {
        let index = i &* n &+ j
        let r = p[index] - (q[i] == j ? 1 : 0)
        quadratic += r * (m[index] - mq[index])
        slope += r * (mq[index] + linear[index])
        squares += r * r
      }
    }
    quadratic *= 0.5
    let stationary = -slope / (2 * quadratic)
    var alpha = quadratic + slope < 0 ? 1.0 : 0.0
    if quadratic > 0, stationary >= 0, stationary <= 1 { alpha = stationary }

    let beta = 1 - alpha
    isAtVertex = alpha == 0
    for index in 0..<n &* n {
      p[index] *= alpha
      m[index] = alpha * m[index] + beta * mq[index]
    }
    for i in 0..<n { p[i &* n &+ q[i]] += beta }
    // ‖P − P′‖ = (1 − α)‖R‖.
    isDone = beta * (squares / Double(n)).squareRoot() < parameters.tolerance || beta == 0
  }

  /// M(Q): A·Q and Aᵀ·Q are A and Aᵀ with their columns permuted, so one product each is enough.
  private func evaluateVertex(_ isStopped: () -> Bool) {
    let n = problem.size
    let (a, aq, inverse) = (problem.flow.view, scratch.view, vertexInverse.view)
    for i in 0..<n {
      for j in 0..<n { aq[i &* n &+ j] = a[i &* n &+ inverse[j]] }
    }
    multiplyByDistance(transposed: false, into: pullOfVertex, isStopped)
    if problem.isSymmetric { return }
    for i in 0..<n {
      for j in 0..<n { aq[i &* n &+ j] = a[inverse[j] &* n &+ i] }
    }
    multiplyByDistance(transposed: true, into: pullOfVertex, isStopped)
  }

  /// The permutation nearest to P, or one not far from it when `isStopped` says so.
  func projection(unless isStopped: () -> Bool) -> Assignment {
    let p = point.view
    isTied = false
    isPrepared = false
    if !isAtVertex { solve(unless: isStopped) { index in -p[index] } }
    // The solver's answer is a permutation by construction.
    return Assignment(locations: vertex.view.array)
      ?? Assignment(Permutation(identity: problem.size))
  }

  /// Leaves the permutation of least cost in `vertex`. The one call of the assignment solver. False
  /// when `isStopped` broke it off: rows that have no column then get those that are left.
  @discardableResult
  private func solve(
    unless isStopped: () -> Bool, isExact: Bool = false, _ cost: (Int) -> Double
  ) -> Bool {
    let n = problem.size
    // Where ties are sought anyway, the duals of the step before may stand.
    let start: LinearAssignmentStart = orderedAssignment == nil || !isPrepared ? .cold : .warm
    if start == .cold { solver.prepare(size: n) }
    isPrepared = true
    let (costs, width, order) = (solver.costs, solver.stride, columnOfLocation)
    for i in 0..<n {
      for j in 0..<n { costs[i &* width &+ order[j]] = cost(i &* n &+ j) }
    }
    let isOptimal = solver.solve(start, unless: { n > 1000 && isStopped() }).isOptimal
    isTied = false
    if isOptimal, let ordered = orderedAssignment {
      // Another order of rows and columns may find another optimum where there are several.
      if !solver.isUnique() {
        isTied = !isExact
        ordered.solve(costs, stride: width, size: n)
        for i in 0..<n { solver.rowOfColumn[ordered.columnOfRow[i]] = i }
      }
    } else if !isOptimal {
      var free = (0..<n).filter { solver.columnOfRow[$0] < 0 }
      for j in 0..<n where solver.rowOfColumn[j] < 0 { solver.rowOfColumn[j] = free.removeLast() }
    }
    for j in 0..<n { vertexInverse.view[j] = solver.rowOfColumn[order[j]] }
    for j in 0..<n { vertex.view[vertexInverse.view[j]] = j }
    return isOptimal
  }
}
