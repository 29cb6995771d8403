import QAP
import QAPPrimitives

/// A large instance with sparse flows, one of the matrices symmetric, laid out by edges:
/// O(edges + n²) memory, and no table of swaps. The sparser of the two matrices takes the part of
/// the flows.
final class SparseGraph: @unchecked Sendable {
  // Unchecked because of the buffers, which only `init` writes.

  /// The least size and the largest share of flows other than zero: below, or beyond, tables of all
  /// swaps find better assignments in the same time.
  static let minSize = 2500
  static let maxDensity = 0.02

  let size: Int
  let stride: Int
  /// Items are locations and slots are facilities.
  let isTransposed: Bool
  /// The edges of item i, from start[i] on, in the order of their ends.
  let start: Buffer<Int>
  let end: Buffer<Int>
  let weight: Buffer<Double>
  /// Costs between slots, rows padded with zeros to `stride`; zero diagonal.
  let distance: Buffer<Double>
  /// Item × slot, n × n; empty without linear costs.
  let linear: Buffer<Double>
  let tolerance: Double

  /// Nil for instances that are small or not sparse, without a symmetric matrix, or with diagonals.
  ///
  /// - Complexity: O(n²).
  init?(_ instance: Instance, minSize: Int = SparseGraph.minSize) {
    let n = instance.size
    let properties = instance.properties
    guard n >= minSize, instance.facilities == n,
      properties.flowIsSymmetric || properties.distanceIsSymmetric,
      case .koopmansBeckmann(let flow, let other) = instance.cost
    else { return nil }
    func edges(_ matrix: Matrix<Double>) -> Int { matrix.elements.count { $0 != 0 } }
    func hasDiagonal(_ matrix: Matrix<Double>) -> Bool { (0..<n).contains { matrix[$0, $0] != 0 } }
    let (flows, distances) = (edges(flow), edges(other))
    let limit = Self.maxDensity * Double(n) * Double(n)
    guard flows > 0, distances > 0, Double(min(flows, distances)) <= limit,
      !hasDiagonal(flow), !hasDiagonal(other)
    else { return nil }
    isTransposed = distances < flows
    let (sparse, dense) = isTransposed ? (other, flow) : (flow, other)
    let width = wideStride(n)
    (size, stride) = (n, width)
    distance = Buffer(count: n * width, repeating: 0)
    linear = Buffer(count: instance.linear == nil ? 0 : n * n, repeating: 0)
    // A pair's cost is one product: the matrix that is not symmetric is added to its transpose.
    let isDenseSymmetric =
      isTransposed ? properties.flowIsSymmetric : properties.distanceIsSymmetric
    var (starts, ends): ([Int], [Int]) = ([0], [])
    var weights: [Double] = []
    for i in 0..<n {
      for k in 0..<n {
        let value = isDenseSymmetric ? sparse[i, k] + sparse[k, i] : sparse[i, k]
        distance.view[i * width + k] = isDenseSymmetric ? dense[i, k] : dense[i, k] + dense[k, i]
        if value == 0 { continue }
        ends.append(k)
        weights.append(value)
      }
      starts.append(ends.count)
    }
    start = Buffer(count: n + 1, repeating: 0)
    start.view.copy(from: starts)
    end = Buffer(count: ends.count, repeating: 0)
    end.view.copy(from: ends)
    weight = Buffer(count: ends.count, repeating: 0)
    weight.view.copy(from: weights)
    if let given = instance.linear {
      for i in 0..<n {
        for j in 0..<n { linear.view[i * n + j] = isTransposed ? given[j, i] : given[i, j] }
      }
    }
    let magnitude = properties.magnitude
    tolerance = properties.isIntegral ? 0 : 0x1p-40 * (magnitude.isFinite ? magnitude : 1)
  }

  /// The slot of each item, of an assignment; and the other way round.
  func items(_ locations: [Int]) -> [Int] {
    guard isTransposed else { return locations }
    var result = locations
    for (index, image) in locations.enumerated() { result[image] = index }
    return result
  }

  /// Items placed one after the other where they cost the least, each as connected to those before
  /// it as possible; ties at random. Nil when `isStopped` says so on the way.
  ///
  /// - Complexity: O(n² + n · edges).
  func construct(
    using generator: inout SeededGenerator, unless isStopped: () -> Bool
  ) -> [Int]? {
    let (n, width) = (size, stride)
    let rank = Permutation(randomOf: n, using: &generator).images
    let costs = Buffer<Double>(count: width, repeating: 0)
    let cost = costs.view
    var slots = [Int](repeating: -1, count: n)
    var connections = [Int](repeating: 0, count: n)
    var free = Permutation(randomOf: n, using: &generator).images
    for _ in 0..<n {
      if isStopped() { return nil }
      var item = -1
      for i in 0..<n where slots[i] < 0 {
        if item < 0 || (connections[i], rank[i]) > (connections[item], rank[item]) { item = i }
      }
      cost.fill(0)
      if linear.view.count > 0 {
        for j in 0..<n { cost[j] = linear.view[item * n + j] }
      }
      for index in start.view[item]..<start.view[item + 1] {
        let other = end.view[index]
        connections[other] += 1
        guard slots[other] >= 0 else { continue }
        add(weight.view[index], rowOf: slots[other], to: cost)
      }
      var place = 0
      for index in free.indices where cost[free[index]] < cost[free[place]] { place = index }
      slots[item] = free[place]
      free.swapAt(place, free.count - 1)
      free.removeLast()
    }
    return slots
  }

  /// Adds a multiple of a row of the distances.
  @inline(__always)
  func add(_ factor: Double, rowOf slot: Int, to sum: BufferView<Double>) {
    let (row, distance, wide) = (slot &* stride, distance.view, Wide(repeating: factor))
    var j = 0
    while j < stride {
      sum.store(sum.wide(j) + wide * distance.wide(row &+ j), j)
      j &+= 8
    }
  }
}
