import QAP
import QAPPrimitives

/// Replays a search tree: every case must be covered by a leaf that is proven from the data, or by
/// a sibling and a symmetry that is checked against all costs.
///
/// O(n⁴) for each point and each different symmetry, O(n⁶) for a point of the doubly nonnegative
/// relaxation.
struct TreeCertificateCheck {
  /// A fault, in words.
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

  /// The value that the tree proves.
  mutating func result() -> Result<Double, Fault> {
    do throws(Fault) {
      let least = try replay([])
      guard position == proof.nodes.count else {
        throw Fault(text: "\(proof.nodes.count - position) nodes after the end of the tree")
      }
      return .success(least)
    } catch {
      return .failure(error)
    }
  }

  private mutating func next() throws(Fault) -> (node: TreeProof.Node, place: String) {
    guard position < proof.nodes.count else { throw Fault(text: "the tree is incomplete") }
    position += 1
    return (proof.nodes[position - 1], "node \(position - 1)")
  }

  /// The least of what the leaves below the next node prove. `fixed` is in the tree's own numbers.
  private mutating func replay(_ fixed: [FixedPair]) throws(Fault) -> Double {
    var (node, place) = try next()
    var leaders: LeafPoint?
    if case .leaders(let point) = node {
      leaders = try checked(point, fixed, place)
      (node, place) = try next()
    }
    let n = costs.size
    let locations = (0..<n).filter { l in !fixed.contains { $0.location == l } }
    let facilities = (0..<n).filter { f in !fixed.contains { $0.facility == f } }
    switch node {
    case .facility(let facility):
      guard facilities.contains(facility) else {
        throw Fault(text: "\(place) branches on facility \(facility), which is not free")
      }
      return try replayChildren(fixed, locations, leaders, place, isFacility: false) { location in
        FixedPair(facility: facility, location: location)
      }
    case .location(let location):
      guard locations.contains(location) else {
        throw Fault(text: "\(place) branches on location \(location), which is not free")
      }
      return try replayChildren(fixed, facilities, leaders, place, isFacility: true) { facility in
        FixedPair(facility: facility, location: location)
      }
    case _ where leaders != nil:
      throw Fault(text: "\(place) follows leaders and is no case distinction")
    case .leaders, .implied:
      throw Fault(text: "\(place) has no case distinction with leaders for a parent")
    case .symmetric:
      throw Fault(text: "\(place) has no siblings to be symmetric to")
    case .listed:
      guard facilities.count <= TreeProof.maxListed else {
        throw Fault(text: "\(place) leaves \(facilities.count) facilities to be listed")
      }
      return listed(fixed, facilities, locations)
    case .bounded(let point):
      let found = try checked(point, fixed, place)
      guard let bound = found.bound else { throw Fault(text: "\(place) proves nothing") }
      return found.rounded(bound)
    }
  }

  private mutating func replayChildren(
    _ fixed: [FixedPair], _ choices: [Int], _ leaders: LeafPoint?, _ place: String,
    isFacility: Bool, _ pair: (Int) -> FixedPair
  ) throws(Fault) -> Double {
    var least = Double.infinity
    var proven = Set<Int>()
    var images: [Int] = []
    for choice in choices {
      guard position < proof.nodes.count else { throw Fault(text: "the tree is incomplete") }
      let isForbidden = costs.isForbidden(pair(choice).facility, pair(choice).location)
      if case .implied = proof.nodes[position], let leaders {
        if isForbidden {
          proven.insert(choice)
          position += 1
          continue
        }
        guard let bound = leaders.bound(placing: pair(choice)) else {
          throw Fault(text: "node \(position) is implied by nothing")
        }
        least = min(least, leaders.rounded(bound))
        proven.insert(choice)
        position += 1
        continue
      }
      guard case .symmetric(let symmetry) = proof.nodes[position] else {
        let bound = try replay(fixed + [pair(choice)])
        // There is no such assignment, whatever the nodes below say.
        least = isForbidden ? least : min(least, bound)
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
        throw Fault(text: "\(here) renumbers a fixed facility or location")
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
      // Real costs are equal when they are made of equal numbers: sums of the same terms, in an
      // order that may differ. Exact integers are compared as such.
      if let x = a.integer, let y = b.integer { return x == y }
      return a.integer == nil && b.integer == nil && a.isSame(as: b)
    }
    for i in 0..<n {
      for j in 0..<n {
        let (a, b) = moved(i, j)
        guard costs.isForbidden(i, j) == costs.isForbidden(a, b),
          costs.isForbidden(i, j) || areEqual(costs.single(i, j), costs.single(a, b))
        else {
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

  /// The bound of a point over the costs that `fixed` leaves free.
  private func checked(
    _ point: TreeProof.Point, _ fixed: [FixedPair], _ place: String
  ) throws(Fault) -> LeafPoint {
    let free = (0..<costs.size)
    let freeFacilities = free.filter { f in !fixed.contains { $0.facility == f } }
    let freeLocations = free.filter { l in !fixed.contains { $0.location == l } }
    let below = ClaimCosts(
      instance: costs.instance, facilities: freeFacilities.map { costs.facilities[$0] },
      locations: freeLocations.map { costs.locations[$0] }, pairs: pairs(fixed),
      forbidden: costs.forbidden)
    let proven: LeafPoint.Proven
    switch point {
    case .rlt1(let multipliers):
      let isExact = costs.instance.properties.isIntegral && multipliers.exponent <= 0
      let check = RLTCertificateCheck(costs: below, point: multipliers, isExact: isExact)
      if let fault = check.fault() { throw Fault(text: "\(place): \(fault)") }
      proven = .rlt1(check)
    case .semidefinite(let multiplier):
      switch SemidefiniteCertificateCheck(costs: below, proof: multiplier).result() {
      case .success(let found): proven = .semidefinite(found)
      case .failure(let fault): throw Fault(text: "\(place): \(fault.text)")
      }
    }
    return LeafPoint(
      proven: proven, costs: below, facilities: freeFacilities, locations: freeLocations)
  }

  /// The least objective of all completions, lowered by its error.
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
        let value =
          check.error == 0 ? check.recomputed : (check.recomputed - check.error).nextDown
        least = value.isNaN ? -.infinity : min(least, value)
        return
      }
      for (position, location) in left.enumerated()
      where !costs.isForbidden(facilities[index], location) {
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

/// A point without fault, and the costs that it bounds. A class, as a deep tree holds many at a
/// time.
private final class LeafPoint {
  enum Proven {
    case rlt1(RLTCertificateCheck)
    case semidefinite(SemidefiniteCertificateCheck.Proven)
  }

  let proven: Proven
  let costs: ClaimCosts
  /// The free facilities, in the tree's numbers.
  let facilities: [Int]
  let locations: [Int]
  private lazy var values = costs.instance.properties.isIntegral ? costs.values : nil

  init(proven: Proven, costs: ClaimCosts, facilities: [Int], locations: [Int]) {
    self.proven = proven
    self.costs = costs
    self.facilities = facilities
    self.locations = locations
  }

  /// The bound for all assignments of the free facilities.
  var bound: Double? {
    switch proven {
    case .rlt1(let check): check.proven
    case .semidefinite(let proven): proven.bound
    }
  }

  /// The bound for the assignments with a placement, which is in the tree's numbers.
  func bound(placing pair: FixedPair) -> Double? {
    guard let i = facilities.firstIndex(of: pair.facility),
      let j = locations.firstIndex(of: pair.location)
    else { return nil }
    return switch proven {
    case .rlt1(let check): check.proven(placing: i, at: j)
    case .semidefinite(let proven): proven.bound(placing: i, at: j)
    }
  }

  /// Between two values that objectives can take there is none.
  func rounded(_ bound: Double) -> Double { max(bound, values?.next(from: bound) ?? bound) }
}
