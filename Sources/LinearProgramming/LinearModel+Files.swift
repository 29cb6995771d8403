extension LinearModel {
  /// The formats of files that other solvers read.
  public enum FileFormat: String, Sendable, CaseIterable {
    /// Free MPS.
    case mps
    /// CPLEX LP.
    case lp
  }

  /// The model as the contents of a file.
  ///
  /// A constant of the objective becomes the cost of a column `constant` that is fixed at 1:
  /// readers disagree about the sign of a constant in MPS files, and some ignore it in LP files.
  /// Bounds of integer columns are rounded to integers. Rows and columns without a name get one.
  ///
  /// - Throws: `LinearProgramError.invalid` when the model is not valid or a name is used twice.
  /// - Complexity: O(columns + rows + entries) time and memory.
  public func formatted(as format: FileFormat) throws(LinearProgramError) -> [UInt8] {
    try validate()
    if let row = rows.firstIndex(where: { $0.lower > $0.upper }) {
      throw .invalid("row \(row): bounds [\(rows[row].lower), \(rows[row].upper)]")
    }
    var model = self
    if constant != 0 {
      model.addColumn(cost: constant, lower: 1, upper: 1, name: "constant")
      model.constant = 0
    }
    // An LP file states a row as a sum of columns.
    if model.columns.isEmpty { model.addColumn(cost: 0, upper: 0, name: "nothing") }
    model.roundIntegerBounds()
    let names = try FileNames(model, format)
    return switch format {
    case .mps: model.mps(names)
    case .lp: model.lp(names)
    }
  }

  private mutating func roundIntegerBounds() {
    for (index, column) in columns.enumerated() where column.isInteger {
      setBounds(
        column: index, lower: column.lower.rounded(.up), upper: column.upper.rounded(.down))
    }
  }
}

/// The names that rows and columns have in a file.
private struct FileNames {
  let objective = "objective"
  let rows: [String]
  let columns: [String]

  init(_ model: LinearModel, _ format: LinearModel.FileFormat) throws(LinearProgramError) {
    func names(_ given: [String], _ letter: String, _ what: String) throws(LinearProgramError)
      -> [String]
    {
      let isUsable = given.allSatisfy { $0.isEmpty || format == .mps || FileNames.suitsLP($0) }
      let names = given.enumerated().map { index, name in
        name.isEmpty || !isUsable ? "\(letter)\(index)" : name
      }
      guard Set(names).count == names.count else {
        throw .invalid("two \(what) have the same name")
      }
      return names
    }
    rows = try names(model.rows.map(\.name), "r", "rows")
    columns = try names(model.columns.map(\.name), "c", "columns")
  }

  /// Letters, digits and underscores, not beginning like a number.
  private static func suitsLP(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    // "e5" might be read as the exponent of a number.
    guard first != 69, first != 101 else { return false }
    return name.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
    }
  }
}

extension LinearModel {
  /// The entries column by column: those of column j are at `starts[j]..<starts[j + 1]` of `order`.
  private func entriesByColumn() -> (starts: [Int], order: [Int]) {
    var starts = [Int](repeating: 0, count: columns.count + 1)
    for entry in entries { starts[entry.column + 1] += 1 }
    for column in columns.indices { starts[column + 1] += starts[column] }
    var next = starts
    var order = [Int](repeating: 0, count: entries.count)
    for (index, entry) in entries.enumerated() {
      order[next[entry.column]] = index
      next[entry.column] += 1
    }
    return (starts, order)
  }

  /// Free MPS: sections of lines whose words are separated by blanks.
  fileprivate func mps(_ names: FileNames) -> [UInt8] {
    var text = "NAME \(name.isEmpty ? "model" : name)\nROWS\n N \(names.objective)\n"
    for (index, row) in rows.enumerated() { text += " \(row.mpsSense) \(names.rows[index])\n" }
    text += "COLUMNS\n"
    let (starts, order) = entriesByColumn()
    var isInteger = false
    var markers = 0
    func mark() {
      text += " M\(markers) 'MARKER' '\(isInteger ? "INTORG" : "INTEND")'\n"
      markers += 1
    }
    for (index, column) in columns.enumerated() {
      if column.isInteger != isInteger {
        isInteger = column.isInteger
        mark()
      }
      let ownEntries = starts[index]..<starts[index + 1]
      // A column must be mentioned, even if nothing depends on it.
      if column.cost != 0 || ownEntries.isEmpty {
        text += " \(names.columns[index]) \(names.objective) \(word(column.cost))\n"
      }
      for place in ownEntries {
        let entry = entries[order[place]]
        text += " \(names.columns[index]) \(names.rows[entry.row]) \(word(entry.value))\n"
      }
    }
    if isInteger {
      isInteger = false
      mark()
    }
    text += "RHS\n"
    for (index, row) in rows.enumerated() {
      let side = row.upper.isFinite ? row.upper : row.lower
      if side.isFinite, side != 0 { text += " RHS \(names.rows[index]) \(word(side))\n" }
    }
    text += "RANGES\n"
    for (index, row) in rows.enumerated() where row.isRange {
      // Rounding may widen the range, but not narrow it.
      var range = row.upper - row.lower
      while row.upper - range > row.lower { range = range.nextUp }
      text += " RNG \(names.rows[index]) \(word(range))\n"
    }
    text += "BOUNDS\n"
    for (index, column) in columns.enumerated() {
      func bound(_ kind: String, _ value: Double? = nil) {
        text += " \(kind) BND \(names.columns[index])" + (value.map { " \(word($0))" } ?? "") + "\n"
      }
      switch (column.lower, column.upper) {
      case (-.infinity, .infinity): bound("FR")
      case (let lower, let upper) where lower == upper: bound("FX", lower)
      case (let lower, let upper):
        // Readers have defaults of their own for integer columns and for negative upper bounds.
        if lower == -.infinity {
          bound("MI")
        } else if lower != 0 || upper < 0 || column.isInteger {
          bound("LO", lower)
        }
        if upper.isFinite { bound("UP", upper) } else if column.isInteger { bound("PL") }
      }
    }
    text += "ENDATA\n"
    return Array(text.utf8)
  }

  /// CPLEX LP: the program as people write it.
  fileprivate func lp(_ names: FileNames) -> [UInt8] {
    var text = "\\ \(name)\nMinimize\n \(names.objective):"
    var width = 0
    func add(_ value: Double, _ column: Int) {
      let term = " \(value < 0 ? "-" : "+") \(word(abs(value))) \(names.columns[column])"
      // Some readers stop at 255 characters a line.
      if width + term.utf8.count > 200 {
        text += "\n"
        width = 0
      }
      text += term
      width += term.utf8.count
    }
    for (index, column) in columns.enumerated() where column.cost != 0 { add(column.cost, index) }
    if columns.allSatisfy({ $0.cost == 0 }) { add(0, 0) }
    text += "\nSubject To\n"
    var next = 0
    for (index, row) in rows.enumerated() {
      let first = next
      while next < entries.count, entries[next].row == index { next += 1 }
      func constraint(_ suffix: String, _ sense: String, _ side: Double) {
        text += " \(names.rows[index])\(suffix):"
        width = 0
        for entry in entries[first..<next] { add(entry.value, entry.column) }
        if first == next { add(0, 0) }
        text += " \(sense) \(word(side))\n"
      }
      if row.lower == row.upper {
        constraint("", "=", row.lower)
      } else {
        if row.upper.isFinite { constraint("", "<=", row.upper) }
        if row.lower.isFinite { constraint(row.isRange ? "_lower" : "", ">=", row.lower) }
      }
    }
    text += "Bounds\n"
    for (index, column) in columns.enumerated() {
      let name = names.columns[index]
      switch (column.lower, column.upper) {
      case (-.infinity, .infinity): text += " \(name) free\n"
      case (0, .infinity): break
      case (let lower, let upper) where lower == upper: text += " \(name) = \(word(lower))\n"
      case (let lower, .infinity): text += " \(name) >= \(word(lower))\n"
      case (let lower, let upper):
        let least = lower == -.infinity ? "-inf" : word(lower)
        text += " \(least) <= \(name) <= \(word(upper))\n"
      }
    }
    if columns.contains(where: \.isInteger) {
      text += "Generals\n"
      for (index, column) in columns.enumerated() where column.isInteger {
        text += " \(names.columns[index])\n"
      }
    }
    text += "End\n"
    return Array(text.utf8)
  }
}

extension LinearModel.Row {
  /// Both sides are bounded, by different numbers.
  fileprivate var isRange: Bool { lower.isFinite && upper.isFinite && lower != upper }

  /// The letter of the row in MPS files: a range is an upper limit with an entry in RANGES.
  fileprivate var mpsSense: String {
    if lower == upper { return "E" }
    return upper.isFinite ? "L" : lower.isFinite ? "G" : "N"
  }
}

/// The shortest decimal that reads as `value` again.
private func word(_ value: Double) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
