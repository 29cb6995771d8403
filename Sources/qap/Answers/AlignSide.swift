import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// One file of `qap align`, in all its versions.
struct AlignSide {
  let name: String
  let versions: [Embeddings]
  /// The mean of all versions.
  let mean: Embeddings

  init(_ path: String) throws {
    name = path
    versions = try EmbeddingFile.read(path).map { try Embeddings($0, name: path) }
    mean = versions.count == 1 ? versions[0] : try Embeddings.average(versions)
  }

  /// The mean of the first `count` versions, or of all there are.
  func average(_ count: Int) throws -> Embeddings {
    try Embeddings.average(Array(versions.prefix(count)))
  }
}
