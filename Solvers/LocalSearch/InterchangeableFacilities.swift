import QAP
import QAPPrimitives
import QAPSymmetry

/// The numbering of facilities in a search: interchangeable ones are neighbors.
///
/// Two facilities are twins when swapping them changes no objective: then a search may leave out
/// their swap, which is a step on the spot, and treat what it knows of one as known of the
/// other. On `tai256c`, a gray pattern, 92 facilities are alike and so are the other 164; `esc`
/// instances have many without any flow. When it is locations that are alike, or only distances
/// that are sparse, facilities and locations change roles. Tensors are taken as they are.
struct InterchangeableFacilities {
  /// True when facilities and locations have changed roles.
  let isTransposed: Bool
  /// The caller's number of each facility of the search.
  let order: [Int]
  /// The group of interchangeable facilities of each facility of the search: 0, 1, 2, … in order.
  let group: [Int]
  /// The first facility of each facility's group, and the one after its last.
  let groupStart: [Int]
  let groupEnd: [Int]

  /// The caller's numbers, without groups.
  init(plain size: Int) {
    self.init(isTransposed: false, groups: (0..<size).map { [$0] })
  }

  /// Finds the groups, and leaves in `pairs` the pairs of the problem as it is searched, in the
  /// caller's numbers.
  ///
  /// - Complexity: O(n²) where facilities differ early, O(n³) at worst.
  init(_ pairs: inout PairCost) {
    let facilities = Clusters(pairs, of: .facilities).members
    let transposed = pairs.transposed
    let locations = Clusters(transposed, of: .facilities).members
    func interchangeablePairs(_ groups: [[Int]]) -> Int {
      groups.reduce(0) { $0 + $1.count * ($1.count - 1) }
    }
    let (twins, others) = (interchangeablePairs(facilities), interchangeablePairs(locations))
    if others > twins || others == twins && Self.hasSparserDistances(pairs) {
      self.init(isTransposed: true, groups: locations)
      pairs = transposed
    } else {
      self.init(isTransposed: false, groups: facilities)
    }
  }

  /// Distances are sparse and flows are not: swaps cost less in the other roles.
  private static func hasSparserDistances(_ pairs: PairCost) -> Bool {
    guard case .product(let flow, let distance) = pairs.kind else { return false }
    func isSparse(_ matrix: Matrix<Double>) -> Bool {
      SwapProblem.isSparse(entries: matrix.elements.count { $0 != 0 }, size: matrix.rows)
    }
    return isSparse(distance) && !isSparse(flow)
  }

  private init(isTransposed: Bool, groups: [[Int]]) {
    self.isTransposed = isTransposed
    order = groups.flatMap { $0 }
    var (group, starts, ends): ([Int], [Int], [Int]) = ([], [], [])
    for (index, members) in groups.enumerated() {
      let start = group.count
      for _ in members {
        group.append(index)
        starts.append(start)
        ends.append(start + members.count)
      }
    }
    self.group = group
    groupStart = starts
    groupEnd = ends
  }

  /// The number of groups; as many as facilities when none is interchangeable with another.
  var groupCount: Int { (group.last ?? -1) + 1 }

  /// The size that a search sees: the facilities outside the largest group and one of it.
  var distinctSize: Int {
    let largest = zip(groupStart, groupEnd).map { $1 - $0 }.max() ?? 1
    return order.count - largest + 1
  }

  /// A caller's assignment, facility → location, in the numbers of the search.
  func encode(_ locations: [Int]) -> [Int] {
    let places = isTransposed ? InterchangeableFacilities.inverse(locations) : locations
    return order.map { places[$0] }
  }

  /// An assignment of the search in the caller's numbers.
  func decode(_ places: [Int]) -> [Int] {
    var result = places
    for (r, original) in order.enumerated() { result[original] = places[r] }
    return isTransposed ? InterchangeableFacilities.inverse(result) : result
  }

  private static func inverse(_ images: [Int]) -> [Int] {
    var result = images
    for (index, image) in images.enumerated() { result[image] = index }
    return result
  }
}
