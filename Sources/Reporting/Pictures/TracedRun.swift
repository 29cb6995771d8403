import QAP

/// A finished run as `qap solve`, `bound`, `match` and `classify` write it with `--json`.
public struct TracedRun: Decodable, Sendable {
  /// The run itself.
  public let run: ComparisonRun
  /// The match, of `match` and `classify`.
  public var match: RowMatch? { run.match }
  /// The difference between runs under one name: the constant of a match's objective, which
  /// different rows give, the fixed pairs and the forbidden placements.
  private let identity: String?

  private enum CodingKeys: String, CodingKey {
    case metric, assignment, constant, pairs, standardize, stretch, forbidden, thresholds
    case outlierCost = "outlier_cost"
  }

  /// Reads the object of a run.
  ///
  /// - Throws: `DecodingError` where a key is missing or of another kind.
  public init(from decoder: any Decoder) throws {
    var run = try ComparisonRun(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let pairs = try container.decodeIfPresent([[Int]].self, forKey: .pairs) ?? []
    let forbidden = try container.decodeIfPresent([[Int]].self, forKey: .forbidden) ?? []
    let price = try container.decodeIfPresent(Double.self, forKey: .outlierCost)
    let isBottleneck = container.contains(.thresholds)
    func fixed(_ name: String) -> String {
      ([name] + (pairs.isEmpty ? [] : ["\(pairs.count) fixed"])
        + (forbidden.isEmpty ? [] : ["\(forbidden.count) forbidden"])
        + (price.map { ["outliers at \(Wording.value($0))"] } ?? [])
        + (isBottleneck ? ["largest term"] : [])).joined(separator: ", ")
    }
    guard let metric = try container.decodeIfPresent(String.self, forKey: .metric) else {
      run.instance = fixed(run.instance)
      self.run = run
      identity = pairs.isEmpty && forbidden.isEmpty ? nil : "\(pairs)\(forbidden)"
      return
    }
    // The order of summation, which the seed decides, shows in the last digits.
    identity = try container.decodeIfPresent(Double.self, forKey: .constant).map {
      Wording.fixed($0, 6) + "\(pairs)\(forbidden)"
    }
    // Objectives in different metrics have nothing in common.
    var steps = ""
    if try container.decodeIfPresent(Bool.self, forKey: .standardize) == true {
      steps += ", standardized"
    }
    if try container.decodeIfPresent(Bool.self, forKey: .stretch) == true {
      steps += ", stretched"
    }
    run.instance = fixed(
      run.instance + ", \(metric)\(steps), n = \(run.size.map { "\($0)" } ?? "?")")
    let isMatched = try !container.decodeNil(forKey: .assignment)
    run.match = isMatched ? try RowMatch(from: decoder) : nil
    self.run = run
  }

  /// The runs of `all`, ready to be compared: runs under one name that are not of the same rows and
  /// pairs get different ones.
  public static func comparable(_ all: [TracedRun]) -> [ComparisonRun] {
    var identities: [String: [String]] = [:]
    return all.map { traced in
      var run = traced.run
      guard let identity = traced.identity else { return run }
      var seen = identities[run.instance] ?? []
      let place = seen.firstIndex(of: identity) ?? seen.count
      if place == seen.count { seen.append(identity) }
      identities[run.instance] = seen
      if place > 0 { run.instance += " (\(place + 1))" }
      return run
    }
  }

  /// The picture of the run, a whole SVG file: incumbent and bound over time as distances from the
  /// final objective, or from the final bound where there is none. Nil when nothing was traced.
  public func convergencePicture(style: PictureStyle = PictureStyle()) -> String? {
    guard let reference = run.objective ?? run.bound else { return nil }
    return ConvergenceChart(
      title: "\(run.instance), \(run.method)",
      lines: [.init(name: run.method, points: run.trace, end: run.seconds)], reference: reference,
      referenceName: run.objective == nil ? "final bound" : "final objective",
      isMaximized: run.isMaximized
    ).chart.map {
      style.framed(standalone(style.applied(to: $0).svg(id: "run")), scales: false)
    }
  }

  /// The match as a matrix, a whole SVG file. Nil when nothing was matched.
  public func matchPicture(style: PictureStyle = PictureStyle()) -> String? {
    guard let match else { return nil }
    return MatchPicture(
      title: "\(run.instance), \(run.method)", match: match, style: style
    ).svg(id: "match").map { style.framed(standalone($0)) }
  }
}

/// `svg` with the style that it needs outside of a page.
func standalone(_ svg: String) -> String {
  let style =
    "<style>svg{color:#1b1f24;background:#fff}\(SVG.style)"
    + "@media (prefers-color-scheme:dark){svg{color:#e6e6e6;background:#16181c;\(SVG.darkColors)}}"
    + "</style>"
  guard let end = svg.firstIndex(of: ">") else { return svg }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg[...end] + style
    + svg[svg.index(after: end)...] + "\n"
}
