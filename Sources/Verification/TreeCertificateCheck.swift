import Primitives
import QAP

/// Replays a search tree: every case must be covered by a leaf that is proven from the data, or by a
/// sibling and a symmetry that is checked against all costs.
///
/// O(n⁴) for each leaf and each different symmetry.
struct TreeCertificateCheck {
  /// What is wrong, in words.
  struct Fault: Error {
    let text: String
  }

  let costs: ClaimCosts
  let proof: TreeProof
  private var position = 0
  /// Symmetries that have been checked against the costs.
  private var known: [TreeProof.Symmetry] = []

  init(costs: ClaimCosts, proof: TreeProof) {
    self.costs = costs
    self.proof = proof
  }

  /// What the tree proves.
  mutating func result() -> Result<Double, Fault> {
    do throws(Fault) {
      let least = try replay([])
      guard position == proof.nodes.count else {
        throw Fault(text: "\(proof.nodes.count - position) nodes behind the end of the tree")
      }
      return .success(least)
    } catch {
      return .failure(error)
    }
  }

  /// The least of what the leaves below the next node prove. `fixed` is in the tree's own numbers.
  private mutating func replay(_ fixed: [FixedPair]) throws(Fault) -> Double {
    guard position < proof.nodes.count else { throw Fault(text: "the tree ends too early") }
    let node = proof.nodes[position]
    let place = "node \(position)"
    position += 1
    let n = costs.size
    let locations = (0..<n).filter { l in !fixed.contains { $0.location == l } }
    let facilities = (0..<n).filter { f in !fixed.contains { $0.facility == f } }
    switch node {
    case .facility(let facility):
      guard facilities.contains(facility) else {
        throw Fault(text: "\(place) branches on facility \(facility), which is not free")
      }
      return try replayChildren(fixed, locations, place, isFacility: false) { location in
        FixedPair(facility: facility, location: location)
      }
    case .location(let location):
      guard locations.contains(location) else {
        throw Fault(text: "\(place) branches on location \(location), which is not free")
      }
      return try replayChildren(fixed, facilities, place, isFacility: true) { facility in
        FixedPair(facility: facility, location: location)
      }
    case .symmetric:
      throw Fault(text: "\(place) has no siblings to be symmetric to")
    case .listed:
      guard facilities.count <= TreeProof.mostListed else {
        throw Fault(text: "\(place) leaves \(facilities.count) facilities to be listed")
      }
      return listed(fixed, facilities, locations)
    case .bounded(let point):
      return try bounded(point, fixed, place)
    }
  }

  private mutating func replayChildren(
    _ fixed: [FixedPair], _ choices: [Int], _ place: String, isFacility: Bool,
    _ pair: (Int) -> FixedPair
  ) throws(Fault) -> Double {
    var least = Double.infinity
    var proven = Set<Int>()
    var images: [Int] = []
    for choice in choices {
      guard position < proof.nodes.count else { throw Fault(text: "the tree ends too early") }
      guard case .symmetric(let symmetry) = proof.nodes[position] else {
        least = min(least, try replay(fixed + [pair(choice)]))
        proven.insert(choice)
        continue
      }
      let here = "node \(position)"
      position += 1
      let images1: [Int]
      let held: [Int]
      switch (symmetry, isFacility) {
      case (.facilities(let permutation), true):
        images1 = permutation
        held = fixed.map(\.facility)
      case (.locations(let permutation), false):
        images1 = permutation
        held = fixed.map(\.location)
      default: throw Fault(text: "\(here) renumbers what its parent does not branch on")
      }
      try check(symmetry, images1, here)
      guard held.allSatisfy({ images1[$0] == $0 }) else {
        throw Fault(text: "\(here) renumbers what is fixed")
      }
      images.append(images1[choice])
    }
    guard images.allSatisfy(proven.contains) else {
      throw Fault(text: "\(place) has a child that is symmetric to none that is proven")
    }
    return least
  }

  /// True costs decide whether a renumbering is a symmetry.
  private mutating func check(
    _ symmetry: TreeProof.Symmetry, _ images: [Int], _ place: String
  ) throws(Fault) {
    let n = costs.size
    guard images.count == n, Set(images) == Set(0..<n) else {
      throw Fault(text: "\(place) is no renumbering")
    }
    if known.contains(symmetry) { return }
    let isFacility = if case .facilities = symmetry { true } else { false }
    func moved(_ i: Int, _ j: Int) -> (Int, Int) {
      isFacility ? (images[i], j) : (i, images[j])
    }
    func areEqual(_ a: LowSum, _ b: LowSum) -> Bool {
      // Real costs are equal when they are made of equal numbers: sums of the same terms, in an order
      // that may differ. Exact integers are compared as such.
      if let x = a.integer, let y = b.integer { return x == y }
      return a.integer == nil && b.integer == nil && a.isSame(as: b)
    }
    for i in 0..<n {
      for j in 0..<n {
        let (a, b) = moved(i, j)
        guard areEqual(costs.single(i, j), costs.single(a, b)) else {
          throw Fault(text: "\(place) changes the cost of placement \(i):\(j)")
        }
        for k in 0..<i {
          for l in 0..<n where l != j {
            let (c, d) = moved(k, l)
            guard areEqual(costs.pair(i, j, k, l), costs.pair(a, b, c, d)) else {
              throw Fault(text: "\(place) changes the cost of the pair \(i):\(j), \(k):\(l)")
            }
          }
        }
      }
    }
    known.append(symmetry)
  }

  /// The pairs of the certificate and of the tree, in the numbers of the instance.
  private func pairs(_ fixed: [FixedPair]) -> [FixedPair] {
    costs.pairs
      + fixed.map {
        FixedPair(
          facility: costs.facilities[$0.facility], location: costs.locations[$0.location])
      }
  }

  private func bounded(
    _ point: RLTMultipliers, _ fixed: [FixedPair], _ place: String
  ) throws(Fault) -> Double {
    let free = (0..<costs.size)
    let below = ClaimCosts(
      instance: costs.instance,
      facilities: free.filter { f in !fixed.contains { $0.facility == f } }.map {
        costs.facilities[$0]
      },
      locations: free.filter { l in !fixed.contains { $0.location == l } }.map {
        costs.locations[$0]
      },
      pairs: pairs(fixed))
    let isIntegral = costs.instance.properties.isIntegral
    let rlt = RLTCertificateCheck(
      costs: below, point: point, isExact: isIntegral && point.exponent <= 0)
    if let fault = rlt.fault() { throw Fault(text: "\(place): \(fault)") }
    guard let proven = rlt.proven else { throw Fault(text: "\(place) proves nothing") }
    // Between two values that objectives can take there is none.
    return isIntegral ? max(proven, below.nextValue(from: proven) ?? proven) : proven
  }

  /// The least objective of all ways to place what is free, lowered by its error.
  private func listed(
    _ fixed: [FixedPair], _ facilities: [Int], _ locations: [Int]
  ) -> Double {
    var images = [Int](repeating: 0, count: costs.instance.size)
    for pair in pairs(fixed) { images[pair.facility] = pair.location }
    var least = Double.infinity
    func place(_ index: Int, _ left: [Int]) {
      guard index < facilities.count else {
        guard let assignment = Assignment(locations: images) else {
          least = -.infinity
          return
        }
        let check = checkObjective(of: assignment, in: costs.instance, claimed: 0)
        least = min(
          least, check.error == 0 ? check.recomputed : (check.recomputed - check.error).nextDown)
        return
      }
      for (position, location) in left.enumerated() {
        images[costs.facilities[facilities[index]]] = costs.locations[location]
        var rest = left
        rest.remove(at: position)
        place(index + 1, rest)
      }
    }
    place(0, locations)
    return least
  }
}
