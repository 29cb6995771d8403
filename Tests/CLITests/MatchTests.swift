import Foundation
import Testing

/// `qap match` on bundled embeddings and small tables.
@Suite struct MatchTests {
  /// A bundled file of embeddings.
  private func embeddings(_ name: String) -> String {
    packageRoot.appendingPathComponent("Instances/embeddings/\(name)").path
  }

  private var sides: [String] {
    [embeddings("vision-effnetlite0.npy"), embeddings("language-wordnet.npy")]
  }

  private func match(_ arguments: [String]) throws -> Outcome {
    try Run(["match"] + arguments).finish()
  }

  /// Kernels that alone take longer than the limit are not begun; small ones always are.
  @Test func kernelsThatTakeTooLongAreRefused() throws {
    try withFolder { folder in
      let rows = (0..<3000).map { "\($0 * 7919 % 3001),\($0)" }.joined(separator: "\n")
      let (large, small) = (
        try file(folder, "large.csv", rows), try file(folder, "small.csv", "1,2\n3,5\n4,4\n")
      )
      let refused = try Run(["match", large, large, "--time-limit", "0.05"]).finish()
      #expect(refused.status == 69, "\(refused)")
      #expect(refused.errors.contains("s before a search can begin"), "\(refused.errors)")
      let answered = try Run(["match", small, small, "--time-limit", "0.001"]).finish()
      #expect(answered.status == 0 && answered.output.contains("assignment"), "\(answered)")
    }
  }

  /// Many rows need no kernels: the target's columns are the source's in another order.
  @Test func matchesThousandsOfRowsByBlocks() throws {
    try withFolder { folder in
      let rows = (0..<3_100).map { row in
        (1...5).map { column in
          let number = Double((row + 3) * (row + 7) * column * column % 7_919) / 800
          return number * number / Double(column)
        }
      }
      func table(_ columns: [Int]) -> String {
        rows.map { row in columns.map { "\(row[$0])" }.joined(separator: ",") }
          .joined(separator: "\n")
      }
      let arguments = [
        try file(folder, "x.csv", table([0, 1, 2, 3, 4])),
        try file(folder, "y.csv", table([3, 0, 4, 2, 1])), "--metric", "cka", "--truth", "identity",
        "--threads", "2", "-o", "\(folder)/pairs.csv", "--json", "-",
      ]
      let run = try match(arguments)
      let answer = try run.object()
      #expect(run.errors.contains("by blocks"), "\(run.errors)")
      #expect(try #require(answer["accuracy"] as? Double) > 0.99)
      #expect(answer["termination"] as? String == "optimal" && answer["size"] as? Int == 3_100)
      #expect(answer["margins"] is NSNull && answer["confidence"] is NSNull)
      let objective = try #require(answer["objective"] as? Double)
      #expect(abs(objective - 1) < 1e-6)
      let shares = try #require(answer["shares"] as? [Double])
      #expect(abs(shares.reduce(0, +) - objective) < 1e-9)
      let lines = try String(contentsOfFile: "\(folder)/pairs.csv", encoding: .utf8)
        .split(separator: "\n")
      #expect(lines.count == 3_101 && lines[1].hasPrefix("0,") && lines[1].hasSuffix(",,"))
      let early = try match(arguments + ["--target", "0.1", "--quiet"])
      #expect(early.errors.isEmpty)
    }
  }

  @Test func provesAMatchOfTenClasses() throws {
    let common = [
      "--rows", embeddings("rows-effnetlite0-wordnet-10.txt"), "--standardize", "--truth",
      "identity",
    ]
    let run = try match(sides + common + ["--json", "-"])
    #expect(run.status == 0)
    let answer = try run.object()
    #expect(answer["termination"] as? String == "optimal")
    #expect(answer["accuracy"] as? Double == 1)
    #expect(answer["assignment"] as? [Int] == Array(0..<10))
    #expect(answer["metric"] as? String == "gw")
    #expect(answer["sense"] as? String == "min")
    #expect(answer["size"] as? Int == 10)
    let objective = try #require(answer["objective"] as? Double)
    #expect(abs(objective - 16.963059162) < 1e-8)
    // Standardized kernels: n(n − 1) − 1 on either side.
    #expect(abs(try #require(answer["constant"] as? Double) - 178) < 1e-9)
    #expect(try #require(answer["bound"] as? Double) <= objective)
    for key in [
      "instance", "method", "seed", "threads", "gap", "seconds", "iterations", "nodes",
      "certificate", "trace", "version", "bound_unrounded",
    ] { #expect(answer.keys.contains(key), "\(key)") }

    let named = try match(sides + common + ["--names", embeddings("classes.txt"), "--quiet"])
    #expect(named.output.contains("polar bear            polar bear\n"))
    #expect(named.output.contains("accuracy   100.0%"))
    #expect(named.errors.isEmpty)
  }

  /// Pairs in the files' row numbers and the JSON of a run are starts; neighbors are of the match.
  @Test func startsFromPairsOfRowsAndListsNeighbors() throws {
    try withFolder { folder in
      let common = [
        "--rows", embeddings("rows-effnetlite0-wordnet-10.txt"), "--standardize", "--quiet",
      ]
      let (csv, json, near) = (
        "\(folder)/pairs.csv",
        "\(folder)/match.json",
        "\(folder)/near.csv"
      )
      let first = try match(
        sides + common + [
          "-o", csv, "--json", json, "--neighbors", "3", "--neighbors-output", near,
        ])
      #expect(first.status == 0, "\(first)")
      let best = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: json)))
          as? [String: Any])
      for start in [csv, json] {
        let again = try match(
          sides + common + [
            "--method", "2-opt", "--iterations", "1", "--start", start, "--json", "-",
          ]
        ).object()
        #expect(again["objective"] as? Double == best["objective"] as? Double, "\(start)")
        #expect(again["assignment"] as? [Int] == best["assignment"] as? [Int])
      }
      let lines = try String(contentsOfFile: near, encoding: .utf8).split(separator: "\n")
      #expect(lines.first == "source,target,rank,score" && lines.count == 31)
    }
  }

  @Test func warnsOfConvexObjectivesForFrankWolfe() throws {
    let run = try match(
      sides + [
        "--rows", embeddings("rows-effnetlite0-wordnet-10.txt"), "--metric", "cka", "--method",
        "faq", "--starts", "1",
      ])
    #expect(run.status == 0 && run.errors.contains("is convex"), "\(run)")
  }

  @Test func thePropertiesOfAMaximizedMetric() throws {
    let answer = try match(
      sides + [
        "--rows", embeddings("rows-effnetlite0-prompts-10.txt"), "--metric", "cka-rbf", "--json",
        "-",
      ]
    ).object()
    #expect(answer["sense"] as? String == "max")
    #expect(answer["accuracy"] is NSNull)
    let objective = try #require(answer["objective"] as? Double)
    let bound = try #require(answer["bound"] as? Double)
    #expect(objective > 0.5 && objective <= bound)
    let early = try match(
      sides + ["--metric", "cka", "--target", "0.7", "--method", "tabu", "--json", "-"])
    #expect(try early.object()["termination"] as? String == "target")
    #expect(try #require(early.object()["objective"] as? Double) >= 0.7)
  }

  /// Forbidden and allowed pairs of rows, on sides of equal and different size, against the sums of
  /// all matchings that are left.
  @Test(arguments: [(5, 5), (4, 5), (5, 4)])
  func forbiddenPairsAreNotMatched(_ sizes: (Int, Int)) throws {
    let (m, n) = sizes
    try withFolder { folder in
      for seed in 0..<4 {
        func distance(_ side: Int, _ a: Int, _ b: Int) -> Double {
          a == b ? 0 : Double((min(a, b) * 31 + max(a, b) * 17 + side * 7 + seed * 13) % 23 + 1)
        }
        func table(_ side: Int, _ rows: Int) -> String {
          (0..<rows).map { a in
            (0..<rows).map { String(distance(side, a, $0)) }.joined(separator: ",")
          }.joined(separator: "\n")
        }
        // The last seed leaves the first row of the source nowhere to go.
        func isForbidden(_ i: Int, _ j: Int) -> Bool {
          seed == 3 && m <= n && i == 0 || (i * 5 + j * 3 + seed) % 4 == 0
        }
        var best = Double.infinity
        func place(_ targets: [Int?]) {
          guard targets.count < m else {
            let matched = targets.indices.filter { targets[$0] != nil }
            guard matched.count == min(m, n) else { return }
            var sum = 0.0
            for i in matched {
              for k in matched {
                let other = distance(1, targets[i] ?? 0, targets[k] ?? 0)
                sum += (distance(0, i, k) - other) * (distance(0, i, k) - other)
              }
            }
            best = min(best, sum)
            return
          }
          for j in 0..<n where !targets.contains(j) && !isForbidden(targets.count, j) {
            place(targets + [j])
          }
          if m > n { place(targets + [nil]) }
        }
        place([])
        let cells = (0..<m).flatMap { i in (0..<n).map { (i, $0) } }
        let lists = [true, false].map { listed in
          cells.filter { isForbidden($0.0, $0.1) == listed }.map { "\($0.0) \($0.1)\n" }.joined()
        }
        let source = try file(folder, "source.csv", table(0, m))
        let target = try file(folder, "target.csv", table(1, n))
        // Rows that pairs to allow do not mention may be anywhere.
        let usesMask = seed % 2 == 1 && seed < 3
        let list = try file(folder, "pairs.txt", lists[usesMask ? 1 : 0])
        let (instance, proof) = ("\(folder)/x.npz", "\(folder)/x.cert")
        let run = try match([
          source, target, "--precomputed", "--metric", "gw", usesMask ? "--allow" : "--forbid",
          list, "--json", "-", "--quiet", "--instance", instance, "--certificate", proof,
        ])
        #expect(run.status == 0, "\(run.errors)")
        let answer = try run.object()
        if best == .infinity {
          #expect(answer["termination"] as? String == "infeasible" && seed == 3)
          continue
        }
        #expect(answer["termination"] as? String == "optimal", "\(sizes) \(seed)")
        let objective = try #require(answer["objective"] as? Double)
        #expect(abs(objective - best) < 1e-6 * best, "\(sizes) \(seed): \(objective), \(best)")
        let targets = try #require(answer["assignment"] as? [Any]).map { $0 as? Int }
        #expect(targets.indices.allSatisfy { i in targets[i].map { !isForbidden(i, $0) } ?? true })
        let checked = try qap("verify", instance, proof)
        #expect(checked.status == 0, "\(checked)")
      }
    }
  }

  @Test(arguments: ["gw", "cka"])
  func theProblemCanBeVerifiedByAStranger(_ metric: String) throws {
    try withFolder { folder in
      let (instance, solution, proof) = (
        "\(folder)/x.npz", "\(folder)/x.sln", "\(folder)/x.cert"
      )
      let run = try match(
        sides + [
          "--rows", embeddings("rows-effnetlite0-wordnet-10.txt"), "--metric", metric,
          "--instance", instance, "--output", solution, "--certificate", proof, "--quiet",
        ])
      #expect(run.status == 0)
      #expect(try qap("verify", instance, solution).status == 0)
      #expect(try qap("verify", instance, proof).status == 0)
    }
  }

  /// Pairs are written in the files' own row numbers, so that they can be read as `--pairs` and
  /// `--truth` by the next run.
  @Test(arguments: ["pairs.csv", "pairs.npy"])
  func pairsComeInTheRowsOfTheFiles(_ name: String) throws {
    try withFolder { folder in
      let path = "\(folder)/\(name)"
      let rows = embeddings("rows-effnetlite0-wordnet-10.txt")
      let selected = try String(contentsOfFile: rows, encoding: .utf8)
        .split(whereSeparator: \.isNewline).compactMap { Int($0) }
      let first = try match(
        sides + ["--rows", rows, "--standardize", "--truth", "identity", "--json", "-"]
          + ["--output", path])
      #expect(first.status == 0)
      let answer = try first.object()
      let targets = try #require(answer["assignment"] as? [Int])
      var written: [Int] = []
      if name.hasSuffix("csv") {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines[0] == "source,target,value,margin,confidence")
        written = lines.dropFirst().flatMap { $0.split(separator: ",").prefix(2) }
          .compactMap { Int($0) }
      } else {
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        written = stride(from: bytes.count - 16 * selected.count, to: bytes.count, by: 8).map {
          bytes[$0..<$0 + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
      }
      #expect(written == zip(selected, targets).flatMap { [$0, selected[$1]] })
      let truth = try #require(answer["truth_objective"] as? Double)
      let found = try #require(answer["objective"] as? Double)
      #expect(found <= truth + 1e-9)
      #expect((answer["margins"] as? [Double])?.count == selected.count)
      // Read as known pairs and as the truth of all rows.
      let known = Array(Set(0..<4).subtracting(written)).map { "\($0)\n" }.joined()
      let again = try match(
        sides + ["--standardize", "--truth", path, "--pairs", path, "--time-limit", "1"]
          + ["--json", "-", "--queries", try file(folder, "queries.txt", known)])
      let pairs = try #require(try again.object()["pairs"] as? [[Int]])
      #expect(Set(pairs.map { $0[0] }) == Set(selected))
      // And of the same rows: all of them, and none of them.
      let same = sides + ["--rows", rows, "--standardize", "--truth", path, "--json", "-"]
      let fixed = try match(same + ["--pairs", path]).object()
      #expect(fixed["assignment"] as? [Int] == targets)
      let value = try #require(fixed["truth_objective"] as? Double)
      #expect(abs(value - found) < 1e-9 * found)
      let others = try match(same + ["--forbid", path]).object()
      #expect(others["accuracy"] as? Double == 0 && others["termination"] as? String == "optimal")
      let unknown = try match(same + ["--pairs", try file(folder, "other.txt", known)])
      #expect(unknown.status == 65 && unknown.errors.contains("expected rows that --rows selects"))
    }
  }

  @Test func solutionsBelongToAnInstance() throws {
    let alone = try match(sides + ["--output", "/tmp/x.sln"])
    #expect(alone.status == 64 && alone.errors.contains("--instance"))
    #expect(try match(sides + ["--keep", "0"]).status == 64)
    let kept = try match(
      sides + [
        "--rows", embeddings("rows-effnetlite0-wordnet-10.txt"), "--standardize", "--truth",
        "identity", "--keep", "0.5", "--quiet",
      ])
    #expect(kept.output.contains("kept") && kept.output.contains("5 of 10 pairs"))
    #expect(kept.output.contains("truth"))
  }

  @Test func otherMatchesVote() throws {
    try withFolder { folder in
      let same =
        sides + [
          "--rows", embeddings("rows-effnetlite0-wordnet-10.txt"), "--standardize", "--truth",
          "identity", "--quiet",
        ]
      let (first, second) = ("\(folder)/a.json", "\(folder)/b.csv")
      #expect(try match(same + ["--seed", "1", "--json", first]).status == 0)
      // The other file has the pair of one row only, in the files' own numbers.
      let row = try String(
        contentsOfFile: embeddings("rows-effnetlite0-wordnet-10.txt"), encoding: .utf8
      ).split(whereSeparator: \.isWhitespace)[3]
      try "source,target\n\(row),\(row)\n".write(
        toFile: second, atomically: true, encoding: .utf8)
      let output = "\(folder)/c.csv"
      let judged = try match(
        same + ["--agreement", "\(first),\(second)", "--output", output])
      #expect(judged.output.contains("1 pairs are in all other matches, 100.0% right"))
      let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 11 && lines[0].hasSuffix(",agreement"))
      for line in lines.dropFirst() {
        #expect(line.hasSuffix(line.hasPrefix("\(row),\(row),") ? ",1.0" : ",0.5"))
      }
      let none = try match(same + ["--agreement", "\(folder)/none.csv"])
      #expect(none.status == 66 || none.status == 65)
    }
  }

  @Test func pairsQueriesAndUnequalSides() throws {
    try withFolder { folder in
      let five = try file(folder, "a.csv", "0,0\n1,0\n0,2\n3,3\n-1,5\n")
      let same = try file(folder, "b.csv", "0,7\n7,7\n7,14\n28,28\n-7,42\n")
      let pairs = try file(folder, "pairs.txt", "3\n")
      let queries = try file(folder, "queries.txt", "0 1\n1 0\n")
      let some = try match([
        five, same, "--no-normalize", "--pairs", pairs, "--queries", queries, "--truth",
        "identity", "--json", "-",
      ]).object()
      let targets = try #require(some["assignment"] as? [Any])
      #expect(targets.count == 5 && targets[2] is NSNull && targets[4] is NSNull)
      #expect(targets[3] as? Int == 3)
      #expect(some["size"] as? Int == 3)

      let three = try file(folder, "c.csv", "1,0\n0,2\n-1,5\n")
      for (source, target) in [(three, five), (five, three)] {
        let outcome = try match([source, target, "--no-normalize", "--json", "-"])
        #expect(outcome.status == 0)
        let answer = try outcome.object()
        let found = try #require(answer["assignment"] as? [Any])
        #expect(abs(try #require(answer["objective"] as? Double)) < 1e-9)
        #expect(answer["termination"] as? String == "optimal")
        let expected: [Int?] = source == three ? [1, 2, 4] : [nil, 0, 1, nil, 2]
        #expect(found.map { $0 as? Int } == expected)
      }
    }
  }

  @Test func classesAndCaptionsAreAveraged() throws {
    try withFolder { folder in
      // Two rows a class, either side of the other file's.
      let rows = [[0, 0], [2, 0], [0, 4], [6, 6], [-2, 10]]
      func table(_ values: [[Int]]) -> String {
        values.map { $0.map(String.init).joined(separator: ",") }.joined(separator: "\n")
      }
      let twice = rows.map { [$0[0] - 1, $0[1]] } + rows.map { [$0[0] + 1, $0[1]] }
      let images = try file(folder, "images.csv", table(twice))
      let labels = try file(folder, "labels.txt", "0\n1\n2\n3\n4\n0\n1\n2\n3\n4\n")
      let classes = try file(folder, "classes.csv", table(rows))
      let answer = try match([
        images, classes, "--labels", labels, "--no-normalize", "--truth", "identity", "--json",
        "-",
      ]).object()
      #expect(answer["accuracy"] as? Double == 1)
      #expect(abs(try #require(answer["objective"] as? Double)) < 1e-9)
    }
  }

  /// What `prepare` writes step by step is what `match` does at once.
  @Test func preparedEmbeddings() throws {
    try withFolder { folder in
      let prepared = sides.enumerated().map { "\(folder)/\($0.offset).npy" }
      let rows = ["--rows", embeddings("rows-effnetlite0-wordnet-10.txt")]
      for (side, path) in zip(sides, prepared) {
        let run = try Run(["prepare", side, "--normalize", "--output", path] + rows).finish()
        #expect(run.output == "rows      10\nfeatures  \(side == sides[0] ? 1280 : 384)\n")
      }
      let once = try match(sides + rows + ["--metric", "cka", "--normalize", "--json", "-"])
      let twice = try match(prepared + ["--metric", "cka", "--json", "-"])
      #expect(
        try once.object()["objective"] as? Double == (try twice.object()["objective"] as? Double))

      let (base, members) = ("\(folder)/base.txt", "\(folder)/members.npy")
      let run = try Run([
        "prepare", sides[0], "--project", sides[0], "--dimensions", "20", "--stretch", "--clusters",
        "7", "--base", base, "--members", members, "--json", "-",
      ]).finish()
      #expect(run.status == 0, "\(run.errors)")
      #expect(try run.object()["rows"] as? Int == 7)
      let chosen = try String(contentsOfFile: base, encoding: .utf8).split(separator: "\n")
      #expect(Set(chosen).count == 7)
      for (arguments, status, words) in [
        (["--clusters", "101", "--base", base], 65, "found 100 rows for 101 clusters"),
        (["--base", base], 64, "need --clusters"),
        (["--project", sides[1], "--output", members], 65, "found 1280 features, expected 384"),
        (["--output", folder], 74, "is a folder"), ([], 64, "give --output"),
      ] as [([String], Int32, String)] {
        let run = try Run(["prepare", sides[0]] + arguments).finish()
        #expect(run.status == status && run.errors.contains(words), "\(run.errors)")
      }
    }
  }

  @Test func accuracyOfSubsets() throws {
    let run = try match(
      sides + ["--standardize", "--sizes", "4,6", "--best", "2", "--seeds", "2", "--json", "-"])
    #expect(run.status == 0)
    let sizes = try #require(try run.object()["sizes"] as? [[String: Any]])
    #expect(sizes.map { $0["size"] as? Int } == [4, 6])
    for size in sizes {
      let runs = try #require(size["runs"] as? [[String: Any]])
      #expect(runs.count == 4)
      let mean = runs.reduce(0) { $0 + ($1["accuracy"] as? Double ?? .nan) } / 4
      #expect(abs(mean - (try #require(size["accuracy"] as? Double))) < 1e-12)
    }
  }

  @Test func badInputIsOneLineAndAStatus() throws {
    try withFolder { folder in
      let good = try file(folder, "good.csv", "1,2\n3,5\n4,1\n")
      let nan = try file(folder, "nan.csv", "1,2\n3,nan\n4,1\n")
      let zero = try file(folder, "zero.csv", "1,2\n0,0\n4,1\n")
      let constant = try file(folder, "constant.csv", "1,2\n3,2\n4,2\n")
      let many = try file(
        folder, "many.csv", (0..<150).map { "\($0 + 1),1" }.joined(separator: "\n"))
      let outside = try file(folder, "rows.txt", "0\n3\n")
      let twice = try file(folder, "twice.txt", "0\n0\n")
      let cases: [([String], Int32, String)] = [
        ([good, nan], 65, "nan.csv: found nan in row 1, column 1"),
        ([zero, good], 65, "zero.csv: found only zeros in row 1"),
        (
          [good, constant, "--stretch", "--metric", "cka"], 65,
          "found the same number throughout column 1"
        ),
        ([good, good, "--rows", outside], 65, "rows.txt:2:1: found 3"),
        ([good, good, "--rows", twice], 65, "found a row twice"),
        ([good, good, "--metric", "knn:3"], 65, "found 3 rows, expected more than 3"),
        ([good, good, "--labels", outside], 65, "3 rows with 2 labels"),
        ([good, good, "--names", outside], 65, "found 2 names"),
        ([good, good, "--truth", outside], 65, "found 3, expected a number from 0 to 2"),
        ([good, good, "--metric", "best"], 64, "unknown metric 'best'"),
        ([good, good, "--maximize"], 64, "--maximize"),
        ([many, good, "--truth", "identity"], 64, "--truth: found identity"),
        ([good, good, "--sizes", "2,x"], 64, "'x' is invalid"),
        (
          [good, good, "--sizes", "2", "--pairs", outside], 64,
          "--pairs does not apply with --sizes"
        ),
        ([good, many], 69, "does not support size 150"),
        ([good, folder + "/nothing.npy"], 66, "nothing.npy"),
      ]
      for (arguments, status, words) in cases {
        let run = try match(arguments + ["--quiet"])
        #expect(run.status == status, "\(arguments): \(run.errors)")
        #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
        #expect(run.output.isEmpty)
        if status != 64 { #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)") }
      }
    }
  }
}
