import QAP

/// A match drawn as a matrix: rows of SOURCE against rows of TARGET, or the counts of their groups.
struct MatchPicture {
  let title: String
  let match: RowMatch
  var style = PictureStyle()

  /// The picture; nil when nothing was matched. `id` must be unique in the page.
  func svg(id: String) -> String? {
    MatchMatrix(match).map {
      Drawing(id: id, title: title, match: match, matrix: $0, style: style).svg
    }
  }
}

/// One drawing: its measures and its marks.
private struct Drawing {
  let id: String
  let title: String
  let match: RowMatch
  let matrix: MatchMatrix
  let style: PictureStyle

  /// There are too many lines for labels and a grid.
  private let isDense: Bool
  private let rowLabels: [String]
  private let columnLabels: [String]
  private let cell: Double
  private let font: Double
  private let left: Double
  private let top: Double

  init(
    id: String, title: String, match: RowMatch, matrix: MatchMatrix, style: PictureStyle
  ) {
    self.id = id
    self.style = style
    self.title = title
    self.match = match
    self.matrix = matrix
    let lines = max(matrix.rowLabels.count, matrix.columnLabels.count)
    isDense = lines > MatchMatrix.maxLines + 1
    cell =
      isDense ? 800 / Double(lines) : lines <= 12 ? 26 : lines <= 24 ? 18 : lines <= 40 ? 16 : 13
    font = lines <= 40 ? 12 : 10
    rowLabels = isDense ? [] : matrix.rowLabels.map { Self.shortened($0) }
    columnLabels = isDense ? [] : matrix.columnLabels.map { Self.shortened($0) }
    let letter = font * 0.56
    left = 34 + letter * Double(max(3, rowLabels.map(\.count).max() ?? 0))
    top = 34 + letter * Double(max(1, columnLabels.map(\.count).max() ?? 0))
  }

  /// At most 24 letters.
  private static func shortened(_ label: String) -> String {
    label.count <= 24 ? label : label.prefix(23) + "…"
  }

  private var width: Double { Double(matrix.columnLabels.count) * cell }
  private var height: Double { Double(matrix.rowLabels.count) * cell }
  /// Room for the share of each line that is right.
  private var shares: Double { matrix.right != nil && matrix.form != .rows ? 104 : 0 }

  /// The distance of a filled square from the borders of its cell.
  private var filled: Double { cell * 0.19 }

  private func x(_ column: Int) -> Double { left + Double(column) * cell }
  private func y(_ row: Int) -> Double { top + Double(row) * cell }

  var svg: String {
    let legend = legend
    let whole = (
      width: max(left + width + shares + 14, 420),
      height: top + height + 22 + 20 * Double(legend.count)
    )
    var text = SVG.head(
      id: id, width: whole.width, height: whole.height, title: title, description: description,
      style: "matrix")
    text += "<g font-size=\"\(SVG.number(font))\">"
    text += labels + grid
    for row in matrix.rowLabels.indices { text += line(row) }
    text += "</g>"
    if shares > 0 { text += bars }
    for (index, entry) in legend.enumerated() {
      let at = top + height + 26 + 20 * Double(index)
      text += entry.mark(at - 5)
      text += SVG.label(SVG.number(36), SVG.number(at), "start", entry.text)
    }
    return text + "</svg>"
  }

  // MARK: Labels and lines

  private var labels: String {
    var text = ""
    for (row, label) in rowLabels.enumerated() {
      text += SVG.label(
        SVG.number(left - 7), SVG.number(y(row) + cell / 2 + font * 0.35), "end", label)
    }
    for (column, label) in columnLabels.enumerated() {
      let at = SVG.number(x(column) + cell / 2 + font * 0.35)
      text +=
        "<text text-anchor=\"start\" transform=\"translate(\(at) \(SVG.number(top - 7))) "
        + "rotate(-90)\">"
        + SVG.escaped(label) + "</text>"
    }
    let (across, down) = (SVG.number(left + width / 2), SVG.number(top + height / 2))
    let (source, target) = axes
    text += SVG.label(across, "14", "middle", style.horizontal ?? target)
    text +=
      "<text text-anchor=\"middle\" transform=\"translate(14 \(down)) rotate(-90)\">"
      + SVG.escaped(style.vertical ?? source) + "</text>"
    return text
  }

  private var axes: (source: String, target: String) {
    switch matrix.form {
    case .rows: ("row of SOURCE", "matched row of TARGET")
    case .groups: ("true class", "assigned class")
    case .blocks:
      matrix.right == nil
        ? ("rows of SOURCE", "rows of TARGET, in blocks")
        : ("rows of SOURCE", "matched to the true partners of rows")
    }
  }

  private var grid: String {
    var path = ""
    let step = isDense ? matrix.columnLabels.count : 1
    for column in stride(from: 0, through: matrix.columnLabels.count, by: step) {
      path += "M\(SVG.number(x(column))) \(SVG.number(top))v\(SVG.number(height))"
    }
    let down = isDense ? matrix.rowLabels.count : 1
    for row in stride(from: 0, through: matrix.rowLabels.count, by: down) {
      path += "M\(SVG.number(left)) \(SVG.number(y(row)))h\(SVG.number(width))"
    }
    return "<path class=\"grid\" d=\"\(path)\"/>"
  }

  // MARK: Cells

  private func line(_ row: Int) -> String {
    var text = ""
    let most = Double(max(1, matrix.counts.joined().max() ?? 1))
    for (column, count) in matrix.counts[row].enumerated() {
      let isTrue = matrix.diagonal[row] == column
      if count > 0 {
        let mark =
          matrix.form == .rows
          ? mark(row, column, isTrue)
          : heat(row, column, Double(count) / most, matrix.total(row) > 0 ? "\(count)" : "")
        text += "<g>\(mark)<title>\(SVG.escaped(tooltip(row, column, count)))</title></g>"
      }
      if isTrue, !isDense {
        text += square(
          x(column), y(row), cell, inset: matrix.form == .rows ? cell * 0.07 : 0.5, "true")
      }
    }
    return text
  }

  /// A match of one row: a square when it is right or nothing is known of that, a cross when it is
  /// wrong.
  private func mark(_ row: Int, _ column: Int, _ isTrue: Bool) -> String {
    if matrix.known.contains(row) { return square(x(column), y(row), cell, inset: filled, "known") }
    guard matrix.right != nil else {
      return square(x(column), y(row), cell, inset: filled, "plain")
    }
    return isTrue
      ? square(x(column), y(row), cell, inset: filled, "right") : cross(x(column), y(row), cell)
  }

  private func square(
    _ x: Double, _ y: Double, _ size: Double, inset: Double, _ style: String, opacity: Double = 1
  ) -> String {
    let side = SVG.number(size - 2 * inset)
    return "<rect class=\"\(style)\" x=\"\(SVG.number(x + inset))\" y=\"\(SVG.number(y + inset))\" "
      + "width=\"\(side)\" height=\"\(side)\""
      + (opacity < 1 ? " fill-opacity=\"\(SVG.number(opacity))\"" : "") + "/>"
  }

  private func cross(_ x: Double, _ y: Double, _ size: Double) -> String {
    let (inset, side) = (SVG.number(size * 0.28), SVG.number(size * 0.44))
    let (x0, y0) = (SVG.number(x), SVG.number(y))
    return "<path class=\"wrong\" transform=\"translate(\(x0) \(y0))\" "
      + "d=\"M\(inset) \(inset)l\(side) \(side)m0 -\(side)l-\(side) \(side)\"/>"
  }

  /// A count as a shade, and as a number where there is room.
  private func heat(_ row: Int, _ column: Int, _ share: Double, _ count: String) -> String {
    let shade = 0.1 + 0.9 * share
    var text = square(x(column), y(row), cell, inset: 0.5, "plain", opacity: shade)
    let size = min(font, 1.6 * cell / Double(max(2, count.count)))
    if size >= 8 {
      text +=
        "<text\(shade > 0.7 ? " class=\"full\"" : "") x=\"\(SVG.number(x(column) + cell / 2))\" "
        + "y=\"\(SVG.number(y(row) + cell / 2 + size * 0.35))\" text-anchor=\"middle\" "
        + "font-size=\"\(SVG.number(size))\">\(count)</text>"
    }
    return text
  }

  private func tooltip(_ row: Int, _ column: Int, _ count: Int) -> String {
    let (line, place) = (matrix.rowLabels[row], matrix.columnLabels[column])
    guard matrix.form == .rows else {
      return "\(line) → \(place): \(count) of \(matrix.total(row))"
    }
    if matrix.known.contains(row) { return "\(line) → \(place), known beforehand" }
    guard let right = matrix.right else { return "\(line) → \(place)" }
    return right[row] == 1
      ? "\(line) → \(place), right"
      : "\(line) → \(place), not \(matrix.columnLabels[row])"
  }

  /// The share of each line that is correct.
  private var bars: String {
    guard let right = matrix.right else { return "" }
    let start = left + width + 10
    var text = SVG.label(SVG.number(start), SVG.number(top - 8), "start", "right")
    for row in right.indices where matrix.total(row) > 0 {
      let share = Double(right[row]) / Double(matrix.total(row))
      let (at, thick) = (y(row) + 3, SVG.number(cell - 6))
      let begin = "<rect class=\""
      let place =
        "\" x=\"\(SVG.number(start))\" y=\"\(SVG.number(at))\" height=\"\(thick)\" width=\""
      text += begin + "under" + place + "48\"/>"
      if share > 0 { text += begin + "right" + place + SVG.number(48 * share) + "\"/>" }
      text +=
        "<text x=\"\(SVG.number(start + 90))\" "
        + "y=\"\(SVG.number(y(row) + cell / 2 + font * 0.35))\" "
        + "text-anchor=\"end\" font-size=\"\(SVG.number(font))\">"
        + Wording.fixed(100 * share, 0) + " %</text>"
    }
    return text
  }

  // MARK: Words

  private var legend: [(mark: (Double) -> String, text: String)] {
    let items = match.matched
    func small(_ style: String) -> (Double) -> String {
      { square(16, $0 - 6, 12, inset: 0, style) }
    }
    var entries: [(mark: (Double) -> String, text: String)] = []
    if matrix.form == .rows {
      if let truth = match.truth {
        let right = items.count { truth[$0] == match.assignment[$0] }
        entries.append(
          (small("right"), "right: \(right) of \(items.count)" + percent(right, items.count)))
        if right < items.count {
          entries.append(({ cross(15, $0 - 7, 14) }, "wrong: \(items.count - right)"))
        }
        entries.append(
          isDense
            ? ({ _ in "" }, "true pairs lie on the diagonal") : (small("true"), "true pair"))
      } else {
        entries.append((small("plain"), "matched; true pairs unknown"))
      }
      if !matrix.known.isEmpty {
        entries.append((small("known"), "known beforehand: \(matrix.known.count)"))
      } else if !match.pairs.isEmpty {
        entries.append(({ _ in "" }, "known pairs, not drawn: \(match.pairs.count)"))
      }
      return entries
    }
    let most = matrix.counts.joined().max() ?? 1
    entries.append((small("plain"), "rows per cell: up to \(most); paler is fewer"))
    if let right = matrix.right {
      let sum = right.reduce(0, +)
      let what =
        matrix.form == .blocks
        ? "the same rows on both sides" : "the assigned class is the true one"
      entries.append((small("true"), what))
      entries.append(
        (small("right"), "right: \(sum) of \(items.count)" + percent(sum, items.count)))
    }
    return entries
  }

  private func percent(_ part: Int, _ whole: Int) -> String {
    whole == 0 ? "" : " (\(Wording.fixed(100 * Double(part) / Double(whole), 1)) %)"
  }

  /// For readers who do not see it: the correct matches, and the first wrong ones.
  private var description: String {
    let items = match.matched
    guard let truth = match.truth else {
      let first = items.prefix(20).map { row in
        "\(match.sourceName(row)) to \(match.assignment[row].map(match.targetName) ?? "none")"
      }
      return "\(items.count) rows of SOURCE, each matched to a row of TARGET: "
        + first.joined(separator: "; ") + (items.count > first.count ? "; and so on." : ".")
    }
    let wrong = items.filter { truth[$0] != match.assignment[$0] }
    let right = items.count - wrong.count
    var text =
      "\(right) of \(items.count) rows of SOURCE are matched to their true rows of TARGET"
      + percent(right, items.count) + "."
    if matrix.form != .rows {
      let lines = matrix.rowLabels.indices.filter { matrix.total($0) > 0 }
      let parts = lines.map { line in
        "\(matrix.rowLabels[line]): \(matrix.right?[line] ?? 0) of \(matrix.total(line))"
      }
      return text + " Line by line: " + parts.joined(separator: "; ") + "."
    }
    if !wrong.isEmpty {
      let first = wrong.prefix(20).map { row in
        "\(match.sourceName(row)) to \(match.assignment[row].map(match.targetName) ?? "none") "
          + "instead of \(match.targetName(truth[row]))"
      }
      text += " Wrong: " + first.joined(separator: "; ") + (wrong.count > 20 ? "; and so on." : ".")
    }
    return text
  }
}
