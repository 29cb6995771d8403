import Foundation

/// A table of BENCHMARKS.md: the program fills the text between its two markers.
struct MarkdownTable {
  /// The name in the markers: `<!-- begin NAME -->` and `<!-- end NAME -->`.
  let name: String
  let header: [String]
  var rows: [[String]] = []
  /// The command that makes the table, stated beneath it.
  let command: String

  /// The table in Markdown; numbers to the right, the first column to the left.
  var text: String {
    let rule = header.indices.map { $0 == 0 ? "---" : "---:" }
    let lines = ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    return lines.joined(separator: "\n") + "\n\n`\(command)`"
  }

  /// Prints the table, and replaces the one in `file` when that has its markers.
  func publish(in file: String?) throws {
    print("\n\(text)\n")
    guard let file else { return }
    let url = URL(fileURLWithPath: file)
    let page = try String(contentsOf: url, encoding: .utf8)
    let (begin, end) = ("<!-- begin \(name) -->", "<!-- end \(name) -->")
    guard let from = page.range(of: begin), let to = page.range(of: end),
      from.upperBound <= to.lowerBound
    else {
      throw MeasurementError(description: "\(file): no markers `\(begin)` … `\(end)`")
    }
    let filled =
      page[..<from.upperBound] + "\n" + text + "\n" + page[to.lowerBound...]
    try filled.write(to: url, atomically: true, encoding: .utf8)
  }
}

/// `value` with a fixed number of decimals.
func decimals(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// `value` to three significant digits or so, for times.
func short(_ value: Double) -> String {
  value >= 100
    ? decimals(value, 0) : value >= 10 ? decimals(value, 1) : String(format: "%.3g", value)
}

/// Bytes in mebibytes.
func mebibytes(_ bytes: Int) -> String { "\(Int((Double(bytes) / 1_048_576).rounded(.up)))" }
