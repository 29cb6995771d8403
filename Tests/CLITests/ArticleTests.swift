import Foundation
import QAPRegistry
import Testing

@testable import qap

/// The documentation against what it speaks of: frames, code and figures' places.
@Suite struct ArticleTests {
  private static let catalog = packageRoot.appendingPathComponent("Sources/QAPKit/QAPKit.docc")

  private static func articles() throws -> [(name: String, text: String)] {
    let names = try #require(FileManager.default.subpaths(atPath: catalog.path))
    return try names.filter { $0.hasSuffix(".md") }.sorted().map {
      ($0, try String(contentsOf: catalog.appendingPathComponent($0), encoding: .utf8))
    }
  }

  @Test func everyMethodHasAGuideAndAnArticle() throws {
    for registered in MethodRegistry.methods {
      let id = registered.info.id
      let documentation = try #require(registered.documentation, "\(id): no documentation")
      for part in documentation.parts {
        #expect(part.text.count > 40 && part.text.hasSuffix("."), "\(id): \(part.heading)")
        #expect(!part.text.contains("  ") && !part.text.contains("\n"), "\(id): \(part.heading)")
      }
      #expect(
        documentation.example.hasPrefix("qap ")
          && (id == "auto" || documentation.example.contains(id)))
      let path = Self.catalog.appendingPathComponent("Methods/Method-\(id).md").path
      #expect(FileManager.default.fileExists(atPath: path), "\(id): no article")
    }
    let known = Set(MethodRegistry.methods.map(\.info.id))
    for (name, text) in try Self.articles() where name.hasPrefix("Methods/Method-") {
      let id = String(name.dropFirst("Methods/Method-".count).dropLast(3))
      #expect(known.contains(id) && text.contains("<!-- begin \(id) -->"), "\(name): no method")
    }
  }

  /// `qap manual --articles Sources/QAPKit/QAPKit.docc` mends this.
  @Test func framesAreFilled() throws {
    for (name, text) in try Self.articles() {
      #expect(try Articles.filled(text, file: name) == text, "\(name) is out of date")
    }
    #expect(throws: (any Error).self) {
      try Articles.filled("<!-- begin nothing -->\n<!-- end nothing -->", file: "x")
    }
    #expect(throws: (any Error).self) { try Articles.filled("<!-- begin auto -->", file: "x") }
  }

  @Test func figuresHaveTheirTables() throws {
    let benchmarks = try String(
      contentsOf: packageRoot.appendingPathComponent("BENCHMARKS.md"), encoding: .utf8)
    let headings = Set(
      benchmarks.split(separator: "\n").filter { $0.hasPrefix("#") }.map {
        $0.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
      })
    for choice in Choice.all {
      if let heading = choice.benchmark { #expect(headings.contains(heading), "\(heading)") }
    }
  }

  /// Every block of Swift in the articles and the README stands, line by line, in a file that is
  /// compiled.
  @Test func codeIsCompiled() throws {
    let examples = packageRoot.appendingPathComponent("Examples")
    let sources = try #require(FileManager.default.subpaths(atPath: examples.path))
      .filter { $0.hasSuffix(".swift") && !$0.hasSuffix("Package.swift") }.map {
        try String(contentsOf: examples.appendingPathComponent($0), encoding: .utf8)
          .components(separatedBy: "\n")
      }
    var pages = try Self.articles()
    pages.append(
      (
        "README.md",
        try String(contentsOf: packageRoot.appendingPathComponent("README.md"), encoding: .utf8)
      ))
    var count = 0
    for (name, text) in pages {
      for block in Self.swiftBlocks(text) {
        count += 1
        let code = block.filter { !$0.hasPrefix("import ") }.trimmed
        #expect(
          sources.contains { Self.stands(code, in: $0) },
          "\(name): not in Examples: \(code.first ?? "")")
      }
    }
    #expect(count > 25)
  }

  private static func swiftBlocks(_ text: String) -> [[String]] {
    var blocks: [[String]] = []
    var block: [String]?
    for line in text.components(separatedBy: "\n") {
      if let open = block {
        if line == "```" { blocks.append(open) }
        block = line == "```" ? nil : open + [line]
      } else if line == "```swift" {
        block = []
      }
    }
    return blocks
  }

  /// True when `code` is a run of lines of `source`, all indented by as much more.
  private static func stands(_ code: [String], in source: [String]) -> Bool {
    guard let first = code.first, source.count >= code.count else { return false }
    return (0...source.count - code.count).contains { start in
      guard source[start].hasSuffix(first) else { return false }
      let indent = String(source[start].dropLast(first.count))
      guard indent.allSatisfy({ $0 == " " }) else { return false }
      return code.indices.allSatisfy {
        source[start + $0] == (code[$0].isEmpty ? "" : indent + code[$0])
      }
    }
  }
}

extension [String] {
  /// Without empty lines at either end.
  fileprivate var trimmed: [String] {
    Array(drop(while: \.isEmpty).reversed().drop(while: \.isEmpty).reversed())
  }
}
