import QAP

/// A fit of `qap translate`: the score of each epoch, and rows of both sides in two dimensions
/// before and after the map.
public struct TranslationPicture: Decodable, Sendable {
  private struct Epoch: Decodable {
    let refinement: Int
    let rank: Int
    let score: Double
  }

  private struct Projection: Decodable {
    let source: [[Double]]
    let moved: [[Double]]
    let target: [[Double]]
  }

  private enum Key: String, CodingKey {
    case agreement, epochs, projection, stages
  }

  private let agreement: Double?
  private let epochs: [Epoch]
  private let projection: Projection

  /// Reads what `qap translate` wrote with `--json` when it found a map.
  ///
  /// - Throws: `DecodingError` where it is something else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    _ = try container.decode([String: Double].self, forKey: .stages)
    agreement = try container.decodeIfPresent(Double.self, forKey: .agreement)
    epochs = try container.decode([Epoch].self, forKey: .epochs)
    projection = try container.decode(Projection.self, forKey: .projection)
    let points = projection.source + projection.moved + projection.target
    guard points.allSatisfy({ $0.count == 2 && abs($0[0]) < 1e6 && abs($0[1]) < 1e6 }),
      epochs.allSatisfy({ abs($0.score) < 1e6 }), !projection.target.isEmpty
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "nothing to draw"))
    }
  }

  private static let (width, side, gap) = (560.0, 256.0, 24.0)

  /// The picture, a whole SVG file.
  public func svg(style: PictureStyle = PictureStyle()) -> String {
    let scores = chart(style)
    let top = scores.1 + 34
    let (left, width) = (12.0, Self.width)
    var text = SVG.head(
      id: "translation", width: width, height: top + Self.side + 52,
      title: "Translation between two spaces", description: description, style: "matrix")
    text += "<g>" + scores.0 + "</g>"
    let places = [left, left + Self.side + Self.gap]
    let panels = [
      ("before: each side by itself", projection.source),
      ("after: both in the target's space", projection.moved),
    ]
    for (x, panel) in zip(places, panels) {
      text += SVG.label(SVG.number(x), SVG.number(top - 8), "start", panel.0)
      text +=
        "<rect class=\"frame\" x=\"\(SVG.number(x))\" y=\"\(SVG.number(top))\" "
        + "width=\"\(SVG.number(Self.side))\" height=\"\(SVG.number(Self.side))\"/>"
      text += dots(projection.target, "dot s1", x, top) + dots(panel.1, "dot s0", x, top)
    }
    let below = top + Self.side + 18
    for (x, name, series) in [
      (places[0], style.vertical ?? "source", "s0"),
      (places[0] + 110, style.horizontal ?? "target", "s1"),
    ] {
      text += circle(x + 5, below - 4, "dot \(series)", 4)
      text += SVG.label(SVG.number(x + 14), SVG.number(below), "start", name)
    }
    if let agreement {
      text += SVG.label(
        SVG.number(left), SVG.number(below + 22), "start",
        "refinements agree on the nearest target row of \(Wording.fixed(100 * agreement, 1)) % of "
          + "the rows")
    }
    return style.framed(standalone(text + "</svg>"))
  }

  private var description: String {
    let refinements = Set(epochs.map(\.refinement)).count
    let last = epochs.last.map { ", the last with score \(Wording.fixed($0.score, 3))" } ?? ""
    return "\(epochs.count) epochs in \(refinements) refinements\(last); two dimensions of "
      + "\(projection.source.count) source rows and \(projection.target.count) target rows."
  }

  /// The scores by epoch, and the height of the chart.
  private func chart(_ style: PictureStyle) -> (String, Double) {
    let groups = Dictionary(grouping: epochs, by: \.refinement).sorted { $0.key < $1.key }
    let lines = groups.map { index, members in
      Chart.Series(
        name: "refinement \(index + 1)", style: index,
        points: members.enumerated().map { (Double($0 + 1), $1.score) }, isStaircase: false)
    }
    let scores = epochs.map(\.score)
    let longest = Double(groups.map(\.value.count).max() ?? 1)
    var chart = Chart(
      title: "Score by epoch", description: description,
      horizontal: .linear("epoch", 0...max(1, longest)),
      vertical: .linear(
        "mean similarity", min(0, scores.min() ?? 0)...max(scores.max() ?? 1, 1e-9)),
      series: lines)
    (chart.width, chart.height) = (Self.width, style.height ?? 240)
    // Without its own frame, which a page would size by itself.
    let svg = chart.svg(id: "scores")
    let inside = svg.firstIndex(of: ">").map { svg[svg.index(after: $0)...].dropLast(6) }
    return (String(inside ?? ""), chart.height + (lines.isEmpty ? 0 : 20))
  }

  /// Points of the plane from −1 to 1: rows have norm 1 at most.
  private func dots(_ points: [[Double]], _ name: String, _ x: Double, _ y: Double) -> String {
    // The rows fill the panel; both panels have one scale.
    let all = projection.source + projection.moved + projection.target
    let reach = max(1e-9, all.flatMap { $0.map { abs($0) } }.max() ?? 1)
    let half = Self.side / 2
    return points.map { point in
      circle(
        x + half + 0.96 * half * point[0] / reach, y + half - 0.96 * half * point[1] / reach, name,
        2)
    }.joined()
  }

  private func circle(_ x: Double, _ y: Double, _ name: String, _ radius: Double) -> String {
    "<circle class=\"\(name)\" cx=\"\(SVG.number(x))\" cy=\"\(SVG.number(y))\" "
      + "r=\"\(SVG.number(radius))\"/>"
  }
}
