import QAP
import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Translation {
  /// Finds a map from `source` to `target`, whose rows may differ in number, features and order.
  ///
  /// - Parameters:
  ///   - pairs: known pairs; none are needed.
  ///   - search: assigns centers; `CenterSearch` in QAPRegistry is the usual one.
  ///   - prover: bounds the values of assignments of at most `maxProvedClusters` centers.
  ///   - shouldStop: asked often, from any thread; the fit then ends with the best map so far.
  ///   - progress: called with a line about each step, from any thread.
  /// - Throws: `InputError` for sides that cannot be clustered, and what `search` throws.
  /// - Complexity: O(rows · block²) an epoch at worst; memory O(rows · features + block²).
  public init(
    source: Embeddings, target: Embeddings, pairs: TranslationPairs? = nil,
    options: TranslationOptions = TranslationOptions(), search: @escaping Search,
    prover: Prover? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    var fit = try TranslationFit(
      source, target, pairs, options, search, shouldStop: shouldStop, progress: progress)
    fit.prover = prover
    try fit.run()
    self = fit.result
  }
}

/// The state of a fit.
struct TranslationFit {
  let options: TranslationOptions
  let search: Translation.Search
  var prover: Translation.Prover?
  let shouldStop: @Sendable () -> Bool
  let progress: @Sendable (String) -> Void
  let source: UnpairedSpace
  let target: UnpairedSpace
  /// Known pairs in principal coordinates.
  let pairs: (source: Matrix<Double>, target: Matrix<Double>)?
  /// The sides in the leading principal coordinates, in which rows are clustered.
  let leading: (source: Embeddings, target: Embeddings)
  var result: Translation
  /// The cross-covariance in principal coordinates that the map is made of.
  private(set) var crossCovariance: Matrix<Double>?
  private var clock: () -> Double

  /// Coordinates in which candidates are probed.
  static let leadingWidth = 128
  /// The share of the epochs before that an epoch of full rank keeps.
  static let memory = 0.7
  /// Coordinates in which rows are clustered.
  static let clusteringWidth = 64

  init(
    _ source: Embeddings, _ target: Embeddings, _ pairs: TranslationPairs?,
    _ options: TranslationOptions, _ search: @escaping Translation.Search,
    shouldStop: @escaping @Sendable () -> Bool, progress: @escaping @Sendable (String) -> Void
  ) throws {
    let clock = SolveOptions.monotonicClock()
    self.clock = clock
    self.options = options
    self.search = search
    self.shouldStop = shouldStop
    self.progress = progress
    let x = try UnpairedSpace(source, threads: options.threads)
    let y = try UnpairedSpace(target, threads: options.threads)
    self.source = x
    self.target = y
    self.pairs = try pairs.map {
      (try x.coordinates(of: $0.source), try y.coordinates(of: $0.target))
    }
    leading = (
      x.leading(TranslationFit.clusteringWidth, name: source.name),
      y.leading(TranslationFit.clusteringWidth, name: target.name)
    )
    result = Translation(
      map: TranslationMap(
        unchecked: Matrix(rows: x.features, columns: y.features, repeating: 0),
        sourceMean: x.mean, targetMean: y.mean, targetScale: y.scale),
      candidates: [], epochs: [], agreement: nil, seconds: .init(), isComplete: true)
    result.seconds.prepare = clock()
  }

  mutating func run() throws {
    let probed = try probedStarts()
    result.candidates = probed.map(\.candidate)
    refine(probed.map(\.crossCovariance))
  }

  /// The candidates, the best first.
  mutating func probedStarts() throws -> [Start] { probe(try assigned(try clusterings())) }

  /// Adds the time since the last call to a stage.
  private mutating func took(
    _ stage: WritableKeyPath<Translation.Seconds, Double>, since begin: Double
  ) {
    result.seconds[keyPath: stage] += clock() - begin
  }

  // MARK: Centers

  /// One restart with one number of clusters.
  struct Restart: Sendable {
    let clusters: Int
    let index: Int
    let problem: CenterProblem
    var seed: UInt64 { UInt64(clusters) << 32 + UInt64(index) }
  }

  private mutating func clusterings() throws -> [Restart] {
    let begin = clock()
    defer { took(\.cluster, since: begin) }
    let least = min(source.rows, target.rows)
    var wanted: [(clusters: Int, index: Int)] = []
    for index in 0..<options.restarts {
      for clusters in options.clusters where clusters < least { wanted.append((clusters, index)) }
    }
    guard !wanted.isEmpty else {
      throw InputError(
        leading.source.name, found: "\(least) rows",
        expected: "more than the \(options.clusters.min() ?? 0) clusters asked for")
    }
    let (options, leading, shouldStop) = (options, leading, shouldStop)
    progress(
      "clustering \(source.rows) and \(target.rows) rows: \(wanted.count) restarts")
    let list = wanted
    let results = parallelMap(count: wanted.count, threads: options.threads) { place in
      Result<Restart?, any Error> {
        if place > 0, shouldStop() { return nil }
        let (clusters, index) = list[place]
        let seed = options.seed &* 0x9E37_79B9 &+ UInt64(place)
        func side(_ x: Embeddings, _ stream: UInt64) throws -> CenterSide? {
          var generator = SeededGenerator(seed: seed, stream: stream)
          let rows = Permutation(randomOf: x.rows, using: &generator).images
            .prefix(max(options.batch, clusters + 1))
          let means = try KMeans.cluster(
            x.selecting(Array(rows)), clusters: clusters,
            parameters: KMeansParameters(
              starts: options.clusteringStarts, iterations: 30, seed: generator.next()),
            shouldStop: shouldStop)
          return CenterSide(means.centers, power: options.power)
        }
        guard let x = try side(leading.source, 1), let y = try side(leading.target, 2) else {
          return nil
        }
        return Restart(
          clusters: clusters, index: index, problem: CenterProblem(source: x, target: y))
      }
    }
    let restarts = try results.compactMap { try $0.get() }
    guard !restarts.isEmpty else { throw InputError(allAlike: leading.source.name) }
    return restarts
  }

  /// A candidate with its cross-covariance in the leading coordinates.
  struct Start: Sendable {
    var candidate: Translation.Candidate
    var crossCovariance: Matrix<Double>
  }

  /// The candidates: every restart's, their mean for each number of clusters, and the mean of
  /// assignments that were repeated with regard to each other.
  private mutating func assigned(_ restarts: [Restart]) throws -> [Start] {
    let begin = clock()
    defer { took(\.assign, since: begin) }
    progress("assigning the centers of \(restarts.count) restarts")
    let single = try solve(restarts, guides: Array(repeating: nil, count: restarts.count))
    var starts = single
    for clusters in options.clusters {
      let members = restarts.indices.filter { restarts[$0].clusters == clusters }
      guard members.count > 1, !shouldStop() else { continue }
      let sum = TranslationFit.sum(members.map { single[$0].crossCovariance })
      starts.append(
        Start(
          candidate: .init(kind: .mean, clusters: clusters, restart: nil, value: nil),
          crossCovariance: sum))
      let guides = members.map { index in
        RankedMap(sum.adding(single[index].crossCovariance, times: -1), rank: clusters - 1)
      }
      let again = try solve(members.map { restarts[$0] }, guides: guides)
      starts.append(
        Start(
          candidate: .init(
            kind: .synchronized, clusters: clusters, restart: nil, value: nil),
          crossCovariance: TranslationFit.sum(again.map(\.crossCovariance))))
    }
    return starts
  }

  private static func sum(_ matrices: [Matrix<Double>]) -> Matrix<Double> {
    matrices.dropFirst().reduce(matrices[0]) { $0.adding($1) }
  }

  private func solve(_ restarts: [Restart], guides: [RankedMap?]) throws -> [Start] {
    let (options, pairs, search, shouldStop) = (options, pairs, search, shouldStop)
    let prover = prover
    return try parallelMap(count: restarts.count, threads: options.threads) { place in
      Result<Start?, any Error> {
        let restart = restarts[place]
        let problem = restart.problem
        guard
          let instance = problem.instance(
            pairs: pairs, guide: guides[place].map { ($0, 0.3) })
        else { return nil }
        let found = try search(instance, options.seed &+ restart.seed, shouldStop)
        let isProved = guides[place] == nil && restart.clusters <= Translation.maxProvedClusters
        return Start(
          candidate: .init(
            kind: .restart, clusters: restart.clusters, restart: restart.index,
            value: -instance.objective(of: found),
            bound: isProved ? try prover.map { -(try $0(instance, found, shouldStop)) } : nil,
            score: nil),
          crossCovariance: problem.crossCovariance(found.locations))
      }
    }.compactMap { try $0.get() }
  }

  // MARK: Probes

  /// A candidate in the probe, with what its next epoch goes on from.
  private struct Probe: Sendable {
    var start: Start
    var duals: [Double]?
    var generator: SeededGenerator
  }

  /// The ranks of a probe's epochs; after each group the better half goes on.
  private static let probeRanks = [[10, 20], [40], [80, 80]]

  /// The candidates by their scores after a few epochs on a part of the rows: those that went on
  /// longest come first.
  private mutating func probe(_ starts: [Start]) -> [Start] {
    let begin = clock()
    defer { took(\.probe, since: begin) }
    progress("probing \(starts.count) candidates")
    let width = TranslationFit.leadingWidth
    let block = min(500, options.blocks.max() ?? 500)
    let (source, target, options, shouldStop) = (source, target, options, shouldStop)
    let fit = (pairs: pairs, weight: options.pairWeight)
    var probes = starts.map {
      Probe(start: $0, generator: SeededGenerator(seed: options.seed, stream: 7))
    }
    var left: [Start] = []
    for ranks in TranslationFit.probeRanks {
      let entered = probes
      probes = parallelMap(count: entered.count, threads: options.threads) { place in
        var probe = entered[place]
        let matcher = BlockMatcher(
          source, target, block: block, threads: 1, duals: probe.duals)
        for rank in ranks {
          guard let map = RankedMap(probe.start.crossCovariance, rank: rank),
            let epoch = matcher.epoch(
              map, width: width, blocks: 4, generator: &probe.generator, shouldStop: shouldStop)
          else { return probe }
          probe.start.crossCovariance = TranslationFit.adding(
            fit.pairs, fit.weight, to: epoch.crossCovariance)
          probe.start.candidate.score = epoch.score
        }
        probe.duals = matcher.columnDuals
        return probe
      }.enumerated().sorted {
        ($0.element.start.candidate.score ?? -.infinity, $1.offset)
          > ($1.element.start.candidate.score ?? -.infinity, $0.offset)
      }.map(\.element)
      if ranks == TranslationFit.probeRanks.last { break }
      let better = max(options.repeats, (probes.count + 1) / 2)
      left = probes.dropFirst(better).map(\.start) + left
      probes = Array(probes.prefix(better))
    }
    return probes.map(\.start) + left
  }

  /// `sum` with the known pairs.
  static func adding(
    _ pairs: (source: Matrix<Double>, target: Matrix<Double>)?, _ weight: Double,
    to sum: Matrix<Double>
  ) -> Matrix<Double> {
    guard let pairs else { return sum }
    let x = pairs.source.extended(rows: pairs.source.rows, columns: sum.rows)
    let y = pairs.target.extended(rows: pairs.target.rows, columns: sum.columns)
    return gemm(weight, x, .transposed, y, .plain, beta: 1, adding: sum)
  }

  // MARK: Refinement

  private mutating func refine(_ starts: [Matrix<Double>]) {
    let begin = clock()
    defer { took(\.refine, since: begin) }
    var finished: [Matrix<Double>] = []
    for refinement in 0..<options.repeats {
      let start = starts[min(refinement, starts.count - 1)]
      let found = refined(start, refinement)
      if let found { finished.append(found) }
      if shouldStop() { break }
    }
    result.isComplete = finished.count == options.repeats && !shouldStop()
    if finished.count > 1 {
      result.agreement = agreement(finished[0], finished[1])
    }
    // Maps that agree differ by noise, which their sum has less of.
    let isAgreed = result.isReliable ?? false
    let chosen = isAgreed ? TranslationFit.sum(finished) : finished.first ?? starts[0]
    crossCovariance = chosen
    if let map = RankedMap(chosen, rank: max(source.features, target.features)) {
      let weight = map.weight(rows: source.features, columns: target.features)
      let turned = gemm(
        1, gemm(1, source.basis, .transposed, weight, .plain), .plain, target.basis, .plain)
      result.projection = projection(weight)
      result.map = TranslationMap(
        unchecked: turned, sourceMean: source.mean, targetMean: target.mean,
        targetScale: target.scale)
    }
  }

  /// Rows for a picture, `weight` being the map in principal coordinates.
  private func projection(_ weight: Matrix<Double>) -> Translation.Projection {
    func rows(of space: UnpairedSpace) -> Matrix<Double> {
      let count = min(300, space.rows)
      return Matrix(rows: count, columns: space.features) {
        Double(space.view[$0 * space.rows / count * space.features + $1])
      }
    }
    func plane(_ matrix: Matrix<Double>) -> Matrix<Double> {
      Matrix(rows: matrix.rows, columns: 2) { $1 < matrix.columns ? matrix[$0, $1] : 0 }
    }
    let own = rows(of: source)
    return .init(
      source: plane(own), moved: plane(gemm(1, own, .plain, weight, .plain)),
      target: plane(rows(of: target)))
  }

  /// The cross-covariance after all epochs, or after the last one that was not stopped.
  mutating func refined(_ start: Matrix<Double>, _ refinement: Int) -> Matrix<Double>? {
    var crossCovariance = start
    let full = min(source.features, target.features)
    var generator = SeededGenerator(seed: options.seed, stream: UInt64(100 + refinement))
    let first = min(20, full)
    for (stage, (block, epochs)) in zip(options.blocks, options.epochs).enumerated() {
      let matcher = BlockMatcher(source, target, block: block, threads: options.threads)
      for epoch in 0..<epochs {
        // From rank 20 to all of it during the first stage, by equal factors.
        let share = stage > 0 ? 1 : Double(epoch + 1) / Double(epochs)
        let rank = Int((Double(first) * pow(Double(full) / Double(first), share)).rounded())
        let width = min(full, max(TranslationFit.leadingWidth, 2 * rank))
        let part = crossCovariance.extended(
          rows: min(crossCovariance.rows, width), columns: min(crossCovariance.columns, width))
        guard
          let map = rank == full
            ? RankedMap(ofFullRank: part) : RankedMap(part, rank: rank),
          let done = matcher.epoch(
            map, width: width,
            generator: &generator, shouldStop: shouldStop)
        else { return crossCovariance }
        let found = TranslationFit.adding(
          pairs, options.pairWeight, to: done.crossCovariance)
        // Once the rank is full, what differs between epochs is the noise of their blocks.
        crossCovariance =
          stage == 0 ? found : found.adding(crossCovariance, times: TranslationFit.memory)
        result.epochs.append(
          .init(refinement: refinement, block: block, rank: map.rank, score: done.score))
        progress(
          "refinement \(refinement + 1): epoch \(epoch + 1) of \(epochs), blocks of \(block), "
            + "rank \(map.rank), score \(rounded(done.score))")
      }
    }
    return crossCovariance
  }

  /// The share of up to 2,000 source rows whose nearest target row is the same under both maps.
  private func agreement(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double? {
    let count = min(2_000, source.rows)
    let nearest = [a, b].compactMap { sum in
      RankedMap(sum, rank: max(source.features, target.features)).map {
        source.nearest(in: target, under: $0, count: count, threads: options.threads)
      }
    }
    guard nearest.count == 2 else { return nil }
    return Double((0..<count).count { nearest[0][$0] == nearest[1][$0] }) / Double(count)
  }
}

/// Three decimals.
private func rounded(_ value: Double) -> String {
  let scaled = Int((value * 1000).rounded())
  let digits = String(abs(scaled) % 1000)
  return (scaled < 0 ? "-" : "") + "\(abs(scaled) / 1000)."
    + String(repeating: "0", count: 3 - digits.count) + digits
}
