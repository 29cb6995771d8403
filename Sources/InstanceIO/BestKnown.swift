#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Best known objectives, from the file best-known.csv that lies beside the instances or one folder
/// up.
///
/// Comma-separated lines under a header; the first column is the instance's name, the second its
/// number of facilities, the third its value.
public enum BestKnown {
  /// The record of one instance.
  public struct Entry: Equatable, Sendable {
    /// Its name.
    public let instance: String
    /// Its number of facilities, n, where the file has it.
    public let size: Int?
    /// The best objective known.
    public let value: Double
  }

  /// The lines of the `best-known.csv` nearest to an instance file, in their order; empty without
  /// one. Lines without a value are left out.
  public static func entries(near file: String) -> [Entry] {
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    for place in [folder, folder.deletingLastPathComponent()] {
      let path = place.appendingPathComponent("best-known.csv").path
      if let entries = try? entries(in: path) { return entries }
    }
    return []
  }

  /// The lines of a file, in their order. Lines without a value are left out.
  ///
  /// - Throws: `FileError` when the file cannot be read.
  public static func entries(in path: String) throws(FileError) -> [Entry] {
    let bytes = try FileAccess.read(path)
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).dropFirst()
      .compactMap { line in
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count >= 3, let value = Double(fields[2]), value.isFinite else { return nil }
        return Entry(instance: String(fields[0]), size: Int(fields[1]), value: value)
      }
  }

  /// The values by instance.
  public static func values(near file: String) -> [String: Double] {
    Dictionary(
      entries(near: file).map { ($0.instance, $0.value) }, uniquingKeysWith: { _, last in last })
  }
}
