#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// A line chart with its axes and its legend, drawn as SVG.
struct Chart {
  /// The scale of an axis.
  enum Scale {
    case linear
    /// Positive values only.
    case logarithmic
    /// Linear up to `unit`, logarithmic beyond, on both sides of zero.
    case symmetric(unit: Double)

    func place(_ value: Double) -> Double {
      switch self {
      case .linear: value
      case .logarithmic: log(max(value, 1e-12))
      case .symmetric(let unit):
        value < 0 ? -log(1 - value / unit) : log(1 + value / unit)
      }
    }
  }

  /// A line. Values stay until the next point when `isStaircase`.
  struct Series {
    var name: String
    /// Which style, from 0: the series with the same differ in nothing but their values.
    var style: Int
    var points: [(x: Double, y: Double)]
    var isStaircase = true
    /// No entry in the legend, as for the second half of a pair of lines.
    var isSilent = false
    /// Goes on beyond its last point, which needs no dot.
    var isOpen = false
  }

  /// An axis: its title, its scale and what it shows.
  struct Axis {
    var title: String
    var scale: Scale
    var range: ClosedRange<Double>
    var ticks: [(value: Double, label: String)]
  }

  var title: String
  /// The description for readers who do not see the picture.
  var description: String
  var horizontal: Axis
  var vertical: Axis
  var series: [Series]
  /// A horizontal line that values are compared with.
  var reference: Double?

  var width = 560.0
  var height = 290.0
  private static let (left, right, top, bottom) = (84.0, 28.0, 10.0, 52.0)

  /// The picture. `id` must be unique in the page.
  func svg(id: String) -> String {
    // As many entries side by side as their names allow, in the larger letters of narrow screens
    // too.
    let room = 48 + 9 * Double(legend.map(\.name.count).max() ?? 0)
    let across = max(1, min(legend.count, Int((width - 8) / room)))
    let legendRows = (legend.count + across - 1) / across
    let whole = height + Double(legendRows) * 20
    let inner = (
      x0: Self.left, x1: width - Self.right, y0: Self.top, y1: height - Self.bottom
    )
    func x(_ value: Double) -> Double {
      inner.x0 + horizontal.fraction(value) * (inner.x1 - inner.x0)
    }
    func y(_ value: Double) -> Double {
      inner.y1 - vertical.fraction(value) * (inner.y1 - inner.y0)
    }
    var text = SVG.head(
      id: id, width: width, height: whole, title: title, description: description,
      style: "chart")
    text +=
      "<clipPath id=\"\(id)-c\"><rect x=\"\(SVG.number(inner.x0 - 4))\" "
      + "y=\"\(SVG.number(inner.y0 - 4))\" "
      + "width=\"\(SVG.number(inner.x1 - inner.x0 + 8))\" "
      + "height=\"\(SVG.number(inner.y1 - inner.y0 + 8))\"/></clipPath>"
    for tick in horizontal.spacedTicks(apart: 0.14) {
      let at = SVG.number(x(tick.value))
      text += SVG.line(at, SVG.number(inner.y0), at, SVG.number(inner.y1), "grid")
      text += SVG.label(at, SVG.number(inner.y1 + 19), "middle", tick.label)
    }
    for tick in vertical.spacedTicks(apart: 0.075) {
      let at = y(tick.value)
      text += SVG.line(
        SVG.number(inner.x0), SVG.number(at), SVG.number(inner.x1), SVG.number(at), "grid")
      text += SVG.label(SVG.number(inner.x0 - 6), SVG.number(at + 4), "end", tick.label)
    }
    text +=
      "<path class=\"frame\" d=\"M\(SVG.number(inner.x0)) \(SVG.number(inner.y0))"
      + "V\(SVG.number(inner.y1))H\(SVG.number(inner.x1))\"/>"
    if let reference {
      let at = SVG.number(y(reference))
      text += SVG.line(SVG.number(inner.x0), at, SVG.number(inner.x1), at, "reference")
    }
    text += "<g clip-path=\"url(#\(id)-c)\">"
    for line in series { text += path(line, x, y) }
    text += "</g>"
    text += SVG.label(
      SVG.number((inner.x0 + inner.x1) / 2), SVG.number(inner.y1 + 40), "middle", horizontal.title)
    let middle = SVG.number((inner.y0 + inner.y1) / 2)
    text +=
      "<text text-anchor=\"middle\" transform=\"translate(15 \(middle)) rotate(-90)\">"
      + SVG.escaped(vertical.title) + "</text>"
    for (index, entry) in legend.enumerated() {
      let place = (
        x: 8 + Double(index % across) * room, y: height + 4 + Double(index / across) * 20
      )
      text += SVG.line(
        SVG.number(place.x), SVG.number(place.y), SVG.number(place.x + 26), SVG.number(place.y),
        "line \(SVG.series(entry.style))")
      text += SVG.label(SVG.number(place.x + 32), SVG.number(place.y + 4), "start", entry.name)
    }
    return text + "</svg>"
  }

  private var legend: [Series] { series.filter { !$0.isSilent } }

  private func path(_ line: Series, _ x: (Double) -> Double, _ y: (Double) -> Double) -> String {
    guard let first = line.points.first else { return "" }
    var path = "M\(SVG.number(x(first.x))) \(SVG.number(y(first.y)))"
    var last = (x: SVG.number(x(first.x)), y: SVG.number(y(first.y)))
    for (index, point) in line.points.enumerated().dropFirst() {
      let place = (x: SVG.number(x(point.x)), y: SVG.number(y(point.y)))
      let isLast = index == line.points.count - 1
      // What cannot be seen is not drawn.
      if !isLast, last == place { continue }
      path += line.isStaircase ? "H\(place.x)V\(place.y)" : "L\(place.x) \(place.y)"
      last = place
    }
    let stroke = "<path class=\"line \(SVG.series(line.style))\" d=\"\(path)\"/>"
    if line.isOpen { return stroke }
    return stroke
      + "<circle class=\"dot \(SVG.series(line.style))\" cx=\"\(last.x)\" cy=\"\(last.y)\" "
      + "r=\"3\"/>"
  }
}

extension Chart.Axis {
  /// Where a value lies, 0 at the start of the axis and 1 at its end.
  func fraction(_ value: Double) -> Double {
    let (low, high) = (scale.place(range.lowerBound), scale.place(range.upperBound))
    return high > low ? (scale.place(value) - low) / (high - low) : 0.5
  }

  /// The ticks whose labels leave each other room: those that come first in `ticks` are kept.
  ///
  /// - Parameter apart: the least distance between two, as a part of the axis.
  func spacedTicks(apart: Double) -> [(value: Double, label: String)] {
    var kept: [(value: Double, label: String)] = []
    for tick in ticks
    where kept.allSatisfy({ abs(fraction($0.value) - fraction(tick.value)) >= apart }) {
      kept.append(tick)
    }
    return kept
  }

  /// Seconds, by powers of ten.
  static func seconds(_ range: ClosedRange<Double>) -> Chart.Axis {
    decades("seconds", range) { value in
      value >= 1
        ? Wording.value(value) : Wording.fixed(value, value >= 0.1 ? 1 : value >= 0.01 ? 2 : 3)
    }
  }

  /// A logarithmic axis that begins at a power of ten and shows at least one more.
  static func decades(
    _ title: String, _ range: ClosedRange<Double>, label: (Double) -> String
  ) -> Chart.Axis {
    // Files may hold any number; beyond these powers nothing is drawn.
    let (lower, upper) = (min(range.lowerBound, 1e15), min(range.upperBound, 1e18))
    var low = 1.0
    while low > lower, low > 1e-9 { low /= 10 }
    while low * 10 <= lower { low *= 10 }
    var high = low * 10
    while high < upper { high *= 10 }
    var ticks: [(value: Double, label: String)] = []
    var value = low
    while value <= high * 1.0001 {
      ticks.append((value, label(value)))
      value *= 10
    }
    let end = max(low * 10, min(high, upper * 1.15))
    if end <= low * 100 {
      // Where powers of ten are few, 2 and 5 times them have ticks as well.
      ticks += [2, 5, 20, 50].map { ($0 * low, label($0 * low)) }
    }
    return Chart.Axis(
      title: title, scale: .logarithmic, range: low...end,
      ticks: ticks.filter { $0.value <= end * 1.0001 })
  }

  /// Distances from the best known value in percent, above and below.
  static func percent(_ title: String, _ range: ClosedRange<Double>) -> Chart.Axis {
    let all = [0.01, 0.1, 1, 10, 100, 1000]
    let most = max(abs(range.lowerBound), abs(range.upperBound))
    var ticks: [(value: Double, label: String)] = [(0, "0 %")]
    for value in all where value <= most * 1.001 {
      let label = value < 1 ? Wording.fixed(value, value < 0.1 ? 2 : 1) : Wording.value(value)
      if value <= range.upperBound * 1.001 { ticks.append((value, "\(label) %")) }
      if -value >= range.lowerBound * 1.001 { ticks.append((-value, "−\(label) %")) }
    }
    return Chart.Axis(title: title, scale: .symmetric(unit: 0.01), range: range, ticks: ticks)
  }

  /// Shares from 0 to 100 %.
  static func share(_ title: String) -> Chart.Axis {
    Chart.Axis(
      title: title, scale: .linear, range: 0...1,
      ticks: [0, 0.25, 0.5, 0.75, 1].map { ($0, "\(Int($0 * 100)) %") })
  }
}
