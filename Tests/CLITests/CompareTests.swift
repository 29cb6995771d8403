import Foundation
import Testing

/// Comparisons as a user meets them.
@Suite struct CompareTests {
  private func temporary(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)")
      .path
  }

  @Test func comparesAndTakesUpWhereItWas() throws {
    let paths = ["out.html", "out.csv", "out.json", "state", "foreign.csv"].map { temporary($0) }
    defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
    try "seconds,instance,objective\n0.5,nug12,580\n".write(
      toFile: paths[4], atomically: true, encoding: .utf8)
    let arguments = [
      "compare", bundled("nug12.dat"), bundled("chr12a.dat"), "--methods",
      "gilmore-lawler,2-opt,projection", "--seeds", "2", "--time-limit", "5", "--report", paths[0],
      "--csv", paths[1], "--json", paths[2], "--state", paths[3], "--external", "Peer=\(paths[4])",
    ]
    let first = try Run(arguments).finish()
    #expect(first.status == 0)
    // Two instances, three methods, two seeds, and the foreign line.
    let csv = try String(contentsOfFile: paths[1], encoding: .utf8).split(separator: "\n")
    #expect(csv.count == 1 + 2 * 3 * 2 + 1)
    #expect(csv.contains { $0.hasPrefix("nug12,,Peer,0,") })
    #expect(try String(contentsOfFile: paths[0], encoding: .utf8).contains("</html>"))
    let kept = try String(contentsOfFile: paths[3], encoding: .utf8)
    #expect(kept.split(separator: "\n").count == csv.count - 2)
    #expect(first.errors.contains("/\(csv.count - 2)] chr12a"))
    // Nothing is run again, and a torn line is no obstacle.
    try (kept + "{\"inst").write(toFile: paths[3], atomically: true, encoding: .utf8)
    let second = try Run(arguments).finish()
    #expect(second.status == 0 && second.output == first.output)
    #expect(!second.errors.contains("chr12a") && second.errors.contains("12 of 12 runs are in"))
    // What is added takes the place of the torn line.
    let wider = try Run(arguments + ["--methods", "gilmore-lawler,2-opt,projection,tabu"]).finish()
    #expect(wider.status == 0 && wider.errors.contains("/16] chr12a tabu"))
    let again = try Run(arguments).finish()
    #expect(again.status == 0 && again.output == first.output)
  }

  /// Objective, bound and claims are those of the sense that the file states.
  @Test func comparesMaxima() throws {
    try withFolder { folder in
      let matrices = "\"flow\": [[0,1,2],[1,0,3],[2,3,0]], \"distance\": [[0,4,9],[4,0,5],[9,5,0]]"
      try "{\(matrices), \"sense\": \"max\"}".write(
        toFile: "\(folder)/most.json", atomically: true, encoding: .utf8)
      try "instance,n,value\nmost,3,82\n".write(
        toFile: "\(folder)/best-known.csv", atomically: true, encoding: .utf8)
      // The largest objective is 2 · (1·4 + 2·5 + 3·9) = 82.
      try "seconds,instance,objective,bound\n1,most,90,90\n".write(
        toFile: "\(folder)/claims.csv", atomically: true, encoding: .utf8)
      let json = "\(folder)/all.json"
      let found = try qap(
        "compare", "\(folder)/most.json", "--methods", "auto,gilmore-lawler,2-opt", "--json", json,
        "--external", "Peer=\(folder)/claims.csv")
      #expect(found.status == 0)
      let all = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: json)))
      let runs = try #require((all as? [String: Any])?["runs"] as? [[String: Any]])
      let own = runs.filter { $0["method"] as? String != "Peer" }
      #expect(own.count == 3)
      for run in own {
        #expect(run["sense"] as? String == "max")
        #expect(run["objective"] as? Double ?? 82 == 82)
        #expect(run["bound"] as? Double ?? 82 >= 82)
      }
      #expect(found.errors.contains("claims the objective 90, better than"))
      #expect(found.output.contains("most"))
    }
  }

  /// Names are no proof of sameness, and a repetition is no second seed.
  @Test func tellsInstancesAndRunsApart() throws {
    try withFolder { folder in
      try FileManager.default.copyItem(atPath: bundled("nug14.dat"), toPath: "\(folder)/nug12.dat")
      let json = "\(folder)/all.json"
      let both = try qap(
        "compare", bundled("nug12.dat"), "\(folder)/nug12.dat", bundled("nug12.dat"), "--methods",
        "2-opt,2-opt", "--json", json)
      #expect(both.status == 0 && both.errors.contains("[2/2] nug12 (2) 2-opt"))
      #expect(both.output.contains("nug12 (2)  14"))
      // The same again, in another file, and finished runs: those of another comparison.
      try FileManager.default.createDirectory(
        atPath: "\(folder)/b", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: bundled("nug12.dat"), toPath: "\(folder)/b/nug12.dat")
      let page = "\(folder)/page.html"
      let more = try qap(
        "compare", bundled("nug12.dat"), "\(folder)/b/nug12.dat", json, "--methods", "2-opt",
        "--report", page)
      #expect(
        more.status == 0 && more.errors.contains("nug12 occurs twice; skipping it"),
        "\(more.errors)")
      #expect(more.output.contains("2-opt (2)"))
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.contains("Finished runs, taken from files: all.json."))
    }
  }

  @Test func claimsDoNotOverrideProofs() throws {
    try withFolder { folder in
      let claims = try file(folder, "x.csv", "instance,objective,bound\nnug12,500,\n")
      let page = "\(folder)/page.html"
      let outcome = try qap(
        "compare", bundled("nug12.dat"), "--methods", "auto", "--external", "X=\(claims)",
        "--report", page)
      #expect(outcome.status == 0 && outcome.output.contains("0.00%"))
      let words = "nug12: X claims the objective 500, better than the bound of auto, 578."
      #expect(outcome.errors.contains(words))
      #expect(try String(contentsOfFile: page, encoding: .utf8).contains(words))
    }
  }

  /// No run proves a bound: the instance itself does. Runs with pairs fixed are of another problem.
  @Test func heuristicsAreNoPretextForClaims() throws {
    try withFolder { folder in
      let claims = try file(folder, "x.csv", "instance,objective\nnug12,400\n")
      let outcome = try qap(
        "compare", bundled("nug12.dat"), "--methods", "2-opt", "--external", "X=\(claims)")
      #expect(
        outcome.errors.contains("nug12: X claims the objective 400, better than the bound of"))
      let (pairs, free, fixed) = (
        try file(folder, "pairs", "0 0\n"), "\(folder)/free.json", "\(folder)/fixed.json"
      )
      _ = try qap("solve", bundled("nug12.dat"), "--json", free)
      _ = try qap("solve", bundled("nug12.dat"), "--pairs", pairs, "--json", fixed)
      let both = try qap("compare", free, fixed)
      #expect(both.output.contains("nug12, 1 fixed") && !both.errors.contains("better"))
      _ = try qap("solve", bundled("nug12.dat"), "--forbid", pairs, "--json", fixed)
      let three = try qap("compare", free, fixed)
      #expect(three.output.contains("nug12, 1 forbidden") && !three.errors.contains("better"))
    }
  }

  /// What one output would cost another file, and what a failing one must not.
  @Test func outputsTakeNothingWithThem() throws {
    try withFolder { folder in
      let nug12 = "\(folder)/nug12.dat"
      try FileManager.default.copyItem(atPath: bundled("nug12.dat"), toPath: nug12)
      let claims = try file(folder, "x.csv", "instance,objective\nnug12,600\n")
      let notes = try file(folder, "notes.txt", "my notes, one line")
      let csv = "\(folder)/out.csv"
      let base = ["compare", nug12, "--methods", "2-opt"]
      for options in [
        ["--report", nug12], ["--report", csv, "--csv", csv], ["--csv", "-", "--json", "-"],
        ["--external", "X=\(claims)", "--csv", claims], ["--state", csv, "--csv", csv],
        ["--state", "-"], ["--external", "tabu=\(claims)"], ["--methods", ""],
        ["--external", "X=\(claims)", "--external", "X=\(claims)"], ["--methods", "2-opt,,faq"],
      ] {
        let outcome = try Run(base + options).finish()
        #expect(outcome.status == 64, "\(options): \(outcome.errors)")
      }
      #expect(try Run(base + ["--state", notes]).finish().status == 65)
      #expect(try String(contentsOfFile: notes, encoding: .utf8) == "my notes, one line")
      let full = try Run(base + ["--report", "/dev/full", "--csv", csv]).finish()
      #expect(full.status == 74 && full.output.contains("nug12"))
      #expect(try String(contentsOfFile: csv, encoding: .utf8).hasPrefix("instance,n,"))
      let alone = try Run(base + ["--csv", "-"]).finish()
      #expect(alone.status == 0 && alone.output.hasPrefix("instance,n,method,"))
      let run = "\(folder)/run.json"
      _ = try qap("bound", nug12, "--iterations", "3", "--json", run)
      #expect(try qap("plot", run, "-o", run).status == 64)
    }
  }

  @Test func saysWhatAnInterruptionLeftOut() throws {
    try withFolder { folder in
      let page = "\(folder)/page.html"
      let run = try Run([
        "compare", bundled("nug12.dat"), bundled("nug30.dat"), bundled("tai20b.dat"), "--methods",
        "gilmore-lawler,hahn-grant", "--time-limit", "60", "--report", page,
      ])
      run.wait(for: "nug30 gilmore")
      run.process.interrupt()
      let outcome = try run.finish()
      #expect(outcome.status == 0 && outcome.errors.contains("of 6 runs are missing"))
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.contains("of 6 runs are missing"))
      #expect(html.contains("Cut short: nug30 hahn-grant") == outcome.errors.contains("Cut short"))
    }
  }

  @Test func saysWhatIsWrong() throws {
    let path = temporary("bad.csv")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "instance,objective\nnug12,1e\n".write(toFile: path, atomically: true, encoding: .utf8)
    let bad = try Run(["compare", bundled("nug12.dat"), "--external", "P=\(path)"]).finish()
    #expect(
      bad.status == 65 && bad.errors.contains("bad.csv:2:2: found '1e' in the field objective"))
    let unknown = try Run(["compare", bundled("nug12.dat"), "--methods", "rlt"]).finish()
    #expect(unknown.status == 64 && unknown.errors.contains("did you mean rlt1?"))
    #expect(try Run(["compare", "/nonexistent.dat"]).finish().status == 66)
    #expect(try Run(["compare", bundled("nug12.dat"), "--external", "P"]).finish().status == 64)
  }

  @Test func drawsARun() throws {
    let (run, picture) = (temporary("run.json"), temporary("run.svg"))
    defer { for path in [run, picture] { try? FileManager.default.removeItem(atPath: path) } }
    _ = try qap("bound", bundled("nug12.dat"), "--iterations", "3", "--json", run)
    #expect(try qap("plot", run, "-o", picture).status == 0)
    #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("</svg>"))
    #expect(try Run(["plot", bundled("nug12.dat"), "-o", picture]).finish().status == 65)
  }

  @Test func drawsAndComparesMatches() throws {
    try withFolder { folder in
      let sides = ["vision-effnetlite0.npy", "language-wordnet.npy"].map(embeddings)
      var runs: [String] = []
      for method in ["faq", "auto"] {
        runs.append("\(folder)/\(method).json")
        let outcome = try Run(
          ["match"] + sides + [
            "--rows", embeddings("rows-effnetlite0-wordnet-10.txt"), "--standardize", "--truth",
            "identity", "--names", embeddings("classes.txt"), "--method", method, "--json",
            runs.last!, "--similarities", "\(folder)/s.npz", "--quiet",
          ]
        ).finish()
        #expect(outcome.status == 0)
      }
      let picture = "\(folder)/match.svg"
      #expect(try qap("plot", runs[1], "-o", picture).status == 0)
      let svg = try String(contentsOfFile: picture, encoding: .utf8)
      #expect(svg.contains("polar bear") && svg.contains("right: 10 of 10 (100.0 %)"))
      #expect(try qap("plot", runs[1], "--picture", "time", "-o", picture).status == 0)
      #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("proven bounds"))

      #expect(try qap("plot", "\(folder)/s.npz", "-o", picture, "--title", "Two sides").status == 0)
      let heatmaps = try String(contentsOfFile: picture, encoding: .utf8)
      #expect(heatmaps.contains("10 matched rows, correlation") && heatmaps.contains(">Two sides<"))
      for (arguments, part) in [
        (["plot", runs[1], "-o", "\(folder)/run.gif"], "ends in .svg, .png or .pdf"),
        (["plot", runs[1], "-o", picture, "--size", "9"], "200 to 10000 pixels"),
      ] {
        let refused = try Run(arguments).finish()
        #expect(refused.status == 64 && refused.errors.contains(part))
      }
      // Other programs draw .png and .pdf; without one the message names it.
      let converted = try Run(["plot", runs[1], "-o", "\(folder)/run.png"]).finish()
      #expect(converted.status == 0 || converted.errors.contains("librsvg2-bin"))

      let page = "\(folder)/page.html"
      let compared = try Run(["compare"] + runs + ["--report", page]).finish()
      #expect(
        compared.status == 0 && compared.output.contains("gw, standardized, n = 10  10  auto"))
      #expect(compared.output.contains("accuracy") && compared.output.contains("100.0%"))
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.components(separatedBy: "<figure class=\"match\">").count == 3)

      let solved = "\(folder)/solved.json"
      _ = try qap("bound", bundled("nug12.dat"), "--iterations", "3", "--json", solved)
      let nothing = try qap("plot", solved, "--picture", "match", "-o", picture)
      #expect(nothing.status == 65 && nothing.errors.contains("expected a run of 'qap match'"))
    }
  }

  @Test func namesTheMethodsOfForeignSolvers() throws {
    try withFolder { folder in
      let results = try file(
        folder, "peer.csv", "instance,method,objective,bound\nnug12,faq,596,\nnug12,,,500\n")
      let outcome = try qap(
        "compare", bundled("nug12.dat"), "--methods", "gilmore-lawler", "--external",
        "Peer=\(results)")
      #expect(outcome.status == 0 && outcome.output.contains("Peer faq"))
      #expect(outcome.output.contains("Peer            "))
    }
  }

  /// A bundled file of embeddings.
  private func embeddings(_ name: String) -> String {
    packageRoot.appendingPathComponent("Instances/embeddings/\(name)").path
  }
}
