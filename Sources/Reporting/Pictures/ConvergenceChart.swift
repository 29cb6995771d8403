import QAP

/// Incumbents and bounds over time, as distances from one value.
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
  /// The name of that value, for the axis.
  var referenceName = "best known value"
  /// The largest objective is looked for, and bounds are above it.
  var isMaximized = false

  private func value(_ line: Line, _ part: (ComparisonRun.Point) -> Double?) -> String {
    line.points.compactMap(part).last.map { " \(Wording.value($0))" } ?? ""
  }

  /// The chart; nil when nothing was traced.
  var chart: Chart? {
    var series: [Chart.Series] = []
    var (earliest, latest) = (Double.infinity, minTime)
    var (lowest, highest) = (0.0, 0.0)
    for (style, line) in lines.enumerated() where !line.points.isEmpty {
      for isBound in [false, true] {
        var points: [(x: Double, y: Double)] = []
        for point in line.points {
          guard
            let value = worsening(
              isBound ? point.bound : point.objective, from: reference, isMaximized: isMaximized)
          else { continue }
          points.append((max(point.seconds, minTime), 100 * value))
        }
        guard let last = points.last else { continue }
        points.append((max(line.end ?? last.x, last.x), last.y))
        // A file's moments need not be in order.
        earliest = min(earliest, points.map(\.x).min() ?? earliest)
        latest = max(latest, points.map(\.x).max() ?? latest)
        lowest = min(lowest, points.map(\.y).min() ?? 0)
        highest = max(highest, points.map(\.y).max() ?? 0)
        // A single run has a line for each, with its last value.
        series.append(
          lines.count == 1
            ? Chart.Series(
              name: isBound
                ? "bound\(value(line) { $0.bound })" : "incumbent\(value(line) { $0.objective })",
              style: isBound ? 1 : 0, points: points)
            : Chart.Series(
              name: line.name, style: style, points: points,
              isSilent: series.contains { $0.style == style && $0.name == line.name }))
      }
    }
    guard !series.isEmpty else { return nil }
    let ends = lines.filter { !$0.points.isEmpty }.map { line in
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
        "The dotted line is the \(referenceName) \(Wording.value(reference)). On its worse side "
        + "are the incumbents' "
        + "objectives over time, on the other side the proven bounds. At the end: "
        + ends.joined(separator: "; ") + ".",
      horizontal: .seconds(earliest...latest),
      vertical: .percent(
        "from the \(referenceName)",
        max(-1000, lowest * 1.2 - 0.002)...min(1000, highest * 1.2 + 0.002)),
      series: series, reference: 0)
  }
}
