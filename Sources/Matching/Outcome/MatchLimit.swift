/// The cause of wrong pairs in a match whose true pairing is known.
public enum MatchLimit: String, Encodable, Sendable {
  /// The match found is at least as good as the true pairing: more search cannot help.
  case metric
  /// The true pairing is better than the match found: more search can help.
  case search
  /// Every pair is right.
  case nothing = "none"

  /// The meaning in one sentence.
  public var sentence: String {
    switch self {
    case .metric:
      "the match found is at least as good, so the metric limits the accuracy, not the search"
    case .search:
      "the true pairing is better than the match found, so a longer search can help"
    case .nothing: "every pair is right"
    }
  }

  /// The cause, from both objectives, the accuracy, and the size of constants in the objectives.
  init(
    objective: Double, truth: Double, accuracy: Double, scale: Double = 0, isMaximized: Bool
  ) {
    // Sums over the same terms: their rounding must not look like a difference.
    let tolerance = 1e-9 * max(abs(objective), abs(truth), scale)
    let gain = isMaximized ? truth - objective : objective - truth
    self = accuracy == 1 ? .nothing : gain > tolerance ? .search : .metric
  }
}
