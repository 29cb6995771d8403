import Foundation

/// The path of a bundled file.
func bundled(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Instances/\(name)").path
}

/// A path for a file that a test writes.
func temporary(_ name: String) -> String {
  FileManager.default.temporaryDirectory.appendingPathComponent(
    "\(UUID().uuidString)-\(name)"
  ).path
}
