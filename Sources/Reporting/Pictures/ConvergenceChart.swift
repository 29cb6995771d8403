import QAP

/// How incumbents fall and bounds rise over time, as distances from one value.
struct ConvergenceChart {
  /// One method's run.
  struct Line {
    var name: String
    var points: [ComparisonRun.Point]
    /// When the run ended.
    var end: Double?
  }

  let title: String
  let lines: [Line]
  /// The objective that 0 % stands for.
  let reference: Double
  /// What that value is, for the axis.
  var referenceName = "best known value"

  /// The chart; nil when nothing was traced.
  var chart: Chart? {
    var series: [Chart.Series] = []
    var (earliest, latest) = (Double.infinity, 0.001)
    var (lowest, highest) = (0.0, 0.0)
    for (style, line) in lines.enumerated() where !line.points.isEmpty {
      for isBound in [false, true] {
        var points: [(x: Double, y: Double)] = []
        for point in line.points {
          guard let value = excess(isBound ? point.bound : point.objective, over: reference)
          else { continue }
          points.append((max(point.seconds, 0.001), 100 * value))
        }
        guard let last = points.last else { continue }
        points.append((max(line.end ?? last.x, last.x), last.y))
        // A file's moments need not be in order.
        earliest = min(earliest, points.map(\.x).min() ?? earliest)
        latest = max(latest, points.map(\.x).max() ?? latest)
        lowest = min(lowest, points.map(\.y).min() ?? 0)
        highest = max(highest, points.map(\.y).max() ?? 0)
        series.append(
          Chart.Series(
            name: line.name, style: style % 8, points: points,
            isSilent: series.contains { $0.style == style % 8 && $0.name == line.name }))
      }
    }
    guard !series.isEmpty else { return nil }
    let ends = lines.map { line in
      var text = line.name
      if let value = line.points.last(where: { $0.objective != nil })?.objective {
        text += ", objective \(Wording.value(value))"
      }
      if let value = line.points.last(where: { $0.bound != nil })?.bound {
        text += ", bound \(Wording.value(value))"
      }
      return text
    }
    return Chart(
      title: title,
      description:
        "Above the dotted line of the \(referenceName) \(Wording.value(reference)) the incumbents' "
        + "objectives over time, below it the proven bounds. At the end: "
        + ends.joined(separator: "; ") + ".",
      horizontal: .seconds(earliest...latest),
      vertical: .percent(
        "from the \(referenceName)",
        max(-1000, lowest * 1.2 - 0.002)...min(1000, highest * 1.2 + 0.002)),
      series: series, reference: 0)
  }
}

/// A run as `qap solve --json` and `qap bound --json` write it, as far as its picture needs it.
public struct TracedRun: Decodable, Sendable {
  public let instance: String
  public let method: String
  public let seconds: Double?
  public let objective: Double?
  public let bound: Double?
  public let trace: [ComparisonRun.Point]
  /// The location of each facility, 0-based.
  public let assignment: [Int]?
  /// Of a matching: the share of rows that were matched rightly.
  public let accuracy: Double?

  /// The picture of the run, a whole SVG file: incumbent and bound over time as distances from the
  /// final objective, or from the final bound where there is none. Nil when nothing was traced.
  public var convergencePicture: String? {
    guard let reference = objective ?? bound else { return nil }
    return ConvergenceChart(
      title: "\(instance), \(method)",
      lines: [.init(name: method, points: trace, end: seconds)], reference: reference,
      referenceName: objective == nil ? "final bound" : "final objective"
    ).chart.map { standalone($0.svg(id: "run")) }
  }
}

/// `svg` with the style that it needs outside of a page.
func standalone(_ svg: String) -> String {
  let style =
    "<style>svg{color:#1b1f24;background:#fff}\(SVG.style)"
    + "@media (prefers-color-scheme:dark){svg{color:#e6e6e6;background:#16181c;\(SVG.darkColours)}}"
    + "</style>"
  guard let end = svg.firstIndex(of: ">") else { return svg }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg[...end] + style
    + svg[svg.index(after: end)...] + "\n"
}
