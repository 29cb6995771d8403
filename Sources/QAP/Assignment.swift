import QAPPrimitives

/// A placement of every facility at a different location: always a valid permutation.
public struct Assignment: Hashable, Sendable {
  /// Facility → location, 0-based.
  public private(set) var permutation: Permutation

  /// The placement that `permutation` describes.
  public init(_ permutation: Permutation) { self.permutation = permutation }

  /// Accepts `locations[facility]` when it is a permutation; nil otherwise.
  public init?(locations: [Int]) {
    guard let permutation = Permutation(locations) else { return nil }
    self.permutation = permutation
  }

  /// The number of facilities.
  public var size: Int { permutation.count }

  /// The location of each facility.
  public var locations: [Int] { permutation.images }

  /// The location of `facility`.
  @inlinable public subscript(facility: Int) -> Int { permutation[facility] }

  /// The placement with facilities and locations transposed.
  public var inverse: Assignment { Assignment(permutation.inverse) }

  /// Swaps the locations of two facilities.
  public mutating func swap(_ r: Int, _ s: Int) { permutation.swap(r, s) }
}

extension Instance {
  /// The objective of `assignment`.
  ///
  /// Exact for integral instances, because every partial sum is an integer below 2⁵³; for real
  /// data a compensated sum, whose error `objectiveError` bounds.
  ///
  /// - Complexity: O(n²); O(entries) for a sparse matrix.
  public func objective(of assignment: Assignment) -> Double {
    precondition(assignment.size == size, "the assignment has another size than the instance")
    let p = assignment.locations
    var sum = CompensatedSum()
    if let tensor {
      for i in 0..<size {
        for k in 0..<size { sum.add(tensor.cost(i, p[i], k, p[k])) }
      }
    } else if let (flow, distance) = matrices {
      switch (flow, distance) {
      case (.dense(let a), .dense(let b)): sum = Self.sum(a, b, p)
      case (.sparse, _): sum = Self.sum(flow, p) { distance[$0, $1] }
      // Σ over the distances, facilities and locations transposed.
      case (_, .sparse): sum = Self.sum(distance, assignment.inverse.locations) { flow[$0, $1] }
      }
    }
    if let linear {
      for i in 0..<size { sum.add(linear[i, p[i]]) }
    }
    sum.add(constant)
    return sum.value
  }

  /// Σ matrix[i,k] · other(p(i),p(k)) over the entries of a sparse matrix.
  private static func sum(
    _ matrix: CostMatrix, _ p: [Int], _ other: (Int, Int) -> Double
  ) -> CompensatedSum {
    var sum = CompensatedSum()
    for i in p.indices { matrix.forEach(inRow: i) { sum.add($1 * other(p[i], p[$0])) } }
    return sum
  }

  /// Σ flow[i,k] · distance[p(i),p(k)].
  private static func sum(
    _ flow: Matrix<Double>, _ distance: Matrix<Double>, _ p: [Int]
  ) -> CompensatedSum {
    let n = p.count
    let places = Buffer<Int>(count: n, repeating: 0)
    let (q, whole) = (places.view, n & ~7)
    q.copy(from: p)
    var wide = WideCompensatedSum()
    var rest = CompensatedSum()
    flow.withView { a in
      distance.withView { b in
        for i in 0..<n {
          let (row, place) = (i &* n, q[i] &* n)
          var k = 0
          while k < whole {
            var costs = Wide(repeating: 0)
            for lane in 0..<8 { costs[lane] = b[place &+ q[k &+ lane]] }
            wide.add(a.wide(row &+ k) * costs)
            k &+= 8
          }
          while k < n {
            rest.add(a[row &+ k] * b[place &+ q[k]])
            k &+= 1
          }
        }
      }
    }
    withExtendedLifetime(places) {}
    var sum = wide.total
    sum.add(rest.value)
    return sum
  }

  /// The most by which `objective(of:)` can differ from the exact value: 0 for integral instances
  /// with an integer constant. Products are rounded once (u = 2⁻⁵³ each), the sum by twice that.
  /// The first call for a tensor of real costs is O(n⁴); infinite beyond n = 128, where entries are
  /// not examined.
  public var objectiveError: Double {
    if properties.isIntegral {
      return constant == constant.rounded() ? 0 : 0x1p-52 * (properties.magnitude + abs(constant))
    }
    let magnitude =
      properties.tensorSummary == nil ? properties.magnitude : magnitudeOfTensor ?? .infinity
    return 0x1p-50 * (magnitude + abs(constant))
  }

  /// A number that no objective without the constant exceeds in magnitude; nil for matrices, and
  /// for tensors whose entries are not examined. The first call is O(n⁴).
  package var magnitudeOfTensor: Double? { properties.tensorSummary?.values?.magnitude }
}
