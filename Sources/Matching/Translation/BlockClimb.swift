import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// An assignment of all rows that linear assignments of blocks improve, under maps made of it.
///
/// A block's source rows exchange the target rows that they have. Blocks are cut from chains: the
/// next row is the one that has the target row nearest to the last row under the map, so that most
/// rows share a block with the target row that they want.
struct BlockClimb {
  private let source: UnpairedSpace
  private let target: UnpairedSpace
  private let matcher: BlockMatcher
  private let free: [Int]
  private let isHollow: Bool
  private let threads: Int
  private var generator: SeededGenerator
  private var near: [Int] = []
  private var epochs = 0

  /// The target row of each source row; source rows beyond the last one are zeros, as many as there
  /// are target rows.
  private(set) var places: [Int]
  /// That of the first epoch's map; nil for that of the pairs.
  private var crossCovariance: Matrix<Double>?

  /// Epochs between two searches for nearest rows.
  static let refreshing = 3

  /// Begins with `places`, of which those of `pairs` stay.
  init(
    _ source: UnpairedSpace, _ target: UnpairedSpace, places: [Int], pairs: [FixedPair],
    map: Matrix<Double>?, block: Int, isHollow: Bool, seed: UInt64, threads: Int
  ) {
    (self.source, self.target, self.places, self.threads) = (source, target, places, threads)
    self.isHollow = isHollow
    matcher = BlockMatcher(source, target, block: block, threads: threads, isHollow: isHollow)
    let fixed = Set(pairs.map(\.facility))
    free = places.indices.filter { !fixed.contains($0) }
    generator = SeededGenerator(seed: seed, stream: isHollow ? 301 : 300)
    crossCovariance = map
  }

  /// One epoch under the map `map` of the cross-covariance.
  ///
  /// - Returns: the number of rows that moved; nil when `shouldStop` stopped it, and for zeros.
  mutating func epoch(
    _ map: (Matrix<Double>) -> RankedMap?, shouldStop: () -> Bool
  ) -> Int? {
    guard let map = map(crossCovariance ?? covariance) else { return nil }
    if epochs % BlockClimb.refreshing == 0 {
      // Few rows move under the objective: the duals are prices by then, against which a row weighs
      // similarities. Prices of the first epochs mislead.
      near = source.nearest(
        in: target, under: map, count: source.rows, bonus: isHollow ? matcher.columnDuals : nil,
        partners: isHollow ? places : nil, threads: threads)
    }
    epochs += 1
    let order = chains()
    if order.isEmpty { return 0 }
    guard
      let (partners, _) = matcher.reassign(
        order, order.map { places[$0] }, under: map, shouldStop: shouldStop)
    else { return nil }
    let moved = zip(order, partners).count { places[$0] != $1 }
    for (row, partner) in zip(order, partners) { places[row] = partner }
    crossCovariance = nil
    return moved
  }

  /// Σ x·yᵀ over all pairs.
  private var covariance: Matrix<Double> {
    gemm(
      1, source.selecting(Array(0..<source.rows)), .transposed,
      target.selecting(Array(places.prefix(source.rows))), .plain)
  }

  /// The rows that are free, chain after chain from random ones. Under the objective rows that have
  /// the nearest target row, and that no chain leads to, stay out.
  private mutating func chains() -> [Int] {
    var owner = [Int](repeating: 0, count: places.count)
    for (row, place) in places.enumerated() { owner[place] = row }
    var isOpen = [Bool](repeating: false, count: places.count)
    for row in free { isOpen[row] = true }
    var order: [Int] = []
    order.reserveCapacity(free.count)
    for index in Permutation(randomOf: free.count, using: &generator).images {
      var row = free[index]
      let begin = order.count
      while isOpen[row] {
        isOpen[row] = false
        order.append(row)
        if row < near.count { row = owner[near[row]] }
      }
      if isHollow, order.count == begin + 1, row == order[begin] {
        isOpen[order.removeLast()] = true
      }
    }
    return order
  }
}

extension UnpairedSpace {
  /// The coordinates of some rows: rows × features.
  fileprivate func selecting(_ rows: [Int]) -> Matrix<Double> {
    let (view, features) = (view, features)
    return Matrix(rows: rows.count, columns: features) { Double(view[rows[$0] * features + $1]) }
  }
}

extension FactoredProblem {
  /// Rows of a block unless the caller says otherwise.
  public static let block = 2_000
  /// Epochs under rotations at most, and those under the objective's own map.
  private static let epochs = (rotations: 15, own: 60)

  /// The bytes that `match` takes beside the problem.
  public static func bytes(
    rows: (Int, Int), features: (Int, Int), block: Int = FactoredProblem.block, threads: Int
  ) -> Double {
    let numbers = Double(rows.0) * Double(features.0) + Double(rows.1) * Double(features.1)
    return 48 * numbers + 24 * Double(threads) * Double(block) * Double(block)
  }

  /// The best assignment found: rows by blocks under the map that `Translation` finds, under
  /// rotations made of the match itself, and under the linearized objective.
  ///
  /// For a match of Y to X with M = XᵀY, a facility x and a location y agree by xᵀ·M·y in the
  /// linearized objective. It is convex, so that steps to assignments of larger agreement raise it.
  ///
  /// - Parameters:
  ///   - options: those of the map; epochs and threads included.
  ///   - block: rows of a block.
  ///   - wanted: stop at this objective.
  ///   - search: assigns centers; `CenterSearch` in QAPRegistry is the usual one.
  ///   - shouldStop: asked often, from any thread, with true while the map is being sought.
  ///   - progress: called with a line about each step, from any thread.
  /// - Returns: nil when it was stopped before there was a map; `isComplete` is false when it was
  ///   stopped later.
  /// - Throws: `InputError` for sides that cannot be clustered, and what `search` throws.
  /// - Complexity: O(rows² · features) a search for nearest rows, O(rows · block²) an epoch at
  ///   worst; memory O(rows · features + block²).
  public func match(
    options: TranslationOptions = TranslationOptions(), block: Int = FactoredProblem.block,
    wanted: Double = .infinity, search: @escaping Translation.Search,
    shouldStop: @escaping @Sendable (_ isMapping: Bool) -> Bool = { _ in false },
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> (assignment: Assignment, objective: Double, epochs: Int, isComplete: Bool)? {
    var options = options
    options.clusters = options.clusters.filter { 3 * $0 <= facilities.rows }
    let pairs =
      rows.pairs.isEmpty
      ? nil
      : try TranslationPairs(
        source: facilities.selecting(rows.pairs.map(\.facility)),
        target: locations.selecting(rows.pairs.map(\.location)))
    var fit = try TranslationFit(
      facilities, locations, pairs, options, search, shouldStop: { shouldStop(true) },
      progress: progress)
    try fit.run()
    guard let map = fit.crossCovariance else { return nil }
    if let agreement = fit.result.agreement {
      let verdict = fit.result.isReliable ?? true ? "" : "; the match is likely to be wrong"
      progress("maps of two fits agree for \(Int(100 * agreement)) % of the rows\(verdict)")
    }

    let size = size
    var generator = SeededGenerator(seed: options.seed, stream: 299)
    var places = [Int](repeating: -1, count: size)
    for pair in rows.pairs { places[pair.facility] = pair.location }
    let taken = Set(places)
    let left = (0..<size).filter { !taken.contains($0) }
    let shuffle = Permutation(randomOf: left.count, using: &generator).images
    for (row, index) in zip(places.indices.filter { places[$0] < 0 }, shuffle) {
      places[row] = left[index]
    }

    var best = (assignment: Assignment(Permutation(identity: size)), objective: -Double.infinity)
    var epochs = 0
    /// Epochs until the objective stops rising; false when they were stopped.
    func run(
      _ climb: inout BlockClimb, most: Int, _ name: String,
      _ map: (Matrix<Double>) -> RankedMap?
    ) -> Bool {
      var before: [Double] = []
      for epoch in 1...most {
        // The first epoch makes a match of the map: a request to stop waits for it.
        let isFirst = epochs == 0
        guard
          let moved = climb.epoch(map, shouldStop: { !isFirst && shouldStop(false) })
        else { return false }
        epochs += 1
        guard let assignment = Assignment(locations: climb.places) else {
          preconditionFailure("two rows at one location")
        }
        let objective = self.objective(of: assignment)
        if objective > best.objective { best = (assignment, objective) }
        progress("\(name): epoch \(epoch), \(moved) rows moved, objective \(objective)")
        if best.objective >= wanted { return true }
        // As long as the nearest rows are those of the same search, little need move.
        before.append(best.objective)
        let old = before.dropLast(BlockClimb.refreshing).last ?? -.infinity
        if best.objective - old <= 1e-5 * abs(best.objective) { break }
      }
      return true
    }
    var rotations = BlockClimb(
      fit.source, fit.target, places: places, pairs: rows.pairs, map: map, block: block,
      isHollow: false, seed: options.seed, threads: options.threads)
    var isComplete = run(&rotations, most: FactoredProblem.epochs.rotations, "rotations") {
      RankedMap(ofFullRank: $0)
    }
    if isComplete, best.objective < wanted {
      var own = BlockClimb(
        try UnpairedSpace(facilities, isStandardized: false, threads: options.threads),
        try UnpairedSpace(locations, isStandardized: false, threads: options.threads),
        places: best.assignment.locations, pairs: rows.pairs, map: nil, block: block,
        isHollow: true, seed: options.seed, threads: options.threads)
      isComplete = run(&own, most: FactoredProblem.epochs.own, "objective") {
        RankedMap(left: $0)
      }
    }
    return best.objective > -.infinity
      ? (best.assignment, best.objective, epochs, isComplete && fit.result.isComplete) : nil
  }
}
