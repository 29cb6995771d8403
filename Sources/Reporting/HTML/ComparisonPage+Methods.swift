import QAP

extension ComparisonPage {
  /// The methods at a glance: a line each, over all instances.
  var summary: String {
    let rows = comparison.methods.map { method in
      let cells = comparison.instances.map { ($0, comparison.cell($0, method)) }
        .filter { !$0.1.runs.isEmpty }
      let sound = cells.filter { !$0.1.isDoubtful }
      let above = sound.compactMap { comparison.distance($0.1.objective, on: $0.0) }
      let below = sound.compactMap { comparison.distance($0.1.bound, on: $0.0) }.map { 0 - $0 }
      let seconds = cells.compactMap(\.1.seconds)
      let figures =
        [
          "\(cells.count)",
          above.isEmpty ? "–" : "\(above.count { $0 <= 0 })",
          below.isEmpty && cells.allSatisfy { $0.1.proven == 0 }
            ? "–" : "\(cells.count { $0.1.proven == $0.1.runs.count })",
          share(above, mean), share(above, \.last), share(below, mean), share(below, \.last),
          seconds.isEmpty ? "–" : Wording.fixed(mean(seconds.sorted()) ?? 0, 2),
        ] + (comparison.isMatching ? [share(cells.compactMap(\.1.accuracy), mean)] : [])
      return "<tr><th scope=\"row\">\(SVG.escaped(method))</th>"
        + figures.map { "<td\($0 == "–" ? " class=\"none\"" : "")>\($0)</td>" }.joined() + "</tr>"
    }
    let right =
      comparison.isMatching ? "<th scope=\"col\" rowspan=\"2\">correct, %, mean</th>" : ""
    return """
      <section aria-labelledby="summary">
      <h2 id="summary">Methods at a glance</h2>
      <p id="summary-text">Distances from the best known values, in percent, over the instances \
      for which each method has results; the median over seeds. Contradictory results are left \
      out.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Methods at a glance">
      <table aria-describedby="summary-text">
      <thead>
      <tr><th scope="col" rowspan="2">method</th><th scope="col" rowspan="2">instances</th>\
      <th scope="col" rowspan="2">at best known</th><th scope="col" rowspan="2">proven</th>\
      <th scope="colgroup" colspan="2" class="first">objective off, %</th>\
      <th scope="colgroup" colspan="2" class="first">bound off, %</th>\
      <th scope="col" rowspan="2">seconds, mean</th>\(right)</tr>
      <tr><th scope="col" class="first">mean</th><th scope="col">worst</th>\
      <th scope="col" class="first">mean</th><th scope="col">worst</th></tr>
      </thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      </section>
      """
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private func share(_ values: [Double], _ figure: ([Double]) -> Double?) -> String {
    percent(figure(values.sorted()))
  }
}
