import QAP
import QAPLocalSearch
import QAPMatching
import QAPPrimitives

/// The first assignment of a match of hundreds of rows, where searches that begin at random stay
/// far from the best match.
///
/// Cluster centers of both sides are assigned to each other; the maps that they suggest assign all
/// rows. From each such match maps of low rank, made of half of the matched rows at a time, move
/// the other half, and linear assignments of the objective follow: the maps lead out of local
/// optima, the assignments to better ones. Of all matches the better half goes on, until a map
/// sends rows to where they were matched although it was not made of them. That happens when the
/// rows' common structure is found.
public struct MatchStart: Sendable {
  /// The smallest match for which searches profit from it.
  public static let minSize = 200
  /// The largest match for which it is fast enough.
  public static let maxSize = 3_000

  /// The rank of maps before the structure is found.
  private static let rank = 20
  /// Maps in a round, and steps after them.
  fileprivate static let (maps, steps) = (6, 8)
  /// Matches that are followed. Those of one clustering fail together.
  private static let candidates = 3
  /// Clusterings of all rows, each with its candidates.
  private static let attempts = 12
  /// Rounds before the worse half of the matches is given up. Many rows find their structure in the
  /// first rounds or not at all.
  private static func rounds(size: Int) -> Int { max(1, 1_600 / size) }

  /// Ranks of maps once the structure is found.
  private static let lastRanks = [20, 30, 40, 60]
  /// The share of rows that maps of other rows send back to their matches then.
  private static let solvedShare = 0.25

  /// True for metrics of linear kernels and of distances, of sizes between `minSize` and
  /// `maxSize`, where every row may be matched to every row.
  public static func applies(_ problem: MatchingProblem, _ options: MatchingOptions) -> Bool {
    let free = problem.sourceRows.count - problem.pairs.count
    guard !options.isPrecomputed, !problem.hasOutliers, options.forbidden.isEmpty,
      min(free, problem.targetRows.count - problem.pairs.count) >= minSize,
      problem.instance.size <= maxSize
    else { return false }
    return switch problem.metric {
    case .cka, .ckaDebiased, .ckaOneSided, .correlation, .gromovWasserstein, .innerProduct: true
    case .ckaGaussian, .neighbors, .kullbackLeibler: false
    }
  }

  /// A match on its way.
  fileprivate struct PartialMatch {
    let candidate: Int
    /// The row of the larger side of each row of the smaller one; empty before the first round.
    var places: [Int] = []
    var best: (assignment: Assignment, objective: Double)?
    var generator: SeededGenerator
    var isSolved = false
  }

  /// The best assignment found for `problem`, made of `source` and `target`; nil when it was
  /// stopped before there was one.
  ///
  /// - Parameters:
  ///   - shouldStop: asked often, from any thread.
  ///   - progress: called with a line about each step, from any thread.
  /// - Throws: `InputError` for sides that cannot be clustered.
  /// - Complexity: O(n³) a round.
  public static func find(
    _ problem: MatchingProblem, source: Embeddings, target: Embeddings, seed: UInt64,
    threads: Int = 1, shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> Assignment? {
    let reduction = try ReducedInstance(problem.instance, fixing: problem.pairs)
    guard let steps = LinearizedSteps(reduction.instance) else { return nil }
    let (facilities, locations) =
      problem.isTransposed
      ? (try target.selecting(problem.targetRows), try source.selecting(problem.sourceRows))
      : (try source.selecting(problem.sourceRows), try target.selecting(problem.targetRows))
    // Facilities beyond the rows of the smaller side are no rows.
    let free = reduction.facilities.filter { $0 < facilities.rows }
    let open = reduction.locations.filter { $0 < locations.rows }
    let pairs =
      problem.pairs.isEmpty
      ? nil
      : try TranslationPairs(
        source: facilities.selecting(problem.pairs.map(\.facility)),
        target: locations.selecting(problem.pairs.map(\.location)))
    let search = CenterSearch()
    var best: (assignment: Assignment, objective: Double)?
    for attempt in 0..<attempts where !shouldStop() {
      var options = TranslationOptions(
        restarts: 3, seed: seed &+ UInt64(attempt) &* 0x1_0000_0000, threads: threads)
      options.epochs = [12, 0]
      options.clusters = options.clusters.filter { 3 * $0 <= free.count }
      var matcher = try LowRankMatcher(
        source: facilities.selecting(free), target: locations.selecting(open), pairs: pairs,
        options: options, search: { try search($0, seed: $1, shouldStop: $2) },
        shouldStop: shouldStop, progress: progress)
      let found = follow(&matcher, steps, seed: options.seed, shouldStop) {
        progress(
          "attempt \(attempt + 1) of \(attempts): \($0) matches followed, "
            + "objective \(problem.value($1))")
      }
      if let match = found?.best, match.objective < best?.objective ?? .infinity { best = match }
      if found?.isSolved ?? false { break }
    }
    guard let best else { return nil }
    let polished = best.assignment.improvedBySwaps(in: reduction.instance, unless: shouldStop)
    return reduction.lift(polished)
  }

  /// The first match of a matcher that finds the structure, or the best one of all.
  private static func follow(
    _ matcher: inout LowRankMatcher, _ steps: LinearizedSteps, seed: UInt64,
    _ shouldStop: () -> Bool, report: (Int, Double) -> Void
  ) -> PartialMatch? {
    var active = (0..<min(matcher.count, candidates)).map { candidate in
      PartialMatch(
        candidate: candidate,
        generator: SeededGenerator(seed: seed, stream: UInt64(1_000 + candidate)))
    }
    var found: PartialMatch?
    while !active.isEmpty, !shouldStop() {
      for index in active.indices {
        for _ in 0..<rounds(size: steps.size) where !active[index].isSolved && !shouldStop() {
          advance(&active[index], &matcher, steps, shouldStop)
        }
        let objective = active[index].best?.objective ?? .infinity
        if objective < found?.best?.objective ?? .infinity { found = active[index] }
        if active[index].isSolved { break }
      }
      if let objective = found?.best?.objective { report(active.count, objective) }
      if let solved = active.first(where: \.isSolved) { return solved }
      active.sort { ($0.best?.objective ?? .infinity) < ($1.best?.objective ?? .infinity) }
      active.removeLast(max(1, active.count / 2))
    }
    return found
  }

  /// Maps and steps once; up to the end where the structure is found.
  private static func advance(
    _ match: inout PartialMatch, _ matcher: inout LowRankMatcher, _ steps: LinearizedSteps,
    _ shouldStop: () -> Bool
  ) {
    if match.places.isEmpty {
      match.places = matcher.assignment(candidate: match.candidate, rank: rank)
    }
    for _ in 0..<maps { match.move(by: matcher, rank: rank) }
    match.step(steps, shouldStop)
    var moved = match
    moved.move(by: matcher, rank: rank)
    let kept = zip(match.places, moved.places).count { $0 == $1 }
    guard Double(kept) >= solvedShare * Double(match.places.count) else { return }
    match.isSolved = true
    var isBetter = true
    while isBetter, !shouldStop() {
      let last = match.best?.objective ?? .infinity
      for rank in lastRanks { match.move(by: matcher, rank: rank) }
      match.step(steps, shouldStop)
      isBetter = match.best?.objective ?? .infinity < last
    }
  }
}

extension MatchStart.PartialMatch {
  fileprivate mutating func move(by matcher: LowRankMatcher, rank: Int) {
    places = matcher.crossed(places, rank: rank, using: &generator)
  }

  fileprivate mutating func step(_ steps: LinearizedSteps, _ shouldStop: () -> Bool) {
    // Facilities that are no rows take what is left.
    let taken = Set(places)
    let left = (0..<steps.size).filter { !taken.contains($0) }
    guard let start = Assignment(locations: places + left) else {
      preconditionFailure("two rows at one location")
    }
    let found = steps.best(after: start, count: MatchStart.steps, unless: shouldStop)
    places = places.indices.map { found.assignment[$0] }
    if found.objective < best?.objective ?? .infinity { best = found }
  }
}
