import QAP
import QAPPrimitives

/// Checkpoint files: an exact search as text, from which this process or another can resume.
///
///     QAPKIT-CHECKPOINT 2
///     instance NAME           for people
///     size 20                 facilities, and locations
///     fingerprint 0f1e…       of the data (`Instance.fingerprint`), in hexadecimal
///     nodes 1234              looked at so far
///     incumbent 1             or 0; with 1 the location of each facility follows, from 0
///     open 2                  subproblems, of each:
///     2490 3 0 4 7 1 8 19     its bound, the number of its pairs, and facility and location of each
///     …
///     end
///     checksum 89abcdef       of all lines before it (CRC-32, as in ZIP), in hexadecimal
///
/// A subproblem that is missing would make a search end with a false proof: hence the checksum. A
/// subproblem needs nothing but its line and the instance.
public enum CheckpointFile {
  static let version = 2
  private static let magic = "QAPKIT-CHECKPOINT"

  /// Reads the state of a search over `instance` from the contents of `file`.
  ///
  /// - Throws: `InputError` when it is no checkpoint, or one of another instance.
  public static func parse(
    _ bytes: [UInt8], file: String, instance: Instance
  ) throws(InputError) -> SearchState {
    var reader = WordReader(TextScanner(bytes, file: file))
    let n = instance.size
    try reader.word(magic)
    let found = try reader.integer("the version")
    guard found == version else {
      throw InputError(
        file, found: "a checkpoint of version \(found)",
        expected: "version \(version); delete the file to start the search again")
    }
    try reader.word("instance")
    let name = reader.restOfLine()
    try reader.word("size")
    let size = try reader.integer("the number of facilities")
    try reader.word("fingerprint")
    let fingerprint = reader.restOfLine()
    guard size == n, fingerprint == String(instance.fingerprint, radix: 16) else {
      throw InputError(
        file, found: "the checkpoint of another instance (\(name), n = \(size))",
        expected: "one of \(instance.name) with the same data, pairs and sense")
    }
    try reader.word("nodes")
    let nodes = try reader.integer("a number of nodes")
    try reader.word("incumbent")
    var assignment: Assignment?
    if try reader.integer("0 or 1", in: 0...1) == 1 {
      var locations: [Int] = []
      for _ in 0..<n { locations.append(try reader.integer("a location", in: 0...n - 1)) }
      guard let placed = Assignment(locations: locations) else {
        throw InputError(file, found: "a location twice", expected: "a permutation")
      }
      assignment = placed
    }
    try reader.word("open")
    let count = try reader.integer("a number of subproblems")
    var open: [Subproblem] = []
    while open.count < count {
      let bound = try reader.number()
      var pairs: [FixedPair] = []
      for _ in 0..<(try reader.integer("a number of pairs", in: 0...n)) {
        let facility = try reader.integer("a facility", in: 0...n - 1)
        let location = try reader.integer("a location", in: 0...n - 1)
        guard pairs.allSatisfy({ $0.facility != facility && $0.location != location }) else {
          throw InputError(
            file, found: "facility \(facility) or location \(location) twice",
            expected: "each once in a subproblem")
        }
        pairs.append(FixedPair(facility: facility, location: location))
      }
      open.append(Subproblem(pairs: pairs, bound: bound))
    }
    try reader.word("end")
    try reader.word("checksum")
    let sum = reader.restOfLine()
    guard sum == checksum(of: bytes) else {
      throw InputError(
        file, found: "contents that do not fit the checksum \(sum.printable)",
        expected: "a checkpoint as it was saved; delete the file to start the search again")
    }
    try reader.end()
    return SearchState(assignment: assignment, nodes: nodes, open: open)
  }

  /// The state of a search over `instance` as text, which reads back as the same.
  public static func format(_ state: SearchState, of instance: Instance) -> [UInt8] {
    var writer = TextWriter()
    let name = instance.name.map { $0.isNewline ? " " : $0 }
    writer.append("\(magic) \(version)\ninstance \(String(name))\nsize \(instance.size)\n")
    writer.append("fingerprint \(String(instance.fingerprint, radix: 16))\n")
    writer.append("nodes \(state.nodes)\nincumbent \(state.assignment == nil ? 0 : 1)\n")
    if let assignment = state.assignment {
      writer.append(assignment.locations.map(Int64.init), perLine: instance.size)
    }
    writer.append("open \(state.open.count)\n")
    for subproblem in state.open {
      writer.append("\(TextWriter.text(of: subproblem.bound)) \(subproblem.pairs.count)")
      for pair in subproblem.pairs { writer.append(" \(pair.facility) \(pair.location)") }
      writer.append("\n")
    }
    writer.append("end\n")
    return sealed(writer.bytes)
  }

  /// The lines of a checkpoint with their checksum behind them.
  public static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    bytes + "checksum \(String(Deflate.checksum(bytes), radix: 16))\n".utf8
  }

  /// The checksum of all lines before the last "checksum".
  private static func checksum(of bytes: [UInt8]) -> String? {
    let mark = Array("\nchecksum ".utf8)
    guard bytes.count > mark.count,
      let start = (0...bytes.count - mark.count).last(where: {
        bytes[$0] == mark[0] && bytes[$0..<$0 + mark.count].elementsEqual(mark)
      })
    else { return nil }
    // An editor's carriage returns change nothing.
    return String(Deflate.checksum(bytes[...start].filter { $0 != 0x0D }), radix: 16)
  }
}
