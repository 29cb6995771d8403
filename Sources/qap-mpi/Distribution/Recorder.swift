import QAPInstanceIO

/// Collects what a search does and writes it to a file now and then.
public final class Recorder: @unchecked Sendable {
  private let path: String
  private var recording: SubtreeRecording

  /// A recorder that only the thread of rank 0 may use.
  public init(path: String, instance: String) {
    self.path = path
    recording = SubtreeRecording(instance: instance, secondsPerReport: 0, subtrees: [])
  }

  func add(_ record: SubtreeRecord) { recording.subtrees.append(record) }

  func flush(reports: Int, coordinationSeconds: Double) throws {
    recording.secondsPerReport = coordinationSeconds / Double(max(1, reports))
    try FileAccess.write(Array(recording.text.utf8), to: path)
  }
}
