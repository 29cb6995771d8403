import QAP

/// Rows that are known to belong together: row i of one side to row i of the other.
public struct TranslationPairs: Sendable {
  /// Rows of the source's space.
  public let source: Embeddings
  /// Their partners in the target's space.
  public let target: Embeddings

  /// Throws `InputError` when the numbers of rows differ.
  public init(source: Embeddings, target: Embeddings) throws(InputError) {
    guard source.rows == target.rows else {
      throw InputError(
        target.name, found: "\(target.rows) rows",
        expected: "\(source.rows), one for each row of \(source.name)")
    }
    self.source = source
    self.target = target
  }
}
