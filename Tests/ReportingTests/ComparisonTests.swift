import Foundation
import QAP
import QAPPrimitives
import Testing

@testable import QAPReporting

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ComparisonTests {
  private func run(
    _ instance: String, _ method: String, seed: UInt64 = 0, _ objective: Double?, _ bound: Double?,
    best: Double? = nil, seconds: Double = 1, trace: [ComparisonRun.Point] = []
  ) -> ComparisonRun {
    ComparisonRun(
      instance: instance, size: 12, method: method, seed: seed, objective: objective,
      bound: bound, termination: "time", seconds: seconds, trace: trace, bestKnown: best)
  }

  @Test func cellsHoldMediansOverSeeds() {
    var declined = run("b", "slow", nil, nil)
    declined.termination = ComparisonRun.declined
    let comparison = Comparison([
      run("a", "slow", seed: 0, 120, 80, best: 100), run("a", "slow", seed: 1, 110, 90, best: 100),
      run("a", "slow", seed: 2, 105, 85, best: 100), run("a", "fast", 100, nil, best: 100),
      declined,
    ])
    #expect(comparison.instances == ["a", "b"] && comparison.methods == ["slow", "fast"])
    let cell = comparison.cell("a", "slow")
    #expect(cell.objective == 110 && cell.bound == 85 && cell.bestObjective == 105)
    #expect(comparison.cell("b", "slow").isDeclined)
    #expect(comparison.reference("a") == 100)
    // Something better than the best known value is what counts from then on.
    #expect(Comparison([run("a", "slow", 99, 1, best: 100)]).reference("a") == 99)
    #expect(comparison.text.contains("10.00%") && comparison.text.contains("declined"))
  }

  @Test func theMedianOfTwoIsTheirMean() {
    let comparison = Comparison([
      run("a", "x", seed: 0, 120, 80, seconds: 1), run("a", "x", seed: 1, 110, 90, seconds: 3),
    ])
    let cell = comparison.cell("a", "x")
    #expect(cell.objective == 115 && cell.bound == 85 && cell.seconds == 2)
    #expect(median([-1e308, -1.7e308]) == -1.35e308 && median([]) == nil)
  }

  /// A run that a file tells of.
  private func claim(
    _ method: String, _ objective: Double?, _ bound: Double?, termination: String? = nil
  ) -> ComparisonRun {
    ComparisonRun(
      instance: "a", method: method, objective: objective, bound: bound,
      termination: termination, origin: "foreign.csv")
  }

  @Test func whatContradictsTheVerifiedIsNamedAndCountsForNothing() {
    let own = run("a", "own", 110, 100, best: 105)
    for (claim, words) in [
      (claim("X", 90, nil), "better than the bound of own, 100"),
      (claim("X", 120, 106), "bound 106; the best known value, 105, is better"),
      (claim("X", 101, 102), "better than its own bound 102"),
      (claim("X", 107, nil, termination: "optimal"), "claims that the objective 107 is optimal"),
    ] {
      let comparison = Comparison([own, claim])
      #expect(comparison.contradictions.count == 1, "\(words)")
      #expect(comparison.contradictions.first?.hasPrefix("a: X ") == true)
      #expect(comparison.contradictions.first?.contains(words) == true, "\(words)")
      #expect(comparison.reference("a") == 105)
      let cell = comparison.cell("a", "X")
      #expect(cell.isDoubtful && cell.proven == 0)
      #expect(!comparison.cell("a", "own").isDoubtful)
      let page = ComparisonPage(comparison, title: "t", remarks: []).html
      #expect(page.contains("<li class=\"doubt\">") && page.contains(words))
      #expect(comparison.objectiveProfile("X").isEmpty && comparison.boundProfile("X").isEmpty)
      #expect(comparison.performanceProfile("X").isEmpty)
    }
    // Solvers that compute with tolerances are no liars, and what may be true is none of our
    // business.
    for claim in [
      claim("X", 105, 105.00001, termination: "optimal"), claim("X", 99.99999, nil),
      claim("X", 103, 102),
    ] { #expect(Comparison([own, claim]).contradictions.isEmpty) }
    // Where nothing is known, claims are what there is.
    let unknown = [run("a", "own", 110, 100), claim("X", 104, nil)]
    #expect(Comparison(unknown).reference("a") == 104)
    #expect(Comparison(unknown + [claim("Y", 90, nil)]).reference("a") == 104)
  }

  /// Our own runs are held against each other, files of ours and foreign claims as well; the data
  /// decide by how much values may differ.
  @Test func runsAreHeldAgainstEachOther() throws {
    func found(_ runs: [ComparisonRun], _ known: KnownInstance? = nil) -> Comparison {
      Comparison(runs, known: known.map { ["a": $0] } ?? [:])
    }
    let bad = found([run("a", "sound", 104, 90), run("a", "bad", 120, 105)])
    #expect(
      bad.contradictions == ["a: bad claims the bound 105; the objective of sound, 104, is better."]
    )
    #expect(!bad.isSound && bad.cell("a", "bad").isDoubtful && !bad.cell("a", "sound").isDoubtful)
    var optimal = run("a", "bad", 120, 100)
    optimal.termination = "optimal"
    #expect(found([run("a", "sound", 104, 90), optimal]).contradictions.count == 1)

    // A claim below what a run proves; two claims that cannot both be true; a best known value that
    // is none.
    var file = claim("own", 110, 100)
    file.version = "1"
    let files = found([file, claim("X", 90, nil)])
    #expect(files.doubtful == [1] && files.isSound)
    let equal = found([claim("X", 90, nil), claim("Y", nil, 95)])
    #expect(equal.doubtful == [0, 1] && equal.contradictions.count == 1)
    let literature = found([run("a", "own", 110, 100, best: 90)])
    #expect(
      literature.contradictions == [
        "a: the best known value, 90, is better than the bound of own, 100."
      ])
    #expect(literature.reference("a") == 110)

    // Integral data: one step of 1,000,000 is a contradiction. Real data: what units and constants
    // leave.
    let ones = Matrix<Double>(rows: 3, columns: 3) { _, _ in 100_000 }
    let odd = Matrix<Double>(rows: 3, columns: 3) { i, j in i < j ? 1 : 0 }
    let whole = KnownInstance(try Instance(flow: ones, distance: odd, linear: odd))
    let near = [run("a", "own", 1_000_000, 1_000_000), claim("X", 999_999, nil)]
    #expect(found(near).contradictions.isEmpty && found(near, whole).contradictions.count == 1)
    for (factor, constant) in [(1.5, 1e9), (1.5e-9, 0)] {
      let real = try Instance(
        flow: odd.map { factor * $0 },
        distance: Matrix(rows: 3, columns: 3) { i, j in Double(i * j) },
        constant: constant)
      let value = constant + factor
      let (less, same) = (constant + 0.9 * factor, constant + (1 - 1e-8) * factor)
      for (claimed, count) in [(less, 1), (same, 0)] {
        let runs = [run("a", "own", value, value), claim("X", claimed, nil)]
        #expect(found(runs, KnownInstance(real)).contradictions.count == count, "\(claimed)")
      }
    }
    // Nothing but the instance proves a bound.
    let bound = LowerBound(
      proven: 450_000, method: "gilmore-lawler", for: try Instance(flow: ones, distance: odd))
    let heuristic = [run("a", "2-opt", 500_000, nil), claim("X", 400_000, nil)]
    let known = KnownInstance(try Instance(flow: ones, distance: odd), bound: bound)
    #expect(found(heuristic).contradictions.isEmpty)
    #expect(found(heuristic, known).contradictions.count == 1)
  }

  @Test func contradictionsOfMaximaAreTheOtherWayRound() {
    var own = run("a", "own", 100, 110)
    own.sense = "max"
    var (better, sound) = (claim("X", 120, nil), claim("Y", 105, 108))
    (better.sense, sound.sense) = ("max", "max")
    let comparison = Comparison([own, better, sound])
    #expect(
      comparison.contradictions == [
        "a: X claims the objective 120, better than the bound of own, 110."
      ])
    #expect(comparison.reference("a") == 105)
  }

  @Test func whatIsNoSeedOfTheSameHasANameOfItsOwn() {
    var large = run("a", "x", 5, nil)
    large.size = 14
    let comparison = Comparison([
      run("a", "x", 1, nil), run("a", "x", seed: 1, 2, nil), run("a", "x", 3, nil), large,
    ])
    #expect(comparison.instances == ["a", "a, n = 14"] && comparison.methods == ["x", "x (2)"])
    #expect(comparison.cell("a", "x").runs.count == 2)
    #expect(comparison.size("a, n = 14") == 14)
  }

  @Test func manySeriesAreToldApart() {
    #expect(Set((0..<64).map(SVG.series)).count == 64)
  }

  @Test func reasonsForDecliningAreGiven() {
    var declined = run("a", "x", nil, nil)
    (declined.termination, declined.reason) = (ComparisonRun.declined, "too <large>")
    let comparison = Comparison([declined])
    #expect(comparison.csv.contains(",too <large>\n"))
    let page = ComparisonPage(comparison, title: "t", remarks: []).html
    #expect(page.contains("declined: too &lt;large&gt;"))
  }

  @Test func profilesAreSharesOfAllRuns() {
    let comparison = Comparison([
      run("a", "x", 100, 90, best: 100), run("b", "x", 110, 90, best: 100),
      run("c", "x", 110, nil, best: 100), run("d", "x", nil, 50, best: 100),
    ])
    let objectives = comparison.objectiveProfile("x")
    #expect(objectives.map(\.y) == [0.25, 0.75])
    #expect(abs(objectives[1].x - 0.1) < 1e-12)
    #expect(comparison.boundProfile("x").map(\.y) == [0.5, 0.75])
  }

  @Test func performanceProfileComparesTimesToTheSameGoal() {
    func points(_ times: [(Double, Double)]) -> [ComparisonRun.Point] {
      times.map { .init(seconds: $0.0, objective: $0.1, bound: nil) }
    }
    let comparison = Comparison([
      run("a", "x", 100, nil, best: 100, trace: points([(0.1, 150), (0.2, 100.5), (5, 100)])),
      run("a", "y", 100, nil, best: 100, trace: points([(0.8, 100)])),
      run("b", "x", 300, nil, best: 100, trace: points([(0.1, 300)])),
      run("b", "y", 100, nil, best: 100, trace: points([(3, 100)])),
    ])
    let x = comparison.performanceProfile("x")
    let y = comparison.performanceProfile("y")
    #expect(x.count == 1 && x[0] == (1, 0.5))
    #expect(y.count == 2 && y[0] == (1, 0.5))
    #expect(abs(y[1].x - 4) < 1e-9 && y[1].y == 1)
  }

  @Test func proofsAreSharesOfAllRunsByTime() {
    var proven = run("a", "x", 100, 100, best: 100, seconds: 4)
    proven.termination = "optimal"
    let comparison = Comparison([proven, run("b", "x", 100, 90), run("a", "y", 100, nil)])
    let x = comparison.proofProfile("x")
    #expect(x.count == 1 && x[0] == (4, 0.5) && comparison.proofProfile("y").isEmpty)
    let page = ComparisonPage(comparison, title: "t", remarks: []).html
    #expect(page.contains("<td>proven</td>"))
    // Two instances have no profiles worth drawing, three have.
    #expect(!page.contains("profile-proof"))
    let three = Comparison(comparison.runs + [run("c", "x", 1, 1)])
    #expect(ComparisonPage(three, title: "t", remarks: []).html.contains("profile-proof"))
  }

  @Test func shortTimeAxesHaveTicksBetweenPowersOfTen() {
    let short = Chart.Axis.seconds(2...8)
    #expect(short.spacedTicks(apart: 0.14).map(\.label) == ["1", "10", "2", "5"])
    let long = Chart.Axis.seconds(0.001...10)
    #expect(long.ticks.map(\.label) == ["0.001", "0.01", "0.1", "1", "10"])
  }

  @Test func linesOfCommaSeparatedValuesAreComplete() {
    var odd = run("a,\"b\"", "x", 1, nil)
    odd.origin = "file.csv"
    let lines = Comparison([odd]).csv.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[1].hasPrefix("\"a,\"\"b\"\"\",12,x,0,,,1.0,,,,1.0,"))
  }

  @Test func runsSurviveTheirStateFile() throws {
    let before = run("a", "x", 1, 0.5, trace: [.init(seconds: 1, objective: nil, bound: 2)])
    let after = try JSONDecoder().decode(ComparisonRun.self, from: jsonText(before))
    #expect(before == after && before.key == after.key)
  }

  @Test func picturesAreXMLAndNamesCannotBreakThem() throws {
    let text = """
      {"instance":"<a&b>\\"","method":"x<","seed":1,"seconds":2,"objective":100,"bound":90,
       "trace":[{"seconds":0.1,"objective":150,"bound":null},{"seconds":1,"objective":100,"bound":90}]}
      """
    let run = try JSONDecoder().decode(TracedRun.self, from: Data(text.utf8))
    let picture = try #require(run.convergencePicture())
    #expect(XMLParser(data: Data(picture.utf8)).parse())
    #expect(!picture.contains("<a&b>"))
  }

  /// Found by the fuzzer: moments out of order, and values of any size, are drawn too.
  @Test func picturesSurviveAnyTrace() throws {
    for points in [
      #"{"seconds":6.1,"objective":9},{"seconds":0.5,"bound":4}"#,
      #"{"seconds":-1e300,"objective":1e308},{"seconds":1e308,"bound":-1e308}"#,
      #"{"seconds":0,"objective":0},{"seconds":0,"bound":0}"#,
    ] {
      let text = """
        {"instance":"a","method":"x","seed":0,"seconds":1,"objective":5,"bound":4,"trace":[\(points)]}
        """
      let run = try JSONDecoder().decode(TracedRun.self, from: Data(text.utf8))
      let picture = try #require(run.convergencePicture())
      #expect(XMLParser(data: Data(picture.utf8)).parse(), "\(points)")
    }
  }

  @Test func pagesHoldEverythingAndReachForNothing() {
    let comparison = Comparison([
      run(
        "nug<12>", "x", 100, 90, best: 100,
        trace: [.init(seconds: 0.5, objective: 100, bound: 90)])
    ])
    let page = ComparisonPage(comparison, title: "A & B", remarks: ["one"]).html
    for part in ["<h1>A &amp; B</h1>", "nug&lt;12&gt;", "<svg", ">10.00<", "prefers-color-scheme"] {
      #expect(page.contains(part), "\(part)")
    }
    for part in ["<script", "src=", "@import", "url(http", "nug<12>"] {
      #expect(!page.contains(part), "\(part)")
    }
  }
}
