import QAPDenseAlgebra
import QAPPrimitives

/// The doubly nonnegative relaxation of a subset problem, solved by splitting.
///
/// With y = (1; s) and Y = yyᵀ, the problem min ⟨A, Y⟩ is relaxed to
///
///     Y₀₀ = 1,  Y₀ᵢ = Yᵢᵢ,  0 ≤ Y ≤ 1,        Y = V R Vᵀ,  R ⪰ 0,  trace R = n + 1,
///
/// where the columns of V, an orthonormal basis, span the complement of (−n; e): the facial
/// reduction of eᵀs = n. Either half is easy to project on: the first element by element, the
/// second by the eigenvalues of VᵀTV. Alternating directions of the augmented Lagrangian with two
/// multiplier steps a round (Oliveira, Wolkowicz and Xu 2018, section 3) then lead to a multiplier
/// Z for Y = VRVᵀ, and at every Z,
///
///     ⟨A, Y⟩ ≥ min_s ⟨A + Z, yyᵀ⟩ − (n + 1)·λmax(VᵀZV),
///
/// where the rows of A + Z bound the first term. V comes from the reflection that swaps (−n; e)
/// and a multiple of the first unit vector, so products with V cost O(m²).
///
/// One thread at a time; nothing is allocated after `init`.
final class SubsetRelaxation {
  /// The largest number of free items that fits.
  let capacity: Int
  /// A, Y and Z, (m + 1) × (m + 1) without padding, and the Z of the best bound.
  let costs: Buffer<Double>
  let primal: Buffer<Double>
  let multipliers: Buffer<Double>
  let bestMultipliers: Buffer<Double>
  private let target: Buffer<Double>
  private let compressed: Buffer<Double>
  private let projected: Buffer<Double>
  private let eigenvalues: Buffer<Double>
  private let reflector: Buffer<Double>
  private let image: Buffer<Double>
  private let corner: Buffer<Double>
  private let selection: Buffer<Double>
  private let rows: Buffer<Double>
  private let solver: SymmetricEigenSolver

  /// The number of free items, m, and how many are to be chosen, n.
  private(set) var free = 0
  private(set) var size = 0
  /// Weight of the quadratic penalty.
  var penalty = 3.0
  /// λmax(VᵀZV) at the last `bound()`.
  private(set) var eigenvalue = 0.0

  init(capacity: Int) {
    self.capacity = capacity
    let square = (capacity + 1) * (capacity + 1)
    func buffer(_ count: Int) -> Buffer<Double> { Buffer(count: count, repeating: 0) }
    costs = buffer(square)
    primal = buffer(square)
    multipliers = buffer(square)
    bestMultipliers = buffer(square)
    target = buffer(square)
    compressed = buffer(capacity * capacity)
    projected = buffer(capacity * capacity)
    eigenvalues = buffer(capacity)
    reflector = buffer(capacity + 1)
    image = buffer(capacity + 1)
    corner = buffer(capacity + 1)
    selection = buffer(capacity)
    rows = buffer(capacity)
    solver = SymmetricEigenSolver(capacity: capacity)
  }

  /// Sets the numbers of free items and of those to be chosen, 0 < n < m; costs, primal and
  /// multipliers are the caller's to fill.
  func begin(free m: Int, size n: Int) {
    precondition(m <= capacity && n > 0 && n < m, "no relaxation of that size")
    (free, size) = (m, n)
    // The reflector of u = (−n; e)/‖u‖ and the first unit vector.
    let w = reflector.view
    let norm = (Double(n) * Double(n) + Double(m)).squareRoot()
    w[0] = -Double(n) / norm - 1
    for i in 1...m { w[i] = 1 / norm }
    var square = w[0] * w[0]
    for i in 1...m { square += w[i] * w[i] }
    let scale = 1 / square.squareRoot()
    for i in 0...m { w[i] *= scale }
  }

  /// T ← HTH for the reflection H = I − 2wwᵀ and a symmetric (m + 1) × (m + 1) matrix.
  private func reflect(_ t: BufferView<Double>) {
    let k = free + 1
    let (w, p) = (reflector.view, image.view)
    var s = 0.0
    for r in 0..<k {
      let row = t.window(r * k, k)
      var sum = Wide(repeating: 0)
      var c = 0
      while c + 8 <= k {
        sum += row.wide(c) * w.wide(c)
        c += 8
      }
      var dot = sum.total
      while c < k {
        dot += row[c] * w[c]
        c += 1
      }
      p[r] = dot
      s += dot * w[r]
    }
    for r in 0..<k { p[r] = 2 * (p[r] - s * w[r]) }
    for r in 0..<k {
      let row = t.window(r * k, k)
      let (a, b) = (w[r], p[r])
      let (wideA, wideB) = (Wide(repeating: a), Wide(repeating: b))
      var c = 0
      while c + 8 <= k {
        row.store(row.wide(c) - (wideA * p.wide(c) + wideB * w.wide(c)), c)
        c += 8
      }
      while c < k {
        row[c] -= a * p[c] + b * w[c]
        c += 1
      }
    }
  }

  /// VᵀTV into `compressed`; T is lost.
  private func compress(_ t: BufferView<Double>) {
    reflect(t)
    let m = free
    for r in 0..<m {
      compressed.view.window(r * m, m).copy(from: t.window((r + 1) * (m + 1) + 1, m))
    }
  }

  /// One round: R, multipliers, Y, multipliers. False when the eigenvalues cannot be had.
  func step() -> Bool {
    let (m, k) = (free, free + 1)
    let (y, z, t, a) = (primal.view, multipliers.view, target.view, costs.view)
    let count = k * k
    let inverse = 1 / penalty
    forEachWide(count) { i in
      t.store(y.wide(i) + inverse * z.wide(i), i)
    } single: { i in
      t[i] = y[i] + inverse * z[i]
    }
    compress(t)
    guard solver.decompose(compressed.view, eigenvalues.view, size: m) else { return false }
    expand(t)

    // T holds W = VRVᵀ; from here on, T and Z change together.
    let rate = 0.9 * penalty
    forEachWide(count) { i in
      let w = t.wide(i)
      let new = z.wide(i) + rate * (y.wide(i) - w)
      z.store(new, i)
      y.store(w - inverse * (a.wide(i) + new), i)
    } single: { i in
      z[i] += rate * (y[i] - t[i])
      y[i] = t[i] - inverse * (a[i] + z[i])
    }
    for i in 1...m {
      let own = (y[i] + y[i * k] + y[i * k + i]) / 3
      let clipped = min(1, max(0, own))
      corner.view[i] = clipped
    }
    let (zero, one) = (Wide(repeating: 0), Wide(repeating: 1))
    forEachWide(count) { i in
      var new = y.wide(i)
      new = new.replacing(with: zero, where: new .< zero)
      new = new.replacing(with: one, where: new .> one)
      y.store(new, i)
    } single: { i in
      y[i] = min(1, max(0, y[i]))
    }
    y[0] = 1
    for i in 1...m {
      let own = corner.view[i]
      (y[i], y[i * k], y[i * k + i]) = (own, own, own)
    }
    forEachWide(count) { i in
      z.store(z.wide(i) + rate * (y.wide(i) - t.wide(i)), i)
    } single: { i in
      z[i] += rate * (y[i] - t[i])
    }
    return true
  }

  @inline(__always)
  private func forEachWide(_ count: Int, _ wide: (Int) -> Void, single: (Int) -> Void) {
    var i = 0
    while i + 8 <= count {
      wide(i)
      i += 8
    }
    while i < count {
      single(i)
      i += 1
    }
  }

  /// T ← V R Vᵀ, where R has the eigenvectors in `compressed`, and for eigenvalues the point of
  /// {λ ≥ 0, Σλ = n + 1} that is nearest to those in `eigenvalues`.
  private func expand(_ t: BufferView<Double>) {
    let (m, k) = (free, free + 1)
    let values = eigenvalues.view
    let trace = Double(size + 1)
    var (sum, shift, rank) = (0.0, 0.0, 0)
    while rank < m {
      let next = values[m - 1 - rank]
      let candidate = (sum + next - trace) / Double(rank + 1)
      if next <= candidate { break }
      sum += next
      shift = candidate
      rank += 1
    }
    let vectors = compressed.view.window((m - rank) * m, rank * m)
    for r in 0..<rank {
      let root = max(0, values[m - rank + r] - shift).squareRoot()
      let row = vectors.window(r * m, m)
      for c in 0..<m { row[c] *= root }
    }
    let factor = MatrixView(vectors, rows: rank, columns: m)
    gemm(
      1, factor, .transposed, factor, .plain,
      into: MatrixView(projected.view, rows: m, columns: m))
    for c in 0..<k { t[c] = 0 }
    for r in 0..<m {
      t[(r + 1) * k] = 0
      t.window((r + 1) * k + 1, m).copy(from: projected.view.window(r * m, m))
    }
    reflect(t)
  }

  /// The bound that Z proves, up to rounding, without the node's constant; nil when the eigenvalues
  /// cannot be computed.
  func bound() -> Double? {
    let (m, k) = (free, free + 1)
    let (z, a) = (multipliers.view, costs.view)
    target.view.window(0, k * k).copy(from: z.window(0, k * k))
    compress(target.view)
    guard solver.eigenvalues(compressed.view, eigenvalues.view, size: m) else { return nil }
    eigenvalue = eigenvalues.view[m - 1]
    let others = selection.view.window(0, m - 1)
    for i in 1...m {
      let (rowA, rowZ) = (a.window(i * k, k), z.window(i * k, k))
      for j in 1..<i { others[j - 1] = rowA[j] + rowZ[j] }
      for j in i + 1..<max(k, i + 1) { others[j - 2] = rowA[j] + rowZ[j] }
      rows.view[i - 1] =
        rowA[i] + rowZ[i] + 2 * (rowA[0] + rowZ[0]) + sumOfSmallest(others, size - 1)
    }
    return sumOfSmallest(rows.view.window(0, m), size) + a[0] + z[0]
      - Double(size + 1) * eigenvalue
  }

  /// Keeps Z as the best.
  func keepMultipliers() {
    let count = (free + 1) * (free + 1)
    bestMultipliers.view.window(0, count).copy(from: multipliers.view.window(0, count))
  }
}
