import QAP
import QAPInstanceIO

/// All runs of a search, as a simulation needs them. As text:
///
///     QAPKIT-SUBTREES 1
///     instance NAME
///     lead 0.000034               processor seconds of rank 0 a report
///     0 -1 0 1086 20 0.0012       number, parent, depth, bound, nodes, seconds of each
///     …
///     end
public struct SubtreeRecording: Equatable, Sendable {
  public var instance: String
  /// Processor seconds that rank 0 spends on a report.
  public var secondsPerReport: Double
  public var subtrees: [SubtreeRecord]

  public init(instance: String, secondsPerReport: Double, subtrees: [SubtreeRecord]) {
    self.instance = instance
    self.secondsPerReport = secondsPerReport
    self.subtrees = subtrees
  }

  private static let magic = "QAPKIT-SUBTREES 1"

  /// The recording as text.
  public var text: String {
    var lines = [
      Self.magic,
      "instance \(instance.map { $0.isNewline ? " " : $0 }.reduce("") { "\($0)\($1)" })",
      "lead \(secondsPerReport)",
    ]
    for one in subtrees {
      lines.append(
        "\(one.id) \(one.parent) \(one.depth) \(one.bound) \(one.nodes) \(one.seconds)")
    }
    return (lines + ["end", ""]).joined(separator: "\n")
  }

  /// Reads the contents of `file`; throws `InputError` when they are no recording, or not a whole
  /// one.
  public init(_ text: String, file: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    func fault(_ line: Int, _ expected: String) -> InputError {
      InputError(
        file, line: line + 1, column: 1,
        found: line < lines.count ? "'\(lines[line].prefix(40))'" : "the end", expected: expected)
    }
    guard lines.first.map(String.init) == Self.magic else { throw fault(0, Self.magic) }
    guard lines.count > 2, lines[1].hasPrefix("instance ") else { throw fault(1, "instance NAME") }
    instance = String(lines[1].dropFirst("instance ".count))
    guard lines[2].hasPrefix("lead "), let lead = Double(lines[2].dropFirst(5)), lead >= 0 else {
      throw fault(2, "lead SECONDS")
    }
    secondsPerReport = lead
    var found: [SubtreeRecord] = []
    var known: Set<Int> = []
    var line = 3
    while line < lines.count, lines[line] != "end" {
      let words = lines[line].split(separator: " ")
      guard words.count == 6, let id = Int(words[0]), let parent = Int(words[1]),
        let depth = Int(words[2]), (0...10_000).contains(depth), let bound = Double(words[3]),
        let nodes = Int(words[4]), nodes >= 0, let seconds = Double(words[5]), seconds >= 0,
        seconds.isFinite, known.insert(id).inserted, parent == -1 || known.contains(parent)
      else {
        throw fault(line, "number, parent, depth, bound, nodes, seconds; parents before children")
      }
      found.append(
        SubtreeRecord(
          id: id, parent: parent, depth: depth, bound: bound, nodes: nodes, seconds: seconds))
      line += 1
    }
    guard line < lines.count else { throw fault(line, "end") }
    subtrees = found
  }
}
