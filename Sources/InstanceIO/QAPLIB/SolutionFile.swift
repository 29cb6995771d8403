import QAP
import QAPPrimitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The contents of a QAPLIB solution file: a claimed objective and one or more permutations.
///
/// The usual file is a header "n value" and the location, from 1 to n, of each facility. Files in
/// circulation also have only the value, only n, or no header; several permutations; locations
/// counted from 0; commas; "??" for an unknown permutation; and permutations that send
/// locations to facilities. All of them are read; `resolve(against:)` finds the orientation.
public struct SolutionFile: Sendable {
  /// The file as the caller named it.
  public let file: String
  /// The objective that the header claims; nil when there is none.
  public let claimed: Double?
  /// The permutations as written, counted from 0; empty when the file says "??" instead.
  public let permutations: [Permutation]

  /// Collects a claim and permutations.
  public init(file: String = "solution", claimed: Double?, permutations: [Permutation]) {
    self.file = file
    self.claimed = claimed
    self.permutations = permutations
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is no solution.
  public static func read(_ path: String) throws -> SolutionFile {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Reads a solution from the contents of `file`.
  ///
  /// - Throws: `InputError`, with line and column, for anything else.
  /// - Complexity: O(bytes).
  public static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> SolutionFile {
    let words = try SolutionWords(bytes, file: file)
    guard let (claimed, permutations) = words.interpretation else { throw words.fault() }
    return SolutionFile(file: file, claimed: claimed, permutations: permutations)
  }

  /// Writes one assignment to `path`, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public static func write(
    _ assignment: Assignment, objective: Double, to path: String
  ) throws(FileError) {
    try FileAccess.write(format(assignment, objective: objective), to: path)
  }

  /// One assignment as text: "n value", then the location of each facility, counted from 1, twenty
  /// a line.
  public static func format(_ assignment: Assignment, objective: Double) -> [UInt8] {
    let n = assignment.size
    let width = String(n).count
    var writer = TextWriter()
    writer.append("\(n) \(TextWriter.text(of: objective))\n")
    for facility in 0..<n {
      let text = String(assignment[facility] + 1)
      writer.append(facility % 20 == 0 ? (facility == 0 ? "" : "\n") : " ")
      writer.append(text.rightAligned(width))
    }
    writer.append("\n")
    return writer.bytes
  }
}

extension SolutionFile {
  /// Every permutation, read in the orientation that has the claimed objective.
  ///
  /// Claims are compared exactly for integral instances. For real ones they may differ by what
  /// counts as optimal (`OptimalityRule.slack(at:)`), and by half a unit of the last digit that the
  /// file gives, where that is at most a millionth.
  ///
  /// - Throws: `InputError` for another size than the instance's, and when the file holds no
  ///   permutation.
  /// - Complexity: O(n²) each.
  public func resolve(against instance: Instance) throws(InputError) -> [ResolvedSolution] {
    guard !permutations.isEmpty else {
      throw InputError(
        file, found: "no permutation", expected: "one of \(instance.size) facilities")
    }
    var result: [ResolvedSolution] = []
    for permutation in permutations {
      guard permutation.count == instance.size else {
        throw InputError(
          file, found: "a permutation of \(permutation.count) facilities",
          expected: "\(instance.size), the size of \(instance.name)")
      }
      let forward = Assignment(permutation)
      let here = instance.objective(of: forward)
      let there = instance.objective(of: forward.inverse)
      let isInverse = !matches(here, instance) && matches(there, instance)
      result.append(
        ResolvedSolution(
          assignment: isInverse ? forward.inverse : forward, objective: isInverse ? there : here,
          otherObjective: isInverse ? here : there, orientation: isInverse ? .inverse : .forward,
          claimed: claimed,
          matchesClaim: claimed.map { _ in isInverse || matches(here, instance) }))
    }
    return result
  }

  private func matches(_ objective: Double, _ instance: Instance) -> Bool {
    guard let claimed else { return false }
    if objective == claimed { return true }
    if instance.properties.isIntegral && instance.objectiveError == 0 { return false }
    let rounding = min(SolutionFile.halfUnit(of: claimed), 1e-6 * abs(claimed))
    return abs(objective - claimed)
      <= max(instance.optimalityRule().slack(at: objective), rounding)
  }

  /// Half a unit of the last digit of a number as it is written.
  private static func halfUnit(of number: Double) -> Double {
    let parts = "\(number)".split(separator: "e")
    let decimals = parts[0].split(separator: ".").dropFirst().first ?? ""
    let digits = decimals == "0" ? 0 : decimals.count
    let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - digits
    return 0.5 * (Double("1e\(exponent)") ?? 0)
  }
}

/// The numbers of a solution file, and the attempt to make sense of them.
private struct SolutionWords {
  let scanner: TextScanner
  private var values: [Double] = []
  private var offsets: [Int] = []
  /// The number of numbers on the first two lines that have any.
  private var lineCounts = (first: 0, second: 0)
  private var hasPlaceholder = false

  init(_ bytes: [UInt8], file: String) throws(InputError) {
    var scanner = TextScanner(bytes, file: file)
    while SolutionWords.skipSeparators(&scanner) {
      let start = scanner.position
      if SolutionWords.skipPlaceholder(&scanner) {
        hasPlaceholder = true
        continue
      }
      guard !hasPlaceholder, let value = scanner.number(), value.isFinite,
        scanner.isAtEnd || SolutionWords.isSeparator(bytes[scanner.position])
      else {
        throw scanner.unexpected(
          at: start, expected: hasPlaceholder ? "the end of the file" : "a finite number")
      }
      values.append(value)
      offsets.append(start)
    }
    self.scanner = scanner
    lineCounts.first = countOnLine(from: 0)
    lineCounts.second = countOnLine(from: lineCounts.first)
  }

  /// The number of numbers on the line of number `index`, from there on.
  private func countOnLine(from index: Int) -> Int {
    guard index < offsets.count else { return 0 }
    let bytes = scanner.bytes
    let end = bytes[offsets[index]...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
    return (offsets[index...].firstIndex { $0 > end } ?? offsets.count) - index
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    TextScanner.isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
  }

  private static func skipSeparators(_ scanner: inout TextScanner) -> Bool {
    while !scanner.isAtEnd, isSeparator(scanner.bytes[scanner.position]) { scanner.position += 1 }
    return !scanner.isAtEnd
  }

  private static func skipPlaceholder(_ scanner: inout TextScanner) -> Bool {
    var next = scanner.position
    while next < scanner.bytes.count, scanner.bytes[next] == UInt8(ascii: "?") { next += 1 }
    guard next > scanner.position, next == scanner.bytes.count || isSeparator(scanner.bytes[next])
    else { return false }
    scanner.position = next
    return true
  }

  typealias Reading = (claimed: Double?, permutations: [Permutation])

  /// The first reading that accounts for every number. A line that looks like a header is tried as
  /// one first; otherwise numbers that are all a permutation are nothing else.
  var interpretation: Reading? {
    if hasPlaceholder { return values.count <= 2 ? (values.last, []) : nil }
    if lineCounts.first == 2, let reading = afterSizeAndValue { return reading }
    if lineCounts.first == 1, lineCounts.second > 1, let reading = afterOneNumber {
      return reading
    }
    if let n = impliedSize(from: 0), let permutations = permutations(from: 0, size: n) {
      return (nil, permutations)
    }
    return afterSizeAndValue ?? afterOneNumber
  }

  /// "n value", then permutations.
  private var afterSizeAndValue: Reading? {
    guard values.count > 2, values[0] >= 1, values[0] <= Double(values.count),
      values[0] == values[0].rounded(),
      let permutations = permutations(from: 2, size: Int(values[0]))
    else { return nil }
    return (values[1], permutations)
  }

  /// "value", then permutations; a number equal to their size is the size.
  private var afterOneNumber: Reading? {
    guard values.count > 1, let n = impliedSize(from: 1),
      let permutations = permutations(from: 1, size: n)
    else { return nil }
    return (values[0] == Double(n) ? nil : values[0], permutations)
  }

  /// The size of permutations that use exactly the values from `start` on; nil when they cannot be
  /// permutations counted from 0 or 1.
  private func impliedSize(from start: Int) -> Int? {
    guard let least = values[start...].min(), let most = values[start...].max(),
      least == 0 || least == 1, most - least < Double(values.count)
    else { return nil }
    return Int(most - least) + 1
  }

  private func permutations(from start: Int, size n: Int) -> [Permutation]? {
    let count = values.count - start
    guard n > 0, count > 0, count % n == 0 else { return nil }
    var result: [Permutation] = []
    for block in stride(from: start, to: values.count, by: n) {
      let slice = values[block..<block + n]
      guard slice.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 <= Double(n) }) else {
        return nil
      }
      let base = slice.contains(0) ? 0 : 1
      guard let permutation = Permutation(slice.map { Int($0) - base }) else { return nil }
      result.append(permutation)
    }
    return result
  }

  /// The first number that no reading explains, judged by the most likely layout.
  func fault() -> InputError {
    if hasPlaceholder {
      return scanner.unexpected(at: offsets[2], expected: "\"??\" after at most two numbers")
    }
    guard !values.isEmpty else {
      return scanner.error(
        at: scanner.position, found: "end of file", expected: "a header \"n value\" or locations")
    }
    let start = lineCounts.first <= 2 ? lineCounts.first : 0
    var n = max(1, values.count - start)
    if start == 2 {
      guard values[0] == values[0].rounded(), values[0] >= 1, values[0] <= 1e6 else {
        return scanner.unexpected(
          at: offsets[0], expected: "the number of facilities, an integer from 1 to 1000000")
      }
      n = Int(values[0])
    } else if start == 1, values[0] == Double(n + 1) {
      n += 1
    }
    return fault(from: start, size: n)
  }

  private func fault(from start: Int, size n: Int) -> InputError {
    let block = values[start..<min(values.count, start + n)]
    let base = block.contains(0) ? 0 : 1
    var seen: Set<Int> = []
    var inBlock = 0
    for index in start..<values.count {
      let value = values[index]
      guard value == value.rounded(), value >= Double(base), value < Double(n + base) else {
        return scanner.unexpected(
          at: offsets[index], expected: "a location from \(base) to \(n + base - 1)")
      }
      guard seen.insert(Int(value)).inserted else {
        return scanner.error(
          at: offsets[index], found: "location \(Int(value)) again",
          expected: "each of \(base) to \(n + base - 1) once")
      }
      inBlock += 1
      if inBlock == n {
        inBlock = 0
        seen.removeAll()
      }
    }
    return scanner.error(
      at: scanner.position, found: "end of file after \(inBlock) locations",
      expected: start == 1 && values.count == 1 ? "a permutation" : "\(n)")
  }
}
