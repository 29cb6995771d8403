import Foundation

/// The same numbers for the same seed, on any machine (SplitMix64).
struct Generator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Makes command lines: mostly plausible ones, with something hostile here and there.
struct Words {
  let grammar: Grammar
  /// Names of the files that lie in the folder of the run.
  let files: [String]
  var generator: Generator

  private static let hostile = [
    "", "-", "--", "-1", "0", "1", "2", "nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "0x10",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
    "99999999999999999999999", "1.5", "1e3", " ", "\n", "a\nb", "ä", "\u{1F600}", "%s%n", "a=b",
    "=", ",",
    ",,", "1,2", "1,,2", "3,2,1", "true", "/dev/null", "/dev/full", "missing.dat", ".",
    "a/b/c.json",
    "empty.dat:", "arrays.npz:vision", ":", "identity", "uniform", "auto,auto",
    String(repeating: "x", count: 5000), String(repeating: "9", count: 400),
  ]

  private static let methods = [
    "auto", "branch-and-bound", "gilmore-lawler", "projection", "hahn-grant", "rlt1", "rlt1-lp",
    "dnn",
    "kaufman-broeckx", "xia-yuan", "2-opt", "tabu", "memetic", "faq",
  ]

  private static let metrics = [
    "gw", "cka", "cka-rbf", "cka-one-sided", "knn:1", "knn:3", "knn:99", "knn:0", "inner", "kl",
    "correlation",
  ]

  private static let lists = [
    "1", "2", "3", "2,3", "0:2", "0..2", "5,10", "0,1,2", "names", "gw,cka", "knn", "0,50,100",
  ]

  /// A command line without the program's name.
  mutating func line() -> [String] {
    if chance(0.01) { return (0..<Int.random(in: 0...3, using: &generator)).map { _ in hostile() } }
    let command = grammar.commands.randomElement(using: &generator)!
    var line: [String] = []
    for argument in command.arguments where argument.name == nil {
      if argument.isOptional, !argument.isRepeating, chance(0.4) { continue }
      let count = argument.isRepeating ? Int.random(in: 0...3, using: &generator) : 1
      for _ in 0..<count where !chance(0.02) {
        line.append(chance(0.05) ? hostile() : value(of: argument, command.name))
      }
    }
    let density = Double.random(in: 0...0.3, using: &generator)
    for argument in command.arguments {
      guard let name = argument.name, name != "--help", name != "--version" || chance(0.05) else {
        continue
      }
      guard chance(!argument.isOptional ? 0.95 : density) else { continue }
      line.append(name)
      guard argument.hasValue, !chance(0.01) else { continue }
      let value = chance(0.12) ? hostile() : value(of: argument, command.name)
      // A value that begins with a dash is an option unless it is glued on.
      if value.hasPrefix("-") || chance(0.1), name.hasPrefix("--") {
        line[line.count - 1] += "=" + value
      } else {
        line.append(value)
      }
    }
    if chance(0.03) { line.append(hostile()) }
    if chance(0.05) { line.shuffle(using: &generator) }
    return [command.name] + line
  }

  private mutating func chance(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &generator) < probability
  }

  private mutating func hostile() -> String { Self.hostile.randomElement(using: &generator)! }

  private mutating func pick(_ words: [String]) -> String {
    words.randomElement(using: &generator)!
  }

  private mutating func file(_ endings: String...) -> String {
    let fitting = files.filter { name in endings.contains { name.hasSuffix($0) } }
    return chance(0.1) || fitting.isEmpty ? pick(files) : pick(fitting)
  }

  /// A value that may well be meant.
  private mutating func value(of argument: Grammar.Argument, _ command: String) -> String {
    if !argument.choices.isEmpty { return pick(argument.choices) }
    let size = String(Int.random(in: 1...12, using: &generator))
    switch (argument.name, argument.value) {
    case ("--time-limit", _): return pick(["0.1", "0.3", "1"])
    case ("--method", _): return command == "retrieve" ? "linear" : pick(Self.methods)
    case ("--methods", _): return (0..<2).map { _ in pick(Self.methods) }.joined(separator: ",")
    case ("--metric", _): return pick(Self.metrics)
    case ("--gap", _): return pick(["0", "0.1", "0.5", "2"])
    case ("--target", "value"): return pick(["0", "578", "-5", "1e9", "0.25"])
    case ("--formulation", _): return pick(["rlt1", "kaufman-broeckx", "xia-yuan"])
    case ("--json", _): return pick(["-", "-", "out.json", "/dev/null"])
    case ("--external", _): return "peer=" + file(".csv")
    case ("--start", _): return file(".sln", ".cert")
    case ("--checkpoint", _): return chance(0.5) ? "out.ck" : file(".ck")
    case ("--state", _): return chance(0.5) ? "out.jsonl" : file(".jsonl")
    case ("--export", _): return pick(["out.mps", "out.lp"])
    case ("--certificate", _): return "out.cert"
    case ("--report", _): return "out.html"
    case ("--csv", _): return "out.csv"
    case ("--pairs", _), ("--rows", _), ("--queries", _), ("--base", _), ("--labels", _),
      ("--target-labels", _), ("--truth", _), ("--folds", _), ("--paired", _), ("--members", _),
      ("--names", _), ("--target-names", _), ("--initial", _), ("--base-source", _),
      ("--base-target", _):
      return file(".txt", ".npy")
    case ("--output", _), ("-o", _), ("--instance", _), ("--planted", _), ("--scores", _):
      return pick([
        "out.sln", "out.npy", "out.json", "out.dat", "out.npz", "out.svg", "out.txt", "out.csv",
      ])
    case (nil, "family"):
      return pick([
        "grid", "planted-gw", "taillard-uniform", "drezner", "rectilinear", "tai12a", "tai64c",
      ])
    case (nil, "claim"): return file(".sln", ".cert")
    case (nil, "output"): return pick(["out.dat", "out.json", "out.npz", "out.npy", "out.xyz"])
    case (nil, "subject"), (nil, "subcommands"):
      return pick(grammar.commands.map(\.name) + ["formats", "metrics"])
    case (nil, "source"), (nil, "target"), (nil, "samples"), (nil, "classes"), (nil, "vision"),
      (nil, "language"):
      return file(".npy", ".csv", ".npz", ".safetensors")
    case (nil, _):
      switch command {
      case "plot": return file(".json")
      case "subset", "prepare": return file(".npy", ".csv")
      default: return file(".dat", ".json", ".npz")
      }
    case (_, "list"), (_, "A,B"), (_, "names"): return pick(Self.lists)
    default: return size
    }
  }
}
