/// Pieces of SVG text.
enum SVG {
  /// `text` with what XML and HTML take for markup escaped.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }

  /// A coordinate to a hundredth.
  static func number(_ value: Double) -> String {
    let text = Wording.fixed(value, 2)
    guard text.contains(".") else { return text }
    var trimmed = Substring(text)
    while trimmed.hasSuffix("0") { trimmed = trimmed.dropLast() }
    if trimmed.hasSuffix(".") { trimmed = trimmed.dropLast() }
    return String(trimmed)
  }

  /// A straight line; coordinates as `number` writes them.
  static func line(_ x0: String, _ y0: String, _ x1: String, _ y1: String, _ style: String)
    -> String
  {
    "<line class=\"\(style)\" x1=\"\(x0)\" y1=\"\(y0)\" x2=\"\(x1)\" y2=\"\(y1)\"/>"
  }

  /// A piece of text; `anchor` is start, middle or end.
  static func label(_ x: String, _ y: String, _ anchor: String, _ text: String) -> String {
    "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(escaped(text))</text>"
  }

  /// The start of a picture of `width` by `height`, with the title and the description that screen
  /// readers read; `id` must be unique in the page.
  static func head(
    id: String, width: Double, height: Double, title: String, description: String,
    style: String
  ) -> String {
    "<svg class=\"qap-picture \(style)\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
      + "viewBox=\"0 0 \(number(width)) \(number(height))\" "
      + "width=\"\(number(width))\" height=\"\(number(height))\" "
      + "aria-labelledby=\"\(id)-t \(id)-d\">"
      + "<title id=\"\(id)-t\">\(escaped(title))</title>"
      + "<desc id=\"\(id)-d\">\(escaped(description))</desc>"
  }

  /// The classes of the series in a chart, a color and a dash: no two of the first 64 have both in
  /// common.
  static func series(_ style: Int) -> String {
    "s\(style % 8) d\((style + style / 8) % 8)"
  }

  /// The classes that all pictures use, for light and dark surroundings and for paper. Series are
  /// distinguished by dashes as well as by color (close to those of Okabe and Ito, safe for the
  /// color-blind).
  static let style = """
    .qap-picture{font:12px system-ui,sans-serif;max-width:100%;height:auto}
    .qap-picture text{fill:currentColor}
    .qap-picture .frame{stroke:currentColor;stroke-opacity:.55;fill:none}
    .qap-picture .grid{stroke:currentColor;stroke-opacity:.14}
    .qap-picture .reference{stroke:currentColor;stroke-opacity:.7;stroke-dasharray:2 3}
    .qap-picture .line{fill:none;stroke-width:2;stroke-linejoin:round}
    .qap-picture .s0{stroke:var(--s0,#0072b2)}
    .qap-picture .s1{stroke:var(--s1,#d55e00)}
    .qap-picture .s2{stroke:var(--s2,#009e73)}
    .qap-picture .s3{stroke:var(--s3,#cc79a7)}
    .qap-picture .s4{stroke:var(--s4,#8a6d00)}
    .qap-picture .s5{stroke:var(--s5,#2f8fc9)}
    .qap-picture .s6{stroke:var(--s6,#7f7f7f)}
    .qap-picture .s7{stroke:var(--s7,#6a3d9a)}
    .qap-picture .d1{stroke-dasharray:7 3}
    .qap-picture .d2{stroke-dasharray:2 2}
    .qap-picture .d3{stroke-dasharray:9 3 2 3}
    .qap-picture .d4{stroke-dasharray:12 4}
    .qap-picture .d5{stroke-dasharray:5 2 2 2 2 2}
    .qap-picture .d6{stroke-dasharray:4 4}
    .qap-picture .d7{stroke-dasharray:1 3}
    .qap-picture .dot{stroke:none}
    .qap-picture .dot.s0{fill:var(--s0,#0072b2)}
    .qap-picture .dot.s1{fill:var(--s1,#d55e00)}
    .qap-picture .dot.s2{fill:var(--s2,#009e73)}
    .qap-picture .dot.s3{fill:var(--s3,#cc79a7)}
    .qap-picture .dot.s4{fill:var(--s4,#8a6d00)}
    .qap-picture .dot.s5{fill:var(--s5,#2f8fc9)}
    .qap-picture .dot.s6{fill:var(--s6,#7f7f7f)}
    .qap-picture .dot.s7{fill:var(--s7,#6a3d9a)}
    .qap-picture .right{fill:var(--s2,#009e73)}
    .qap-picture .wrong{stroke:var(--s1,#d55e00);stroke-width:2.5;stroke-linecap:round;fill:none}
    .qap-picture .known{fill:currentColor;fill-opacity:.4}
    .qap-picture .plain{fill:var(--s0,#0072b2)}
    .qap-picture .true{stroke:currentColor;stroke-opacity:.65;fill:none}
    .qap-picture .under{fill:currentColor;fill-opacity:.06}
    .qap-picture .full{fill:var(--on,#fff)}
    """

  /// `svg` with colors as plain values, for programs that know no variables of style sheets.
  static func withPlainColors(_ svg: String) -> String {
    svg.split(separator: "var(--", omittingEmptySubsequences: false).enumerated().map {
      index, part in
      guard index > 0, let comma = part.firstIndex(of: ","), let end = part.firstIndex(of: ")"),
        comma < end
      else { return String(part) }
      return String(part[part.index(after: comma)..<end] + part[part.index(after: end)...])
    }.joined()
  }

  /// The colors of the dark form.
  static let darkColors =
    "--on:#16181c;--s0:#5db2ec;--s1:#ff8b3d;--s2:#35c99a;--s3:#e7a0c9;--s4:#d9b93b;--s5:#8fd0f7;--s6:#b5b5b5;"
    + "--s7:#b999e6"
}
