import QAP

/// A comparison as one HTML file that needs nothing else: tables, profiles and a picture an instance.
public struct ComparisonPage {
  let comparison: Comparison
  private let title: String
  private let remarks: [String]

  /// A page called `title`; `remarks` are facts about the runs: limits, machine, version.
  public init(_ comparison: Comparison, title: String, remarks: [String]) {
    self.comparison = comparison
    self.title = title
    self.remarks = remarks
  }

  /// The page.
  public var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(SVG.escaped(title))</title>
    <link rel="icon" href="data:,">
    <style>
    \(Self.style)
    \(SVG.style)
    </style>
    </head>
    <body>
    <a class="skip" href="#main">Skip to the results</a>
    <header>
    <h1>\(SVG.escaped(title))</h1>
    <ul class="remarks">
    \(remarks.map { "<li>\(SVG.escaped($0))</li>" }.joined(separator: "\n"))
    </ul>
    </header>
    <main id="main">
    \(summary)
    \(overview)
    \(profiles)
    \(matches)
    \(details)
    \(glossary)
    </main>
    </body>
    </html>

    """
  }

  // MARK: The overview: an instance a line, a method a column.

  private var overview: String {
    let methods = comparison.methods
    var rows = ""
    for (index, instance) in comparison.instances.enumerated() {
      let best = comparison.reference(instance)
      let isMaximised = comparison.isMaximised(instance)
      let cells = methods.map { comparison.cell(instance, $0) }
      let (objectives, bounds) = (cells.compactMap(\.objective), cells.compactMap(\.bound))
      let bestObjective = isMaximised ? objectives.max() : objectives.min()
      let bestBound = isMaximised ? bounds.min() : bounds.max()
      rows +=
        "<tr><th scope=\"row\"><a href=\"#instance-\(index)\">\(SVG.escaped(instance))</a></th>"
      rows += "<td>\(comparison.size(instance).map { "\($0)" } ?? "–")</td>"
      rows += "<td>\(Wording.value(best))</td>"
      for cell in cells {
        if cell.isDeclined {
          rows += "<td class=\"none\">declined</td><td class=\"none\">declined</td>"
          continue
        }
        rows += number(
          Wording.gap(comparison.distance(cell.objective, on: instance)), cell.objective,
          isBest: cell.objective != nil && cell.objective == bestObjective)
        rows += number(
          Wording.gap(comparison.distance(cell.bound, on: instance).map { 0 - $0 }), cell.bound,
          isBest: cell.bound != nil && cell.bound == bestBound)
      }
      rows += "</tr>\n"
    }
    let heads = methods.map {
      "<th scope=\"colgroup\" colspan=\"2\">\(SVG.escaped($0))</th>"
    }.joined()
    let subheads = methods.map { _ in "<th scope=\"col\">above</th><th scope=\"col\">below</th>" }
      .joined()
    return """
      <section aria-labelledby="overview">
      <h2 id="overview">Objective and bound by instance</h2>
      <p id="overview-text">How far each method's objective ends above the best known value, and its \
      bound below it: medians over the seeds, the best of a line in bold.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Objective and bound by instance">
      <table aria-describedby="overview-text">
      <thead>
      <tr><th scope="col" rowspan="2">instance</th><th scope="col" rowspan="2">n</th>\
      <th scope="col" rowspan="2">best known</th>\(heads)</tr>
      <tr>\(subheads)</tr>
      </thead>
      <tbody>
      \(rows)</tbody>
      </table>
      </div>
      </section>
      """
  }

  private func number(_ text: String, _ value: Double?, isBest: Bool) -> String {
    guard let value else { return "<td class=\"none\">–</td>" }
    return "<td title=\"\(Wording.value(value))\"\(isBest ? " class=\"best\"" : "")>\(text)</td>"
  }

  // MARK: Profiles over all instances.

  private var profiles: String {
    let pictures = [
      profile(
        "profile-objective", "Objectives: share of runs within a distance of the best known value",
        "distance above the best known value", comparison.objectiveProfile, isPercent: true),
      profile(
        "profile-bound", "Bounds: share of runs within a distance of the best known value",
        "distance below the best known value", comparison.boundProfile, isPercent: true),
      profile(
        "profile-time",
        "Performance profile (Dolan and Moré): share of runs within 1 % of the best known value, by time",
        "times the fastest method's time", { comparison.performanceProfile($0) }, isPercent: false),
    ].compactMap { $0 }
    guard !pictures.isEmpty else { return "" }
    return """
      <section aria-labelledby="profiles">
      <h2 id="profiles">Profiles</h2>
      <p>The higher a line, the better; the further to the left it rises, the sooner.</p>
      <div class="figures">
      \(pictures.joined(separator: "\n"))
      </div>
      </section>
      """
  }

  private func profile(
    _ id: String, _ title: String, _ axis: String,
    _ points: (String) -> [(x: Double, y: Double)], isPercent: Bool
  ) -> String? {
    let lines = comparison.methods.enumerated().map { ($0.offset, $0.element, points($0.element)) }
      .filter { !$0.2.isEmpty }
    guard !lines.isEmpty else { return nil }
    let scale = isPercent ? 100.0 : 1
    let most = lines.flatMap { $0.2.map { $0.x * scale } }.max() ?? 1
    let horizontal: Chart.Axis
    let end: Double
    if isPercent {
      end = min(1000, max(0.1, most * 1.1))
      horizontal = .percent(axis, 0...end)
    } else {
      horizontal = .decades(axis, 1...max(10, most)) { Wording.value($0) }
      end = horizontal.range.upperBound
    }
    let series = lines.map { style, name, points in
      var line = points.map { (x: $0.x * scale, y: $0.y) }
      if let first = line.first {
        line.insert(
          (horizontal.range.lowerBound, first.x > horizontal.range.lowerBound ? 0 : first.y), at: 0)
      }
      if let last = line.last { line.append((end, last.y)) }
      return Chart.Series(name: name, style: style % 8, points: line)
    }
    let sentence = lines.map { _, name, points in
      "\(name) ends at \(Int(((points.last?.y ?? 0) * 100).rounded())) %"
    }.joined(separator: ", ")
    let chart = Chart(
      title: title, description: "Share of runs: \(sentence).", horizontal: horizontal,
      vertical: .share("share of runs"), series: series, reference: nil)
    return figure(chart.svg(id: id), title)
  }

  func figure(_ svg: String, _ caption: String) -> String {
    "<figure>\(svg)<figcaption>\(SVG.escaped(caption))</figcaption></figure>"
  }

  // MARK: An instance: its table and its picture.

  private var details: String {
    let rows = comparison.rows
    let columns = comparison.columns
    let parts = comparison.instances.enumerated().map { index, instance in
      let mine = rows.filter { $0[0] == instance }
      let body = mine.map { row in
        "<tr><th scope=\"row\">\(SVG.escaped(row[2]))</th>"
          + row.dropFirst(3).map { "<td>\(SVG.escaped($0))</td>" }.joined() + "</tr>"
      }.joined(separator: "\n")
      let head = columns.dropFirst(2).map { "<th scope=\"col\">\($0)</th>" }.joined()
      return """
        <section class="instance" aria-labelledby="instance-\(index)">
        <h3 id="instance-\(index)">\(SVG.escaped(instance))</h3>
        \(picture(instance, index))
        <div class="scroll" tabindex="0" role="region" aria-label="Results on \(SVG.escaped(instance))">
        <table>
        <thead><tr>\(head)</tr></thead>
        <tbody>
        \(body)
        </tbody>
        </table>
        </div>
        </section>
        """
    }
    return """
      <section aria-labelledby="instances">
      <h2 id="instances">Instances</h2>
      \(parts.joined(separator: "\n"))
      </section>
      """
  }

  /// The first seed of each method.
  private func picture(_ instance: String, _ index: Int) -> String {
    guard let reference = comparison.reference(instance) else { return "" }
    let lines = comparison.methods.map { method in
      let run = comparison.cell(instance, method).runs.first
      return ConvergenceChart.Line(name: method, points: run?.trace ?? [], end: run?.seconds)
    }
    let chart = ConvergenceChart(
      title: "\(instance): incumbents and bounds over time", lines: lines, reference: reference,
      isMaximised: comparison.isMaximised(instance)
    ).chart
    guard let chart else { return "" }
    return figure(
      chart.svg(id: "picture-\(index)"),
      "Incumbents (above the dotted line) and bounds (below it) of the first seed over time.")
  }

  private var glossary: String {
    """
    <section aria-labelledby="words">
    <h2 id="words">Words</h2>
    <dl>
    <dt>objective</dt><dd>what the best assignment found costs</dd>
    <dt>bound</dt><dd>a proven value that no assignment is better than</dd>
    <dt>gap</dt><dd>(objective − bound) / |objective|; 0 proves the assignment optimal</dd>
    <dt>best known</dt><dd>the best objective in the literature, or in these runs where none is \
    known</dd>
    <dt>declined</dt><dd>the method does not take such an instance, or not of this size</dd>
    </dl>
    </section>
    """
  }
}
