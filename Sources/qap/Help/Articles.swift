import Foundation
import QAP
import QAPInstanceIO
import QAPRegistry

/// The parts of the documentation's articles that have the same source as `qap help`: frames
/// between the lines `<!-- begin NAME -->` and `<!-- end NAME -->`.
enum Articles {
  /// The content of the frame called `name`; nil when there is no such frame.
  static func frame(_ name: String) -> String? {
    switch name {
    case "glossary":
      return Glossary.terms.map { "- term \($0.word): \($0.meaning)." }.joined(separator: "\n")
    case "which-method":
      let rows = Choice.all.map { choice in
        let source = choice.benchmark.map { " *(\($0))*" } ?? ""
        return "| \(choice.situation) | `\(choice.command)` | \(choice.expectation)\(source) |"
      }
      return "| goal | command | expected result |\n| --- | --- | --- |\n"
        + rows.joined(separator: "\n")
    default:
      return MethodPage(name)?.frame
    }
  }

  /// `article` with its frames filled.
  ///
  /// - Throws: `InputError` for a frame that has no end, or no source.
  static func filled(_ article: String, file: String) throws(InputError) -> String {
    var result: [String] = []
    var open: String?
    for (number, line) in article.components(separatedBy: "\n").enumerated() {
      if let name = open {
        guard line == "<!-- end \(name) -->" else { continue }
        open = nil
      } else if line.hasPrefix("<!-- begin "), line.hasSuffix(" -->") {
        let name = String(line.dropFirst("<!-- begin ".count).dropLast(" -->".count))
        guard let frame = frame(name) else {
          throw InputError(
            file, line: number + 1, column: 1, found: "a frame '\(name)'",
            expected: "the id of a method, glossary or which-method")
        }
        open = name
        result.append(line)
        result.append(frame)
        continue
      }
      result.append(line)
    }
    if let open {
      throw InputError(file, found: "a frame '\(open)' without end", expected: "its end")
    }
    return result.joined(separator: "\n")
  }

  /// Fills the frames of all articles below `folder`, and returns the names of those that changed.
  static func fill(_ folder: String) throws -> [String] {
    let names = (FileManager.default.subpaths(atPath: folder) ?? []).filter { $0.hasSuffix(".md") }
    guard !names.isEmpty else {
      throw InputError(folder, found: "no article", expected: "files ending in .md")
    }
    return try names.sorted().filter { name in
      let path = folder + "/" + name
      let old = try FileAccess.read(path)
      let new = Array(try filled(String(decoding: old, as: UTF8.self), file: path).utf8)
      if new != old { try FileAccess.write(new, to: path) }
      return new != old
    }
  }
}
