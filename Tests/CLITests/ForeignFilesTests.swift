import Foundation
import Testing

/// Text files as other systems write them, with a byte order mark and CR LF, are read like any;
/// empty files are bad data, whatever they were to be.
@Suite struct ForeignFilesTests {
  /// A command on a folder of small files, and the text file that it reads.
  struct Case: Sendable, CustomStringConvertible {
    let line: String
    let file: String
    var description: String { line }
  }

  static let cases = [
    ("info a.dat", "a.dat"), ("info a.json", "a.json"), ("info plain", "plain"),
    ("verify a.dat a.sln", "a.sln"), ("verify a.dat a.cert", "a.cert"),
    ("verify s.npy s.cert", "s.cert"),
    ("solve a.dat --quiet --start a.sln --iterations 5", "a.sln"),
    ("solve a.dat --quiet --start a.cert --method rlt1 --iterations 5", "a.cert"),
    ("solve a.dat --quiet --pairs pairs.txt", "pairs.txt"),
    ("solve b.dat --quiet --method branch-and-bound --checkpoint b.ck", "b.ck"),
    ("match v.csv l.csv --quiet --iterations 20", "v.csv"),
    ("match v.csv l.csv --quiet --iterations 20 --rows rows.txt", "rows.txt"),
    ("match v.csv l.csv --quiet --iterations 20 --names names.txt", "names.txt"),
    ("subset s.npy --size 2 --quiet", "s.npy"),
    ("compare a.dat --methods gilmore-lawler --quiet --external peer=peer.csv", "peer.csv"),
    (
      "compare a.dat --methods gilmore-lawler --quiet --time-limit 5 --threads 1 --state "
        + "runs.jsonl",
      "runs.jsonl"
    ),
    ("plot run.json -o -", "run.json"),
  ].map(Case.init)

  /// The files that the commands read.
  private func make(_ folder: String) throws {
    _ = try file(folder, "plain", "3\n0 3 6\n3 0 2\n6 2 0\n\n0 2 4\n2 0 6\n4 6 0\n")
    _ = try file(folder, "rows.txt", "0\n1\n2\n3\n")
    _ = try file(folder, "pairs.txt", "0 1\n2\n")
    _ = try file(folder, "names.txt", "one\ntwo\nthree\nfour\nfive\n")
    _ = try file(folder, "peer.csv", "instance,objective,bound\na,76,\n")
    for (name, factor) in [("v.csv", 3), ("l.csv", 5)] {
      let rows = (0..<5).map { row in
        (0..<3).map { "\((row * 7 + $0 * factor + row * row) % 11)" }.joined(separator: ",") + "\n"
      }
      _ = try file(folder, name, rows.joined())
    }
    _ = try file(folder, "s.csv", "1,2,3\n4,5,6\n7,8,1\n")
    for line in [
      "convert plain a.dat", "convert plain a.json",
      "solve a.dat --quiet --output a.sln --certificate a.cert --method rlt1 --iterations 20",
      "prepare s.csv -o s.npy", "subset s.npy --size 2 --quiet --certificate s.cert",
      "solve a.dat --quiet --method hahn-grant --json run.json",
      "generate taillard-uniform --size 10 -o b.dat",
      "solve b.dat --quiet --method branch-and-bound --nodes 5 --checkpoint b.ck",
      "compare a.dat --methods gilmore-lawler --quiet --time-limit 5 --threads 1 --state "
        + "runs.jsonl",
    ] {
      let outcome = try run(line, folder)
      #expect(outcome.status == 0, "\(line): \(outcome.errors)")
    }
  }

  private func run(_ line: String, _ folder: String) throws -> Outcome {
    let arguments = line.split(separator: " ").map { word in
      let word = String(word)
      if word == "peer=peer.csv" { return "peer=\(folder)/peer.csv" }
      let isFile =
        (word.contains(".") && !word.hasPrefix("-") && Double(word) == nil) || word == "plain"
      return isFile ? "\(folder)/\(word)" : word
    }
    return try Run(arguments).finish()
  }

  @Test(arguments: cases)
  func marksAndCarriageReturnsChangeNothing(_ example: Case) throws {
    try withFolder { folder in
      try make(folder)
      let path = URL(fileURLWithPath: "\(folder)/\(example.file)")
      let original = try Data(contentsOf: path)
      let expected = try run(example.line, folder)
      #expect(expected.status == 0, "\(expected.errors)")
      guard !example.file.hasSuffix(".npy") else { return }
      var foreign = Data([0xEF, 0xBB, 0xBF])
      for byte in original { foreign += byte == 0x0A ? [0x0D, 0x0A] : [byte] }
      try foreign.write(to: path)
      let outcome = try run(example.line, folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      // Times differ from run to run.
      if !example.line.hasPrefix("compare"), !example.line.contains("checkpoint") {
        #expect(outcome.output == expected.output)
      }
    }
  }

  @Test(arguments: cases)
  func emptyFilesAreBadData(_ example: Case) throws {
    try withFolder { folder in
      try make(folder)
      try Data().write(to: URL(fileURLWithPath: "\(folder)/\(example.file)"))
      let outcome = try run(example.line, folder)
      switch example.file {
      // No pairs are known, and no run is finished yet.
      case "pairs.txt", "runs.jsonl": #expect(outcome.status == 0, "\(outcome.errors)")
      default:
        #expect(outcome.status == 65, "\(outcome)")
        #expect(
          outcome.errors.hasPrefix("qap: ") && outcome.errors.contains(folder)
            && outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome.errors)")
      }
    }
  }
}

/// Every method's log, times left out, is the same byte for byte whatever the number of threads.
@Suite struct ReproducibilityTests {
  @Test(arguments: [
    "solve @nug12.dat --method 2-opt --iterations 200",
    "solve @nug20.dat --method memetic --iterations 20000",
    "solve @nug12.dat --method rlt1 --iterations 60",
    "bound @nug12.dat --method gilmore-lawler", "bound @nug12.dat --method projection",
    "bound @tai10a.dat --method kaufman-broeckx", "bound @tai10a.dat --method xia-yuan",
    "bound @tai10a.dat --method rlt1-lp --iterations 6",
    "solve @nug12.dat --method dnn --iterations 15",
    "solve @tai12a.dat --method branch-and-bound --iterations 3000",
    "solve @nug12.dat --method faq --starts 5",
    "solve @bur26a.dat --method hahn-grant --iterations 3",
    "solve @nug15.dat --method auto --iterations 2000 --seed 7",
    "match %language-wordnet.npy %vision-effnetlite0.npy --rows %rows-effnetlite0-wordnet-20.txt "
      + "--method faq",
  ])
  func logsDoNotDependOnThreads(_ line: String) throws {
    let arguments = line.split(separator: " ").map { word in
      String(word).replacing("@", with: bundled("") + "/").replacing(
        "%", with: packageRoot.appendingPathComponent("Instances/embeddings").path + "/")
    }
    let runs = try ["1", "2", "3", "2"].map {
      try Run(arguments + ["--timeless-log", "--threads", $0]).finish()
    }
    for run in runs {
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors == runs[0].errors && !run.errors.isEmpty)
      #expect(run.output == runs[0].output && !run.output.isEmpty)
    }
  }
}
