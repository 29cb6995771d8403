import QAP
import QAPPrimitives

/// An assignment, or part of one, as a file of another kind than QAPLIB's states it: the JSON of a
/// run, or the solution of a program that `qap relax` exported.
public struct StatedAssignment: Equatable, Sendable {
  /// The location of each facility, from 0; nil where it is open.
  public let locations: PartialAssignment
  /// The objective that the file claims; nil for none.
  public let claimed: Double?

  /// Reads the contents of `file`; nil when they are neither JSON nor the solution of a program.
  ///
  /// Solutions are those of HiGHS, GLPK (`-o`), Gurobi, SCIP, CBC and CPLEX: variables x_i_j with
  /// their values, of which those that are missing are 0.
  ///
  /// - Throws: `InputError` when the values state no assignment of `instance`.
  public static func parse(
    _ bytes: [UInt8], file: String, instance: Instance
  ) throws(InputError) -> StatedAssignment? {
    if bytes.first(where: { !TextScanner.isSpace($0) }) == UInt8(ascii: "{") {
      return try json(bytes, file: file, instance: instance)
    }
    let words = SolutionText(bytes)
    guard words.isOfProgram else { return nil }
    let values = try words.values(file: file, instance: instance)
    guard !values.isEmpty else {
      throw InputError(
        file, found: "a solution of numbered columns",
        expected: "names of variables, as 'glpsol -o' writes them: columns of an .lp file have "
          + "another order")
    }
    var locations = [Int?](repeating: nil, count: instance.size)
    for (pair, value) in values where abs(value) > 1e-4 {
      guard abs(value - 1) <= 1e-4 else {
        throw InputError(
          file, found: "the value \(value) of x_\(pair.facility)_\(pair.location)",
          expected: "0 or 1: export the program with --integer")
      }
      guard locations[pair.facility] == nil else {
        throw InputError(file, found: "two locations of facility \(pair.facility)", expected: "one")
      }
      locations[pair.facility] = pair.location
    }
    return try checked(locations, words.objective, file: file, instance: instance)
  }

  private static func checked(
    _ locations: [Int?], _ claimed: Double?, file: String, instance: Instance
  ) throws(InputError) -> StatedAssignment {
    let placed = locations.compactMap { $0 }
    guard Set(placed).count == placed.count, !placed.isEmpty else {
      throw InputError(
        file, found: placed.isEmpty ? "no placed facility" : "two facilities at one location",
        expected: "an assignment of \(instance.name)")
    }
    return StatedAssignment(locations: PartialAssignment(locations: locations), claimed: claimed)
  }

  /// The members `assignment` and `objective` of a run's JSON.
  private static func json(
    _ bytes: [UInt8], file: String, instance: Instance
  ) throws(InputError) -> StatedAssignment {
    var reader = JSONReader(bytes, file: file)
    var (locations, claimed): ([Int]?, Double?) = (nil, nil)
    try reader.object { (reader, key, _) throws(InputError) in
      switch key {
      case "assignment": locations = try reader.isNull() ? nil : try reader.counts(allowsNull: true)
      case "target_rows":
        throw InputError(
          file, found: "the JSON of a match, which counts in rows",
          expected: "an assignment: 'qap match --instance F --output F.sln' writes one")
      case "objective": claimed = try reader.isNull() ? nil : try reader.number()
      default: try reader.skipValue()
      }
    }
    guard let locations else {
      throw InputError(file, found: "no assignment", expected: "the JSON of a run that found one")
    }
    let n = instance.size
    guard locations.count == n || locations.count == instance.facilities,
      locations.allSatisfy({ $0 < n && ($0 >= 0 || instance.sites.contains($0)) })
    else {
      throw InputError(
        file, found: "an assignment of \(locations.count) facilities",
        expected: "\(instance.facilities), at locations from 0 to \(n - 1)")
    }
    // The locations of a site are taken in their order.
    var left = Array((0..<n).reversed())
    var all: [Int?] = []
    for site in locations where !instance.sites.isEmpty {
      guard let free = left.lastIndex(where: { instance.sites[$0] == site }) else {
        throw InputError(
          file, found: "location \(site) too often", expected: "at most its capacity")
      }
      all.append(left.remove(at: free))
    }
    if all.isEmpty { all = locations }
    all += [Int?](repeating: nil, count: n - locations.count)
    return try checked(all, claimed, file: file, instance: instance)
  }
}

extension PartialAssignment {
  /// All facilities of `instance` have a location, but for those that pad it.
  public func isComplete(for instance: Instance) -> Bool {
    locations.count >= instance.facilities
      && locations.prefix(instance.facilities).allSatisfy { $0 != nil }
  }

  /// The assignment of `instance` with these locations and open facilities, in their order, at the
  /// free locations where they cost least beside those that are placed.
  ///
  /// - Complexity: O(n²·open facilities), and at free locations in their order for tensors.
  public func completed(for instance: Instance) -> Assignment? {
    let n = instance.size
    var places =
      Array(locations.prefix(n)) + [Int?](repeating: nil, count: max(0, n - locations.count))
    var isTaken = [Bool](repeating: false, count: n)
    for case let place? in places {
      guard (0..<n).contains(place), !isTaken[place] else { return nil }
      isTaken[place] = true
    }
    var placed = places.indices.filter { places[$0] != nil }
    for facility in 0..<n where places[facility] == nil {
      var best: (location: Int, cost: Double)?
      for location in 0..<n where !isTaken[location] {
        var cost = instance.linear?[facility, location] ?? 0
        if case .koopmansBeckmann(let flow, let distance) = instance.cost {
          cost += flow[facility, facility] * distance[location, location]
          for other in placed {
            let place = places[other] ?? 0
            cost +=
              flow[facility, other] * distance[location, place]
              + flow[other, facility] * distance[place, location]
          }
        }
        if cost < best?.cost ?? .infinity { best = (location, cost) }
      }
      guard let location = best?.location ?? isTaken.firstIndex(of: false) else { return nil }
      places[facility] = location
      isTaken[location] = true
      placed.append(facility)
    }
    return Assignment(locations: places.compactMap { $0 })
  }
}

/// The words of a solution of a program.
private struct SolutionText {
  private let words: [Substring.UTF8View.SubSequence]

  init(_ bytes: [UInt8]) {
    // Quotation marks and angle brackets of XML separate words, too.
    let separators: Set<UInt8> = Set("\"<>=,;() \t\r\n\u{B}\u{C}".utf8)
    let text = String(decoding: bytes, as: UTF8.self)
    words = text.utf8.split { separators.contains($0) }.map { Substring($0).utf8 }
  }

  /// The word at `index`.
  private func word(_ index: Int) -> String { String(Substring(words[index])) }

  private func number(_ index: Int) -> Double? {
    guard index < words.count, words[index].count < 40, let value = Double(word(index)),
      value.isFinite
    else { return nil }
    return value
  }

  /// The pair of a variable called x_i_j.
  private func pair(_ index: Int) -> FixedPair? {
    let name = words[index]
    guard name.count < 24, name.starts(with: "x_".utf8) else { return nil }
    let numbers = word(index).dropFirst(2).split(separator: "_", omittingEmptySubsequences: false)
    guard numbers.count == 2, let i = Int(numbers[0]), let j = Int(numbers[1]), i >= 0, j >= 0
    else { return nil }
    return FixedPair(facility: i, location: j)
  }

  /// True when a variable is named, or GLPK's own form is recognized.
  var isOfProgram: Bool {
    words.indices.contains { pair($0) != nil } || numberedStart != nil
  }

  /// Where "s mip rows columns status value" stands.
  private var numberedStart: Int? {
    words.indices.first { index in
      word(index) == "s" && index + 5 < words.count
        && ["mip", "bas", "ipt"].contains(word(index + 1))
    }
  }

  /// The values behind names; the first of each, as duals may follow.
  func values(
    file: String, instance: Instance
  ) throws(InputError) -> [(FixedPair, Double)] {
    var result: [(FixedPair, Double)] = []
    var seen: Set<FixedPair> = []
    for index in words.indices {
      guard let pair = pair(index), seen.insert(pair).inserted else { continue }
      guard pair.facility < instance.size, pair.location < instance.size else {
        throw InputError(
          file, found: "x_\(pair.facility)_\(pair.location)",
          expected: "facilities and locations below \(instance.size)")
      }
      // Marks such as GLPK's * and CPLEX's attributes stand between name and value: of XML the
      // number that counts follows the word value.
      let isXML = index >= 2 && word(index - 1) == "name"
      var next = index + 1
      while next < min(words.count, index + 12),
        isXML ? word(next - 1) != "value" : number(next) == nil
      { next += 1 }
      guard let value = number(next) else { continue }
      result.append((pair, value))
    }
    return result
  }

  /// The number behind the first "objective", "Objective value" or the like.
  var objective: Double? {
    let first = words.indices.first {
      words[$0].count < 20 && word($0).lowercased().hasPrefix("objective")
    }
    guard let first else { return nil }
    return (first + 1..<min(words.count, first + 6)).lazy.compactMap { number($0) }.first
  }
}
