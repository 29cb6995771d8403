import QAP
import QAPPrimitives

/// The renumberings of facilities alone, or of locations alone, that change no objective.
///
/// Two facilities are twins when swapping them changes nothing. The other symmetries are listed
/// one by one, up to twins; a list that was cut off prunes less and stays right, as each symmetry
/// is checked.
struct Symmetry: Sendable {
  /// The least twin of each element.
  let twins: [Int]
  /// Permutations (images by element), the identity apart.
  let permutations: [[Int]]

  /// True when nothing is equivalent to anything else.
  var isTrivial: Bool {
    permutations.isEmpty && twins.indices.allSatisfy { twins[$0] == $0 }
  }

  /// The symmetries of locations, or of facilities when `ofFacilities`; none for a tensor.
  init(_ cost: PairCost, ofFacilities: Bool) {
    let n = cost.size
    let matrix: Matrix<Double>
    switch cost.kind {
    case .product(let flow, let distance), .twoProducts(let flow, let distance):
      matrix = ofFacilities ? flow : distance
    case .tensor(let tensor):
      let layers = (tensor as? LayeredTensor)?.matrices(ofFacilities: ofFacilities)
      twins = layers.map { Symmetry.twins($0, cost.linear, ofFacilities) } ?? Array(0..<n)
      permutations = []
      return
    }
    let linear = ofFacilities ? cost.linear : cost.linear.transposed
    let classes = Symmetry.twins([matrix], cost.linear, ofFacilities)
    twins = classes
    permutations = n <= 128 ? AutomorphismSearch(matrix, linear, twins: classes).found : []
  }

  /// The least element that each may be swapped with without a change in any of the matrices.
  private static func twins(
    _ matrices: [Matrix<Double>], _ linear: Matrix<Double>, _ ofFacilities: Bool
  ) -> [Int] {
    let linear = ofFacilities ? linear : linear.transposed
    let n = linear.rows
    func areTwins(_ a: Int, _ b: Int) -> Bool {
      guard linear.row(a) == linear.row(b) else { return false }
      return matrices.allSatisfy { matrix in
        matrix[a, a] == matrix[b, b] && matrix[a, b] == matrix[b, a]
          && (0..<n).allSatisfy {
            $0 == a || $0 == b
              || (matrix[a, $0] == matrix[b, $0] && matrix[$0, a] == matrix[$0, b])
          }
      }
    }
    return (0..<n).map { b in (0..<b).first { areTwins($0, b) } ?? b }
  }

  /// The least element of the orbit of each element of `free` once those of `fixed` stay where they
  /// are, by element; nil where all orbits are single.
  func orbits(fixed: [Int], free: [Int]) -> [Int]? {
    isTrivial ? nil : orbits(stabilizer(of: fixed), free: free)
  }

  /// The places in `permutations` of those that leave all of `fixed` where they are.
  func stabilizer(of fixed: [Int]) -> [Int] {
    permutations.indices.filter { index in fixed.allSatisfy { permutations[index][$0] == $0 } }
  }

  /// For each element the least one that the stabilizer's symmetries and twins among `free` make
  /// equivalent to it; elements that are not free stand for themselves.
  func orbits(_ stabilizer: [Int], free: [Int]) -> [Int] {
    var root = Array(0..<twins.count)
    func find(_ element: Int) -> Int {
      var element = element
      while root[element] != element { element = root[element] }
      return element
    }
    func join(_ a: Int, _ b: Int) {
      let (x, y) = (find(a), find(b))
      root[max(x, y)] = min(x, y)
    }
    var firstTwin = [Int](repeating: -1, count: twins.count)
    for element in free {
      let kind = twins[element]
      if firstTwin[kind] < 0 { firstTwin[kind] = element } else { join(firstTwin[kind], element) }
    }
    for index in stabilizer {
      for element in free { join(element, permutations[index][element]) }
    }
    return (0..<twins.count).map(find)
  }

  /// A renumbering, made of twins and symmetries of the stabilizer, that takes `element` to
  /// `image`; nil when they are not in one orbit.
  func renumbering(
    from element: Int, to image: Int, _ stabilizer: [Int], free: [Int]
  ) -> [Int]? {
    let identity = Array(0..<twins.count)
    var reached: [Int: [Int]] = [element: identity]
    var waiting = [element]
    while let at = waiting.popLast(), reached[image] == nil {
      guard let map = reached[at] else { continue }
      for index in stabilizer where reached[permutations[index][at]] == nil {
        reached[permutations[index][at]] = map.map { permutations[index][$0] }
        waiting.append(permutations[index][at])
      }
      for twin in free where twins[twin] == twins[at] && reached[twin] == nil {
        reached[twin] = map.map { $0 == at ? twin : $0 == twin ? at : $0 }
        waiting.append(twin)
      }
    }
    return reached[image]
  }
}

/// A search for the permutations that leave a matrix, and the rows of another, as they are.
private struct AutomorphismSearch {
  private let n: Int
  private let matrix: Matrix<Double>
  private let linear: Matrix<Double>
  private let twins: [Int]
  /// Elements with different signatures are never images of each other.
  private let signatures: [[Double]]
  private let order: [Int]
  private var images: [Int]
  private var isTaken: [Bool]
  private var steps = 0
  private(set) var found: [[Int]] = []

  /// As many permutations are listed, and as many steps are spent.
  private static let maxFound = 4000
  private static let maxSteps = 400_000

  init(_ matrix: Matrix<Double>, _ linear: Matrix<Double>, twins: [Int]) {
    n = matrix.rows
    self.matrix = matrix
    self.linear = linear
    self.twins = twins
    let n = n
    signatures = (0..<n).map { a in
      let row = (0..<n).filter { $0 != a }.map { matrix[a, $0] }.sorted()
      let column = (0..<n).filter { $0 != a }.map { matrix[$0, a] }.sorted()
      return row + column + linear.row(a)
    }
    // Rare elements first: they have the fewest images.
    let signatures = signatures
    let rarity = (0..<n).map { a in (0..<n).count { signatures[$0] == signatures[a] } }
    order = (0..<n).sorted { (rarity[$0], $0) < (rarity[$1], $1) }
    images = Array(repeating: -1, count: n)
    isTaken = Array(repeating: false, count: n)
    extend(0)
  }

  private mutating func extend(_ depth: Int) {
    guard depth < n else {
      if images.indices.contains(where: { images[$0] != $0 }) { found.append(images) }
      return
    }
    let a = order[depth]
    for image in 0..<n where !isTaken[image] && signatures[image] == signatures[a] {
      steps += 1
      guard steps < AutomorphismSearch.maxSteps, found.count < AutomorphismSearch.maxFound else {
        return
      }
      let fits = order[..<depth].allSatisfy { b in
        matrix[a, b] == matrix[image, images[b]] && matrix[b, a] == matrix[images[b], image]
          // Twins keep their order: swapping them is no news.
          && (twins[a] != twins[b] || (a < b) == (image < images[b]))
      }
      guard fits else { continue }
      images[a] = image
      isTaken[image] = true
      extend(depth + 1)
      isTaken[image] = false
    }
    images[a] = -1
  }
}
