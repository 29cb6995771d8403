import QAP

extension ComparisonPage {
  // MARK: The overview: an instance a line, a method a column or two.

  /// Every method's distance from the best known values.
  var overview: String {
    let methods = comparison.methods.map { method in
      let cells = comparison.instances.map { comparison.cell($0, method) }
      // What no run of a method has needs no column.
      let hasObjectives = cells.contains { $0.objective != nil }
      let hasBounds = cells.contains { $0.bound != nil }
      return (
        name: method, cells: cells, hasObjectives: hasObjectives || !hasBounds, hasBounds: hasBounds
      )
    }
    var rows = ""
    for (index, instance) in comparison.instances.enumerated() {
      let reference = comparison.reference(instance)
      let isMaximized = comparison.isMaximized(instance)
      let cells = methods.map { $0.cells[index] }
      // What cannot be true is no best.
      let sound = cells.filter { !$0.isDoubtful }
      let (objectives, bounds) = (sound.compactMap(\.objective), sound.compactMap(\.bound))
      let bestObjective = best(objectives, isMaximized)
      let bestBound = best(bounds, !isMaximized)
      let isLong = instance.count > 20 ? " class=\"long\"" : ""
      rows +=
        "<tr><th scope=\"row\"\(isLong)><a "
        + "href=\"#instance-\(index)\">\(SVG.escaped(instance))</a></th>"
      rows += "<td>\(comparison.size(instance).map { "\($0)" } ?? "–")</td>"
      rows += "<td>\(figure(reference))</td>"
      for (method, cell) in zip(methods, cells) {
        if cell.isDeclined {
          let span = method.hasObjectives && method.hasBounds ? " colspan=\"2\"" : ""
          rows += "<td class=\"none first\"\(span)>declined</td>"
          continue
        }
        if method.hasObjectives {
          rows += distance(
            cell.objective, on: instance,
            isBest: cell.objective == bestObjective && !cell.isDoubtful, isFirst: true)
        }
        if method.hasBounds {
          rows += distance(
            cell.bound, on: instance,
            isBest: cell.bound == bestBound && !cell.isDoubtful,
            isFirst: !method.hasObjectives, isBound: true)
        }
      }
      rows += "</tr>\n"
    }
    let heads = methods.map { method in
      let span = method.hasObjectives && method.hasBounds ? 2 : 1
      return "<th scope=\"colgroup\" colspan=\"\(span)\" class=\"first\">"
        + "\(SVG.escaped(method.name))</th>"
    }.joined()
    let subheads = methods.map { method in
      let objective = method.hasObjectives ? "<th scope=\"col\" class=\"first\">obj.</th>" : ""
      let place = method.hasObjectives ? "" : " class=\"first\""
      return objective + (method.hasBounds ? "<th scope=\"col\"\(place)>bound</th>" : "")
    }.joined()
    return """
      <section aria-labelledby="overview">
      <h2 id="overview">Objective and bound by instance</h2>
      <p id="overview-text">Distance of each method’s objective (obj.) and bound from the best \
      known value, in percent: medians over the seeds, the best of each row in bold.</p>
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

  private func distance(
    _ value: Double?, on instance: String, isBest: Bool, isFirst: Bool, isBound: Bool = false
  ) -> String {
    guard let value else { return "<td class=\"none\(isFirst ? " first" : "")\">–</td>" }
    let distance = comparison.distance(value, on: instance)
    let text = percent(isBound ? distance.map { 0 - $0 } : distance)
    let classes = [isFirst ? "first" : nil, isBest ? "best" : nil].compactMap(\.self)
    let mark = classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
    return "<td title=\"\(figure(value))\"\(mark)>\(text)</td>"
  }

  // MARK: An instance: its table and its picture.

  /// Every instance by itself.
  var details: String {
    let hasSeeds = comparison.runs.contains { $0.seed > 0 }
    let heads =
      ["method"] + (hasSeeds ? ["seeds"] : [])
      + ["objective", "off, %", "bound", "off, %", "gap, %", "seconds"]
      + (comparison.isMatching ? ["right, %"] : [])
    let head = heads.map { "<th scope=\"col\">\($0)</th>" }.joined()
    let parts = comparison.instances.enumerated().map { index, instance in
      let body = comparison.methods.compactMap { method -> String? in
        let cell = comparison.cell(instance, method)
        let name = "<tr><th scope=\"row\">\(SVG.escaped(method))</th>"
        if cell.isDeclined {
          let reason = cell.reason.map { ": \(SVG.escaped($0))" } ?? ""
          return name
            + "<td class=\"none why\" colspan=\"\(heads.count - 1)\">declined\(reason)</td></tr>"
        }
        guard !cell.runs.isEmpty else { return nil }
        let sense: Sense = comparison.isMaximized(instance) ? .max : .min
        let gap = relativeGap(
          objective: sense.value(cell.objective), bound: sense.value(cell.bound))
        let isProven = cell.proven == cell.runs.count
        let figures =
          (hasSeeds ? ["\(cell.runs.count)"] : [])
          + [
            figure(cell.objective), percent(comparison.distance(cell.objective, on: instance)),
            figure(cell.bound),
            percent(comparison.distance(cell.bound, on: instance).map { 0 - $0 }),
            isProven ? "proven" : percent(gap), cell.seconds.map { Wording.fixed($0, 2) } ?? "–",
          ]
          + (comparison.isMatching
            ? [cell.accuracy.map { Wording.fixed(100 * $0, 1) } ?? "–"] : [])
        return name
          + figures.map { $0 == "–" ? "<td class=\"none\">–</td>" : "<td>\($0)</td>" }.joined()
          + "</tr>"
      }.joined(separator: "\n")
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
      <p>The pictures show the first seed of each method: incumbents on the worse side of the \
      dotted line, the best known value, and proven bounds on the other side. “Off” is the \
      distance from that value; “proven” means that the bound leaves no gap. Events within the \
      first millisecond are drawn at its end.</p>
      <div class="cards">
      \(parts.joined(separator: "\n"))
      </div>
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
      isMaximized: comparison.isMaximized(instance)
    ).chart
    return chart.map { "<figure>\($0.svg(id: "picture-\(index)"))</figure>" } ?? ""
  }

  // MARK: Numbers

  /// An objective or a bound, with the sign that belongs to numbers.
  func figure(_ value: Double?) -> String { value.map { signed(Wording.value($0)) } ?? "–" }

  /// A fraction in percent, without the sign for it.
  func percent(_ fraction: Double?) -> String {
    fraction.map { abs($0) >= 100 ? ">9999" : signed(Wording.fixed(100 * $0, 2)) } ?? "–"
  }

  private func signed(_ text: String) -> String {
    text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }
}
