import QAP
import QAPPrimitives

/// The log of a run: a line for every incumbent, and otherwise one an interval.
///
///     Src  Nodes  Open     Incumbent         Bound     Gap   Time
///
/// Use it as `SolveOptions.observer`, which calls it from one thread at a time. A bound is shown
/// when it is the first of its method or has closed a tenth of the gap that was shown last.
/// Otherwise a line appears every half second at first and every ten seconds later on. The timeless
/// form has no such lines and no times: it is the same in every run with the same work limits.
public final class LogTable: @unchecked Sendable {
  private let print: (String) -> Void
  private let showLive: ((String) -> Void)?
  let timeless: Bool
  private var nextTime = 0.5
  private var nextLive = 0.0
  private var shownSource = ""
  private var shownGap = Double.infinity
  private var pendingBound: (SearchStatus, String)?
  private var lastSignature = ""
  /// The method at work, and when it was first seen.
  private var phase: (source: String, seconds: Double, iterations: Int)?

  /// A log that prints lines with `print` and, on a terminal, a temporary line with `showLive`
  /// (the empty string erases it).
  public init(
    timeless: Bool = false, print: @escaping (String) -> Void,
    showLive: ((String) -> Void)? = nil
  ) {
    self.timeless = timeless
    self.print = print
    self.showLive = timeless ? nil : showLive
  }

  /// Prints the instance and the run, and the table's head.
  public func begin(
    _ instance: Instance, method: String, seed: UInt64, threads: Int, fixedPairs: Int = 0,
    sense: Sense = .min
  ) {
    let properties = instance.properties
    let kind: String
    if instance.tensor == nil {
      kind =
        switch (properties.flowIsSymmetric, properties.distanceIsSymmetric) {
        case (true, true): "symmetric"
        case (false, false): "asymmetric"
        default: "one matrix symmetric"
        }
    } else {
      kind = "cost tensor"
    }
    print(
      "\(instance.name): n = \(instance.size), "
        + (instance.facilities == instance.size ? "" : "\(instance.facilities) facilities, ")
        + "\(kind), "
        + (properties.isIntegral ? "integral" : "real")
        + (instance.linear == nil ? "" : ", linear term")
        + (instance.forbidden.isEmpty
          ? "" : ", \(instance.forbidden.count) placements forbidden")
        + (fixedPairs == 0 ? "" : ", \(fixedPairs) pairs fixed")
        + (sense == .min ? "" : ", maximized"))
    if let lattice = instance.lattice, lattice.step > 1 {
      print("objective step \(Wording.value(lattice.step))")
    }
    if properties.exceedsExactRange {
      print("note: objectives may exceed 2^53; they are computed with rounding, not exactly")
    }
    // The answer does not depend on the threads, and so neither does the timeless log.
    begin(["method \(method), seed \(seed)" + (timeless ? "" : ", threads \(threads)")])
  }

  /// The meaning of the marks in the table.
  static let legend = [
    "*: new incumbent. Src: GL gilmore-lawler, PR projection, HG hahn-grant, RL rlt1, DN dnn,",
    "TA tabu, ME memetic, FA faq, BAB branch-and-bound, AU auto; see 'qap help log'.",
    "",
  ]

  /// Prints lines of introduction and the table's head.
  func begin(_ lines: [String]) {
    for line in lines { print(line) }
    print("")
    for line in Self.legend { print(line) }
    print(
      "Src   Nodes    Open       Incumbent           Bound      Gap" + (timeless ? "" : "    Time"))
  }

  /// Takes one event.
  public func handle(_ event: ProgressEvent) {
    switch event {
    case .incumbent(let status, let source):
      show(status, source, mark: "*")
    case .bound(let status, let source):
      pendingBound = (status, source)
      if status.isProvenOptimal {
        show(status, source, mark: " ")
      } else {
        showWhenDue(status, source)
      }
    case .working(let status, let source):
      showWhenDue(status, source)
    case .note(let text):
      wipe()
      print(text)
    }
  }

  /// Prints the reason why the run ended, and its work.
  public func end(_ report: SolveReport) {
    end(
      report.termination.sentence(report.rule),
      work: "\(Wording.fixed(report.seconds, 2)) s, \(Wording.count(report.iterations)) iterations")
  }

  /// Prints the last bound, the reason why the run ended, and its work.
  func end(_ sentence: String, work: String) {
    wipe()
    if let (status, source) = pendingBound { show(status, source, mark: " ") }
    print("")
    print(sentence)
    if !timeless { print(work) }
  }

  private func showWhenDue(_ status: SearchStatus, _ source: String) {
    if pendingBound != nil, isNews(status, source) {
      show(status, source, mark: " ")
    } else if timeless {
      return
    } else if status.seconds >= nextTime {
      show(status, source, mark: " ")
    } else if let showLive, status.seconds >= nextLive {
      nextLive = status.seconds + 0.1
      showLive(
        line(status, source, mark: " ")
          + (status.activity == nil
            ? "   \(Wording.count(status.iterations)) iterations" + rate(status, source) : ""))
    }
  }

  /// The iterations a second of the method at work since it was first seen: methods of one run have
  /// separate iteration counts.
  private func rate(_ status: SearchStatus, _ source: String) -> String {
    guard let phase, phase.source == source, status.iterations >= phase.iterations else {
      phase = (source, status.seconds, status.iterations)
      return ""
    }
    let seconds = status.seconds - phase.seconds
    guard seconds > 0 else { return "" }
    let rate = Double(status.iterations - phase.iterations) / seconds
    return ", \(Wording.count(Int(rate.rounded())))/s"
  }

  private func isNews(_ status: SearchStatus, _ source: String) -> Bool {
    guard source == shownSource else { return true }
    guard let objective = status.objective, let bound = status.bound else { return false }
    return abs(objective - bound) <= 0.9 * shownGap
  }

  private func show(_ status: SearchStatus, _ source: String, mark: String) {
    if pendingBound != nil { shownSource = source }
    if let objective = status.objective, let bound = status.bound {
      shownGap = abs(objective - bound)
    }
    pendingBound = nil
    let text = line(status, source, mark: mark)
    let signature =
      "\(source) \(String(describing: status.objective)) \(String(describing: status.bound))"
    if timeless, signature == lastSignature { return }
    lastSignature = signature
    wipe()
    print(text)
    // Nodes of a tree tell of work at any time: their line is not to stand still for long.
    let isTree = status.nodes > 0 || status.activity != nil
    let longest = isTree && status.seconds < 300 ? 2.0 : 10
    let step = status.seconds < 5 ? 0.5 : status.seconds < 30 ? 1 : status.seconds < 300 ? 5 : 10
    nextTime = status.seconds + min(step, longest)
  }

  private func wipe() { showLive?("") }

  private func line(_ status: SearchStatus, _ source: String, mark: String) -> String {
    var text =
      mark + Wording.tag(source).leftAligned(3) + right(Wording.count(status.nodes), 7)
      + right(status.nodes == 0 ? "-" : Wording.count(status.open), 8)
      + right(Wording.value(status.objective), 16)
      + right(Wording.value(status.bound), 16) + right(Wording.gap(status.gap), 9)
    if !timeless { text += right(Wording.fixed(status.seconds, 1) + "s", 8) }
    if let activity = status.activity { text += "  \(activity)" }
    return text
  }

  private func right(_ text: String, _ width: Int) -> String {
    text.rightAligned(width, minSpaces: 1)
  }
}
