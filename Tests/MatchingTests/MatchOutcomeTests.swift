import QAP
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Truth, shares and margins against sums taken by hand.
@Suite struct MatchOutcomeTests {
  private func sides(
    _ sizes: (Int, Int), seed: UInt64
  ) -> (Embeddings, Embeddings, SeededGenerator) {
    var generator = SeededGenerator(seed: seed)
    let x = randomEmbeddings(sizes.0, 4, using: &generator)
    let y = randomEmbeddings(sizes.1, 3, using: &generator)
    return (x, y, generator)
  }

  @Test(arguments: MatchingProblemTests.metrics, [(5, 5), (3, 5), (5, 3), (2, 2), (1, 2)])
  func marginsAreTheCheapestSwaps(metric: Metric, sizes: (Int, Int)) throws {
    if case .neighbors(let count) = metric, min(sizes.0, sizes.1) <= count { return }
    if sizes.0 == 1 && metric.loss.isProduct && metric != .innerProduct { return }
    var (x, y, generator) = sides(sizes, seed: UInt64(sizes.0 * 10 + sizes.1))
    let hasPair = min(sizes.0, sizes.1) > 2
    let options = MatchingOptions(
      metric: metric, pairs: hasPair ? [RowPair(source: 1, target: 2)] : [])
    let problem = try MatchingProblem(source: x, target: y, options: options)
    for _ in 0..<10 {
      var assignment = Assignment(
        Permutation(randomOf: problem.instance.size, using: &generator))
      if let pair = problem.pairs.first {
        var places = assignment.locations
        let other = try #require(places.firstIndex(of: pair.location))
        places.swapAt(other, pair.facility)
        assignment = try #require(Assignment(locations: places))
      }
      let targets = problem.targets(of: assignment)
      let objective = problem.instance.objective(of: assignment)
      let margins = problem.margins(of: assignment)
      #expect(margins.map(\.source) == targets.indices.filter { targets[$0] != nil })
      let sum = margins.reduce(0) { $0 + $1.value }
      #expect(abs(sum - problem.value(objective)) < 1e-9 * max(1, abs(problem.constant)))
      for margin in margins {
        #expect(targets[margin.source] == margin.target)
        var best: Double?
        for other in targets.indices where other != margin.source {
          var swapped = targets
          swapped.swapAt(margin.source, other)
          guard hasPair, swapped[1] != 2 else {
            if let p = problem.assignment(of: swapped) {
              best = min(best ?? .infinity, problem.instance.objective(of: p) - objective)
            }
            continue
          }
        }
        // Moves to a row of the target that has no partner.
        for free in 0..<sizes.1 where !targets.contains(free) {
          var moved = targets
          moved[margin.source] = free
          guard hasPair, moved[1] != 2 else {
            if let p = problem.assignment(of: moved) {
              best = min(best ?? .infinity, problem.instance.objective(of: p) - objective)
            }
            continue
          }
        }
        if hasPair, margin.source == 1 {
          #expect(margin.margin == nil && margin.rank == nil && margin.confidence == nil)
        } else if let best {
          let found = try #require(margin.margin)
          #expect(abs(found - best) < 1e-9 * max(1, abs(problem.constant)), "\(metric) \(sizes)")
        }
      }
      let ranks = margins.compactMap(\.rank)
      #expect(ranks.sorted() == Array(1...max(1, ranks.count)).prefix(ranks.count).map { $0 })
    }
  }

  @Test func sharesAreTheLossesOfThePair() throws {
    let (x, y, _) = sides((6, 6), seed: 4)
    for metric in [Metric.gromovWasserstein, .kullbackLeibler, .cka] {
      let options = MatchingOptions(metric: metric)
      let problem = try MatchingProblem(source: x, target: y, options: options)
      let (kx, ky) = (try options.kernel(of: x), try options.kernel(of: y))
      let targets = [3, 1, 0, 2, 5, 4]
      let assignment = try #require(problem.assignment(of: targets))
      for margin in problem.margins(of: assignment) {
        let i = margin.source
        let share = (0..<6).reduce(0.0) {
          $0 + 0.5 * metric.loss(kx[i, $1], ky[targets[i], targets[$1]])
            + 0.5 * metric.loss(kx[$1, i], ky[targets[$1], targets[i]])
        }
        #expect(abs(margin.value - problem.value(share)) < 1e-9)
      }
    }
  }

  @Test func truthTellsMetricFromSearch() throws {
    let (x, y, _) = sides((6, 6), seed: 5)
    let problem = try MatchingProblem(source: x, target: y, options: MatchingOptions())
    var found: [(value: Double, assignment: Assignment)] = []
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<20 {
      let assignment = Assignment(Permutation(randomOf: 6, using: &generator))
      found.append((problem.instance.objective(of: assignment), assignment))
    }
    found.sort { $0.value < $1.value }
    let (good, bad) = (found[0], found[19])
    func outcome(_ one: (value: Double, assignment: Assignment), _ truth: [Int?]) -> MatchOutcome {
      MatchOutcome(one.assignment, problem: problem, truth: truth)
    }
    let (ofGood, ofBad) = (
      problem.targets(of: good.assignment), problem.targets(of: bad.assignment)
    )
    #expect(outcome(good, ofBad).limit == .metric)
    #expect(outcome(bad, ofGood).limit == .search)
    #expect(outcome(good, ofGood).limit == .nothing)
    #expect(outcome(good, ofBad).truthObjective == bad.value)
    // A truth of some rows has an accuracy, but no objective.
    var some = ofGood
    some[0] = nil
    some[1] = ofGood[2]
    let partial = outcome(good, some)
    #expect(partial.accuracy == 0.8 && partial.truthObjective == nil && partial.limit == nil)
    #expect(partial.mostCertain(0.5).count == 3)
    #expect(partial.mostCertain(0.5).compactMap(\.rank) == [1, 2, 3])
    #expect(MatchOutcome(nil, problem: problem).targets == nil)
    #expect(partial.agreement == nil)
    // Two other matches: both have the pairs of rows 4 and 5, one that of row 3.
    var (first, second) = (ofGood, ofGood)
    for row in 0..<4 { second[row] = nil }
    for row in 0..<3 { first[row] = ofGood[(row + 1) % 3] }
    let judged = MatchOutcome(good.assignment, problem: problem, others: [first, second])
    #expect(judged.agreement == [0, 0, 0, 0.5, 1, 1])
  }

  /// Rows that are alike on both sides are right with certainty; noise is not.
  @Test func confidenceFollowsTheAgreementOfTheSides() throws {
    var generator = SeededGenerator(seed: 6)
    let x = randomEmbeddings(30, 8, using: &generator)
    let noise = randomEmbeddings(30, 8, using: &generator)
    for (y, range) in [(x, 0.9...1.0), (noise, 0.0...0.2)] {
      let problem = try MatchingProblem(source: x, target: y, options: MatchingOptions())
      let assignment = try #require(problem.assignment(of: Array(0..<30)))
      let confidence = problem.margins(of: assignment).compactMap(\.confidence)
      #expect(confidence.count == 30)
      #expect(range.contains(confidence.reduce(0, +) / 30))
    }
  }
}
