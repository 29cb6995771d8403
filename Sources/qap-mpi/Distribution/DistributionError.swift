import QAP

/// Why a job over several ranks cannot go on.
public enum DistributionError: Error, Equatable, CustomStringConvertible {
  /// A rank has said so: its words, and the exit status that they deserve.
  case failed(rank: Int, text: String, status: Int32)
  /// A rank has not been heard of.
  case silent(rank: Int, seconds: Int)
  /// A rank talks nonsense.
  case nonsense(rank: Int, text: String)

  public var description: String {
    switch self {
    case .failed(let rank, let text, _): "rank \(rank): \(text)"
    case .silent(let rank, let seconds):
      "rank \(rank) has been silent for \(seconds) s; its node may be lost"
    case .nonsense(let rank, let text): "rank \(rank) sent \(text)"
    }
  }
}
