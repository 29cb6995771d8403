// Usage: bundle SOURCE TARGET
//
// Copies the instances below from SOURCE (`.dat`, `.sln` and best-known.csv) into TARGET, through
// QAPKit's own reader and writer. Every solution is turned into the forward orientation, its value
// recomputed, and it must be the best known one; where SOURCE has no solution, one is searched for.
import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives

let bundled = """
  nug12 nug14 nug15 nug16a nug16b nug17 nug18 nug20 nug21 nug22 nug24 nug25 nug27 nug28 nug30
  tai10a tai12a tai15a tai17a tai20a tai25a tai30a tai10b tai12b tai15b tai20b tai25b tai30b
  had12 had14 had16 had18 had20 chr12a chr12b chr12c chr15a chr15b chr15c chr18a chr18b chr20a
  chr20b chr20c chr22a chr22b chr25a esc16a esc16b esc16c esc16d esc16e esc16f esc16g esc16h
  esc16i esc16j rou12 rou15 rou20 scr12 scr15 scr20 kra30a kra30b kra32 bur26a bur26b bur26c
  bur26d bur26e bur26f bur26g bur26h ste36a lipa20a lipa20b lipa30a lipa30b sko42 sko100a tho30
  tai64c els19
  """.split { $0 == " " || $0 == "\n" }.map(String.init)

struct Failure: Error, CustomStringConvertible {
  let description: String
}

/// The fields of one line of CSV; quotes protect commas.
func fields(_ line: Substring) -> [String] {
  var result = [""]
  var isQuoted = false
  for character in line {
    switch character {
    case "\"": isQuoted.toggle()
    case "," where !isQuoted: result.append("")
    default: result[result.count - 1].append(character)
    }
  }
  return result
}

/// The best of many descents by swaps; good enough for the small instances that need it.
func search(_ instance: Instance, target: Double) -> Assignment? {
  var generator = SeededGenerator(seed: 1)
  for _ in 0..<10_000 {
    var assignment = Assignment(Permutation(randomOf: instance.size, using: &generator))
    var value = instance.objective(of: assignment)
    var improves = true
    while improves {
      improves = false
      for r in 0..<instance.size {
        for s in 0..<r {
          var candidate = assignment
          candidate.swap(r, s)
          let next = instance.objective(of: candidate)
          if next < value { (assignment, value, improves) = (candidate, next, true) }
        }
      }
    }
    if value == target { return assignment }
  }
  return nil
}

func run(_ source: String, _ target: String) throws {
  let table = String(decoding: try FileAccess.read("\(source)/best-known.csv"), as: UTF8.self)
  var known: [String: [String]] = [:]
  for line in table.split(whereSeparator: \.isNewline).dropFirst() {
    let row = fields(line)
    known[row[0]] = row
  }
  try FileManager.default.createDirectory(
    atPath: "\(target)/qaplib", withIntermediateDirectories: true)
  var csv = "instance,n,value,proved,best_bound,source\n"
  for name in bundled.sorted() {
    guard let row = known[name], row.count == 7, let value = Double(row[2]) else {
      throw Failure(description: "\(name): no row in best-known.csv")
    }
    let instance = try QAPLIB.read("\(source)/\(name).dat")
    let path = "\(source)/\(name).sln"
    var found: Assignment?
    if FileManager.default.fileExists(atPath: path) {
      let resolved = try SolutionFile.read(path).resolve(against: instance)
      for solution in resolved where solution.objective == value { found = solution.assignment }
      for solution in resolved where solution.matchesClaim == false {
        print("\(name): claims \(solution.claimed ?? .nan), is worth \(solution.objective)")
      }
    } else {
      print("\(name): no solution file, searching")
      found = search(instance, target: value)
    }
    guard let found else { throw Failure(description: "\(name): no solution of value \(value)") }
    try QAPLIB.write(instance, to: "\(target)/qaplib/\(name).dat")
    try SolutionFile.write(found, objective: value, to: "\(target)/qaplib/\(name).sln")
    guard try QAPLIB.read("\(target)/qaplib/\(name).dat").cost.matricesEqual(instance.cost) else {
      throw Failure(description: "\(name): does not read back")
    }
    let proved = row[3] == "yes" ? "yes" : "no"
    let note = row[6].contains(",") ? "\"\(row[6])\"" : row[6]
    csv += "\(name),\(instance.size),\(row[2]),\(proved),\(row[4]),\(note)\n"
  }
  try FileAccess.write(Array(csv.utf8), to: "\(target)/best-known.csv")
}

extension QuadraticCost {
  func matricesEqual(_ other: QuadraticCost) -> Bool {
    guard case .koopmansBeckmann(let a, let b) = self,
      case .koopmansBeckmann(let c, let d) = other
    else { return false }
    return a == c && b == d
  }
}

guard CommandLine.arguments.count == 3 else {
  print("usage: bundle SOURCE TARGET")
  exit(64)
}
do {
  try run(CommandLine.arguments[1], CommandLine.arguments[2])
} catch {
  print(error)
  exit(1)
}
