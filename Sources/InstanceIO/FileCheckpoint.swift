import QAP
import QAPPrimitives

/// Keeps a search in a file, which is replaced as a whole.
public struct FileCheckpoint: CheckpointStore {
  /// Where.
  public let path: String

  /// A store in the file at `path`, which need not be there yet.
  public init(path: String) { self.path = path }

  public func load(_ instance: Instance) throws -> SearchState? {
    let bytes: [UInt8]
    do {
      bytes = try FileAccess.read(path)
    } catch let error where error.kind == .missing {
      return nil
    }
    return try CheckpointFile.parse(bytes, file: path, instance: instance)
  }

  public func save(_ state: SearchState, _ instance: Instance) throws {
    try FileAccess.write(CheckpointFile.format(state, of: instance), to: path)
  }
}
