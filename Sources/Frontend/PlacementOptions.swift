import ArgumentParser
import QAP
import QAPInstanceIO

/// Options for the placements that assignments may contain.
public struct PlacementOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Forbidden placements, or pairs of rows: lines of two numbers from 0 (a single i: "
        + "i at i), or .npy.",
      valueName: "file"))
  public var forbid: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Allowed placements: a matrix of 0 and 1 (.npy), or pairs as for --forbid; facilities that "
        + "the pairs do not mention may be anywhere.", valueName: "file"))
  public var allow: String?

  public init() {}

  /// The forbidden pairs among `rows` facilities and `columns` locations.
  public func forbidden(rows: Int, columns: Int) throws -> [FixedPair] {
    var result = try forbid.map { try pairs($0, rows, columns) } ?? []
    guard let allow else { return result }
    var isAllowed = [Bool](repeating: false, count: rows * columns)
    if let mask = try IndexFile.readMask(allow, rows: rows, columns: columns) {
      isAllowed = mask
    } else {
      let list = try pairs(allow, rows, columns)
      let mentioned = Set(list.map(\.facility))
      for i in 0..<rows where !mentioned.contains(i) {
        for j in 0..<columns { isAllowed[i * columns + j] = true }
      }
      for pair in list { isAllowed[pair.facility * columns + pair.location] = true }
    }
    for at in isAllowed.indices where !isAllowed[at] {
      result.append(FixedPair(facility: at / columns, location: at % columns))
    }
    return result
  }

  /// `instance` without the forbidden placements.
  public func apply(to instance: Instance) throws -> Instance {
    try instance.forbidding(
      instance.placements(
        atSites: try forbidden(rows: instance.facilities, columns: instance.siteCount)))
  }

  private func pairs(_ path: String, _ rows: Int, _ columns: Int) throws -> [FixedPair] {
    try IndexFile.readPairs(path, below: max(rows, columns)).map { first, second in
      guard first < rows, second < columns else {
        throw InputError(
          path, found: "\(first) at \(second)",
          expected: "numbers below \(rows) and \(columns)")
      }
      return FixedPair(facility: first, location: second)
    }
  }
}
