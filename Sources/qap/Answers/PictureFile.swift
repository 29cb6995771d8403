import Foundation
import QAPFrontend
import QAPInstanceIO
import QAPReporting

/// Files of pictures: SVG as it is drawn, PNG and PDF through the converter `rsvg-convert`.
enum PictureFile {
  /// The formats by the ends of file names.
  static let formats = ["svg", "png", "pdf"]

  /// The format that a path asks for; "-" is SVG on standard output.
  ///
  /// - Throws: `Failure.usage` for another ending.
  static func format(_ path: String) throws -> String {
    if path == "-" || path.hasPrefix("/dev/") { return "svg" }
    let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
    guard formats.contains(ending) else {
      throw Failure.usage(
        "--output: '\(path)' is no picture; give a name that ends in .svg, .png or .pdf")
    }
    return ending
  }

  /// Writes `svg` to `path` in the format of its ending.
  ///
  /// - Throws: `Failure.output` when the converter is missing or fails.
  static func write(_ svg: String, to path: String) throws {
    let format = try format(path)
    guard format != "svg" else { return try writeOutput(Data(svg.utf8), to: path) }
    let folder = FileManager.default.temporaryDirectory
    let (from, to) = (
      folder.appendingPathComponent("qap-\(UUID().uuidString).svg"),
      folder.appendingPathComponent("qap-\(UUID().uuidString).\(format)")
    )
    defer {
      try? FileManager.default.removeItem(at: from)
      try? FileManager.default.removeItem(at: to)
    }
    try Data(PictureStyle.plain(svg).utf8).write(to: from)
    let converter = Process()
    converter.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    converter.arguments = [
      "rsvg-convert", "--format", format, "--zoom", format == "png" ? "2" : "1", "--output",
      to.path, from.path,
    ]
    converter.standardError = FileHandle.nullDevice
    try converter.run()
    converter.waitUntilExit()
    guard converter.terminationStatus == 0, let data = try? Data(contentsOf: to) else {
      throw Failure.output(
        "\(path): not written; .\(format) needs the program rsvg-convert (package librsvg2-bin); "
          + "a name that ends in .svg needs nothing")
    }
    try FileAccess.write([UInt8](data), to: path)
  }
}
