import QAP
import QAPPrimitives

extension QUBO {
  /// Reads an instance back from the contents of a `.qubo` file that `format()` wrote: its costs
  /// become a tensor, without the penalty of broken constraints.
  ///
  /// - Throws: `InputError` when they are something else, such as a problem without the comments
  ///   that say which variable is which placement, and with what penalty.
  static func problem(_ bytes: [UInt8], file: String) throws(InputError) -> StatedInstance {
    var reader = WordReader(TextScanner(bytes, file: file))
    var header = Header()
    while try reader.word(among: ["c", "p"]) == "c" { header.read(reader.restOfLine()) }
    try reader.word("qubo")
    _ = try reader.integer("the topology 0", in: 0...0)
    let count = try reader.integer("a number of variables", in: 1...1 << 24)
    let lines =
      try reader.integer("a number of diagonal entries", in: 0...1 << 48)
      + reader.integer("a number of products", in: 0...1 << 48)
    guard !header.fixes else {
      throw InputError(
        file, found: "fixed pairs", expected: "a QUBO of a whole instance, without --pairs")
    }
    let (m, n) = (header.facilities, header.locations)
    guard let penalty = header.penalty, let constant = header.constant, header.isComplete(count)
    else {
      throw InputError(
        file, found: "no comments with constant, penalty and the placement of each variable",
        expected: "a file of 'qap relax --qubo'; other QUBOs are no assignment problems")
    }
    try InputError.requireMemory(16 * Double(n * n) * Double(n * n), for: file)
    var linear = Matrix<Double>(rows: n, columns: n, repeating: 0)
    var entries = [Double](repeating: 0, count: n * n * n * n)
    for place in header.places { linear[place.facility, place.location] = penalty }
    for place in header.forbidden { linear[place.facility, place.location] = .infinity }
    for _ in 0..<lines {
      let first = try reader.integer("a variable", in: 0...count - 1)
      let second = try reader.integer("a variable", in: first...count - 1)
      let value = try reader.number()
      let (i, j) = header.places[first]
      let (k, l) = header.places[second]
      if first == second { linear[i, j] += value }
      // No assignment has two placements of a facility, or at a location.
      if i != k, j != l { entries[((i * n + j) * n + k) * n + l] += value }
    }
    try reader.end()
    let instance = try Instance(
      file: file, name: header.name ?? FileAccess.stem(file),
      tensor: NumericArray(shape: [n, n, n, n], elements: entries), linear: linear,
      constant: constant - Double(m) * penalty)
    return StatedInstance(
      instance: header.sense == .max ? instance.negated : instance, sense: header.sense)
  }

  /// The contents of the comments.
  private struct Header {
    var name: String?
    var sense = Sense.min
    var constant: Double?
    var penalty: Double?
    var fixes = false
    /// Facility and location of variables, in their order.
    var places: [(facility: Int, location: Int)] = []
    /// Facility and location without a variable.
    var forbidden: [(facility: Int, location: Int)] = []

    private var all: [(facility: Int, location: Int)] { places + forbidden }
    var facilities: Int { (all.map(\.facility).max() ?? 0) + 1 }
    var locations: Int { (all.map(\.location).max() ?? 0) + 1 }

    /// True when there is a variable for each placement that is not forbidden.
    func isComplete(_ count: Int) -> Bool {
      let (m, n) = (facilities, locations)
      return places.count == count && m <= n && all.count == m * n
        && Set(all.map { $0.facility * n + $0.location }).count == m * n
    }

    /// Numbers of placements, none of which a file that fits into memory exceeds.
    private func number(_ word: Substring) -> Int? {
      Int(word).flatMap { (0..<1 << 24).contains($0) ? $0 : nil }
    }

    mutating func read(_ line: String) {
      let words = line.split(separator: " ")
      switch words.first {
      case "QUBO":
        let end = "; the objective is "
        let parts = line.split(separator: ",")
        guard words.count > 2, parts.count > 1, let last = parts.last, last.contains(end) else {
          return
        }
        name = String(line.dropFirst("QUBO of ".count).dropLast(last.count + 1))
        if last.hasSuffix("-(value + constant)") { sense = .max }
      case "constant" where words.count == 2: constant = Double(words[1])
      case "penalty" where words.count == 2: penalty = Double(words[1])
      case "fixed:": fixes = true
      case "variable" where words.count == 4:
        let parts = words[3].split(separator: "_")
        guard parts.count == 3, Int(words[1]) == places.count, let i = number(parts[1]),
          let j = number(parts[2])
        else { return }
        places.append((i, j))
      case "forbidden:" where words.count == 6:
        guard let i = number(words[2]), let j = number(words[5]) else { return }
        forbidden.append((i, j))
      default: break
      }
    }
  }
}
