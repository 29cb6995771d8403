// Lists the public symbols that have no documentation comment, and those that throw without saying
// what and when, and fails when there are any.
//
//     swift Scripts/docs/undocumented.swift GRAPHS SOURCES…
//
// GRAPHS is a folder of symbol graphs, as `swift symbolgraph-extract` writes them. Symbols count
// when they are declared below one of the folders SOURCES and somebody wrote them: what the
// compiler makes up (memberwise conformances, `==` of an Equatable) and what a conformance inherits
// does not.
import Foundation

struct Graph: Decodable {
  struct Symbol: Decodable {
    struct Identifier: Decodable { let precise: String }
    struct Kind: Decodable { let identifier: String }
    struct Fragment: Decodable { let spelling: String }
    struct Comment: Decodable {
      struct Line: Decodable { let text: String }
      let lines: [Line]
    }
    struct Location: Decodable {
      struct Position: Decodable {
        let line: Int
        let character: Int
      }
      let uri: String
      let position: Position
    }
    let identifier: Identifier
    let kind: Kind
    let pathComponents: [String]
    let docComment: Comment?
    let declarationFragments: [Fragment]?
    let location: Location?
  }
  let symbols: [Symbol]
}

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(1)
}

let arguments = CommandLine.arguments.dropFirst()
guard let folder = arguments.first, arguments.count > 1 else {
  fail("usage: undocumented.swift GRAPHS SOURCES…")
}
let roots = arguments.dropFirst().map { URL(fileURLWithPath: $0).standardizedFileURL.path + "/" }
let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
  .filter { $0.hasSuffix(".symbols.json") }.sorted()
if files.isEmpty { fail("\(folder): found no symbol graph") }

var seen: Set<String> = []
var count = 0
var missing: [(path: String, line: Int, fault: String)] = []
for file in files {
  guard let data = FileManager.default.contents(atPath: folder + "/" + file),
    let graph = try? JSONDecoder().decode(Graph.self, from: data)
  else { fail("\(file): no symbol graph") }
  for symbol in graph.symbols where seen.insert(symbol.identifier.precise).inserted {
    guard let location = symbol.location, !symbol.identifier.precise.contains("::SYNTHESIZED::")
    else { continue }
    let path = URL(string: location.uri)?.standardizedFileURL.path ?? location.uri
    guard let root = roots.first(where: { path.hasPrefix($0) }) else { continue }
    count += 1
    let text = symbol.docComment?.lines.map(\.text).joined() ?? ""
    let isMissing = text.allSatisfy(\.isWhitespace)
    let doesThrow = (symbol.declarationFragments ?? []).contains { $0.spelling.contains("throws") }
    let saysSo = text.contains("hrows") || text.contains("error")
    guard isMissing || doesThrow && !saysSo else { continue }
    let short = URL(fileURLWithPath: root).lastPathComponent + "/" + path.dropFirst(root.count)
    missing.append(
      (
        short, location.position.line + 1,
        symbol.pathComponents.joined(separator: ".")
          + (isMissing ? " is not documented" : " throws, and does not say when")
      ))
  }
}
if count == 0 { fail("\(folder): no symbol is declared below \(roots.joined(separator: ", "))") }
for (path, line, fault) in missing.sorted(by: { ($0.path, $0.line) < ($1.path, $1.line) }) {
  print("\(path):\(line): \(fault)")
}
print("\(count) public symbols, \(missing.count) without documentation")
exit(missing.isEmpty ? 0 : 1)
