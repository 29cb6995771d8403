/// Keeps the state of a search outside the process.
public protocol CheckpointStore: Sendable {
  /// The state that was saved for `instance`; nil when there is none, an error when there is one
  /// that cannot be read or belongs to another instance.
  func load(_ instance: Instance) throws -> SearchState?

  /// Saves `state`; a crash in the middle leaves the earlier file.
  ///
  /// - Throws: when the state cannot be kept, which ends the run.
  func save(_ state: SearchState, _ instance: Instance) throws
}
