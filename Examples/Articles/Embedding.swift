import QAPKit
import Testing

/// What the articles on embeddings show.
@Suite struct EmbeddingExamples {
  init() { goToCheckout() }

  @Test func match() throws {
    let images = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/vision-effnetlite0.npy")[0], name: "images")
    let texts = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/language-wordnet.npy")[0], name: "texts")
    let rows = try IndexFile.readIndices(
      "Instances/embeddings/rows-effnetlite0-wordnet-10.txt", below: images.rows)

    let problem = try MatchingProblem(
      source: images.selecting(rows), target: texts.selecting(rows),
      options: MatchingOptions(metric: .gromovWasserstein, standardizes: true))
    let report = try problem.instance.solve(
      with: Automatic(), options: SolveOptions(limits: Limits(time: .seconds(20)), threads: 2))
    if let incumbent = report.incumbent, let bound = report.bound {
      let targets = problem.targets(of: incumbent.assignment)
      print(problem.value(incumbent.objective), problem.value(bound.value))
      print(problem.accuracy(of: targets, truth: Array(0..<10)) ?? .nan)  // 1.0
    }
    let truth = Array(0..<10)
    let outcome = MatchOutcome(report.incumbent?.assignment, problem: problem, truth: truth)
    print(outcome.truthObjective ?? .nan, outcome.limit?.sentence ?? "")
    for pair in outcome.mostCertain(0.5) { print(pair.source, pair.target, pair.confidence ?? 0) }
    #expect(outcome.limit == .nothing && outcome.mostCertain(0.5).count == 5)
    let targets = problem.targets(of: try #require(report.incumbent).assignment)
    #expect(problem.accuracy(of: targets, truth: Array(0..<10)) == 1)
  }

  @Test func fused() throws {
    let costs = Matrix<Double>(rows: 3, columns: 3) { i, j in i == j ? 0 : 1 }
    var options = MatchingOptions(metric: .gromovWasserstein)
    options.isPrecomputed = true
    options.linear = costs
    options.alpha = 0.7
    let side = try Embeddings([[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    let match = try MatchingProblem(source: side, target: side, options: options).solve()
    #expect(match.targets == [0, 1, 2])
  }

  @Test func seeded() throws {
    let images = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/vision-effnetlite0.npy")[0])
    let otherImages = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/vision-squeezenet11.npy")[0])
    let both = try Embeddings.combined([images, otherImages])
    let weights = try Embeddings.agreementWeights([images, otherImages])
    #expect(weights == [1, 1])
    #expect(both.features == images.features + otherImages.features)
    let texts = try Embeddings(EmbeddingFile.read("Instances/embeddings/language-wordnet.npy")[0])
    let known = (0..<60).map { RowPair(source: $0, target: $0) }
    let problem = try MatchingProblem(
      source: images, target: texts,
      options: MatchingOptions(metric: .ckaGaussian, stretches: true, pairs: known))
    let report = try problem.instance.solve(
      with: FrankWolfe(.init(starts: 8)),
      options: SolveOptions(threads: 2, pairs: problem.pairs))
    #expect(try #require(report.incumbent).assignment.size == 100)
  }

  @Test func blocks() throws {
    let texts = try Embeddings(EmbeddingFile.read("Instances/embeddings/language-wordnet.npy")[0])
    let others = texts
    let problem = try FactoredProblem(
      source: texts, target: others, options: MatchingOptions(metric: .cka))
    let report = try problem.solve(options: SolveOptions(threads: 2))
    let outcome = MatchOutcome(report.incumbent?.assignment, problem: problem)
    #expect(try #require(outcome.targets).count == texts.rows)
  }

  @Test func retrieve() throws {
    let texts = try Embeddings(EmbeddingFile.read("Instances/embeddings/language-wordnet.npy")[0])
    let images = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/vision-effnetlite0.npy")[0])
    let (known, asked) = (Array(0..<60), Array(60..<100))

    let factors = try ScoreFactors(
      .localCKAGaussian,
      source: RetrievalSide(base: texts.selecting(known), asked: texts.selecting(asked)),
      target: RetrievalSide(base: images.selecting(known), asked: images.selecting(asked)),
      threads: 2)
    let quality = factors.quality(truth: Array(0..<asked.count), top: [1, 5])
    print("top 1 \(quality.top[0]), top 5 \(quality.top[1]), matching \(quality.matching ?? .nan)")
    #expect(quality.top[1] >= quality.top[0] && quality.top[1] > 0.3)
  }

  @Test func translate() throws {
    let planted = try PlantedSpaces(modes: 12).generate(rows: 800, validation: 200, seed: 2)
    let (source, target) = (try Embeddings(planted.source), try Embeddings(planted.target))
    let knownPairs = try TranslationPairs(
      source: Embeddings(planted.validSource), target: Embeddings(planted.validTarget))
    let newRows = knownPairs.source

    let fit = try Translation(from: source, to: target)
    print("agreement \(fit.agreement ?? .nan), reliable: \(fit.isReliable ?? false)")

    let moved = try fit.map(newRows)  // in the target's space
    let quality = try TranslationQuality(fit.map, on: knownPairs)
    print("FOSCTTM \(quality.foscttm), top 1 \(quality.forward.top1)")
    #expect(moved.features == target.features && quality.foscttm < 0.05)
  }

  @Test func classify() throws {
    let classes = try Embeddings(EmbeddingFile.read("Instances/embeddings/language-wordnet.npy")[0])
      .selecting(Array(0..<10))
    let samples = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/vision-effnetlite0.npy")[0]
    )
    .selecting(Array(0..<30))
    let labels = (0..<30).map { $0 % 10 }

    let task = try Classification(
      samples: samples, classes: classes, options: MatchingOptions(standardizes: true))
    let report = try task.problem.instance.solve(with: RobustTabu())
    if let incumbent = report.incumbent {
      let targets = task.problem.targets(of: incumbent.assignment).compactMap { $0 }
      let quality = try task.quality(of: targets, labels: labels)
      print(quality.accuracy, quality.oracleAccuracy)
    }
    #expect(task.clusters.labels.count == 30)
  }

  @Test func align() throws {
    let images = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/vision-effnetlite0.npy")[0])
    let texts = try Embeddings(EmbeddingFile.read("Instances/embeddings/language-wordnet.npy")[0])
    let asTheyAre = Array(0..<images.rows)
    let shuffled = shuffledOrders(rows: images.rows, percents: [50, 100], seed: 0)

    let debiased = try AlignmentMeasure("cka-debiased")?.values(
      source: images, target: texts, orders: [asTheyAre] + shuffled)
    print(debiased ?? [])

    let alignment = try Alignment(source: images, target: texts, normalizes: false, threads: 2)
    let values = try alignment.values(.cka, orders: [asTheyAre] + shuffled)
    print(values)  // falls with the share of rows that were shuffled
    #expect(values[0] > values[1] && values[1] > values[2])
  }

  @Test func intramodal() throws {
    let images = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/vision-effnetlite0.npy")[0]
    )
    .normalized()
    let labels = (0..<images.rows).map { $0 / 10 }
    let directions = try PrincipalComponents(images, dimensions: 20)

    for rows in [images, try directions(images).normalized()] {
      let side = try RetrievalSide(base: nil, asked: rows)
      let scores = try ScoreFactors(.cosine, source: side, target: side)
      let precisions = scores.averagePrecisions(
        queryLabels: labels, candidateLabels: labels, excludesOwn: true)
      print("mAP \(meanAveragePrecision(precisions) ?? .nan)")
    }
    #expect(directions.eigenvalues.count == images.features)
  }

  @Test func prepare() throws {
    let images = try Embeddings(
      EmbeddingFile.read("Instances/embeddings/vision-effnetlite0.npy")[0])
    let labels = (0..<images.rows).map { $0 / 10 }

    let prototypes = try images.averaged(by: labels, classes: 10).normalized()
    let clusters = try KMeans.cluster(images, clusters: 20)
    let representatives = try clusters.representatives(in: images, rule: .euclidean)
    try NPY.write(NumericArray(prototypes.values), to: folder + "/prototypes.npy")
    try IndexFile.write(representatives, to: folder + "/base.txt")
    #expect(prototypes.rows == 10 && representatives.count == 20)
  }
}
