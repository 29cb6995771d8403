import Foundation
import Testing

/// Subset selection as a user meets it.
@Suite struct SubsetTests {
  /// Ten items: losses of a small integer pattern, asymmetric, with a diagonal.
  private func cost(_ i: Int, _ j: Int) -> Double {
    let pattern: Int = (7 * i + 3 * j + i * j) % 11
    return Double(pattern) + (i == j ? 2.5 : 0)
  }

  private func objective(_ items: [Int]) -> Double {
    var sum = 0.0
    for i in items {
      for j in items { sum += cost(i, j) }
    }
    return sum
  }

  /// All objectives of subsets of `size` of the ten items, ascending.
  private func objectives(_ size: Int) -> [Double] {
    let subsets: [[Int]] = (0..<1024).map { mask in (0..<10).filter { (mask >> $0) & 1 == 1 } }
    return subsets.filter { $0.count == size }.map { objective($0) }.sorted()
  }

  /// A matrix as a NumPy file.
  private func npy(
    _ path: String, rows: Int, columns: Int, _ element: (Int, Int) -> Double
  ) throws {
    var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
    data += Data(header.utf8)
    for i in 0..<rows {
      for j in 0..<columns {
        var bits = element(i, j).bitPattern.littleEndian
        for _ in 0..<8 {
          data.append(UInt8(truncatingIfNeeded: bits))
          bits >>= 8
        }
      }
    }
    try data.write(to: URL(fileURLWithPath: path))
  }

  private func embedding(_ name: String) -> String {
    packageRoot.appendingPathComponent("Instances/embeddings/\(name)").path
  }

  @Test func findsTheBestAndSaysSoInJSON() throws {
    try withFolder { folder in
      let path = folder + "/cost.npy"
      try npy(path, rows: 10, columns: 10, cost)
      let run = try qap("subset", path, "--size", "4", "--best", "3", "--json", "-")
      #expect(run.status == 0)
      let object = try run.object()
      #expect(
        Set(object.keys) == [
          "command", "inputs",
          "instance", "items", "size", "method", "metric", "seed", "threads", "sense", "indices",
          "objective", "bound", "bound_unrounded", "bound_of_others", "complete", "gap",
          "termination", "seconds", "moves", "iterations", "nodes", "certificate", "trace",
          "version", "accuracy", "limit", "match_objective", "targets", "truth_objective",
        ])
      #expect(object["termination"] as? String == "optimal")
      #expect(object["complete"] as? Bool == true && object["metric"] is NSNull)
      let found = try #require(object["objective"] as? [Double])
      #expect(found == Array(objectives(4).prefix(3)))
      let indices = try #require(object["indices"] as? [[Int]])
      #expect(indices.map(objective) == found && Set(indices).count == 3)
      #expect(run.errors.contains("4 of 10 items") && run.errors.contains("Incumbent"))
    }
  }

  @Test func maximizes() throws {
    try withFolder { folder in
      let path = folder + "/cost.npy"
      try npy(path, rows: 10, columns: 10, cost)
      let object = try qap("subset", path, "--size", "3", "--maximize", "--quiet", "--json", "-")
        .object()
      #expect(object["objective"] as? [Double] == [objectives(3).last!])
      #expect(object["sense"] as? String == "max")
      let bound = try #require(object["bound"] as? Double)
      #expect(bound >= objectives(3).last!)
    }
  }

  @Test func sweepsOverSizes() throws {
    try withFolder { folder in
      let path = folder + "/cost.npy"
      try npy(path, rows: 10, columns: 10, cost)
      let run = try qap(
        "subset", path, "--sizes", "1,5,10", "--quiet", "--json", folder + "/all.json",
        "--output", folder + "/best.txt", "--certificate", folder + "/best.cert")
      #expect(run.status == 0 && run.output.contains("5 of 10"))
      let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/all.json"))
      let objects = try #require(
        try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
      #expect(objects.map { $0["size"] as? Int } == [1, 5, 10])
      for (object, size) in zip(objects, [1, 5, 10]) {
        #expect(object["objective"] as? [Double] == [objectives(size)[0]])
        let rows = try String(contentsOfFile: folder + "/best-\(size).txt", encoding: .utf8)
          .split(separator: "\n").compactMap { Int($0) }
        #expect([rows] == object["indices"] as? [[Int]])
        let check = try qap("verify", path, folder + "/best-\(size).cert")
        #expect(check.status == 0 && check.output.contains("subset-tree"))
      }
    }
  }

  /// The truth names partners with other numbers, and the chosen rows are matched without it.
  @Test func truthNamesPartnersAndIsComparedWithABlindMatch() throws {
    try withFolder { folder in
      let (x, y, pairs, rows) = (
        folder + "/x.npy", folder + "/y.npy", folder + "/pairs.txt", folder + "/rows.txt"
      )
      func feature(_ row: Int, _ column: Int) -> Double {
        Double((row * row * 13 + 31 * column * row + 7 * column) % 97)
      }
      // Row r of the first file belongs to row 11 − r of the second; two rows have no partner.
      try npy(x, rows: 12, columns: 5, feature)
      try npy(y, rows: 14, columns: 5) { row, column in
        row > 11
          ? feature(row + 50, column) : feature(11 - row, column) + (row == 3 ? 40 : 0.1)
      }
      try (0..<12).map { "\($0) \(11 - $0)" }.joined(separator: "\n")
        .write(toFile: pairs, atomically: true, encoding: .utf8)
      let object = try qap(
        "subset", x, y, "--size", "11", "--truth", pairs, "--output", rows, "--quiet", "--json",
        "-"
      ).object()
      let indices = try #require((object["indices"] as? [[Int]])?.first)
      #expect(indices == (0..<12).filter { $0 != 8 })
      #expect(object["targets"] as? [Int] == indices.map { 11 - $0 })
      #expect(object["limit"] as? String == "none" && object["accuracy"] as? Double == 1)
      let objective = try #require((object["objective"] as? [Double])?.first)
      for key in ["truth_objective", "match_objective"] {
        #expect(abs(try #require(object[key] as? Double) - objective) <= 1e-9 * objective)
      }
      let written = try String(contentsOfFile: rows, encoding: .utf8)
      #expect(written == indices.map { "\($0) \(11 - $0)\n" }.joined())
      let match = try qap("match", x, y, "--rows", rows, "--truth", pairs, "--quiet", "--json", "-")
        .object()
      #expect(match["accuracy"] as? Double == 1)
      #expect(try qap("subset", x, y, "--size", "3").errors.contains("--truth"))
      #expect(try qap("subset", x, "--size", "3", "--truth", "identity").status == 64)
    }
  }

  @Test func costsOfEmbeddingsAreWrittenForVerify() throws {
    try withFolder { folder in
      let sides = ["vision-effnetlite0", "language-prompts"].map {
        packageRoot.appendingPathComponent("Instances/embeddings/\($0).npy").path
      }
      let (costs, claim) = (folder + "/costs.npy", folder + "/a.cert")
      let arguments = [
        "--size", "4", "--nodes", "1", "--quiet", "--instance", costs, "--certificate", claim,
      ]
      let made = try Run(["subset"] + sides + arguments).finish()
      let checked = try qap("verify", costs, claim)
      let refused = try Run(["subset", costs] + arguments).finish()
      #expect(made.status == 0 && checked.output.contains("holds") && refused.status == 64)
    }
  }

  @Test func certificatesAreChecked() throws {
    try withFolder { folder in
      let (path, claim) = (folder + "/cost.npy", folder + "/a.cert")
      try npy(path, rows: 10, columns: 10, cost)
      let run = try qap(
        "subset", path, "--size", "5", "--quiet", "--certificate", claim, "--json", "-")
      let bound = try #require(try run.object()["bound"] as? Double)
      let check = try qap("verify", path, claim, "--json", "-").object()
      #expect(check["holds"] as? Bool == true && check["bound"] as? Double == bound)
      let text = try String(contentsOfFile: claim, encoding: .utf8)
      let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("bound ") })
      let forged = try file(
        folder, "forged.cert", text.replacingOccurrences(of: line, with: "bound \(bound + 1)"))
      #expect(try qap("verify", path, forged).status == 1)
      let torn = try file(folder, "torn.cert", String(text.prefix(text.count / 2)))
      #expect(try qap("verify", path, torn).status == 65)
      // Other costs make another problem.
      let other = folder + "/other.npy"
      try npy(other, rows: 10, columns: 10) { cost($0, $1) - 1 }
      #expect(try qap("verify", other, claim).status == 1)
      try npy(other, rows: 4, columns: 4, cost)
      #expect(try qap("verify", other, claim).status == 65)
    }
  }

  @Test func takesEmbeddings() throws {
    try withFolder { folder in
      let (vision, language) = (
        embedding("vision-effnetlite0.npy"), embedding("language-prompts.npy")
      )
      let rows = folder + "/rows.txt"
      let object = try qap(
        "subset", vision, language, "--metric", "gw", "--standardize", "--size", "10", "--output",
        rows, "--quiet", "--json", "-"
      ).object()
      #expect(object["termination"] as? String == "optimal")
      #expect(object["metric"] as? String == "gw")
      // The subset's true match is one that qap match finds.
      let match = try qap(
        "match", vision, language, "--standardize", "--rows", rows, "--truth", "identity",
        "--quiet", "--json", "-"
      ).object()
      #expect(try #require(match["accuracy"] as? Double) > 0.5)
      // A metric that is maximized keeps its sense.
      let correlation = try qap(
        "subset", vision, language, "--metric", "correlation", "--size", "95", "--quiet", "--json",
        "-"
      ).object()
      #expect(correlation["sense"] as? String == "max")
      #expect(
        try #require(correlation["bound"] as? Double)
          >= #require((correlation["objective"] as? [Double])?.first) - 1e-9)
    }
  }

  @Test func complainsInOneLine() throws {
    try withFolder { folder in
      let (good, bad) = (folder + "/good.npy", folder + "/bad.npy")
      try npy(good, rows: 4, columns: 4, cost)
      try npy(bad, rows: 4, columns: 3, cost)
      let nan = folder + "/nan.npy"
      try npy(nan, rows: 3, columns: 3) { $0 == 1 && $1 == 2 ? .nan : 0 }
      let text = try file(folder, "a.npy", "no array")
      let cases: [([String], Int32, String)] = [
        ([good], 64, "--size"), ([good, "--size", "0"], 64, "expected 1 to 4"),
        ([good, "--size", "5"], 64, "expected 1 to 4"),
        ([good, "--size", "2", "--sizes", "2"], 64, "either"),
        ([good, "--sizes", "2,x"], 64, "'x'"),
        ([good, "--size", "2", "--best", "0"], 64, "--best"),
        ([good, "--size", "2", "--standardize"], 64, "two files"),
        ([good, good, "--size", "2", "--metric", "x"], 64, "--metric"),
        ([good, bad, "--size", "2", "--maximize"], 64, "--maximize"),
        ([bad, "--size", "2"], 65, "square"), ([nan, "--size", "2"], 65, "[1, 2]"),
        ([text, "--size", "2"], 65, "a.npy"), ([good, nan, "--size", "2"], 65, "nan.npy"),
        ([folder + "/none.npy", "--size", "2"], 66, "none.npy"),
        ([good, "--size", "2", "--output", folder + "/no/rows.txt"], 74, "does not exist"),
      ]
      for (arguments, status, words) in cases {
        let run = try Run(["subset"] + arguments).finish()
        #expect(run.status == status, "\(arguments): \(run.errors)")
        #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
      }
    }
  }

  @Test func refusesALargeLinearProgram() throws {
    try withFolder { folder in
      let path = folder + "/large.npy"
      try npy(path, rows: 200, columns: 200, cost)
      let run = try qap("subset", path, "--size", "9", "--bound", "lp", "--quiet")
      #expect(run.status == 69 && run.errors.contains("try dnn"))
    }
  }

  @Test func theTimelessLogIsTheSameForAnyThreads() throws {
    try withFolder { folder in
      let path = folder + "/cost.npy"
      try npy(path, rows: 40, columns: 40) { i, j in
        let pattern: Int = (i * 17 + j * 29 + i * j) % 53
        return Double(pattern)
      }
      let logs = try ["1", "3"].map {
        try qap(
          "subset", path, "--size", "15", "--nodes", "20", "--timeless-log", "--threads", $0)
      }
      #expect(logs[0].output == logs[1].output && logs[0].errors == logs[1].errors)
    }
  }
}
