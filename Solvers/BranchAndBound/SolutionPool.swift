import QAP
import QAPPrimitives

/// The best assignments met so far, at most a given number, each once.
///
/// A search tree that prunes by symmetry meets one assignment of each class. The pool adds all that
/// are equivalent, or, where these count as one, keeps the first of each class.
struct SolutionPool: Sendable {
  private let instance: Instance
  private let wanted: Int
  private let isDistinct: Bool
  private let facilityMoves: [[Int]]
  private let locationMoves: [[Int]]
  private let equivalence: AssignmentEquivalence?
  /// The value that objectives must be below while the pool is not full: infinite, or where
  /// placements are forbidden more than any allowed assignment costs.
  private let ceiling: Double
  /// The places of the given facilities, which tell assignments apart.
  private var keys: Set<[Int]> = []
  private var entries: [Entry] = []
  private var isExpanded: Set<[Int]> = []

  private struct Entry: Sendable {
    let incumbent: Incumbent
    let signatures: [[Double]]
    let hash: Int
  }

  /// An empty pool for the `wanted` best assignments; up to symmetry if `isDistinct`.
  init(
    _ instance: Instance, wanted: Int, isDistinct: Bool, facilities: Symmetry, locations: Symmetry
  ) {
    self.instance = instance
    self.wanted = wanted
    self.isDistinct = isDistinct
    let moves = { (symmetry: Symmetry, count: Int) in
      isDistinct ? [] : symmetry.permutations + symmetry.swaps(below: count)
    }
    facilityMoves = moves(facilities, instance.facilities)
    locationMoves = moves(locations, instance.size)
    equivalence = isDistinct ? AssignmentEquivalence(PairCost(instance)) : nil
    ceiling = instance.forbidden.isEmpty ? .infinity : instance.valueAboveAll
  }

  /// The assignments, the best first; of equals the first that was met.
  var incumbents: [Incumbent] { entries.map(\.incumbent) }

  /// Only assignments of a smaller objective can still enter.
  var threshold: Double {
    entries.count < wanted ? ceiling : entries[entries.count - 1].incumbent.objective
  }

  private func key(_ locations: [Int]) -> [Int] {
    let given = locations.prefix(instance.facilities)
    return instance.sites.isEmpty ? Array(given) : given.map { instance.sites[$0] }
  }

  /// Adds an assignment and its equivalents; false when nothing was added.
  @discardableResult
  mutating func insert(_ assignment: Assignment) -> Bool {
    guard insertOne(assignment) else { return false }
    var waiting = [assignment.locations]
    while !facilityMoves.isEmpty || !locationMoves.isEmpty, let p = waiting.popLast() {
      for move in facilityMoves { visit(p.indices.map { p[move[$0]] }) }
      for move in locationMoves { visit(p.map { move[$0] }) }
    }
    func visit(_ locations: [Int]) {
      guard !keys.contains(key(locations)),
        let image = Assignment(locations: locations), insertOne(image)
      else { return }
      waiting.append(locations)
    }
    return true
  }

  private mutating func insertOne(_ assignment: Assignment) -> Bool {
    let key = key(assignment.locations)
    guard !keys.contains(key), instance.allows(assignment) else { return false }
    let objective = instance.objective(of: assignment)
    guard objective < threshold else { return false }
    var (signatures, hash): ([[Double]], Int) = ([], 0)
    if let equivalence {
      signatures = equivalence.signatures(assignment)
      hash = equivalence.hash(signatures)
      let isKnown = entries.contains {
        $0.hash == hash
          && equivalence.areEquivalent(
            $0.incumbent.assignment, $0.signatures, assignment, signatures)
      }
      if isKnown { return false }
    }
    if entries.count == wanted, let last = entries.popLast() {
      keys.remove(self.key(last.incumbent.assignment.locations))
    }
    let place = entries.firstIndex { $0.incumbent.objective > objective } ?? entries.count
    let incumbent = Incumbent(assignment: assignment, objective: objective)
    entries.insert(Entry(incumbent: incumbent, signatures: signatures, hash: hash), at: place)
    keys.insert(key)
    return true
  }

  /// Follows the swaps of two facilities from the best assignment on until none of the pool's has a
  /// neighbor that is missing, for about `ticks` of work at most once the pool is full.
  ///
  /// - Returns: true when there are no other assignments at all.
  mutating func improveBySwaps(ticks: Double, mustStop: () -> Bool) -> Bool {
    let (n, m) = (instance.size, instance.facilities)
    var spent = 0.0
    while let next = entries.first(where: {
      !isExpanded.contains(key($0.incumbent.assignment.locations))
    })?.incumbent {
      if mustStop() || entries.count == wanted && spent > ticks { return false }
      isExpanded.insert(key(next.assignment.locations))
      let error = instance.properties.isIntegral ? 0 : 4 * instance.objectiveError
      for i in 0..<m {
        for k in i + 1..<max(n, i + 1) {
          spent += 10 * Double(n)
          let change = instance.swapDelta(next.assignment, i, k)
          guard next.objective + change - error < threshold else { continue }
          var neighbor = next.assignment
          neighbor.swap(i, k)
          insert(neighbor)
          spent += Double(n * n)
        }
      }
    }
    // Swaps lead to all assignments where none is forbidden.
    return entries.count < wanted && instance.forbidden.isEmpty
  }

  /// True when there are as many assignments as are wanted.
  var isFull: Bool { entries.count >= wanted }
}

extension Symmetry {
  /// The swaps of two twins of which at least one is below `count`.
  fileprivate func swaps(below count: Int) -> [[Int]] {
    var result: [[Int]] = []
    for b in twins.indices {
      for a in 0..<min(b, count) where twins[a] == twins[b] {
        var move = Array(twins.indices)
        move.swapAt(a, b)
        result.append(move)
      }
    }
    return result
  }
}
