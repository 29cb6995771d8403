import QAP
import QAPPrimitives
import QAPSymmetry

/// An integral instance whose facilities, or whose locations, fall into two clusters of
/// interchangeable ones: it asks for the best places of the smaller cluster, which is a subset
/// problem. Gray patterns are of this kind (Taillard 1995): `tai64c`, `tai256c`.
///
/// See `TwoClusterProof` for the subset problem.
package struct TwoClusters: Sendable {
  /// The subset problem; an objective of the instance is that of the subset and the constant.
  package let problem: SubsetProblem
  private let instance: Instance
  private let constant: Double
  private let ofLocations: Bool
  /// The smaller cluster and the other one.
  private let members: [Int]
  private let rest: [Int]

  /// The reduction of `instance`; nil when it has no two clusters of two members at least, or
  /// numbers that are not integers far below 2⁵³.
  ///
  /// - Complexity: O(n²) where rows differ early.
  package init?(_ instance: Instance) {
    // The proof counts no surcharges of forbidden placements.
    guard instance.properties.isIntegral, instance.forbidden.isEmpty,
      instance.size <= SubsetSelection.maxRelaxationItems
    else { return nil }
    let pairs = PairCost(instance)
    for side in [Side.facilities, .locations] {
      let clusters = Clusters(pairs, of: side)
      guard clusters.count == 2, clusters.members.allSatisfy({ $0.count > 1 }) else { continue }
      self.init(instance, pairs, clusters, side)
      return
    }
    return nil
  }

  private init?(_ instance: Instance, _ pairs: PairCost, _ clusters: Clusters, _ side: Side) {
    guard let (own, linear) = side.data(of: pairs),
      let (other, _) = (side == .facilities ? Side.locations : .facilities).data(of: pairs)
    else { return nil }
    let n = pairs.size
    let order = clusters.members[0].count <= clusters.members[1].count ? [0, 1] : [1, 0]
    members = clusters.members[order[0]]
    rest = clusters.members[order[1]]
    ofLocations = side == .locations
    self.instance = instance
    // Unordered pairs of a symmetric product count once.
    let isProduct = if case .product = pairs.kind { true } else { false }
    func distance(_ j: Int, _ l: Int) -> Double { isProduct && l < j ? 0 : other[j, l] }
    let (i, k) = (members[0], rest[0])
    let (a, b) = (own[i, members[1]], own[k, rest[1]])
    let (c, d) = (own[i, k], own[k, i])
    let factor = a + b - c - d
    var constant = 0.0
    var costs = Matrix<Double>(rows: n, columns: n, repeating: 0)
    for j in 0..<n {
      var (row, column) = (0.0, 0.0)
      for l in 0..<n where l != j {
        costs[j, l] = factor * distance(j, l)
        row += distance(j, l)
        column += distance(l, j)
      }
      constant += b * row + linear[k, j]
      costs[j, j] = linear[i, j] - linear[k, j] + (c - b) * row + (d - b) * column
    }
    // Within these limits nothing above was rounded.
    guard abs(constant) < 0x1p50, costs.elements.allSatisfy({ abs($0) < 0x1p50 }),
      let problem = try? SubsetProblem(name: instance.name, costs: costs, size: members.count),
      problem.lattice != nil
    else { return nil }
    self.problem = problem
    self.constant = constant
  }

  /// The assignment that puts the smaller cluster at the items of a subset.
  private func assignment(of subset: Subset) -> Assignment {
    let chosen = Set(subset.indices)
    var places = [Int](repeating: 0, count: members.count + rest.count)
    let others = places.indices.filter { !chosen.contains($0) }
    for (member, place) in zip(members + rest, subset.indices + others) {
      if ofLocations { places[place] = member } else { places[member] = place }
    }
    guard let assignment = Assignment(locations: places) else {
      preconditionFailure("a subset is no assignment")
    }
    return assignment
  }

  /// A bound of the instance from one of the subset problem, which is first rounded up to a value
  /// that subsets can have: those of the instance may be closer.
  private func raised(_ bound: Double) -> Double {
    func sum(_ x: Double, _ y: Double) -> Double {
      let sum = x + y
      return sum - x > y || sum - y > x ? sum.nextDown : sum
    }
    return sum(
      sum(problem.lattice?.roundedUp(bound) ?? bound, constant), instance.constant)
  }

  /// Solves the instance as a subset problem: assignments, bounds and nodes go to `context`.
  package func run(_ context: SolveContext) throws -> Termination {
    let kind = ofLocations ? "locations" : "facilities"
    context.note(
      "\(members.count) \(kind) are interchangeable, and so are the other \(rest.count): "
        + "searching the subsets of places")
    let limits = Limits(
      time: context.secondsLeft.map { .seconds($0) },
      nodes: [context.nodesLeft, context.iterationsLeft].compactMap { $0 }.min())
    var search = SubsetSelection()
    search.relay = SubsetRelay(
      improved: { context.offer(assignment(of: $0)) },
      raised: {
        context.raise(
          to: LowerBound(proven: raised($0), method: context.source, for: instance))
      },
      worked: { nodes, open in
        context.count(nodes: nodes, open: open)
        context.count(iterations: nodes)
        context.reportWorking()
      })
    let report = try search.solve(
      problem,
      options: SolveOptions(
        limits: limits, stop: { _ in context.stopReason() }, seed: context.seed,
        threads: context.threads, keepsProof: context.keepsProof))
    if let certificate = report.certificate {
      context.raise(
        to: LowerBound(
          proven: raised(certificate.bound), method: context.source, for: instance,
          proof: .subset(
            TwoClusterProof(
              ofLocations: ofLocations, members: members, exponent: certificate.exponent,
              tree: certificate.tree))))
    }
    return context.stopReason() ?? report.termination
  }
}
