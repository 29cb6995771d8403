import QAPDenseAlgebra
import QAPPrimitives

/// The nearest point of {R ⪰ 0, trace R = t} to a symmetric matrix W, in factored form: R = GᵀG.
///
/// With the eigenvalues λ of W, R has the same vectors and the values max(0, λ − θ), θ such that
/// they add up to t. While R has a large rank W is decomposed as a whole; later only the
/// eigenvalues above θ are looked for (see `LeadingSubspace`).
final class SpectralProjection: @unchecked Sendable {
  /// The order of W.
  let order: Int
  /// W, of which the lower triangle is read; overwritten.
  let matrix: BufferView<Double>
  /// The number of positive eigenvalues of R.
  private(set) var rank = 0
  /// θ.
  private(set) var threshold = 0.0
  /// Whole decompositions so far.
  private(set) var decompositions = 0
  private lazy var solver = SymmetricEigenSolver(capacity: order)
  /// True where `largestEigenvalue` is from below, and not as exact as rounding allows.
  let findsEigenvaluesByIteration: Bool
  private let threads: Int
  private let subspace: LeadingSubspace
  /// The vectors of the last projection are those of the subspace.
  private var isPartial = false
  /// The rank that R may have at most, for large orders: a decomposition there takes from a second
  /// to minutes, and ranks that swell for a while need not be followed exactly. It grows when it
  /// stays too small; nil for any rank, which is also what it becomes when the subspace fails.
  private(set) var maxRank: Int?
  /// Projections in a row in which R had the greatest rank.
  private var bounded = 0
  /// The splitting's residual at the first of them.
  private var residualThen = Double.infinity
  /// True where R might have had a greater rank than the last projection allowed.
  var isCapped: Bool { isPartial && maxRank.map { rank >= $0 } ?? false }
  /// True where the last projection decomposed the matrix as a whole.
  var isWhole: Bool { !isPartial }
  /// Projections to wait before the subspace is tried again, after it failed.
  private var pause = 0
  private var nextPause = 4
  /// The vector of the largest eigenvalue that was looked for last, for large orders.
  private lazy var largest = {
    var generator = SeededGenerator(seed: 1)
    let vector = Buffer(count: order, repeating: 0.0)
    for at in 0..<order { vector.view[at] = generator.unit() - 0.5 }
    return vector
  }()
  /// The eigenvalues of the last whole decomposition, ascending.
  private let values: BufferView<Double>
  private let owned: [Buffer<Double>]

  /// - Parameters:
  ///   - maxRank: the rank that R may have at most to begin with; nil to let the order decide.
  ///   - start: what to begin from.
  ///   - iterates: whether largest eigenvalues are looked for by iteration; nil to let the order
  ///     decide.
  init(
    order: Int, threads: Int, maxRank: Int? = nil, start: Start? = nil, iterates: Bool? = nil
  ) {
    self.order = order
    findsEigenvaluesByIteration = iterates ?? (order >= 2 * SpectralProjection.minLargeOrder)
    owned = [order * order, order].map { Buffer(count: $0, repeating: 0) }
    matrix = owned[0].view
    values = owned[1].view
    self.threads = threads
    subspace = LeadingSubspace(order: order, threads: threads)
    initial = start?.vectors ?? []
    let least = max(order / 20, min(order / 3, start?.maxRank ?? 0))
    self.maxRank = maxRank ?? (SpectralProjection.limitsRanks(order: order) ? least : nil)
  }

  /// Where a projection of another order begins from.
  struct Start {
    let vectors: [Buffer<Double>]
    let maxRank: Int?
  }

  /// Vectors to begin the first projection with; empty for none.
  private var initial: [Buffer<Double>]

  /// A start for a projection of `order` much like this one: the vectors of the last projection,
  /// which `map` turns into vectors of that order.
  func makeStart(
    order: Int, map: (BufferView<Double>, BufferView<Double>) -> Void
  ) -> Start {
    let isLimited = SpectralProjection.limitsRanks(order: order)
    // With so many vectors a decomposition is as fast.
    guard isPartial, isLimited || 5 * subspace.count < order else {
      return Start(vectors: [], maxRank: maxRank)
    }
    let vectors = (0..<min(subspace.count, order / 2)).map { index in
      let vector = Buffer(count: order, repeating: 0.0)
      map(subspace.vector(index), vector.view)
      return vector
    }
    return Start(vectors: vectors, maxRank: maxRank)
  }

  /// From this order on ranks are limited, and largest eigenvalues looked for by iteration.
  private static let minLargeOrder = 1000

  /// Whether ranks are limited, unless said otherwise.
  static func limitsRanks(order: Int) -> Bool { order >= minLargeOrder }

  /// The bytes that a projection takes, with a subspace of an eighth of all vectors and its like in
  /// single precision.
  static func bytes(order: Int) -> Int {
    8 * order * order + SymmetricEigenSolver.bytes(capacity: order) + 10 * order * order
  }

  /// Decomposes the matrix and finds the threshold; false when LAPACK fails. `residual` says how
  /// far from its end the caller is. Without a `trace` R is the positive part of W, and θ is 0.
  ///
  /// - Complexity: O(order³), or less with vectors whose residual is below `tolerance`.
  func project(
    trace: Double?, tolerance: Double, residual: Double, rounds: Int = 2, room: Double = 1
  ) -> Bool {
    if maxRank != nil || subspace.count > 0 || !initial.isEmpty { mirror() }
    if !initial.isEmpty {
      let found =
        isFinite
        && subspace.begin(with: initial.count, for: matrix) {
          self.initial[$0].view
        }
      if !found { subspace.clear() }
      initial = []
    }
    let isNew = subspace.count == 0
    if let first = maxRank.map({ trace == nil ? $0 : min(32, $0) }), isNew,
      !(isFinite && subspace.begin(with: first, for: matrix))
    {
      maxRank = nil
    }
    if subspace.count > 0 {
      let filters = trace == nil && maxRank != nil ? (isNew ? 3 : rounds) : nil
      let refines = subspace.refine(
        matrix, tolerance: tolerance, maxCount: maxRank, positive: filters
      ) { values in
        settle(values.count, trace: trace) { values[$0] }
        return rank
      }
      if refines {
        isPartial = true
        subspace.shrink(to: rank, minCount: Int(min(1e9, room * Double(rank))))
        nextPause = 4
        widen(residual)
        return true
      }
      maxRank = nil
      subspace.clear()
      pause = nextPause
      nextPause = min(64, 2 * nextPause)
    }
    setDenseAlgebraThreads(1)
    guard isFinite, solver.decompose(matrix, values, size: order) else { return false }
    decompositions += 1
    isPartial = false
    let values = values
    settle(order, trace: trace) { [order] in values[order - 1 - $0] }
    if pause > 0 {
      pause -= 1
    } else if order >= 100, 10 * rank < order {
      subspace.adopt(matrix, values: values, rank: rank)
    }
    return true
  }

  /// Lets R have a greater rank when it has needed one for a while in which the splitting, whose
  /// `residual` is given, has barely come nearer to its end: ranks swell on the way and shrink
  /// again, and as long as it gets on greater ones would only take longer. Where a third of all
  /// vectors is not enough either, as on grids, whole decompositions do better, as long as one
  /// takes a second or so.
  private func widen(_ residual: Double) {
    guard let maxRank else { return }
    // Not every step uses the last of its vectors.
    guard 8 * rank >= 7 * maxRank else {
      bounded = 0
      return
    }
    if bounded == 0 { residualThen = residual }
    bounded += 1
    guard bounded == 20 else { return }
    bounded = 0
    guard residual > 0.85 * residualThen else { return }
    if maxRank < order / 3 {
      self.maxRank = min(order / 3, maxRank + maxRank / 2)
    } else if !findsEigenvaluesByIteration {
      self.maxRank = nil
    }
  }

  /// Rank and threshold from the `count` largest eigenvalues, descending.
  private func settle(_ count: Int, trace: Double?, _ value: (Int) -> Double) {
    guard let trace else {
      threshold = 0
      rank = (0..<count).first { value($0) <= 0 } ?? count
      return
    }
    var sum = -trace
    rank = 0
    threshold = 0
    for index in 0..<count {
      let candidate = (sum + value(index)) / Double(index + 1)
      if index > 0, value(index) <= candidate { break }
      sum += value(index)
      rank = index + 1
      threshold = candidate
    }
  }

  /// Copies the lower triangle to the upper one.
  private func mirror() {
    let tile = 64
    for top in stride(from: 0, to: order, by: tile) {
      for left in stride(from: 0, through: top, by: tile) {
        for r in top..<min(order, top + tile) {
          for c in left..<min(r, left + tile) { matrix[c &* order &+ r] = matrix[r &* order &+ c] }
        }
      }
    }
  }

  /// Row `index` of G, 0 for the largest eigenvalue: a unit vector and its factor.
  func row(_ index: Int) -> (vector: BufferView<Double>, factor: Double) {
    if isPartial {
      return (subspace.vector(index), max(0, subspace.values[index] - threshold).squareRoot())
    }
    let at = order - 1 - index
    return (
      matrix.window(at * order, order), max(0, values[at] - threshold).squareRoot()
    )
  }

  /// The largest eigenvalue of the matrix, which is destroyed, or for large orders a number that is
  /// barely smaller; nil when LAPACK fails.
  ///
  /// - Complexity: O(order³), or less where a matrix is much like the last one.
  func largestEigenvalue() -> Double? {
    if findsEigenvaluesByIteration {
      guard isFinite else { return nil }
      mirror()
      return lanczosLargest(
        MatrixView(matrix, rows: order, columns: order), start: largest.view, threads: threads)
    }
    setDenseAlgebraThreads(1)
    guard isFinite, solver.eigenvalues(matrix, values, size: order) else { return nil }
    return values[order - 1]
  }

  /// Infinite numbers can send LAPACK round in circles.
  private var isFinite: Bool {
    for r in 0..<order {
      guard matrix.window(r * order, r + 1).sum.isFinite else { return false }
    }
    return true
  }
}
