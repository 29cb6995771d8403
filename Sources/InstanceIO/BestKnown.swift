import Foundation

/// Best known objectives, from the file best-known.csv that lies beside the instances or one folder up.
///
/// Comma-separated lines under a header; the first column is the instance's name, the third its value.
public enum BestKnown {
  /// The values by instance in the `best-known.csv` nearest to an instance file; empty without one.
  public static func values(near file: String) -> [String: Double] {
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    for place in [folder, folder.deletingLastPathComponent()] {
      let path = place.appendingPathComponent("best-known.csv").path
      guard let bytes = try? FileAccess.read(path) else { continue }
      var values: [String: Double] = [:]
      for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        .dropFirst()
      {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count >= 3, let value = Double(fields[2]), value.isFinite else { continue }
        values[String(fields[0])] = value
      }
      return values
    }
    return [:]
  }
}
