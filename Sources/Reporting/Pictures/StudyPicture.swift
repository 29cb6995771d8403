import QAP

/// A study as a chart: the accuracies of `qap match --sizes`, the measures of `qap align` over the
/// share of shuffled rows, the ranks of `qap retrieve`, or the cosines of `qap intramodal`.
public struct StudyPicture: Decodable, Sendable {
  private enum Key: String, CodingKey {
    case measures, method, metric, original, sizes, source, target, top1, top5, top10
  }

  private struct Size: Decodable {
    let size: Int
    let accuracy: Double
    // The key of the JSON.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let truth_reached: Double?
  }

  private struct Measure: Decodable {
    let measure: String
    let value: Double
    let shuffled: [Level]
  }

  private struct Level: Decodable {
    let percent: Double
    let value: Double
  }

  private struct View: Decodable {
    let hist: Histogram
  }

  private struct Histogram: Decodable {
    let same: [Int]
    let diff: [Int]
  }

  /// A line, before it has an axis.
  private struct Line {
    let name: String
    let points: [(x: Double, y: Double)]
    var isStaircase = false
  }

  private let title: String
  private let horizontal: String
  private let vertical: String
  private let lines: [Line]
  /// Both axes show shares of 1 upward.
  private let isShare: Bool

  /// Reads what one of these commands wrote with `--json`.
  ///
  /// - Throws: `DecodingError` where it is something else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let sizes = try container.decodeIfPresent([Size].self, forKey: .sizes) {
      let metric = try container.decodeIfPresent(String.self, forKey: .metric) ?? "match"
      title = "Accuracy of blind matches, \(metric)"
      (horizontal, vertical, isShare) = ("rows matched", "share", true)
      var lines = [
        Line(name: "accuracy", points: sizes.map { (Double($0.size), $0.accuracy) }),
        Line(name: "chance", points: sizes.map { (Double($0.size), 1 / Double($0.size)) }),
      ]
      let reached = sizes.compactMap { one in
        one.truth_reached.map { (x: Double(one.size), y: $0) }
      }
      if reached.count == sizes.count {
        lines.append(Line(name: "matches as good as the true pairing", points: reached))
      }
      self.lines = lines
    } else if let measures = try container.decodeIfPresent([Measure].self, forKey: .measures) {
      title = "Alignment against shuffling"
      (horizontal, vertical, isShare) = ("rows shuffled, in percent", "alignment", false)
      lines = measures.map { one in
        Line(
          name: one.measure,
          points: ([(0, one.value)]
            + one.shuffled.filter { $0.percent > 0 }.map { ($0.percent, $0.value) })
            .sorted { $0.0 < $1.0 }.map { (x: $0.0, y: $0.1) })
      }
    } else if container.contains(.top1) {
      let method = try container.decode(String.self, forKey: .method)
      let tops = try [(1.0, Key.top1), (5, .top5), (10, .top10)].map {
        (x: $0.0, y: try container.decode(Double.self, forKey: $0.1))
      }
      title = "Retrieval, \(method)"
      (horizontal, vertical, isShare) = (
        "number of candidates looked at", "queries that find their partner", true
      )
      lines = [Line(name: method, points: tops)]
    } else {
      let hist = try container.decode(View.self, forKey: .original).hist
      title = "Cosines within and between classes"
      (horizontal, vertical, isShare) = ("cosine", "share of pairs", false)
      lines = [("same class", hist.same), ("different classes", hist.diff)].map { name, counts in
        let total = Double(max(1, counts.reduce(0, +)))
        let step = 2 / Double(max(1, counts.count))
        let last = counts.lastIndex { $0 > 0 } ?? 0
        let first = counts.firstIndex { $0 > 0 } ?? 0
        return Line(
          name: name,
          points: (max(0, first - 1)...max(first, min(counts.count - 1, last + 1))).map {
            (x: -1 + step * Double($0), y: counts.isEmpty ? 0 : Double(counts[$0]) / total)
          }, isStaircase: true)
      }
    }
    let values = lines.flatMap { $0.points.flatMap { [$0.x, $0.y] } }
    guard values.allSatisfy({ abs($0) < 1e15 }), lines.contains(where: { !$0.points.isEmpty })
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "nothing to draw"))
    }
  }

  /// The picture, a whole SVG file.
  public func svg(style: PictureStyle = PictureStyle()) -> String {
    let x = lines.flatMap { $0.points.map(\.x) }
    let y = lines.flatMap { $0.points.map(\.y) }
    let description = lines.map { line in
      line.name + ": "
        + line.points.prefix(20)
        .map { "\(Wording.short($0.x)) → \(Wording.short($0.y))" }.joined(separator: ", ")
    }.joined(separator: "; ")
    let chart = Chart(
      title: title, description: description + ".",
      horizontal: .linear(horizontal, (x.min() ?? 0)...(x.max() ?? 1)),
      vertical: isShare
        ? .share(vertical)
        : .linear(vertical, min(0, y.min() ?? 0)...max(y.max() ?? 1, 1e-9)),
      series: lines.enumerated().map { index, line in
        Chart.Series(
          name: line.name, style: index, points: line.points, isStaircase: line.isStaircase)
      })
    return style.framed(
      standalone(style.applied(to: chart).svg(id: "study")), scales: false)
  }
}

extension Chart.Axis {
  /// A linear axis with about five round ticks.
  static func linear(_ title: String, _ range: ClosedRange<Double>) -> Chart.Axis {
    let width = range.upperBound - range.lowerBound
    guard width > 0, width.isFinite else {
      let value = range.lowerBound
      return Chart.Axis(
        title: title, scale: .linear, range: value - 1...value + 1,
        ticks: [(value, Wording.short(value))])
    }
    var step = 1.0
    while step > width / 5 { step /= 10 }
    while step * 10 <= width / 5 { step *= 10 }
    step *= width / step > 25 ? 5 : width / step > 10 ? 2 : 1
    var ticks: [(value: Double, label: String)] = []
    var place = (range.lowerBound / step).rounded(.up)
    while place * step <= range.upperBound + 1e-9 * width {
      ticks.append((place * step, Wording.short(place * step)))
      place += 1
    }
    return Chart.Axis(title: title, scale: .linear, range: range, ticks: ticks)
  }
}

extension Wording {
  /// A number for a tick or a description: at most four decimals, without zeros at the end.
  fileprivate static func short(_ value: Double) -> String {
    let text = fixed(value, 4)
    guard text.contains(".") else { return text }
    let end = text.lastIndex { $0 != "0" } ?? text.startIndex
    let kept = text[...end]
    return String(kept.last == "." ? kept.dropLast() : kept)
  }
}
