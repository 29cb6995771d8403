import QAP
import QAPPrimitives
import QAPReporting
import Synchronization
import Testing

/// Collects what a log prints.
private final class Printed: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

private func status(
  _ seconds: Double, _ objective: Double?, _ bound: Double?
) -> SearchStatus {
  SearchStatus(
    seconds: seconds, iterations: 1234, nodes: 0, objective: objective, bound: bound)
}

/// The report of a run that took no time.
private func report(_ termination: Termination) throws -> SolveReport {
  let context = SolveContext(
    instance: try twoByTwo(), options: SolveOptions(clock: { 0 }), source: "tabu")
  context.count(iterations: 519_000)
  return context.report(method: "tabu", termination: termination)
}

private func twoByTwo(flow: [Double] = [0, 2, 2, 0]) throws -> Instance {
  try Instance(
    name: "two", flow: Matrix(rows: 2, columns: 2, elements: flow),
    distance: Matrix(rows: 2, columns: 2, elements: [0, 3, 3, 0]))
}

@Suite struct WholeLogTests {
  /// The whole of a short log.
  @Test func printsATable() throws {
    let lines = Printed()
    let log = LogTable(print: { lines.add($0) })
    log.begin(try twoByTwo(), method: "auto", seed: 7, threads: 2)
    log.handle(.bound(status(0.01, nil, 10), source: "gilmore-lawler"))
    log.handle(.incumbent(status(0.02, 14, 10), source: "tabu"))
    log.handle(.note("a decision"))
    log.handle(.bound(status(0.04, 14, 14), source: "hahn-grant"))
    log.end(try report(.stalled))
    #expect(
      lines.all == [
        "two: n = 2, symmetric, integral",
        "objective step 12",
        "method auto, seed 7, threads 2",
        "",
        "*: new incumbent. Src: GL gilmore-lawler, PR projection, HG hahn-grant, RL rlt1, DN dnn,",
        "TA tabu, ME memetic, FA faq, BAB branch-and-bound, AU auto; see 'qap help log'.",
        "",
        "Src   Nodes    Open       Incumbent           Bound      Gap    Time",
        " GL       0       -               -              10        –    0.0s",
        "*TA       0       -              14              10   28.57%    0.0s",
        "a decision",
        " HG       0       -              14              14    0.00%    0.0s",
        "",
        "Stalled: the method can make no further progress.",
        "0.00 s, 519k iterations",
      ])
  }

  /// Neither times nor threads appear, and silence between improvements stays silence.
  @Test func timelessLogHasNoTimes() throws {
    func text(_ pace: Double) throws -> [String] {
      let lines = Printed()
      let log = LogTable(timeless: true, print: { lines.add($0) }, showLive: { lines.add($0) })
      log.begin(try twoByTwo(), method: "auto", seed: 7, threads: pace > 1 ? 8 : 1)
      log.handle(.bound(status(0.01 * pace, nil, 10), source: "gilmore-lawler"))
      for step in 1...40 {
        log.handle(.working(status(0.1 * pace * Double(step), nil, 10), source: "gilmore-lawler"))
      }
      log.handle(.incumbent(status(5 * pace, 14, 10), source: "tabu"))
      log.end(try report(.time))
      return lines.all
    }
    let slow = try text(50)
    #expect(try text(1) == slow)
    #expect(
      !slow.contains { $0.contains("    Time") || $0.contains(" s,") || $0.contains("thread") })
  }

  /// Bounds that creep are thinned to a line an interval, and the last one is never lost.
  @Test func thinsCreepingBounds() throws {
    let lines = Printed()
    let log = LogTable(print: { lines.add($0) })
    log.handle(.incumbent(status(0, 10_000, nil), source: "tabu"))
    for step in 0..<1000 {
      log.handle(
        .bound(status(0.01 * Double(step), 10_000, 1000 + Double(step)), source: "hahn-grant"))
    }
    log.end(try report(.stalled))
    let bounds = lines.all.filter { $0.hasPrefix(" HG") }
    #expect(bounds.count > 5 && bounds.count < 40, "\(bounds.count) lines in ten seconds")
    #expect(bounds.last?.contains(" 1999 ") == true)
  }

  /// Signs of life are a line an interval, and the interval grows.
  @Test func thinsSignsOfLife() throws {
    let lines = Printed()
    let log = LogTable(print: { lines.add($0) })
    for step in 0..<100_000 {
      log.handle(.working(status(0.01 * Double(step), 14, 10), source: "tabu"))
    }
    #expect(lines.all.count > 50 && lines.all.count < 200, "\(lines.all.count) in 1000 s")
  }

  @Test func headSaysWhatTheInstanceIs() throws {
    func head(_ instance: Instance) -> String {
      let lines = Printed()
      LogTable(print: { lines.add($0) }).begin(instance, method: "auto", seed: 0, threads: 1)
      return lines.all[0]
    }
    #expect(head(try twoByTwo(flow: [0, 1, 2, 0])) == "two: n = 2, one matrix symmetric, integral")
    #expect(head(try twoByTwo(flow: [0, 0.5, 0.5, 0])) == "two: n = 2, symmetric, real")
    let tensor = try Instance(
      name: "t", cost: .tensor(DenseCostTensor(size: 1, entries: [1])),
      linear: Matrix(rows: 1, columns: 1, elements: [1]))
    #expect(head(tensor) == "t: n = 1, cost tensor, integral, linear term")
  }
}
