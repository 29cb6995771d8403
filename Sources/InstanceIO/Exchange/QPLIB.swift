import QAP
import QAPPrimitives

/// QPLIB's format of quadratic programs (F. Furini et al., "QPLIB: a library of quadratic
/// programming instances", Mathematical Programming Computation 11, 2019), as far as it holds
/// quadratic assignment problems: binary variables and the rows of an assignment.
///
/// Quadratic coefficients are the lower triangle of the symmetric H of ½xᵀHx.
public enum QPLIB {
  /// Reads an instance from the contents of `file`: its costs become a tensor.
  ///
  /// - Throws: `InputError` when they are no such program.
  static func problem(_ bytes: [UInt8], file: String) throws(InputError) -> StatedInstance {
    var reader = WordReader(TextScanner(withoutComments(bytes), file: file))
    func fail(_ found: String, _ expected: String) -> InputError {
      InputError(file, found: found, expected: expected)
    }
    _ = reader.scanner.skipSpace()
    let name = reader.restOfLine()
    let types = ["QBL", "CBL", "DBL", "LBL"]
    let type = try reader.word(among: types)
    let sense = try reader.word(among: ["minimize", "maximize"])
    let variables = try reader.integer("a number of variables", in: 1...1 << 24)
    let rows = try reader.integer("a number of constraints", in: 2...1 << 16)
    var products: [(Int, Int, Double)] = []
    if type != "LBL" {
      for _ in 0..<(try reader.integer("a number of quadratic terms")) {
        let first = try reader.integer("a variable", in: 1...variables)
        let second = try reader.integer("a variable", in: 1...variables)
        products.append((first - 1, second - 1, try reader.number()))
      }
    }
    let linear = try values(&reader, variables)
    let constant = try reader.number()
    var members = [[Int]](repeating: [], count: rows)
    for _ in 0..<(try reader.integer("a number of linear terms")) {
      let row = try reader.integer("a constraint", in: 1...rows)
      let variable = try reader.integer("a variable", in: 1...variables)
      guard try reader.number() == 1 else {
        throw fail("another coefficient than 1 in constraint \(row)", "the rows of an assignment")
      }
      members[row - 1].append(variable - 1)
    }
    let infinity = try reader.number()
    let lower = try values(&reader, rows)
    let upper = try values(&reader, rows)
    // Rows of an assignment, of single variables that are 1, and of variables that are 0.
    var (lines, ones, zeros): ([Int], [Int], [Int]) = ([], [], [])
    for row in 0..<rows {
      let (least, most) = (lower[row], upper[row])
      let isOpen = least == 0 || least <= -infinity
      guard isOpen && (most == 0 || most == 1) || least == 1 && most == 1 else {
        throw fail("sides \(least) and \(most) of constraint \(row + 1)", "= 1, <= 1 or = 0")
      }
      if most == 0 {
        zeros += members[row]
      } else if least == 1 && members[row].count == 1 {
        ones.append(row)
      } else {
        lines.append(row)
      }
    }
    func assignment(_ rows: [Int]) throws(InputError) -> Grid {
      try Grid(
        rows.map { members[$0] }, isEquation: rows.map { lower[$0] == 1 }, variables: variables,
        file: file)
    }
    // An assignment of one facility has single variables in its rows.
    let whole = ones.isEmpty ? nil : try? assignment((lines + ones).sorted())
    let grid: Grid
    if let whole { grid = whole } else { grid = try assignment(lines) }
    var forbidden = zeros.map { grid.places[$0] }
    for pair in whole == nil ? ones.map({ grid.places[members[$0][0]] }) : [] {
      forbidden += grid.places.filter {
        $0 != pair && ($0.facility == pair.facility || $0.location == pair.location)
      }
    }
    return StatedInstance(
      instance: try instance(
        name, grid, products, linear, constant, file: file
      ).forbidding(forbidden),
      sense: sense == "minimize" ? .min : .max)
  }

  private static func instance(
    _ name: String, _ grid: Grid, _ products: [(Int, Int, Double)], _ linear: [Double],
    _ constant: Double, file: String
  ) throws(InputError) -> Instance {
    let n = grid.locations
    try InputError.requireMemory(16 * Double(n * n) * Double(n * n), for: file)
    var costs = Matrix<Double>(rows: n, columns: n, repeating: 0)
    var entries = [Double](repeating: 0, count: n * n * n * n)
    for (variable, value) in linear.enumerated() {
      let place = grid.places[variable]
      costs[place.facility, place.location] += value
    }
    for (first, second, value) in products {
      let (a, b) = (grid.places[first], grid.places[second])
      if first == second {
        // x² = x, and half of it counts.
        costs[a.facility, a.location] += value / 2
      } else if a.facility != b.facility, a.location != b.location {
        entries[((a.facility * n + a.location) * n + b.facility) * n + b.location] += value
      }
    }
    return try Instance(
      file: file, name: name.isEmpty ? FileAccess.stem(file) : name,
      tensor: NumericArray(shape: [n, n, n, n], elements: entries),
      linear: costs.elements.allSatisfy { $0 == 0 } ? nil : costs, constant: constant)
  }

  /// A default, a count, and that many numbers that differ from it.
  private static func values(
    _ reader: inout WordReader, _ count: Int
  ) throws(InputError) -> [Double] {
    let usual = try reader.number()
    var result = [Double](repeating: usual, count: count)
    for _ in 0..<(try reader.integer("a number of values", in: 0...count)) {
      let place = try reader.integer("a number", in: 1...count)
      result[place - 1] = try reader.number()
    }
    return result
  }

  private static func withoutComments(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    var isComment = false
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == 0x0A || byte == 0x0D { isComment = false }
      if byte == UInt8(ascii: "#") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "%") {
        isComment = true
      }
      if isComment { result[index] = 0x20 }
    }
    return result
  }

  /// The facility and the location of each variable, found from the rows of an assignment.
  private struct Grid {
    var places: [FixedPair]
    let locations: Int

    init(
      _ members: [[Int]], isEquation: [Bool], variables: Int, file: String
    ) throws(InputError) {
      let fault = InputError(
        file, found: "constraints of another kind",
        expected: "those of an assignment: each variable in one row of a facility and in one of a "
          + "location")
      // Rows that share no variable with the first are of its kind.
      guard let head = members.first else { throw fault }
      let first = Set(head)
      var (one, other): ([Int], [Int]) = ([], [])
      for row in members.indices {
        if row == 0 || first.isDisjoint(with: members[row]) {
          one.append(row)
        } else {
          other.append(row)
        }
      }
      // Every facility has a location: its row is an equation.
      if one.count > other.count || !one.allSatisfy({ isEquation[$0] }) { swap(&one, &other) }
      guard one.allSatisfy({ isEquation[$0] }), one.count <= other.count,
        one.count < other.count || other.allSatisfy({ isEquation[$0] }) || !other.isEmpty,
        one.count * other.count == variables, one.count > 0
      else { throw fault }
      var facility = [Int](repeating: -1, count: variables)
      var location = facility
      for (index, row) in one.enumerated() {
        for variable in members[row] {
          guard facility[variable] < 0 else { throw fault }
          facility[variable] = index
        }
      }
      for (index, row) in other.enumerated() {
        for variable in members[row] {
          guard location[variable] < 0 else { throw fault }
          location[variable] = index
        }
      }
      places = zip(facility, location).map { FixedPair(facility: $0, location: $1) }
      locations = other.count
      let cells = Set(places.map { $0.facility * other.count + $0.location })
      guard !facility.contains(-1), !location.contains(-1), cells.count == variables else {
        throw fault
      }
    }
  }
}

extension QuadraticProgram {
  /// The program in QPLIB's format, type QBL.
  public func qplib() -> [UInt8] {
    var writer = TextWriter()
    let (m, n, count) = (facilities, locations, variables)
    let decided = pairs + forbidden
    let title = name.filter { !$0.isNewline && !"#!%".contains($0) }
    writer.append("\(title.isEmpty ? "instance" : title)\nQBL\n")
    writer.append(sense == .min ? "minimize\n" : "maximize\n")
    writer.append("\(count) # variables: x_i_j is number i * \(n) + j + 1\n")
    writer.append("\(m + n + decided.count) # constraints\n")
    writer.append("\(products) # quadratic terms: lower triangle of H in 1/2 x'Hx\n")
    // The larger number first.
    forEachProduct { first, second, value in
      writer.append("\(second + 1) \(first + 1) \(TextWriter.text(of: value))\n")
    }
    func list(_ values: [Double], default usual: Double, _ comment: String) {
      let others = values.enumerated().filter { $0.element != usual }
      writer.append("\(TextWriter.text(of: usual)) # default of \(comment)\n\(others.count)\n")
      for (index, value) in others {
        writer.append("\(index + 1) \(TextWriter.text(of: value))\n")
      }
    }
    list(linear, default: 0, "linear coefficients")
    writer.append("\(TextWriter.text(of: cost.constant)) # constant\n")
    writer.append("\(2 * count + decided.count) # linear terms of constraints\n")
    for i in 0..<m { for j in 0..<n { writer.append("\(i + 1) \(i * n + j + 1) 1\n") } }
    for j in 0..<n { for i in 0..<m { writer.append("\(m + j + 1) \(i * n + j + 1) 1\n") } }
    for (index, pair) in decided.enumerated() {
      writer.append("\(m + n + index + 1) \(pair.facility * n + pair.location + 1) 1\n")
    }
    writer.append("1e+30 # infinity\n")
    let most = (0..<m + n + decided.count).map { $0 < m + n + pairs.count ? 1.0 : 0 }
    let least = most.indices.map { m < n && $0 >= m && $0 < m + n ? 0 : most[$0] }
    list(least, default: 1, "left sides")
    list(most, default: 1, "right sides")
    writer.append("0 # start\n0\n0 # start of duals\n0\n0 # start of duals of bounds\n0\n")
    writer.append("\(count) # names of variables\n")
    for number in 0..<count { writer.append("\(number + 1) x_\(number / n)_\(number % n)\n") }
    writer.append("0 # names of constraints\n")
    return writer.bytes
  }
}
