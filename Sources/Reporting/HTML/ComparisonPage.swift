import QAP

/// A comparison as one HTML file that needs nothing else: tables, profiles and a picture an
/// instance.
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
    \(comparison.contradictions.map { "<li class=\"doubt\">\(SVG.escaped($0))</li>" }.joined(separator: "\n"))
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

  // MARK: Profiles over all instances.

  private var profiles: String {
    // Shares of one or two say nothing.
    guard comparison.instances.count > 2 else { return "" }
    let pictures = [
      profile(
        "profile-objective", "Objectives: share of runs within a distance of the best known value",
        "distance above the best known value", .percent, comparison.objectiveProfile),
      profile(
        "profile-bound", "Bounds: share of runs within a distance of the best known value",
        "distance below the best known value", .percent, comparison.boundProfile),
      profile(
        "profile-time",
        "Performance profile (Dolan and Moré): share of runs within 1 % of the best known value, "
          + "by time",
        "times the fastest method’s time", .times, { comparison.performanceProfile($0) }),
      profile(
        "profile-proof", "Proofs: share of runs that prove their assignment optimal, by time",
        "seconds", .seconds, comparison.proofProfile),
    ].compactMap { $0 }
    guard !pictures.isEmpty else { return "" }
    return """
      <section aria-labelledby="profiles">
      <h2 id="profiles">Profiles</h2>
      <p>Higher lines are better; lines that rise further left are faster. Shares are of all runs \
      of a method, including declined ones; times below a millisecond count as one \
      millisecond.</p>
      <div class="figures">
      \(pictures.joined(separator: "\n"))
      </div>
      </section>
      """
  }

  /// The measure of a profile.
  private enum Measure {
    case percent, times, seconds
  }

  private func profile(
    _ id: String, _ title: String, _ axis: String, _ measure: Measure,
    _ points: (String) -> [(x: Double, y: Double)]
  ) -> String? {
    let lines = comparison.methods.enumerated().map { ($0.offset, $0.element, points($0.element)) }
      .filter { !$0.2.isEmpty }
    guard !lines.isEmpty else { return nil }
    let scale = measure == .percent ? 100.0 : 1
    let values = lines.flatMap { $0.2.map { $0.x * scale } }
    let most = values.max() ?? 1
    let horizontal: Chart.Axis
    switch measure {
    case .percent: horizontal = .percent(axis, 0...min(1000, max(0.1, most * 1.1)))
    case .times: horizontal = .decades(axis, 1...max(10, most)) { Wording.value($0) }
    case .seconds: horizontal = .seconds(max(0.001, values.min() ?? 0.001)...max(0.01, most))
    }
    let end = horizontal.range.upperBound
    let series = lines.map { style, name, points in
      var line = points.map { (x: $0.x * scale, y: $0.y) }
      if let first = line.first {
        line.insert(
          (horizontal.range.lowerBound, first.x > horizontal.range.lowerBound ? 0 : first.y), at: 0)
      }
      if let last = line.last { line.append((end, last.y)) }
      return Chart.Series(name: name, style: style, points: line, isOpen: true)
    }
    let absent = comparison.methods.filter { name in lines.allSatisfy { $0.1 != name } }
    let sentence =
      lines.map { _, name, points in
        "\(name) ends at \(Int(((points.last?.y ?? 0) * 100).rounded())) %"
      }.joined(separator: ", ")
      + (absent.isEmpty ? "" : "; never: " + absent.joined(separator: ", "))
    let chart = Chart(
      title: title, description: "Share of runs: \(sentence).", horizontal: horizontal,
      vertical: .share("share of runs"), series: series, reference: nil)
    return figure(
      chart.svg(id: id),
      title + (absent.isEmpty ? "" : " (never: \(absent.joined(separator: ", ")))"))
  }

  func figure(_ svg: String, _ caption: String) -> String {
    "<figure>\(svg)<figcaption>\(SVG.escaped(caption))</figcaption></figure>"
  }

  private var glossary: String {
    """
    <section aria-labelledby="words">
    <h2 id="words">Terms</h2>
    <dl>
    <dt>objective</dt><dd>the cost of the best assignment found</dd>
    <dt>bound</dt><dd>a proven limit on the objective of every assignment</dd>
    <dt>gap</dt><dd>the difference between objective and bound, relative to |objective|; 0 proves \
    the assignment optimal</dd>
    <dt>off</dt><dd>the distance of an objective or a bound from the best known value, relative to \
    |best known|; negative for claims that are better or impossible</dd>
    <dt>best known</dt><dd>the best objective in the literature or verified in these runs; if \
    neither is known, the best claim</dd>
    <dt>claim</dt><dd>a result of another program or a file that is not verified here</dd>
    <dt>declined</dt><dd>the method does not support the instance or its size</dd>
    </dl>
    </section>
    """
  }
}
