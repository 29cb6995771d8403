extension ComparisonPage {
  /// The matches: a picture for each run of a match, the first seed of each method.
  var matches: String {
    var pictures: [String] = []
    for instance in comparison.instances {
      for method in comparison.methods {
        guard
          let run = comparison.cell(instance, method).runs.first(where: { $0.match != nil }),
          let match = run.match,
          let svg = MatchPicture(title: "\(instance), \(method): rows matched", match: match).svg(
            id: "match-\(pictures.count)")
        else { continue }
        let accuracy = match.accuracy.map { ": \(Wording.fixed(100 * $0, 1)) % right" } ?? ""
        let name = SVG.escaped("\(instance), \(method)")
        pictures.append(
          """
          <figure class="match"><div class="scroll" tabindex="0" role="region" aria-label="\(name)">\
          \(svg)</div><figcaption>\(name)\(accuracy)</figcaption></figure>
          """)
      }
    }
    guard !pictures.isEmpty else { return "" }
    return """
      <section aria-labelledby="matches">
      <h2 id="matches">Matches</h2>
      <p>Rows of SOURCE against rows of TARGET; correct matches lie on the diagonal. Only the \
      first of several seeds is drawn.</p>
      <div class="matches">
      \(pictures.joined(separator: "\n"))
      </div>
      </section>
      """
  }
}
