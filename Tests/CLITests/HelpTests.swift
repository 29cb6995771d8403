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
    for expected in ["solve", "compare", "help", "which-method", "status", "glossary", "rlt1"] {
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
    #expect(manual.contains("RECOMMENDED METHODS") && manual.contains("METHOD HAHN-GRANT"))
    #expect(manual.contains("Gromov"))
  }

  @Test func termsAreExplained() throws {
    #expect(try qap("help", "gap").output.hasPrefix("gap: the difference"))
    #expect(try qap("help", "open", "node").output.hasPrefix("open node: "))
    #expect(try qap("help", "bound").output.hasPrefix("OVERVIEW"))
  }

  @Test func topicsKeepTheirOldNames() throws {
    #expect(try qap("help", "choosing").output == qap("help", "which-method").output)
  }

  @Test func methodsHavePages() throws {
    let page = try qap("help", "dnn").output
    for word in ["IDEA", "GUARANTEE", "COST", "WHEN TO USE IT", "EXAMPLE", "INFORMS"] {
      #expect(page.contains(word), "\(word)")
    }
    #expect(page.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func metricsAndMeasuresHavePages() throws {
    let listed = try qap("help").output.components(separatedBy: "METRICS AND MEASURES").last ?? ""
    for name in [
      "gw", "cka", "cka-rbf", "cka-debiased", "cka-one-sided", "knn:10", "knn", "inner", "kl",
      "correlation", "mutual-knn", "cknna", "cycle-knn:5", "rsa", "rsa-spearman", "pearson",
      "svcca", "procrustes", "linear-predictivity",
    ] {
      let run = try qap("help", name)
      #expect(run.status == 0 && run.output.contains("EXAMPLE"), "\(name)")
      #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(name)")
      #expect(listed.contains(name.prefix { $0 != ":" }), "\(name)")
    }
    #expect(try qap("help", "knn:x").status == 64)
  }

  @Test func unknownSubjectsAreNamed() throws {
    let run = try qap("help", "nothing")
    #expect(run.status == 64 && run.errors.contains("no command, method or topic 'nothing'"))
  }
}
