/// The wishes of a reader for a picture; nil leaves what the picture has by itself.
public struct PictureStyle: Sendable {
  /// A line above the picture.
  public var title: String?
  /// The title of the horizontal axis, or of the columns of a match.
  public var horizontal: String?
  /// The title of the vertical axis, or of the rows of a match.
  public var vertical: String?
  /// Pixels; charts are laid out for it, other pictures are scaled.
  public var width: Double?
  /// Pixels of the plot of a chart, its legend apart.
  public var height: Double?

  /// No wishes but those given.
  public init(
    title: String? = nil, horizontal: String? = nil, vertical: String? = nil,
    width: Double? = nil, height: Double? = nil
  ) {
    (self.title, self.horizontal, self.vertical) = (title, horizontal, vertical)
    (self.width, self.height) = (width, height)
  }

  /// A whole SVG file for programs that know no variables of style sheets and no dark mode.
  public static func plain(_ svg: String) -> String { SVG.withPlainColors(svg) }

  /// The chart with its axes' titles and its size as wished.
  func applied(to chart: Chart) -> Chart {
    var chart = chart
    if let horizontal { chart.horizontal.title = horizontal }
    if let vertical { chart.vertical.title = vertical }
    if let width { chart.width = width }
    if let height { chart.height = height }
    return chart
  }

  /// A whole SVG file with the title above it; with `scales`, of the width asked for.
  func framed(_ svg: String, scales: Bool = true) -> String {
    guard title != nil || (scales && width != nil), let start = svg.firstRange(of: "viewBox=\""),
      let end = svg[start.upperBound...].firstIndex(of: "\"")
    else { return svg }
    let box = svg[start.upperBound..<end].split(separator: " ").compactMap { Double($0) }
    guard box.count == 4 else { return svg }
    let (wide, top) = (box[2], title == nil ? 0 : 28.0)
    let scale = scales ? (width ?? wide) / wide : 1
    let old =
      "viewBox=\"\(svg[start.upperBound..<end])\" width=\"\(SVG.number(wide))\" "
      + "height=\"\(SVG.number(box[3]))\""
    var result = svg
    guard let place = result.firstRange(of: old) else { return svg }
    result.replaceSubrange(
      place,
      with: "viewBox=\"0 \(SVG.number(-top)) \(SVG.number(wide)) \(SVG.number(box[3] + top))\" "
        + "width=\"\(SVG.number(wide * scale))\" "
        + "height=\"\(SVG.number((box[3] + top) * scale))\"")
    if let title, let last = result.ranges(of: "</svg>").last {
      result.insert(
        contentsOf: "<text x=\"\(SVG.number(wide / 2))\" y=\"-10\" text-anchor=\"middle\" "
          + "font-size=\"15\">\(SVG.escaped(title))</text>", at: last.lowerBound)
    }
    return result
  }
}
