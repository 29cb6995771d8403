import Foundation
import QAP
import QAPReporting
import RandomInstances
import Testing

@Suite struct WordingTests {
  @Test func valuesAreReadable() {
    #expect(Wording.value(578) == "578")
    #expect(Wording.value(-3) == "-3")
    #expect(Wording.value(nil) == "-")
    #expect(Wording.value(509.019_161_84) == "509.0191618")
    #expect(Wording.value(0.125) == "0.125000000")
    #expect(Wording.value(1e300) == "1e+300")
    #expect(Wording.value(.nan) == "nan")
  }

  @Test func fixedPointRoundsAndKeepsItsZeros() {
    #expect(Wording.fixed(0.005, 1) == "0.0")
    #expect(Wording.fixed(-0.001, 2) == "0.00")
    #expect(Wording.fixed(-1.5, 1) == "-1.5")
    #expect(Wording.fixed(2.05, 0) == "2")
    #expect(Wording.fixed(1.999, 2) == "2.00")
    #expect(Wording.fixed(12.03, 3) == "12.030")
  }

  @Test func gapsCountsAndTags() {
    #expect(Wording.gap(0) == "0.00%")
    #expect(Wording.gap(0.110_7) == "11.07%")
    #expect(Wording.gap(nil) == "–")
    #expect(Wording.gap(1e9) == ">9999%")
    #expect(Wording.count(9999) == "9999")
    #expect(Wording.count(52_100) == "52.1k")
    #expect(Wording.count(3_400_000) == "3.4M")
    #expect(Wording.tag("hahn-grant") == "HG")
    #expect(Wording.tag("tabu") == "TA")
    #expect(Wording.tag("2-opt") == "2O")
  }
}

@Suite struct LogTableTests {
  private final class Lines: @unchecked Sendable { var all: [String] = [] }

  private func status(_ seconds: Double, _ objective: Double?, _ bound: Double?) -> SearchStatus {
    SearchStatus(
      seconds: seconds, iterations: 1, nodes: 0, objective: objective, bound: bound)
  }

  @Test func everyIncumbentHasALineAndBoundsAreThinnedOut() {
    let lines = Lines()
    let log = LogTable(print: { lines.all.append($0) })
    log.handle(.incumbent(status(0.01, 700, nil), source: "tabu"))
    log.handle(.incumbent(status(0.02, 600, nil), source: "tabu"))
    #expect(lines.all.count == 2)
    // The first bound is news, then each that closes a tenth of the gap.
    for bound in 500...520 {
      log.handle(.bound(status(0.1, 600, Double(bound)), source: "hahn-grant"))
    }
    #expect(lines.all.count == 2 + 3)
    #expect(lines.all.allSatisfy { !$0.contains("nan") })
    log.handle(.working(status(0.7, 600, 520), source: "hahn-grant"))
    #expect(lines.all.count == 6)
    #expect(lines.all[0].hasPrefix("*TA"))
    log.handle(.bound(status(0.8, 600, 600), source: "hahn-grant"))
    #expect(lines.all.last?.contains("0.00%") == true)
  }

  @Test func theTimelessFormShowsNoTimes() throws {
    let lines = Lines()
    let log = LogTable(timeless: true, print: { lines.all.append($0) })
    let instance = Family.symmetric.instance(size: 5, seed: 1)
    log.begin(instance, method: "tabu", seed: 0, threads: 7)
    log.handle(.incumbent(status(12.34, 700, nil), source: "tabu"))
    log.handle(.working(status(99, 700, nil), source: "tabu"))
    let text = lines.all.joined(separator: "\n")
    #expect(!text.contains("12.3") && !text.contains("Time") && !text.contains("7 "))
    #expect(text.contains("n = 5"))
    #expect(lines.all.count == 8)
  }

  @Test func aLiveLineIsWipedBeforeALine() {
    let lines = Lines()
    let log = LogTable(
      print: { lines.all.append("line \($0)") }, showLive: { lines.all.append("live \($0)") })
    log.handle(.working(status(0.05, 5, 4), source: "tabu"))
    log.handle(.incumbent(status(0.06, 5, 4), source: "tabu"))
    #expect(lines.all.count == 3)
    #expect(lines.all[0].hasPrefix("live ") && lines.all[1] == "live ")
  }

  /// Iterations a second count from when the method at work was first seen.
  @Test func theLiveLineTellsTheRate() {
    let lines = Lines()
    let log = LogTable(print: { _ in }, showLive: { lines.all.append($0) })
    for (seconds, iterations, source) in [
      (0.01, 10, "tabu"), (0.21, 110, "tabu"), (0.32, 200, "rlt1"), (0.44, 212, "rlt1"),
    ] {
      var status = status(seconds, 5, 4)
      status.iterations = iterations
      log.handle(.working(status, source: source))
    }
    #expect(lines.all.map { $0.hasSuffix("/s") } == [false, true, false, true])
    #expect(lines.all[1].hasSuffix("110 iterations, 500/s") && lines.all[3].hasSuffix(", 100/s"))
  }
}

@Suite struct JSONReportTests {
  static let keys: Set<String> = [
    "instance", "size", "method", "seed", "threads", "sense", "objective", "bound",
    "bound_unrounded", "gap", "termination", "assignment", "pairs", "seconds", "iterations",
    "nodes",
    "certificate", "trace", "tolerance", "version", "locations", "mean_objective",
    "objective_error",
  ]

  /// A method that finds nothing at all.
  struct Nothing: Method {
    static let info = MethodInfo(
      id: "nothing", summary: "", paper: "", output: .assignment, iteration: "",
      supportsTensors: true, isRelabelingInvariant: true)
    func run(_ context: SolveContext) -> Termination { .stalled }
  }

  @Test func allKeysAreThereAndNullWhereUnknown() throws {
    let instance = Family.symmetric.instance(size: 3, seed: 2)
    let report = try instance.solve(with: Nothing())
    let data = try jsonText(JSONReport(report, version: "1.2.3"))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(object.keys) == Self.keys)
    for key in ["objective", "bound", "gap", "assignment", "certificate", "bound_unrounded"] {
      #expect(object[key] is NSNull, "\(key)")
    }
    #expect(object["sense"] as? String == "min")
    #expect(object["termination"] as? String == "stalled")
  }

  @Test func integersAreWrittenAsIntegers() throws {
    let instance = Family.symmetric.instance(size: 3, seed: 2)
    var options = SolveOptions()
    options.start = Assignment(locations: [2, 0, 1])
    let report = try instance.solve(with: Nothing(), options: options)
    let text = String(decoding: try jsonText(JSONReport(report, version: "1")), as: UTF8.self)
    let objective = try #require(report.incumbent).objective
    #expect(text.contains("\"objective\":\(Int(objective)),"))
    #expect(text.contains("\"assignment\":[2,0,1]"))
    #expect(text.hasSuffix("}\n"))
  }
}
