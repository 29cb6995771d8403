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

  /// The rows `kept` of all versions, without the columns that `drop` leaves out.
  func selecting(_ kept: [Int], _ drop: DropOptions) throws -> AlignSide {
    var versions = versions
    var mean = mean
    if kept.count < mean.rows {
      versions = try versions.map { try $0.selecting(kept) }
      mean = try mean.selecting(kept)
    }
    if drop.dropConstantColumns {
      let columns = try mean.droppingConstantColumns()
      let names = mean.varyingColumns
      if columns.features < mean.features {
        versions = try versions.map { try $0.selecting(columns: names) }
        mean = columns
      }
    }
    return AlignSide(name: name, versions: versions, mean: mean)
  }

  private init(name: String, versions: [Embeddings], mean: Embeddings) {
    (self.name, self.versions, self.mean) = (name, versions, mean)
  }

  /// The mean of the first `count` versions, or of all there are.
  func average(_ count: Int) throws -> Embeddings {
    try Embeddings.average(Array(versions.prefix(count)))
  }
}
