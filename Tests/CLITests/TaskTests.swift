import Foundation
import Testing

/// `qap retrieve`, `classify`, `align` and `intramodal` on bundled embeddings, small tables and
/// reference values.
@Suite struct TaskTests {
  private func embeddings(_ name: String) -> String {
    packageRoot.appendingPathComponent("Instances/embeddings/\(name)").path
  }

  private func golden(_ name: String) -> String {
    packageRoot.appendingPathComponent("Tests/Golden/\(name).npy").path
  }

  private func run(_ arguments: [String]) throws -> Outcome { try Run(arguments).finish() }

  private func object(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try run(arguments + ["--json", "-"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.object()
  }

  /// A table of numbers, some function of row and column.
  private func table(
    _ folder: String, _ name: String, _ rows: Int, _ columns: Int, _ value: (Int, Int) -> Double
  ) throws -> String {
    let lines = (0..<rows).map { r in
      (0..<columns).map { "\(value(r, $0))" }.joined(separator: ",") + "\n"
    }
    return try file(folder, name, lines.joined())
  }

  // MARK: retrieve

  @Test func retrievesBundledClasses() throws {
    let sides = [embeddings("language-wordnet.npy"), embeddings("vision-effnetlite0.npy")]
    let answer = try object(
      ["retrieve"] + sides + [
        "--base-size", "60", "--method", "local-cka-rbf", "--stretch", "--seeds", "2",
      ])
    #expect(answer["method"] as? String == "local-cka-rbf")
    let top = try ["top1", "top5", "top10", "matching"].map {
      try #require(answer[$0] as? Double, "\($0)")
    }
    // Far above the chance of 1, 5 and 10 in 40.
    #expect(top[0] > 0.1 && top[1] > 0.3 && top[2] > 0.5 && top[3] > 0.1)
    #expect(top[0] <= top[1] && top[1] <= top[2])
    let seeds = try #require(answer["seeds"] as? [[String: Any]])
    #expect(seeds.compactMap { $0["seed"] as? Int } == [0, 1])
    #expect(seeds.allSatisfy { $0["base"] as? Int == 60 && $0["queries"] as? Int == 40 })
    let mean = seeds.compactMap { $0["top1"] as? Double }.reduce(0, +) / 2
    #expect(abs(mean - top[0]) < 1e-12)
    let text = try run(
      ["retrieve"] + sides + ["--base-size", "60", "--method", "linear", "--quiet"])
    #expect(text.output.contains("known pairs  60\n"))
    #expect(text.errors.isEmpty)
  }

  /// Classes fewer than queries, a base by each rule, and one from other files.
  @Test func retrievesClasses() throws {
    try withFolder { folder in
      // Twelve points of three classes; classes are the rows of another space.
      let labels = try file(
        folder, "labels.txt", (0..<12).map { "\($0 % 3)\n" }.joined())
      let samples = try table(folder, "samples.csv", 12, 4) { r, c in
        (r % 3 == c ? 5 : 0) + 0.1 * sin(Double(7 * r + 3 * c))
      }
      let classes = try table(folder, "classes.csv", 3, 3) { r, c in r == 2 - c ? 3 : 0.5 }
      let common = ["retrieve", samples, classes, "--labels", labels]
      for rule in ["uniform", "kmeans", "kmeans-cosine"] {
        let answer = try object(
          common + ["--base-size", "6", "--base-rule", rule, "--base-of", "source"])
        #expect(answer["top1"] as? Double == 1, "\(rule)")
        #expect(answer["matching"] is NSNull)
      }
      let base = try table(folder, "base.csv", 6, 4) { r, c in
        (r % 3 == c ? 5 : 0) + 0.1 * cos(Double(5 * r + c))
      }
      let partners = try table(folder, "partners.csv", 6, 3) { r, c in r % 3 == 2 - c ? 3 : 0.5 }
      let answer = try object(
        common + ["--base-source", base, "--base-target", partners, "--stretch"])
      #expect(answer["top1"] as? Double == 1)
      let seeds = try #require(answer["seeds"] as? [[String: Any]])
      #expect(seeds[0]["queries"] as? Int == 12)
      #expect(seeds[0]["candidates"] as? Int == 3)
      let scores = "\(folder)/scores.npy"
      let written = try run(
        common + ["--base-source", base, "--base-target", partners, "--scores", scores])
      #expect(written.status == 0)
      #expect(try Data(contentsOf: URL(fileURLWithPath: scores)).count == 128 + 12 * 3 * 8)
    }
  }

  @Test
  func retrievesAsTheReference() throws {
    for (method, top, matching) in [
      ("linear", [0.07, 0.238, 0.378], 0.072), ("relative", [0.2, 0.528, 0.664], 0.33),
    ] {
      let answer = try object([
        "retrieve", golden("in_Y"), golden("in_X"), "--base", golden("in_base_idx"), "--queries",
        golden("in_query_idx"), "--method", method,
      ])
      #expect(["top1", "top5", "top10"].map { answer[$0] as? Double } == top)
      #expect(answer["matching"] as? Double == matching)
    }
  }

  // MARK: classify

  @Test func classifiesBlobs() throws {
    try withFolder { folder in
      let place = { (k: Int, c: Int) in sin(Double(3 * k * k + 5 * c + k)) * 3 }
      let samples = try table(folder, "samples.csv", 40, 5) { r, c in
        place(r % 5, c) + 0.01 * cos(Double(11 * r + c))
      }
      // The same places, turned and in another order: class k is place (2k + 1) mod 5.
      let classes = try table(folder, "classes.csv", 5, 5) { k, c in place((2 * k + 1) % 5, 4 - c) }
      let labels = try file(
        folder, "labels.txt",
        (0..<40).map { r in "\((0..<5).first { (2 * $0 + 1) % 5 == r % 5 }!)\n" }.joined())
      let output = "\(folder)/classes.txt"
      let answer = try object([
        "classify", samples, classes, "--labels", labels, "--standardize", "--output", output,
      ])
      #expect(answer["accuracy"] as? Double == 1)
      #expect(answer["oracle_accuracy"] as? Double == 1)
      #expect(answer["matching"] as? Double == 1)
      let objective = try #require(answer["objective"] as? Double)
      #expect(objective < 1)
      #expect(try #require(answer["bound"] as? Double) <= objective)
      #expect((answer["clusters"] as? [Int])?.count == 40)
      #expect((answer["assignment"] as? [Int])?.sorted() == [0, 1, 2, 3, 4])
      #expect(
        try String(contentsOfFile: output, encoding: .utf8)
          == String(contentsOfFile: labels, encoding: .utf8))
      // Without labels there is nothing to judge.
      let blind = try object(["classify", samples, classes, "--standardize"])
      #expect(blind["accuracy"] is NSNull)
      #expect(blind["assignment"] as? [Int] == answer["assignment"] as? [Int])
    }
  }

  @Test
  func classifiesAsTheReference() throws {
    let answer = try object([
      "classify", golden("in_X"), golden("in_Yclass"), "--labels", golden("in_labels"),
      "--standardize", "--initial", golden("s6_kmeans_init_idx"), "--time-limit", "60",
      "--target", "247.2769766", "--method", "memetic",
    ])
    // What a thousand independent searches found best.
    #expect(try #require(answer["objective"] as? Double) <= 247.2769766)
    #expect(abs(try #require(answer["accuracy"] as? Double) - 0.8902439024390244) < 1e-12)
    #expect(abs(try #require(answer["constant"] as? Double) - 758) < 1e-6)
  }

  // MARK: align

  @Test func alignsBundledClasses() throws {
    let sides = [embeddings("vision-effnetlite0.npy"), embeddings("language-wordnet.npy")]
    let names = ["cka", "cka-rbf", "knn:5", "gw", "correlation", "linear-predictivity"]
    let answer = try object(
      ["align"] + sides + [
        "--measures", names.joined(separator: ","), "--shuffle", "0,50,100", "--seeds", "0,1",
      ])
    let measures = try #require(answer["measures"] as? [[String: Any]])
    #expect(measures.compactMap { $0["measure"] as? String } == names)
    for measure in measures {
      let name = measure["measure"] as? String ?? ""
      let value = try #require(measure["value"] as? Double)
      let levels = try #require(measure["shuffled"] as? [[String: Any]])
      #expect(levels.compactMap { $0["percent"] as? Double } == [0, 50, 100])
      let values = levels.compactMap { $0["value"] as? Double }
      #expect(abs(values[0] - value) <= 1e-9 * abs(value), "\(name)")
      // Alignment falls, or the distance between kernels grows.
      let sign: Double = name == "gw" ? -1 : 1
      #expect(sign * values[0] > sign * values[1], "\(name)")
      #expect(sign * values[1] > sign * values[2], "\(name)")
    }
    let predictivity = try #require(measures[5]["v2l"] as? [String: Any])
    #expect((predictivity["folds"] as? [Double])?.count == 5)
    #expect((predictivity["nonnested"] as? [String: Any])?["alpha"] as? Double != nil)
  }

  /// The order of the second file's rows matters to no one who permutes the first alike.
  @Test func alignIsBlindToTheOrderOfRows() throws {
    try withFolder { folder in
      func value(_ r: Int, _ c: Int) -> Double { sin(Double(r * r + 3 * c)) + Double(r % 4) }
      let order = (0..<20).map { (7 * $0 + 3) % 20 }
      let plain = [
        try table(folder, "a.csv", 20, 4, value),
        try table(folder, "b.csv", 20, 3) { value($0, $1 + 1) },
      ]
      let moved = [
        try table(folder, "c.csv", 20, 4) { value(order[$0], $1) },
        try table(folder, "d.csv", 20, 3) { value(order[$0], $1 + 1) },
      ]
      let common = ["--measures", "cka,cka-rbf,gw,correlation"]
      let values = try [plain, moved].map { sides in
        try #require(
          try object(["align"] + sides + common)["measures"] as? [[String: Any]]
        ).compactMap { $0["value"] as? Double }
      }
      #expect(values[0].count == 4)
      for (a, b) in zip(values[0], values[1]) { #expect(abs(a - b) < 1e-10 * abs(a)) }
    }
  }

  @Test
  func alignsAsTheReference() throws {
    try withFolder { folder in
      // Version 0 preferred by all, version 4 by none.
      let scores = try table(folder, "scores.csv", 5, 400) { v, _ in Double(4 - v) }
      let answer = try object([
        "align", golden("in_cap_V"), golden("in_cap_C"), "--measures", "linear-predictivity",
        "--folds", golden("in_cap_folds"), "--average", "1,3", "--scores", scores, "--blocks",
        "4,2",
      ])
      let averaging = try #require(answer["averaging"] as? [[String: Any]])
      func score(_ row: Int, _ direction: String) -> Double {
        (averaging[row][direction] as? [String: Any])?["score"] as? Double ?? .nan
      }
      #expect(abs(score(0, "v2l") - 0.456079996706542) < 1e-8)
      #expect(abs(score(0, "l2v") - 0.4739933801733468) < 1e-8)
      #expect(abs(score(1, "l2v") - 0.5521429435453625) < 1e-8)
      let test = try #require((answer["ttest"] as? [String: Any])?["l2v"] as? [String: Any])
      #expect(abs(try #require(test["t"] as? Double) - 22.814921771751376) < 1e-6)
      #expect(abs(try #require(test["p"] as? Double) - 7.87391566951466e-08) < 1e-14)
      #expect(test["df"] as? Int == 7)
    }
  }

  // MARK: intramodal

  @Test func studiesOneModality() throws {
    try withFolder { folder in
      let n = 60
      let labels = try file(folder, "labels.txt", (0..<n).map { "\($0 % 4)\n" }.joined())
      func value(_ r: Int, _ c: Int) -> Double {
        (r % 4 == c % 4 ? 2 : 0.2) + 0.5 * sin(Double(r * r + 7 * c * r + c))
      }
      let images = try table(folder, "images.csv", n, 6, value)
      let paired = try table(folder, "paired.csv", n, 6) { r, c in
        value(r, c) + 0.4 + 0.3 * cos(Double(3 * r + 5 * c))
      }
      let text = try table(folder, "text.csv", 4, 6) { r, c in r == c % 4 ? 2 : 0.4 }
      let names = try table(folder, "names.csv", 30, 6) { r, c in sin(Double(r + 2 * c * r + c)) }
      let answer = try object([
        "intramodal", images, "--labels", labels, "--text", text, "--names", names, "--paired",
        paired, "--shots", "1,4", "--dimensions", "4",
      ])
      for view in ["original", "pca_centred", "pca_uncentred", "pca_centred_meanadj"] {
        let object = try #require(answer[view] as? [String: Any], "\(view)")
        let map = try #require(object["mAP"] as? Double)
        #expect(map > 0.2 && map <= 1)
        let hist = try #require(object["hist"] as? [String: Any])
        #expect((hist["same"] as? [Int])?.reduce(0, +) == 4 * 15 * 14 / 2)
        #expect((hist["diff"] as? [Int])?.reduce(0, +) == 60 * 59 / 2 - 4 * 15 * 14 / 2)
      }
      let shots = try #require(
        ((answer["fewshot"] as? [String: Any])?["original"] as? [String: Any])?["1"]
          as? [String: Any])
      // One example a class tells LDA nothing.
      #expect(abs(try #require(shots["lda"] as? Double) - 0.25) < 1e-12)
      #expect(try #require(shots["prototype"] as? Double) > 0.3)
      let zero = try #require(answer["text_image"] as? [String: Any])
      #expect(try #require(zero["zero_shot_acc"] as? Double) > 0.8)
      let gap = try #require(answer["modality_gap"] as? [String: Any])
      #expect(try #require(gap["norm"] as? Double) > 0)
      for key in ["recover_anchors", "recover"] {
        let recovered = try #require(answer[key] as? [String: Any], "\(key)")
        #expect(try #require(recovered["rel_err"] as? Double) < 1e-8, "\(key)")
      }
      // Only what was asked for.
      let bare = try object(["intramodal", images, "--labels", labels, "--shots", "none"])
      for key in ["pca_centred", "text_image", "fewshot", "modality_gap", "recover"] {
        #expect(bare[key] is NSNull, "\(key)")
      }
      let text2 = try run(["intramodal", images, "--labels", labels, "--quiet"])
      #expect(text2.output.hasPrefix("original"))
    }
  }

  @Test
  func studiesAsTheReference() throws {
    let answer = try object([
      "intramodal", golden("in_XA"), "--labels", golden("in_labels"), "--text", golden("in_TA"),
      "--names", golden("in_NA"), "--paired", golden("in_YA"), "--shots", "none",
    ])
    for (view, map, overlap) in [
      ("original", 0.466960345012186, 0.3879737155202104),
      ("pca_centred", 0.52095740300585, 0.35818544725883716),
      ("pca_centred_meanadj", 0.52362089533857, 0.3505637308619556),
    ] {
      let object = try #require(answer[view] as? [String: Any])
      #expect(abs(try #require(object["mAP"] as? Double) - map) < 1e-10)
      let hist = try #require(object["hist"] as? [String: Any])
      #expect(abs(try #require(hist["overlap"] as? Double) - overlap) < 1e-10)
    }
  }

  // MARK: errors

  /// One line on standard error, nothing on standard output; "%" is the folder.
  @Test(arguments: [
    ("retrieve %/a.csv %/b.csv", 64, "needs known pairs"),
    ("retrieve %/a.csv %/b.csv --method nonsense", 64, "nonsense"),
    ("retrieve %/a.csv %/b.csv --base-size 1", 64, "--base-size"),
    ("retrieve %/a.csv %/b.csv --base %/i.txt --base-size 3", 64, "--base-size"),
    ("retrieve %/a.csv %/b.csv --base-source %/a.csv", 64, "--base-target"),
    ("retrieve %/a.csv %/b.csv --base %/i.txt --seeds x", 64, "--seeds"),
    ("retrieve %/a.csv %/b.csv --base %/i.txt --seeds 0", 64, "number of seeds"),
    ("retrieve %/a.csv %/b.csv --base %/i.txt --seeds 1,2 --scores %/s.npy", 64, "--scores"),
    ("retrieve %/a.csv %/none.csv --base %/i.txt", 66, "none.csv"),
    ("retrieve %/a.csv %/b.csv --base %/far.txt", 65, "far.txt"),
    ("retrieve %/a.csv %/b.csv --base %/i.txt --queries %/i.txt", 65, "known pair"),
    ("retrieve %/a.csv %/short.csv --base %/i.txt", 65, "short.csv"),
    ("retrieve %/a.csv %/b.csv --method cosine", 65, "features"),
    ("retrieve %/a.csv %/b.csv --base-size 80", 65, "--base-size"),
    ("retrieve %/a.csv %/b.csv --base %/i.txt --labels %/far.txt", 65, "far.txt"),
    ("retrieve %/a.csv %/flat.csv --base %/i.txt --stretch", 65, "flat.csv"),
    ("retrieve %/a.csv %/flat.csv --base %/i.txt", 65, "flat.csv"),
    ("retrieve %/a.csv %/b.csv --base %/i.txt --json %/none/x", 74, "none"),
    ("classify %/a.csv %/b.csv --pairs %/i.txt", 64, "--pairs"),
    ("classify %/a.csv %/b.csv --maximize", 64, "--maximize"),
    ("classify %/short.csv %/b.csv", 65, "short.csv"),
    ("classify %/a.csv %/short.csv --labels %/i.txt", 65, "i.txt"),
    ("classify %/a.csv %/short.csv --method tabou", 64, "tabu"),
    ("classify %/flat.csv %/short.csv", 65, "flat.csv"),
    ("align %/a.csv %/b.csv --measures nonsense", 64, "nonsense"),
    ("align %/a.csv %/b.csv --shuffle 120", 64, "120"),
    ("align %/a.csv %/b.csv --measures cka --standardize", 64, "--standardize"),
    ("align %/a.csv %/b.csv --average 0", 64, "--average"),
    ("align %/a.csv %/b.csv --average 2", 65, "versions"),
    ("align %/a.csv %/b.csv --scores %/a.csv", 65, "version"),
    ("align %/a.csv %/b.csv --blocks 2", 64, "--blocks"),
    ("align %/a.csv %/short.csv", 65, "short.csv"),
    ("align %/a.csv %/flat.csv", 65, "flat.csv"),
    ("align %/a.csv %/b.csv --measures knn:12", 65, "neighbors"),
    ("align %/a.csv %/b.csv --measures linear-predictivity --folds %/i.txt", 65, "i.txt"),
    ("intramodal %/a.csv", 64, "--labels"),
    ("intramodal %/a.csv --labels %/i.txt", 65, "i.txt"),
    ("intramodal %/a.csv --labels %/l.txt --text %/b.csv", 65, "b.csv"),
    ("intramodal %/a.csv --labels %/l.txt --dimensions 9", 64, "--dimensions"),
    ("intramodal %/a.csv --labels %/l.txt --shots 0", 64, "--shots"),
    ("intramodal %/zero.csv --labels %/l.txt", 65, "zero.csv"),
    ("intramodal %/nan.csv --labels %/l.txt", 65, "row 1, column 0"),
    ("translate %/a.csv", 64, "TARGET"),
    ("translate %/a.csv %/b.csv --map %/i.txt", 64, "--map"),
    ("translate %/a.csv %/b.csv --pairs-source %/a.csv", 64, "--pairs-target"),
    ("translate %/a.csv %/b.csv --clusters 2", 64, "--clusters"),
    ("translate %/a.csv %/b.csv --blocks 9,9,9", 64, "--epochs"),
    ("translate %/a.csv %/b.csv", 65, "clusters"),
    ("translate %/flat.csv %/b.csv", 65, "flat.csv"),
    ("translate --map %/i.txt %/a.csv -o %/o.npy", 65, "i.txt"),
  ])
  func failsInOneLine(_ line: String, _ status: Int32, _ says: String) throws {
    try withFolder { folder in
      _ = try table(folder, "a.csv", 12, 3) { sin(Double($0 * $0 + 2 * $1)) }
      _ = try table(folder, "b.csv", 12, 4) { cos(Double($0 * $0 + 3 * $1)) }
      _ = try table(folder, "short.csv", 5, 3) { sin(Double($0 + 4 * $1)) }
      _ = try table(folder, "flat.csv", 12, 2) { _, _ in 1.5 }
      _ = try table(folder, "zero.csv", 12, 2) { r, _ in r == 4 ? 0 : Double(r + 1) }
      _ = try file(folder, "nan.csv", "1,2\nnan,3\n")
      _ = try file(folder, "i.txt", "0\n1\n2\n3\n")
      _ = try file(folder, "far.txt", "0\n99\n")
      _ = try file(folder, "l.txt", (0..<12).map { "\($0 % 3)\n" }.joined())
      let arguments = line.replacingOccurrences(of: "%", with: folder).split(separator: " ")
      let outcome = try run(arguments.map(String.init) + ["--quiet"])
      #expect(outcome.status == status, "\(outcome.errors)")
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.contains(says), "\(outcome.errors)")
      if status != 64 {
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
      }
    }
  }

  // MARK: translate

  @Test func translatesPlantedSpaces() throws {
    try withFolder { folder in
      let (spaces, map, moved) = ("\(folder)/s.npz", "\(folder)/m.npz", "\(folder)/o.npy")
      let made = try run(
        [
          "generate", "planted-spaces", "--size", "800", "--modes", "12", "--seed", "2", "-o",
          spaces,
        ])
      #expect(made.status == 0, "\(made.errors)")
      let valid = [
        "--valid-source", "\(spaces):valid_source", "--valid-target", "\(spaces):valid_target",
      ]
      let fit = try object(
        [
          "translate", "\(spaces):source", "\(spaces):target", "-o", map, "--clusters", "8,12",
          "--restarts", "3", "--blocks", "150,300", "--epochs", "6,3",
        ] + valid)
      #expect(fit["reliable"] as? Bool == true)
      #expect(fit["termination"] as? String == "iterations")
      let quality = try #require(fit["validation"] as? [String: Double])
      #expect(try #require(quality["foscttm"]) < 0.01)
      let again = try object(
        ["translate", "--map", map, "\(spaces):source", "-o", moved] + valid)
      #expect(again["validation"] as? [String: Double] == quality)
      #expect(FileManager.default.fileExists(atPath: moved))
    }
  }

  @Test func aFitThatIsCutLeavesItsReliabilityOpen() throws {
    try withFolder { folder in
      let spaces = "\(folder)/s.npz"
      _ = try run(
        [
          "generate", "planted-spaces", "--size", "800", "--modes", "12", "--seed", "2", "-o",
          spaces,
        ])
      let cut = [
        "translate", "\(spaces):source", "\(spaces):target", "--restarts", "100", "--time-limit",
        "0.3",
      ]
      let fit = try object(cut)
      #expect(fit["termination"] as? String == "time")
      #expect(fit["reliable"] is NSNull)
      #expect(try run(cut).output.contains("the time limit ended the fit early"))
    }
  }

  @Test(arguments: ["retrieve", "classify", "align", "intramodal", "translate"])
  func helpHasAnExample(_ command: String) throws {
    let help = try run([command, "--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("qap \(command) "))
    #expect(help.output.contains("Example"))
  }
}
