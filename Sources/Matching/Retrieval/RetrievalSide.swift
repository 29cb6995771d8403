import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// Known pairs and the rows that ask or answer, on one side of a retrieval.
public struct RetrievalSide: Sendable {
  /// Rows whose partners are known, base row b of one side being paired with base row b of the
  /// other.
  public let base: Embeddings
  /// Rows whose partners are sought: queries on the source side, candidates on the target side.
  public let asked: Embeddings

  /// A side; both parts have the same features, which is checked. The base may be nil where a
  /// method needs none.
  ///
  /// - Throws: `InputError` when they differ.
  public init(base: Embeddings?, asked: Embeddings) throws(InputError) {
    if let base, base.features != asked.features {
      throw InputError(
        base.name, found: "\(base.features) features",
        expected: "\(asked.features), as in \(asked.name)")
    }
    self.base = base ?? asked
    self.asked = asked
  }

  /// The side with the mean of its known rows taken off all rows.
  func centered() throws(InputError) -> RetrievalSide {
    let mean = RidgeDesign.means(base.values, Array(0..<base.rows))
    return try RetrievalSide(
      base: base.mapped { $2 - mean[$1] }, asked: asked.mapped { $2 - mean[$1] })
  }
}
