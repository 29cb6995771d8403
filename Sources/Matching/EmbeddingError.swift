/// Embeddings, or labels and kernels of theirs, that a step cannot use.
///
/// Commands report it in one line and exit with 65.
public struct EmbeddingError: Error, Equatable, CustomStringConvertible {
  /// The embeddings as the caller named them, usually by their file.
  public let source: String
  /// The faulty content; rows and columns are numbered from 0.
  public let found: String
  /// The expected content.
  public let expected: String

  /// An error about `source`.
  public init(_ source: String, found: String, expected: String) {
    self.source = source
    self.found = found
    self.expected = expected
  }

  /// Rows of `source` that no kernel can tell apart.
  init(allAlike source: String) {
    self.init(source, found: "rows that are all equal", expected: "rows that differ")
  }

  /// `source: found X, expected Y`.
  public var description: String { "\(source): found \(found), expected \(expected)" }
}
