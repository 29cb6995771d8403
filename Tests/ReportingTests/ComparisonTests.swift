import Foundation
import Testing

@testable import Reporting

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
    let picture = try #require(run.convergencePicture)
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
      let picture = try #require(run.convergencePicture)
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
