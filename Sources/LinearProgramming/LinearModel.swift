/// A linear or mixed-integer program:
///
///     minimize    Σ_j cost[j] x_j + constant
///     subject to  rowLower[r] ≤ Σ_j a[r,j] x_j ≤ rowUpper[r]
///                 columnLower[j] ≤ x_j ≤ columnUpper[j],   x_j integer where asked for
///
/// Columns and rows are numbered from 0 in the order of their making; −∞ and ∞ stand for no bound.
/// A value type: it holds no memory of the library that solves it. A maximization is a minimization
/// of the negated costs.
public struct LinearModel: Sendable {
  /// One variable.
  public struct Column: Sendable, Equatable {
    /// Its objective coefficient.
    public var cost: Double
    /// Its lower bound; −∞ for none.
    public var lower: Double
    /// Its upper bound; ∞ for none.
    public var upper: Double
    /// It must take an integer value when the model is solved by branch and cut.
    public var isInteger: Bool
    /// For exported files; empty for none.
    public var name: String
  }

  /// One constraint.
  public struct Row: Sendable, Equatable {
    /// The least value of the row, −∞ for none; equal to `upper` for an equation.
    public var lower: Double
    /// The largest value of the row; ∞ for none.
    public var upper: Double
    /// For exported files; empty for none.
    public var name: String
  }

  /// A coefficient of the matrix.
  public struct Entry: Sendable, Equatable {
    /// The number of the constraint, from 0.
    public var row: Int
    /// The number of the variable, from 0.
    public var column: Int
    /// a[row, column].
    public var value: Double
  }

  /// For reports and exported files.
  public var name: String
  /// Added to the objective.
  public var constant = 0.0
  /// The variables, in the order of their making.
  public private(set) var columns: [Column] = []
  /// The constraints, in the order of their making.
  public private(set) var rows: [Row] = []
  /// The coefficients, row by row; none twice.
  public private(set) var entries: [Entry] = []

  /// A model without variables and constraints.
  public init(name: String = "model") { self.name = name }

  /// Adds a variable and returns its number.
  @discardableResult
  public mutating func addColumn(
    cost: Double, lower: Double = 0, upper: Double = .infinity, isInteger: Bool = false,
    name: String = ""
  ) -> Int {
    columns.append(
      Column(cost: cost, lower: lower, upper: upper, isInteger: isInteger, name: name))
    return columns.count - 1
  }

  /// Adds a constraint and returns its number. Zero coefficients are left out.
  @discardableResult
  public mutating func addRow(
    lower: Double = -.infinity, upper: Double = .infinity, name: String = "",
    _ terms: [(column: Int, coefficient: Double)]
  ) -> Int {
    rows.append(Row(lower: lower, upper: upper, name: name))
    for (column, coefficient) in terms where coefficient != 0 {
      entries.append(Entry(row: rows.count - 1, column: column, value: coefficient))
    }
    return rows.count - 1
  }

  /// Adds an equation and returns its number.
  @discardableResult
  public mutating func addEquation(
    equals value: Double, name: String = "", _ terms: [(column: Int, coefficient: Double)]
  ) -> Int {
    addRow(lower: value, upper: value, name: name, terms)
  }

  /// Makes room for this many columns, rows and coefficients.
  public mutating func reserve(_ size: ModelSize) {
    columns.reserveCapacity(size.columns)
    rows.reserveCapacity(size.rows)
    entries.reserveCapacity(size.nonzeros)
  }

  /// Changes the bounds of a column.
  public mutating func setBounds(column: Int, lower: Double, upper: Double) {
    columns[column].lower = lower
    columns[column].upper = upper
  }

  /// The model without these columns, as if they were 0, and without the rows that this leaves
  /// empty and satisfied.
  public func removing(columns removed: [Int]) -> LinearModel {
    var newColumn = [Int](repeating: 0, count: columns.count)
    for column in removed { newColumn[column] = -1 }
    var rest = LinearModel(name: name)
    rest.constant = constant
    for (index, column) in columns.enumerated() where newColumn[index] == 0 {
      newColumn[index] = rest.columns.count
      rest.columns.append(column)
    }
    var next = 0
    for (index, row) in rows.enumerated() {
      let start = rest.entries.count
      while next < entries.count, entries[next].row == index {
        let column = newColumn[entries[next].column]
        if column >= 0 {
          rest.entries.append(
            Entry(row: rest.rows.count, column: column, value: entries[next].value))
        }
        next += 1
      }
      if rest.entries.count > start || row.lower > 0 || row.upper < 0 { rest.rows.append(row) }
    }
    return rest
  }

  /// The extents of the model.
  public var size: ModelSize {
    ModelSize(rows: rows.count, columns: columns.count, nonzeros: entries.count)
  }

  /// Throws unless every number is one that a solver may be given: O(columns + rows + entries).
  public func validate() throws(LinearProgramError) {
    guard size.isRepresentable else { throw .tooLarge(size) }
    for (index, column) in columns.enumerated() {
      guard column.cost.isFinite else { throw .invalid("cost of column \(index): not finite") }
      try Self.check("column \(index)", column.lower, column.upper, column.name)
    }
    for (index, row) in rows.enumerated() {
      try Self.check("row \(index)", row.lower, row.upper, row.name)
    }
    guard constant.isFinite else { throw .invalid("constant: not finite") }
    try Self.checkName("model", name)
    // The last row in which a column was met.
    var met = [Int](repeating: -1, count: columns.count)
    for entry in entries {
      guard columns.indices.contains(entry.column) else {
        throw .invalid("row \(entry.row): column \(entry.column) of \(columns.count)")
      }
      guard entry.value.isFinite else {
        throw .invalid("coefficient (\(entry.row), \(entry.column)): not finite")
      }
      // Entries come row by row, so that looking at the last one finds every repetition.
      guard met[entry.column] != entry.row else {
        throw .invalid("coefficient (\(entry.row), \(entry.column)): given twice")
      }
      met[entry.column] = entry.row
    }
  }

  private static func check(
    _ what: String, _ lower: Double, _ upper: Double, _ name: String
  ) throws(LinearProgramError) {
    guard !lower.isNaN, !upper.isNaN, lower < .infinity, upper > -.infinity else {
      throw .invalid("\(what): bounds [\(lower), \(upper)]")
    }
    try checkName(what, name)
  }

  private static func checkName(_ what: String, _ name: String) throws(LinearProgramError) {
    guard name.utf8.count <= 255, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw .invalid("\(what): the name must be at most 255 printing ASCII characters")
    }
  }
}
