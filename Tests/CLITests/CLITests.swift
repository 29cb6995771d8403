import Foundation
import Testing

/// The binary as a user meets it. Runs are serialized: some of them watch the clock.
@Suite(.serialized) struct CLITests {
  static let reportKeys: Set<String> = [
    "instance", "size", "method", "seed", "threads", "sense", "objective", "bound",
    "bound_unrounded", "gap", "termination", "assignment", "pairs", "seconds", "iterations",
    "nodes",
    "certificate", "trace", "tolerance", "locations", "mean_objective", "objective_error",
    "version",
  ]

  @Test func solvesABundledInstance() throws {
    let run = try qap("solve", bundled("nug12.dat"))
    #expect(run.status == 0)
    #expect(run.output.contains("objective   578"))
    #expect(run.output.contains("bound"))
    #expect(run.errors.contains("Src"))
    #expect(run.errors.contains("Incumbent"))
    #expect(run.errors.contains("RL"))
  }

  @Test func jsonHasItsKeysAndNothingElseIsPrinted() throws {
    let run = try qap("solve", bundled("had12.dat"), "--json", "-", "--seed", "3")
    #expect(run.status == 0)
    let object = try run.object()
    #expect(Set(object.keys) == Self.reportKeys)
    #expect(object["objective"] as? Int == 1652)
    #expect(object["size"] as? Int == 12)
    #expect(object["seed"] as? Int == 3)
    #expect(object["certificate"] is NSNull)
    let assignment = try #require(object["assignment"] as? [Int])
    #expect(assignment.sorted() == Array(0..<12))
    let bound = try #require(object["bound"] as? Double)
    let unrounded = try #require(object["bound_unrounded"] as? Double)
    #expect(unrounded <= bound && bound <= 1652)
    let trace = try #require(object["trace"] as? [[String: Any]])
    #expect(trace.allSatisfy { Set($0.keys) == ["seconds", "objective", "bound", "source"] })
  }

  @Test func provesWhereTheBoundMeetsTheAssignment() throws {
    let object = try qap("solve", bundled("lipa20b.dat"), "--json", "-", "--quiet").object()
    #expect(object["termination"] as? String == "optimal")
    #expect(object["gap"] as? Double == 0)
    #expect(object["objective"] as? Int == 27076)
    #expect(object["bound"] as? Int == 27076)
  }

  @Test func boundsWithoutAnAssignmentToShow() throws {
    let run = try qap("bound", bundled("nug12.dat"), "--iterations", "20")
    #expect(run.status == 0 && run.output.contains("unrounded"))
    let object = try qap(
      "bound", bundled("nug12.dat"), "--method", "gilmore-lawler", "--json", "-", "--quiet"
    ).object()
    #expect(object["bound"] as? Int == 494)
    #expect(try qap("bound", bundled("nug12.dat"), "--method", "tabu").status == 64)
  }

  @Test func quietIsQuiet() throws {
    let run = try qap("solve", bundled("chr12a.dat"), "--quiet", "--method", "2-opt")
    #expect(run.status == 0 && run.errors.isEmpty && run.output.contains("objective"))
  }

  @Test(arguments: [
    ["--method", "tabu", "--iterations", "20000"], ["--method", "hahn-grant", "--iterations", "5"],
    ["--method", "faq"], ["--method", "auto", "--iterations", "30000"],
  ])
  func timelessLogsAreReproducible(_ options: [String]) throws {
    let runs = try ["1", "2", "2"].map { threads in
      try Run(
        ["solve", bundled("nug20.dat"), "--timeless-log", "--threads", threads] + options
      ).finish()
    }
    #expect(runs[0].status == 0)
    for run in runs {
      #expect(run.errors == runs[0].errors)
      #expect(run.output == runs[0].output)
    }
    #expect(!runs[0].errors.contains("Time"))
  }

  @Test func solutionFilesGoRoundAndAreVerified() throws {
    try withFolder { folder in
      let solution = "\(folder)/n.sln"
      let solved = try qap(
        "solve", bundled("nug15.dat"), "--output", solution, "--quiet", "--method", "tabu")
      #expect(solved.status == 0)
      #expect(try qap("verify", bundled("nug15.dat"), solution).status == 0)
      let started = try qap(
        "solve", bundled("nug15.dat"), "--start", solution, "--target", "1150", "--json", "-",
        "--quiet"
      ).object()
      #expect(started["objective"] as? Int == 1150)
      #expect(started["termination"] as? String == "target")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["n.sln"])
    }
  }

  @Test func verifyRecognizesOrientationsAndRefusesWrongClaims() throws {
    try withFolder { folder in
      let text = try String(contentsOfFile: bundled("chr12a.sln"), encoding: .utf8)
      let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      var inverse = [Int](repeating: 0, count: 12)
      for (index, location) in numbers.dropFirst(2).enumerated() {
        inverse[location - 1] = index + 1
      }
      let inverted = try file(
        folder, "i.sln", "12 9552\n" + inverse.map(String.init).joined(separator: " "))
      let run = try qap("verify", bundled("chr12a.dat"), inverted, "--json", "-")
      #expect(run.status == 0)
      #expect(try run.object()["orientation"] as? String == "inverse")

      let wrong = try file(
        folder, "w.sln", "12 9551\n" + inverse.map(String.init).joined(separator: " "))
      let refused = try qap("verify", bundled("chr12a.dat"), wrong)
      #expect(refused.status == 1 && refused.output.contains("does not hold"))
      let short = try file(folder, "s.sln", "12 9552\n1 2 3")
      #expect(try qap("verify", bundled("chr12a.dat"), short).status == 65)
    }
  }

  @Test(arguments: ["gilmore-lawler", "projection", "hahn-grant", "rlt1", "auto"])
  func certificatesAreWrittenAndVerified(_ method: String) throws {
    try withFolder { folder in
      let path = "\(folder)/x.cert"
      let pairs = try file(folder, "pairs.txt", "0 4\n7\n")
      for extra in [[], ["--pairs", pairs]] {
        let run = try Run(
          [
            "bound", bundled("nug12.dat"), "--method", method, "--iterations", "60",
            "--certificate", path, "--json", "-", "--quiet",
          ] + extra
        ).finish()
        #expect(run.status == 0, "\(run.errors)")
        let report = try run.object()
        #expect(report["certificate"] as? String == path)
        let verified = try qap("verify", bundled("nug12.dat"), path, "--json", "-")
        #expect(verified.status == 0)
        let verdict = try verified.object()
        #expect(verdict["holds"] as? Bool == true)
        #expect(verdict["bound"] as? Double == report["bound"] as? Double)
        #expect(verdict["bound_unrounded"] as? Double == report["bound_unrounded"] as? Double)
        #expect((verdict["pairs"] as? [[Int]])?.count == extra.count)
        // Of another instance it proves nothing.
        #expect(try qap("verify", bundled("nug14.dat"), path).status == 1)
        #expect(try qap("verify", bundled("had12.dat"), path).status == 1)
      }
    }
  }

  @Test func maximizationIsMinimizationOfTheNegative() throws {
    try withFolder { folder in
      let json = try file(
        folder, "r.json",
        """
        {"flow": [[0, 3], [1, 0]], "distance": [[0, 5, 1], [4, 0, 2], [9, 9, 0]]}
        """)
      let cert = "\(folder)/x.cert"
      let best = try qap(
        "solve", json, "--maximize", "--json", "-", "--quiet", "--certificate", cert, "--output",
        "\(folder)/x.sln"
      ).object()
      #expect(best["objective"] as? Double == 29 && best["bound"] as? Double == 29)
      #expect(best["sense"] as? String == "max" && best["assignment"] as? [Int] == [2, 1])
      #expect(try qap("verify", json, cert, "--maximize").output.contains("29"))
      #expect(try qap("verify", json, "\(folder)/x.sln").status == 0)
      let stopped = try qap(
        "solve", json, "--maximize", "--target", "12", "--json", "-", "--quiet"
      ).object()
      #expect((stopped["objective"] as? Double ?? 0) >= 12)
      let log = try qap("solve", bundled("nug12.dat"), "--maximize", "--timeless-log").errors
      #expect(log.contains("maximized") && !log.contains("-5"))
    }
  }

  @Test func fixedPairsAreKept() throws {
    try withFolder { folder in
      let pairs = try file(folder, "pairs.txt", "0 4\n7\n")
      let run = try qap(
        "solve", bundled("nug12.dat"), "--pairs", pairs, "--json", "-", "--quiet")
      let report = try run.object()
      let assignment = try #require(report["assignment"] as? [Int])
      #expect(assignment[0] == 4 && assignment[7] == 7 && Set(assignment).count == 12)
      let objective = try #require(report["objective"] as? Double)
      #expect(objective >= 578)
    }
  }

  @Test func tensorsAndFewerFacilitiesAreSolved() throws {
    try withFolder { folder in
      let json = try file(
        folder, "r.json",
        """
        {"flow": [[0, 3], [1, 0]], "distance": [[0, 5, 1], [4, 0, 2], [9, 9, 0]]}
        """)
      let fewer = try qap("solve", json, "--json", "-", "--quiet").object()
      #expect(fewer["objective"] as? Double == 12 && fewer["size"] as? Int == 2)
      #expect(fewer["assignment"] as? [Int] == [0, 2])
      #expect(fewer["termination"] as? String == "optimal")
      let info = try qap("info", json).output
      #expect(info.contains("2 facilities, 3 locations"))
    }
  }

  @Test func everyBundledSolutionIsVerified() throws {
    let folder = packageRoot.appendingPathComponent("Instances/qaplib")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".sln") }.map { String($0.dropLast(4)) }
    #expect(names.count >= 80)
    for name in names.sorted() {
      #expect(
        try qap("verify", bundled("\(name).dat"), bundled("\(name).sln")).status == 0, "\(name)")
    }
  }

  @Test func infoDescribes() throws {
    let object = try qap("info", bundled("nug12.dat"), "--json", "-").object()
    #expect(object["size"] as? Int == 12)
    #expect(object["flow_symmetric"] as? Bool == true)
    #expect(object["objective_step"] as? Int == 2)
    #expect(try qap("info", bundled("bur26a.dat")).output.contains("asymmetric"))
  }

  @Test func convertsAndGenerates() throws {
    try withFolder { folder in
      for step in [["nug12.dat", "a.json"], ["a.json", "b.npz"], ["b.npz", "c.dat"]] {
        let from = step[0] == "nug12.dat" ? bundled("nug12.dat") : "\(folder)/\(step[0])"
        #expect(try qap("convert", from, "\(folder)/\(step[1])").status == 0, "\(step)")
      }
      let original = try Data(contentsOf: URL(fileURLWithPath: bundled("nug12.dat")))
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/c.dat")) == original)

      let first = try qap("generate", "taillard-uniform", "--size", "9", "--seed", "4")
      let again = try qap("generate", "taillard-uniform", "--size", "9", "--seed", "4")
      let other = try qap("generate", "taillard-uniform", "--size", "9", "--seed", "5")
      #expect(first.status == 0 && first.output == again.output && first.output != other.output)
      let published = try qap("generate", "tai12a")
      let bundledText = try String(contentsOfFile: bundled("tai12a.dat"), encoding: .utf8)
      #expect(published.output == bundledText)
      #expect(try qap("generate", "--list").output.contains("planted-gw"))
      let planted = try qap("generate", "planted-gw", "--size", "8", "-o", "\(folder)/p.dat")
      #expect(planted.status == 65 && planted.errors.contains("constant"), "\(planted.errors)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/p.dat"))
    }
  }

  @Test func methodsAreListed() throws {
    let run = try qap("methods")
    for id in ["auto", "hahn-grant", "gilmore-lawler", "tabu", "2-opt", "faq"] {
      #expect(run.output.contains(id))
    }
  }

  @Test func helpHasExamples() throws {
    for command in ["solve", "bound", "verify", "info", "convert", "generate", "methods"] {
      let run = try qap(command, "--help")
      #expect(run.status == 0 && run.output.contains("Example"), "\(command)")
    }
    #expect(try qap("--help").output.contains("Exit status"))
    #expect(try qap("--version").output == "0.1.0\n")
  }

  @Test func usageErrorsSayWhatToDo() throws {
    let nug = bundled("nug12.dat")
    #expect(try qap("solve").status == 64)
    #expect(try qap("solve", nug, "--nonsense").status == 64)
    #expect(try qap("solve", nug, "--time-limit", "-1").status == 64)
    #expect(try qap("solve", nug, "--threads", "0").status == 64)
    #expect(try qap("solve", nug, "--gap", "nan").status == 64)
    #expect(try qap("frobnicate").status == 64)
    let misspelled = try qap("solve", nug, "--method", "hahn-grand")
    #expect(misspelled.status == 64 && misspelled.errors.contains("did you mean hahn-grant?"))
    #expect(try qap("generate", "no-such-family").status == 64)
  }

  @Test func badDataHasAPlace() throws {
    try withFolder { folder in
      let path = try file(folder, "bad.dat", "2\n0 1\n1 x\n0 1 1 0\n")
      let run = try qap("solve", path)
      #expect(run.status == 65)
      #expect(run.errors.contains("\(path):3:3: found"))
      #expect(run.errors.contains("expected"))
      #expect(run.errors.split(separator: "\n").count == 1)
      for text in ["", "0", "-3", "1000000 1 2", "2 1 2 3", "3 nan"] {
        #expect(try qap("info", file(folder, "b.dat", text)).status == 65, "\(text)")
      }
    }
    let missing = try qap("solve", "/no/such/file.dat")
    #expect(missing.status == 66 && missing.errors.contains("/no/such/file.dat"))
  }

  @Test func tinyInstancesAreSolved() throws {
    try withFolder { folder in
      for (text, value) in [("1 3 4", 12), ("2 0 1 2 0 0 5 7 0", 17), ("1 0 0", 0)] {
        let path = try file(folder, "t.dat", text)
        let object = try qap("solve", path, "--json", "-", "--quiet").object()
        #expect(object["objective"] as? Int == value, "\(text)")
        #expect(object["termination"] as? String == "optimal", "\(text)")
      }
    }
  }

  @Test func unwritableOutputsAreFoundBeforeTheWork() throws {
    let nug = bundled("nug12.dat")
    #expect(try qap("solve", nug, "--output", "/no/such/folder/x.sln").status == 74)
    #expect(try qap("solve", nug, "--json", "/no/such/folder/x.json").status == 74)
    #expect(try qap("solve", nug, "--json", "/").status == 74)
    #expect(try qap("convert", nug, "/no/such/folder/x.json").status == 74)
  }

  @Test func theFirstCtrlCReturnsWhatIsHeld() throws {
    try withFolder { folder in
      let path = "\(folder)/g.dat"
      #expect(try qap("generate", "taillard-uniform", "--size", "80", "-o", path).status == 0)
      let run = try Run(["solve", path, "--output", "\(folder)/g.sln", "--threads", "2"])
      run.wait(for: "*ME")
      run.process.interrupt()
      let outcome = try run.finish()
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("Interrupted."))
      #expect(try qap("verify", path, "\(folder)/g.sln").status == 0)
    }
  }

  @Test func theSecondCtrlCEndsAtOnce() throws {
    try withFolder { folder in
      let path = "\(folder)/g.dat"
      // A round of dual ascent at this size takes long enough to be caught in.
      #expect(try qap("generate", "taillard-uniform", "--size", "180", "-o", path).status == 0)
      let run = try Run(["solve", path, "--method", "hahn-grant"])
      run.wait(for: "Src")
      for _ in 0..<400 where run.process.isRunning {
        run.process.interrupt()
        Thread.sleep(forTimeInterval: 0.02)
      }
      #expect(try run.finish().status == 130)
    }
  }

  @Test func aReaderThatLeavesIsNoCrash() throws {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = [
      "-c", "'\(binary.path)' generate taillard-uniform --size 400 | head -c 10 >/dev/null",
    ]
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
  }
}
