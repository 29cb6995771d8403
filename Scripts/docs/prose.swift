// Checks what people read: lines of at most 100 columns, summaries of doc comments that name the
// thing, the words that CONTRIBUTING.md asks to avoid, and American spelling.
//
//     git ls-files | prose EXCEPTIONS [--list]
//
// Words are looked for in the string literals and doc comments of Sources and Solvers, in Markdown
// outside of code, and line lengths in all Swift and C sources and in comments of Python and make.
// A line of EXCEPTIONS is "PATH: TEXT" and allows every finding in lines of PATH that contain TEXT;
// an exception that allows nothing is a finding itself.
import Foundation

/// A fault in one line of one file.
struct Finding {
  let path: String
  let line: Int
  let fault: String
  let text: String
}

/// A pattern to avoid, and what to write instead.
struct Rule {
  let pattern: NSRegularExpression
  let advice: String

  init(_ pattern: String, _ advice: String) {
    self.pattern = try! NSRegularExpression(pattern: pattern)
    self.advice = advice
  }

  /// The first match in `text`.
  func match(in text: String) -> String? {
    let range = NSRange(text.startIndex..., in: text)
    guard let match = pattern.firstMatch(in: text, range: range) else { return nil }
    return Range(match.range, in: text).map { String(text[$0]) }
  }
}

/// Words that usually mean that a sentence must be recast.
let words: [Rule] = [
  Rule(
    #"\b[Ww]hat (is|are|was|were|has|have|had|does|do|did|makes|gives|can|could|will|would|"#
      + #"remains|stands|lies|comes|goes|takes|needs|costs|holds|follows|counts)\b"#,
    "name the noun"),
  Rule(#"\b[Ww]hoever\b"#, "say who"),
  Rule(#"\b[Nn]obody\b"#, "name the actor"),
  Rule(#"\b[Aa]new\b"#, "again"),
  Rule(#"\b[Tt]old\b"#, "given, reported"),
  Rule(#"\b(is|are|was|were|be) held\b|\bheld (by|in|at)\b"#, "stored, kept, contains"),
  Rule(#"\b(taken|take|takes) up\b"#, "resume, continue"),
  Rule(#"\b(broken|break|breaks) off\b"#, "stop"),
  Rule(#"\bso many\b"#, "the number"),
  Rule(#"\bof (its|their|one's) own\b"#, "separate, or leave it out"),
  Rule(#"\bat once\b"#, "immediately, simultaneously"),
  Rule(#"\b[Nn]o more\b(?! than)"#, "no longer, at most"),
  Rule(#"\b[Bb]esides\b"#, "also, other than"),
  Rule(#"\b[Aa]s a rule\b"#, "usually"),
  Rule(#"\b[Hh]ardly\b"#, "almost no"),
  Rule(#"(?<!there )\bis none\b"#, "say what is missing"),
  Rule(#"\b(turn|turns|turned|turning) round\b"#, "reverse, maximize"),
  Rule(#"\b(let|lets) there be\b"#, "allow"),
]

/// British spellings.
let spelling: Rule = {
  let stems =
    "normali|maximi|minimi|optimi|initiali|speciali|factori|standardi|symmetri|organi|recogni|"
    + "summari|generali|reali|locali|vectori|parenthesi|penali|emphasi|randomi|seriali|stabili|"
    + "equali|regulari|utili|capitali|diagonali|linear?i|quanti|analy"
  let words =
    "centre|centred|centres|centring|colour|colours|coloured|neighbour|neighbours|neighbouring|"
    + "behaviour|favour|honour|catalogue|grey|licence|labelled|labelling|relabelling|modelled|"
    + "travelled|cancelled|fulfil|artefact|judgement|programme"
  return Rule(
    "(?i)\\b(\\w*(\(stems))s(e|ed|es|ing|ation|ations|er|ers)|\\w*(\(words)))\\b",
    "American spelling")
}()

/// Where words of prose start and end in a Swift file.
struct SwiftText {
  /// String literals without interpolations and doc comments, by line number from 0.
  var prose: [(line: Int, text: String)] = []

  init(_ lines: [String]) {
    var inBlock = false
    for (number, line) in lines.enumerated() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      if inBlock {
        if trimmed.hasPrefix("\"\"\"") { inBlock = false } else { add(number, trimmed) }
        continue
      }
      if trimmed.hasPrefix("///") {
        add(number, String(trimmed.dropFirst(3)))
      } else if !trimmed.hasPrefix("//") {
        inBlock = scan(line, number)
      }
    }
  }

  private mutating func add(_ line: Int, _ text: String) {
    let plain = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined(separator: "`")
    prose.append((line, Self.withoutInterpolations(plain)))
  }

  /// The literals of a line of code; true when a block of text begins at its end.
  private mutating func scan(_ line: String, _ number: Int) -> Bool {
    let characters = Array(line)
    var at = 0
    while at < characters.count {
      if characters[at] == "/", at + 1 < characters.count, characters[at + 1] == "/" {
        return false
      }
      guard characters[at] == "\"" else {
        at += 1
        continue
      }
      if at + 2 < characters.count, characters[at + 1] == "\"", characters[at + 2] == "\"" {
        return true
      }
      var end = at + 1
      var depth = 0
      while end < characters.count {
        if characters[end] == "\\", end + 1 < characters.count {
          if characters[end + 1] == "(" { depth += 1 }
          end += 2
          continue
        }
        if depth > 0 {
          if characters[end] == "(" { depth += 1 }
          if characters[end] == ")" { depth -= 1 }
        } else if characters[end] == "\"" {
          break
        }
        end += 1
      }
      add(number, String(characters[(at + 1)..<min(end, characters.count)]))
      at = end + 1
    }
    return false
  }

  static func withoutInterpolations(_ text: String) -> String {
    guard text.contains("\\(") else { return text }
    var result = ""
    var depth = 0
    var previous: Character = " "
    for character in text {
      if depth > 0 {
        if character == "(" { depth += 1 }
        if character == ")" { depth -= 1 }
      } else if character == "(", previous == "\\" {
        depth = 1
        result.removeLast()
      } else {
        result.append(character)
      }
      previous = character
    }
    return result
  }
}

/// The prose of a Markdown page: everything outside of code.
func markdownProse(_ lines: [String]) -> [(line: Int, text: String)] {
  var inFence = false
  var result: [(line: Int, text: String)] = []
  for (number, line) in lines.enumerated() {
    if line.hasPrefix("```") {
      inFence.toggle()
      continue
    }
    guard !inFence, !line.hasPrefix("    "), !line.hasPrefix("[") else { continue }
    let plain = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined(separator: "`")
    result.append((number, plain))
  }
  return result
}

func check(_ path: String) -> [Finding] {
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
  let lines = text.components(separatedBy: "\n")
  var findings: [Finding] = []
  func find(_ line: Int, _ fault: String) {
    findings.append(Finding(path: path, line: line + 1, fault: fault, text: lines[line]))
  }
  let isSwift = path.hasSuffix(".swift")
  if isSwift || path.hasSuffix(".h") {
    for (number, line) in lines.enumerated() where line.count > 100 {
      find(number, "\(line.count) columns")
    }
  }
  if path == "Makefile" || path.hasSuffix(".py") {
    for (number, line) in lines.enumerated() where line.count > 100 {
      guard line.trimmingCharacters(in: .whitespaces).hasPrefix("#") else { continue }
      find(number, "\(line.count) columns")
    }
  }
  var prose: [(line: Int, text: String)] = []
  if isSwift, path.hasPrefix("Sources/") || path.hasPrefix("Solvers/") {
    prose = SwiftText(lines).prose
    for (number, line) in lines.enumerated() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      guard trimmed.hasPrefix("/// What ") || trimmed.hasPrefix("/// How ") else { continue }
      let before = number == 0 ? "" : lines[number - 1].trimmingCharacters(in: .whitespaces)
      if !before.hasPrefix("///") { find(number, "the summary names no thing") }
    }
  } else if path.hasSuffix(".md") {
    prose = markdownProse(lines)
  }
  for (number, text) in prose {
    for rule in words + [spelling] {
      if let match = rule.match(in: text) { find(number, "\"\(match)\": \(rule.advice)") }
    }
  }
  return findings
}

let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
  print("usage: git ls-files | prose EXCEPTIONS [--list]")
  exit(64)
}
let listsAll = arguments.contains("--list")
var exceptions: [(path: String, text: String, isUsed: Bool)] = []
for line in (try? String(contentsOfFile: arguments[1], encoding: .utf8))?
  .components(separatedBy: "\n") ?? []
where !line.hasPrefix("#") {
  guard let colon = line.range(of: ": ") else { continue }
  exceptions.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...]), false))
}

var count = 0
while let path = readLine() {
  for finding in check(path) {
    if !listsAll,
      let index = exceptions.firstIndex(where: {
        $0.path == path && finding.text.contains($0.text)
      })
    {
      exceptions[index].isUsed = true
      continue
    }
    count += 1
    print("\(finding.path):\(finding.line): \(finding.fault)")
  }
}
if !listsAll {
  for exception in exceptions where !exception.isUsed {
    count += 1
    print("\(arguments[1]): no finding for \"\(exception.path): \(exception.text)\"")
  }
}
print("\(count) findings")
exit(count == 0 ? 0 : 1)
