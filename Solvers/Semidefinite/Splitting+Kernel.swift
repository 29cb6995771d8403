import QAPPrimitives

/// The element by element part of a step, with the numbers it needs.
struct SplittingStep {
  /// β, and γ·β.
  let penalty: Double
  let relaxed: Double
  /// β of the next step.
  let nextPenalty: Double

  /// One row of the matrices; x comes in as X = VRVᵀ and goes out as Y + Z/β for the next step:
  ///
  ///     Z ← Z + γβ(Y − X),   Y' = P(X − (L + Z)/β),   Z ← Z + γβ(Y' − X)
  ///
  /// P clips to [0, cap]. Returns the row's ‖Y' − X‖² and ‖Y' − Y‖².
  @inline(__always)
  func row(
    _ y: BufferView<Double>, _ z: BufferView<Double>, _ x: BufferView<Double>,
    cost: BufferView<Double>, cap: BufferView<Double>
  ) -> (primal: Double, dual: Double) {
    let count = y.count
    let (inverse, nextInverse) = (1 / penalty, 1 / nextPenalty)
    var (primal, dual) = (Wide(repeating: 0), Wide(repeating: 0))
    let zero = Wide(repeating: 0)
    var at = 0
    while at &+ 8 <= count {
      let (xs, ys) = (x.wide(at), y.wide(at))
      let first = z.wide(at) + (ys - xs) * relaxed
      var now = xs - (cost.wide(at) + first) * inverse
      now.replace(with: zero, where: now .< zero)
      let limit = cap.wide(at)
      now.replace(with: limit, where: now .> limit)
      let difference = now - xs
      let second = first + difference * relaxed
      primal += difference * difference
      let change = now - ys
      dual += change * change
      y.store(now, at)
      z.store(second, at)
      x.store(now + second * nextInverse, at)
      at &+= 8
    }
    var sums = (primal.total, dual.total)
    while at < count {
      let first = z[at] + (y[at] - x[at]) * relaxed
      let now = min(max(x[at] - (cost[at] + first) * inverse, 0), cap[at])
      let difference = now - x[at]
      let second = first + difference * relaxed
      sums.0 += difference * difference
      sums.1 += (now - y[at]) * (now - y[at])
      y[at] = now
      z[at] = second
      x[at] = now + second * nextInverse
      at &+= 1
    }
    return sums
  }
}
