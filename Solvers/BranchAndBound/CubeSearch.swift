import QAP
import QAPLocalSearch
import QAPPrimitives
import QAPSymmetry
import Synchronization

/// Exact search for integral instances whose locations are the vertices of a hypercube, as those
/// of `esc` instances: distances are intercept + slope · H, with the Hamming distance H of labels,
/// and no flow is negative.
///
/// The distance of two facilities is then a sum over bits, and a bit is nothing but a set of
/// facilities: the search chooses sets, not placements (see `CutSearch`). Facilities without flow
/// are left out. Where the flow falls into components, each is solved by itself first: the sum of
/// their optima is a lower bound, and often the optimum, as the components get out of each other's
/// way; if it is not, one search has all of them.
struct CubeSearch {
  private let instance: Instance
  private let cube: HypercubeLabels
  /// Twice-counted flows come together: symmetric.
  private let flow: Matrix<Double>
  private let clusters: Clusters
  /// The facilities of each component of the flow, the largest first.
  private let components: [[Int]]
  /// The costs that do not depend on the assignment, the constant of the instance apart.
  private let fixed: Double

  /// Starts of a batch, after which sums are exchanged.
  private static let batch = 16

  /// Nil unless `instance` is of this kind.
  ///
  /// - Complexity: O(n²).
  init?(_ instance: Instance) {
    guard instance.properties.isIntegral, instance.tensor == nil else { return nil }
    let pairs = PairCost(instance)
    guard case .product(let flow, let distance) = pairs.kind,
      let cube = HypercubeLabels(distance)
    else { return nil }
    let n = instance.size
    var fixed = 0.0
    for i in 0..<n {
      // The same everywhere.
      guard (1..<n).allSatisfy({ pairs.linear[i, $0] == pairs.linear[i, 0] }) else { return nil }
      fixed += pairs.linear[i, 0]
      for k in i + 1..<max(n, i + 1) {
        guard flow[i, k] >= 0 else { return nil }
        fixed += cube.intercept * flow[i, k]
      }
    }
    let found = FlowComponents(flow)
    guard !found.components.isEmpty, abs(fixed) < 0x1p52 else { return nil }
    self.instance = instance
    self.cube = cube
    self.flow = flow
    self.fixed = fixed
    components = found.components
    clusters = Clusters(flow, linear: Matrix(rows: n, columns: 1, repeating: 0))
  }

  /// Searches until the optimum is proven or a limit is met; nil when that is not possible, with
  /// the bound of the components.
  func run(_ context: SolveContext) -> Termination? {
    guard let incumbent = context.incumbent else { return nil }
    let count = components.reduce(0) { $0 + $1.count }
    context.note(
      "locations are the vertices of a \(cube.dimension)-cube; \(count) facilities with flow, "
        + "\(components.count) component\(components.count == 1 ? "" : "s"): searching bit by bit")
    let tables = components.map(table)
    var sums = components.indices.map { index in
      tables[index].map { Int($0.bounds[$0.dimension * $0.states + $0.all]) } ?? 0
    }
    guard !tables.contains(where: { $0 == nil }) else {
      context.note("too many different facilities to search bit by bit")
      return nil
    }
    publish(sums, components, context)
    for (index, table) in tables.enumerated() {
      guard let table else { return nil }
      let ended = search(
        table, from: sum(of: components[index], incumbent.assignment), context,
        improved: { labels in
          if components.count == 1 { context.offer(assignment(labels)) }
        },
        raised: {
          sums[index] = $0
          publish(sums, components, context)
        })
      if let ended { return ended }
      if let reason = context.stopReason() { return reason }
    }
    let all = components.flatMap { $0 }.sorted()
    guard components.count > 1, let whole = table(all) else { return nil }
    context.note("the components cannot all have their optimum; searching them together")
    let ended = search(
      whole, from: sum(of: all, incumbent.assignment), context,
      improved: { context.offer(assignment($0)) }, raised: { publish([$0], [all], context) })
    return ended ?? context.stopReason()
  }

  private func table(_ facilities: [Int]) -> CutTable? {
    CutTable(dimension: cube.dimension, members: members(facilities)) { Int(flow[$0, $1]) }
  }

  /// The clusters of some facilities.
  private func members(_ facilities: [Int]) -> [[Int]] {
    let isPart = Set(facilities)
    return clusters.members.map { $0.filter(isPart.contains) }.filter { !$0.isEmpty }
  }

  /// The weighted sum of Hamming distances of some facilities.
  private func sum(of facilities: [Int], _ assignment: Assignment) -> Int {
    let labels = facilities.map { cube.labels[assignment.locations[$0]] }
    var sum = 0
    for (a, i) in facilities.enumerated() {
      for (b, k) in facilities[..<a].enumerated() {
        sum += Int(flow[i, k]) * (labels[a] ^ labels[b]).nonzeroBitCount
      }
    }
    return sum
  }

  /// The assignment that gives some facilities their labels and the others the rest.
  private func assignment(_ labels: [Int: Int]) -> Assignment {
    var location = [Int](repeating: 0, count: instance.size)
    for (place, label) in cube.labels.enumerated() { location[label] = place }
    var locations = [Int](repeating: -1, count: instance.size)
    for (facility, label) in labels { locations[facility] = location[label] }
    let taken = Set(locations)
    var rest = (0..<instance.size).filter { !taken.contains($0) }.makeIterator()
    for facility in locations.indices where locations[facility] < 0 {
      locations[facility] = rest.next() ?? 0
    }
    guard let assignment = Assignment(locations: locations) else {
      preconditionFailure("two facilities of one label")
    }
    return assignment
  }

  /// Bounds the instance by bounds on the sums of some parts of it.
  private func publish(_ sums: [Int], _ parts: [[Int]], _ context: SolveContext) {
    // Whole numbers below 2⁵³, but for the constant.
    let value = fixed + cube.slope * Double(sums.reduce(0, +))
    let total = value + instance.constant
    let isExact = total - instance.constant == value && total - value == instance.constant
    context.raise(
      to: LowerBound(
        proven: isExact ? total : total.nextDown, method: context.source, for: instance,
        proof: context.keepsProof ? .cube(proof(sums, parts)) : nil))
  }

  private func proof(_ sums: [Int], _ parts: [[Int]]) -> CubeProof {
    CubeProof(
      labels: cube.labels,
      parts: zip(sums, parts).map { CubeProof.Part(clusters: members($1), least: $0) })
  }

  /// Finds the least sum of the facilities of a table, of which an assignment has `known`; nil when
  /// that is done, else the reason why it ended. `raised` hears of bounds on the sum, itself last.
  private func search(
    _ table: CutTable, from known: Int, _ context: SolveContext,
    improved: ([Int: Int]) -> Void, raised: (Int) -> Void
  ) -> Termination? {
    var best = Int32(known)
    let searches = CutSearches(
      (0..<context.threads).map { _ in CutSearch(table) { context.stopsAtOnce() } })
    var starts = ArraySlice(searches.all[0].starts(limit: best))
    while true {
      let bound = min(best, starts.first?.bound ?? best)
      raised(Int(bound))
      if bound >= best { return nil }
      if let reason = context.stopReason() { return reason }
      let room = [context.nodesLeft, context.iterationsLeft].compactMap { $0 }.min()
      if let room, room <= 0 { return .nodes }
      let count = min(CubeSearch.batch, starts.count, room ?? .max)
      let budget = room.map { $0 / count } ?? .max
      let (batch, limit) = (Array(starts.prefix(count)), best)
      starts = starts.dropFirst(count)
      let results = Mutex([CutSearch.Outcome](repeating: .init(), count: count))
      parallelFor(count: count, threads: context.threads) { worker, index in
        let outcome = searches.all[worker].run(batch[index], limit: limit, budget: budget)
        results.withLock { $0[index] = outcome }
      }
      let outcomes = results.withLock { $0 }
      let nodes = outcomes.reduce(0) { $0 + $1.nodes }
      context.count(nodes: nodes, open: starts.count)
      context.count(iterations: nodes)
      context.reportWorking()
      for outcome in outcomes {
        guard let found = outcome.best, found < best else { continue }
        best = found
        improved(CutSearch.labels(outcome.path, table))
      }
      // What is not done stays open: the bound rises no more.
      if outcomes.contains(where: \.isInterrupted) { return context.stopReason() ?? .nodes }
    }
  }
}

/// One search a thread.
private final class CutSearches: @unchecked Sendable {
  // Unchecked: each thread uses its own.
  let all: [CutSearch]
  init(_ all: [CutSearch]) { self.all = all }
}
