import QAPPrimitives

/// The renumberings of points that leave a square matrix (its diagonal apart) and a coloring of the
/// points as they are.
///
/// Found by partition refinement with search, after B. D. McKay, "Practical graph isomorphism",
/// Congressus Numerantium 30 (1981): points are given cells by themselves, one after the other,
/// until refinement has separated all points. For each of these base points, last to first, a
/// search looks for a renumbering to every other point of its cell that is not yet known to be in
/// its orbit. The orbits' lengths multiply to the order of the group, and the renumberings found
/// generate it.
package struct AutomorphismGroup: Sendable {
  /// Renumberings that generate the group: the image of each point. Each has been checked.
  package let generators: [[Int]]
  /// The length of each base point's orbit under what leaves the base points before it in place.
  /// The product is the number of automorphisms; of those found, when the search was cut off.
  package let orbitLengths: [Int]
  /// False when the search was cut off: then the generators generate a part of the group.
  package let isComplete: Bool
  /// The least point of each point's orbit.
  package let orbits: [Int]

  /// The number of automorphisms, which may be infinite as a double.
  package var order: Double { orbitLengths.reduce(1) { $0 * Double($1) } }
  /// The number of orbits.
  package var orbitCount: Int { orbits.indices.count { orbits[$0] == $0 } }

  /// Entries that a search may look at: some tenths of a second.
  package static let defaultWork = 100_000_000

  /// The automorphisms of `pairs` that keep the label of every point.
  ///
  /// - Complexity: O(n²) for each refinement, of which an asymmetric matrix mostly needs two; at
  ///   most about `maxWork`.
  package init(_ pairs: PairCodes, labels: [Int], maxWork: Int = AutomorphismGroup.defaultWork) {
    var search = AutomorphismSearch(pairs, maxWork: maxWork)
    search.run(labels)
    generators = search.found
    orbitLengths = search.lengths.reversed()
    isComplete = search.work < maxWork
    orbits = search.leastOfOrbits()
  }

  /// A renumbering made of generators that takes `point` to `image`; nil when they are in different
  /// orbits.
  package func renumbering(from point: Int, to image: Int) -> [Int]? {
    var reached: [Int: [Int]] = [point: Array(orbits.indices)]
    var waiting = [point]
    while let at = waiting.popLast(), reached[image] == nil {
      guard let map = reached[at] else { continue }
      for generator in generators where reached[generator[at]] == nil {
        reached[generator[at]] = map.map { generator[$0] }
        waiting.append(generator[at])
      }
    }
    return reached[image]
  }
}

private struct AutomorphismSearch {
  private let pairs: PairCodes
  private let maxWork: Int
  private(set) var work = 0
  private(set) var found: [[Int]] = []
  /// Of the last base point's orbit first.
  private(set) var lengths: [Int] = []
  /// The colorings on the way to the first discrete one, and the base points between them.
  private var path: [Coloring] = []
  private var base: [Int] = []
  /// Levels of the path on which the orbit of the base point is its whole cell.
  private var isTransitive: [Bool] = []
  /// Orbits as a forest.
  private var parent: [Int]

  init(_ pairs: PairCodes, maxWork: Int) {
    self.pairs = pairs
    self.maxWork = maxWork
    parent = Array(0..<pairs.size)
  }

  mutating func run(_ labels: [Int]) {
    var coloring = Coloring(labels: labels)
    work += coloring.refine(pairs)
    path = [coloring]
    while let target = path[path.count - 1].target {
      let point = path[path.count - 1].cell(target).min()!
      base.append(point)
      path.append(refined(path[path.count - 1], point))
    }
    isTransitive = Array(repeating: false, count: base.count)
    for level in base.indices.reversed() {
      let cell = path[level].cell(path[level].colors[base[level]]).sorted()
      var failed: Set<Int> = []
      for point in cell where root(point) != root(base[level]) && work < maxWork {
        if failed.contains(where: { root($0) == root(point) }) { continue }
        let other = refined(path[level], point)
        if let images = extend(other, level + 1) {
          found.append(images)
          for index in images.indices { join(index, images[index]) }
        } else {
          failed.insert(point)
        }
      }
      let length = cell.count { root($0) == root(base[level]) }
      lengths.append(length)
      isTransitive[level] = length == cell.count
    }
  }

  private mutating func refined(_ coloring: Coloring, _ point: Int) -> Coloring {
    var result = coloring.individualized(point)
    work += result.refine(pairs)
    return result
  }

  /// An automorphism that takes the path's coloring at `level` to `other`.
  private mutating func extend(_ other: Coloring, _ level: Int) -> [Int]? {
    let here = path[level]
    guard other.trace == here.trace, work < maxWork else { return nil }
    guard level < base.count else {
      guard other.isDiscrete else { return nil }
      var images = [Int](repeating: 0, count: other.size)
      for (point, image) in zip(here.order, other.order) { images[point] = image }
      work += images.count * images.count
      return pairs.isAutomorphism(images) ? images : nil
    }
    let color = here.colors[base[level]]
    let cell = other.cell(color)
    guard cell.count == here.cell(color).count else { return nil }
    for point in cell {
      if let images = extend(refined(other, point), level + 1) { return images }
      // Where the base point's orbit is its cell, one point is as good as another.
      if isTransitive[level] { return nil }
    }
    return nil
  }

  private func root(_ point: Int) -> Int {
    var point = point
    while parent[point] != point { point = parent[point] }
    return point
  }

  private mutating func join(_ a: Int, _ b: Int) {
    let (x, y) = (root(a), root(b))
    parent[max(x, y)] = min(x, y)
  }

  func leastOfOrbits() -> [Int] { parent.indices.map(root) }
}
