import QAP
import QAPPrimitives

/// 2-opt in a fixed order: the pairs of positions i ≤ j of a list are tried in turn, the first swap
/// that improves is kept, and the search begins again with the first pair; the rule of SciPy's
/// `2opt`. O(n) a pair.
///
/// Where rounding of real data decides whether a swap improves, the caller does.
public struct OrderedSwaps {
  /// Where a search stands.
  public enum Outcome: Equatable, Sendable {
    /// No swap improves.
    case optimal
    /// The swap at `place` changes the objective by less than its rounding error.
    case tied
    /// The caller asked for an end.
    case stopped
  }

  /// The pair of positions that was tried last; (0, −1) before the first.
  public var place: (Int, Int)
  /// The pairs tried so far, those of a facility with itself included.
  public var evaluations: Int
  /// The location of each facility.
  public private(set) var locations: [Int]

  private let size: Int
  private let width: Int
  private let movable: [Int]
  /// A, Aᵀ, and B and Bᵀ in the order of the facilities, n × `width`.
  private let flow: Buffer<Double>
  private let flowTransposed: Buffer<Double>
  private let distance: Buffer<Double>
  private let distanceTransposed: Buffer<Double>
  private let isSymmetric: Bool
  private let margin: Double

  /// A search from `locations`, a permutation, over swaps of the facilities `movable`; `flow` and
  /// `distance` are n × n.
  public init(
    flow a: Matrix<Double>, distance b: Matrix<Double>, locations: [Int], movable: [Int],
    place: (Int, Int) = (0, -1), evaluations: Int = 0
  ) {
    let n = a.rows
    precondition(
      a.isSquare && b.rows == n && b.columns == n && locations.count == n, "sizes differ")
    (size, width) = (n, (n + 7) / 8 * 8)
    self.locations = locations
    self.movable = movable
    self.place = place
    self.evaluations = evaluations
    isSymmetric = a.isSymmetric && b.isSymmetric
    let width = width
    func buffer(_ element: (Int, Int) -> Double) -> Buffer<Double> {
      let buffer = Buffer(count: n * width, repeating: 0.0)
      for r in 0..<n {
        for c in 0..<n { buffer.view[r &* width &+ c] = element(r, c) }
      }
      return buffer
    }
    flow = buffer { a[$0, $1] }
    distance = buffer { b[locations[$0], locations[$1]] }
    flowTransposed = isSymmetric ? flow : buffer { a[$1, $0] }
    distanceTransposed = isSymmetric ? distance : buffer { b[locations[$1], locations[$0]] }
    var (squares, isInteger) = ((0.0, 0.0), true)
    for (x, y) in zip(a.elements, b.elements) {
      squares.0 += x * x
      squares.1 += y * y
      isInteger = isInteger && x == x.rounded() && y == y.rounded()
    }
    // No objective exceeds this (Cauchy and Schwarz).
    let magnitude = squares.0.squareRoot() * squares.1.squareRoot()
    margin = isInteger && magnitude < 0x1p50 ? 0 : 1e-12 * magnitude
  }

  /// Goes on until no swap improves, one is tied, or `shouldStop` says so, which is asked after
  /// every thousand pairs or so.
  public mutating func run(shouldStop: () -> Bool = { false }) -> Outcome {
    var (i, j) = place
    var untilPoll = 1 + 1_000_000 / max(1, size)
    while true {
      j += 1
      if j >= movable.count {
        i += 1
        j = i
        if i >= movable.count { return .optimal }
      }
      evaluations += 1
      place = (i, j)
      untilPoll -= 1
      if untilPoll == 0 {
        if shouldStop() { return .stopped }
        untilPoll = 1 + 1_000_000 / max(1, size)
      }
      if i == j { continue }
      let change = delta(movable[i], movable[j])
      if abs(change) <= margin, margin > 0 { return .tied }
      if change < 0 {
        swapLocations(movable[i], movable[j])
        (i, j) = (0, -1)
      }
    }
  }

  /// The change of the objective by a swap of facilities `r` and `s`.
  private func delta(_ r: Int, _ s: Int) -> Double {
    let a = flow.view
    let b = distance.view
    let first = halfDelta(a, b, r, s)
    let second =
      isSymmetric ? first : halfDelta(flowTransposed.view, distanceTransposed.view, r, s)
    // Those two sums took all k, and what r and s cost with themselves and each other follows
    // another rule.
    func d(_ x: Int, _ y: Int) -> Double { b[x &* width &+ y] }
    func f(_ x: Int, _ y: Int) -> Double { a[x &* width &+ y] }
    let own =
      (f(r, r) - f(s, r)) * (d(s, r) - d(r, r)) + (f(r, s) - f(s, s)) * (d(s, s) - d(r, s))
      + (f(r, r) - f(r, s)) * (d(r, s) - d(r, r)) + (f(s, r) - f(s, s)) * (d(s, s) - d(s, r))
    return first + second - own + (f(r, r) - f(s, s)) * (d(s, s) - d(r, r))
      + (f(r, s) - f(s, r)) * (d(s, r) - d(r, s))
  }

  /// Σ_k (A[r,k] − A[s,k])·(D[s,k] − D[r,k]).
  private func halfDelta(
    _ a: BufferView<Double>, _ d: BufferView<Double>, _ r: Int, _ s: Int
  ) -> Double {
    let (first, second) = (r &* width, s &* width)
    var sum = Wide.zero
    var k = 0
    while k < width {
      sum +=
        (a.wide(first &+ k) - a.wide(second &+ k)) * (d.wide(second &+ k) - d.wide(first &+ k))
      k &+= 8
    }
    return sum.total
  }

  private mutating func swapLocations(_ r: Int, _ s: Int) {
    locations.swapAt(r, s)
    permute(distance.view, r, s)
    if !isSymmetric { permute(distanceTransposed.view, r, s) }
  }

  private func permute(_ d: BufferView<Double>, _ r: Int, _ s: Int) {
    for k in 0..<size { swapElements(d, r &* width &+ k, s &* width &+ k) }
    for k in 0..<size { swapElements(d, k &* width &+ r, k &* width &+ s) }
  }

  private func swapElements(_ d: BufferView<Double>, _ x: Int, _ y: Int) {
    let kept = d[x]
    d[x] = d[y]
    d[y] = kept
  }
}
