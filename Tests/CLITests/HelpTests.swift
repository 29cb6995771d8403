import Foundation
import Testing

@Suite struct HelpTests {
  @Test func everyCommandAndTopicHasAPage() throws {
    let overview = try qap("help").output
    let names = overview.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("  "), !line.hasPrefix("   "), !line.hasPrefix("  -"),
        !line.hasPrefix("  See")
      else { return nil }
      return line.split(separator: " ").first.map(String.init)
    }
    for expected in ["solve", "compare", "help", "choosing", "status", "glossary"] {
      #expect(names.contains(expected), "\(expected)")
    }
    let manual = try qap("manual").output
    for name in names {
      let run = try qap("help", name)
      #expect(run.status == 0 && run.output.count > 80, "\(name)")
    }
    #expect(manual.hasPrefix(".TH QAP 1") && manual.contains(".SH \"QAP SOLVE\""))
    // What roff would take for a request or cannot read is escaped.
    #expect(manual.unicodeScalars.first { !$0.isASCII } == nil)
    #expect(manual.contains("WHICH METHOD WHEN"))
  }

  @Test func unknownSubjectsAreNamed() throws {
    let run = try qap("help", "nothing")
    #expect(run.status == 64 && run.errors.contains("found 'nothing'"))
  }
}
