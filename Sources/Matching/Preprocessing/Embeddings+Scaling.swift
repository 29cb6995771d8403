import QAP
import QAPPrimitives

extension Embeddings {
  /// Two sets whose rows are compared one by one, their rows normalized and columns stretched as
  /// asked.
  ///
  /// - Throws: `InputError` when the row counts differ or are below `least`, or a step cannot
  ///   be done.
  static func compared(
    _ source: Embeddings, _ target: Embeddings, normalizes: Bool, stretches: Bool,
    atLeast least: Int
  ) throws(InputError) -> (source: Embeddings, target: Embeddings) {
    guard source.rows == target.rows else {
      throw InputError(
        target.name, found: "\(target.rows) rows", expected: "\(source.rows), as in \(source.name)")
    }
    guard source.rows >= least else {
      throw InputError(source.name, found: "\(source.rows) rows", expected: "at least \(least)")
    }
    func prepared(_ e: Embeddings) throws(InputError) -> Embeddings {
      let rows = normalizes ? try e.normalized() : e
      return stretches ? try rows.stretched() : rows
    }
    return (try prepared(source), try prepared(target))
  }

  /// Each row divided by its Euclidean norm.
  ///
  /// O(rows · features).
  ///
  /// - Throws: `InputError` for a row of zeros, which has no direction.
  public func normalized() throws(InputError) -> Embeddings {
    let norms = (0..<rows).map { Embeddings.norm(values.row($0)) }
    if let fault = norms.firstIndex(of: 0) {
      throw InputError(
        name, found: "only zeros in row \(fault)",
        expected: "nonzero rows, to normalize them; --drop-zero-rows leaves them out")
    }
    return mapped { row, _, value in value / norms[row] }
  }

  /// The numbers of the rows that are not all zeros, ascending.
  public var nonzeroRows: [Int] {
    (0..<rows).filter { values.row($0).contains { $0 != 0 } }
  }

  /// The numbers of the columns that vary over the rows by more than noise, ascending.
  /// O(rows · features).
  public var varyingColumns: [Int] {
    let spread = columnSpread
    return (0..<features).filter { !spread.isNoise[$0] }
  }

  /// The columns `selection`, in its order.
  ///
  /// - Throws: `InputError` when none is selected.
  public func selecting(columns selection: [Int]) throws(InputError) -> Embeddings {
    guard !selection.isEmpty else {
      throw InputError(name, found: "no column selected", expected: "at least one")
    }
    return Embeddings(
      unchecked: Matrix(rows: rows, columns: selection.count) { values[$0, selection[$1]] },
      name: name)
  }

  /// The Euclidean norm; rows of huge or tiny numbers are scaled first.
  static func norm(_ row: ArraySlice<Double>) -> Double {
    let square = row.reduce(0) { $0 + $1 * $1 }
    if square > 1e-280, square < 1e280 { return square.squareRoot() }
    let largest = row.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return 0 }
    return largest
      * row.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }

  /// The same numbers times a power of two where their squares would be beyond doubles: for results
  /// that do not depend on the unit. O(rows · features).
  var inModerateUnits: Embeddings {
    let largest = values.elements.reduce(0) { max($0, abs($1)) }
    guard largest > 0, !(0x1p-200...0x1p200).contains(largest) else { return self }
    let exponent = -Int(largest.exponent)
    return mapped { _, _, value in
      Double(sign: .plus, exponent: exponent, significand: value)
    }
  }

  /// The standard deviation of each column, with divisor rows − 1, to stretch it by. Of columns
  /// that are constant but for noise it is the median of the others: they are not blown up.
  ///
  /// - Throws: `InputError` when a column is constant, with its number, or when there is one
  ///   row only.
  public func columnDeviations() throws(InputError) -> [Double] {
    guard rows > 1 else {
      throw InputError(name, found: "1 row", expected: "at least 2, to stretch by deviations")
    }
    let spread = columnSpread
    let constant = (0..<features).filter { spread.deviations[$0] == 0 }
    guard constant.isEmpty else {
      let more = constant.count > 1 ? " (and \(constant.count - 1) more)" : ""
      throw InputError(
        name, found: "the same number throughout column \(constant[0])\(more)",
        expected: "columns that vary, to stretch by deviations; --drop-constant-columns leaves "
          + "them out")
    }
    return (0..<features).map { spread.isNoise[$0] ? spread.median : spread.deviations[$0] }
  }

  /// The numbers of the columns that are constant but for noise, ascending.
  public var noiseColumns: [Int] {
    let spread = columnSpread
    return (0..<features).filter { spread.isNoise[$0] && spread.deviations[$0] > 0 }
  }

  /// Deviations beside the median one that are noise: dead features of networks.
  private static let noiseShare = 1e-6
  /// Deviations beside a column's size that are rounding errors.
  private static let roundingShare = 1e-13

  /// The deviation of each column, 0 for one number throughout; whether it is noise at most; and
  /// the median of those that are not 0.
  private var columnSpread: (deviations: [Double], isNoise: [Bool], median: Double) {
    let count = Double(rows)
    var means = [Double](repeating: 0, count: features)
    for r in 0..<rows {
      for (c, value) in values.row(r).enumerated() { means[c] += value }
    }
    for c in 0..<features { means[c] /= count }
    var squares = [Double](repeating: 0, count: features)
    var varies = [Bool](repeating: false, count: features)
    for r in 0..<rows {
      for (c, value) in values.row(r).enumerated() {
        squares[c] += (value - means[c]) * (value - means[c])
        // Rounding gives a constant column a deviation too: compare the numbers themselves.
        if value != values[0, c] { varies[c] = true }
      }
    }
    let deviations = (0..<features).map {
      varies[$0] ? (squares[$0] / max(1, count - 1)).squareRoot() : 0
    }
    let nonzero = deviations.filter { $0 > 0 }.sorted()
    let median = nonzero.isEmpty ? 0 : nonzero[nonzero.count / 2]
    let isNoise = (0..<features).map {
      deviations[$0] <= Self.roundingShare * abs(means[$0])
        || deviations[$0] <= Self.noiseShare * median
    }
    return (deviations, isNoise, median)
  }

  /// Each column divided by its deviation (with divisor rows − 1); nothing is centered. Stretching
  /// weighs all features alike.
  ///
  /// - Parameter deviations: those of a larger set, one a column; nil for those of these rows.
  /// Throws `InputError` for a constant column, which it names.
  public func stretched(by deviations: [Double]? = nil) throws(InputError) -> Embeddings {
    let divisors: [Double]
    if let deviations { divisors = deviations } else { divisors = try columnDeviations() }
    precondition(divisors.count == features, "one deviation a column")
    return mapped { _, column, value in value / divisors[column] }
  }

  /// Each row divided by the standard deviation of its elements (divisor features − 1).
  ///
  /// - Throws: `InputError` for a row whose elements are all the same.
  public func dividedByRowDeviations() throws(InputError) -> Embeddings {
    var divisors = [Double](repeating: 1, count: rows)
    for r in 0..<rows {
      let row = values.row(r)
      let mean = row.reduce(0, +) / Double(features)
      let squares = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      divisors[r] = (squares / Double(features - 1)).squareRoot()
      guard features > 1, divisors[r] > 0 else {
        throw InputError(
          name, found: "the same number throughout row \(r)", expected: "rows that vary")
      }
    }
    return mapped { row, _, value in value / divisors[row] }
  }

  func mapped(_ transform: (_ row: Int, _ column: Int, Double) -> Double) -> Embeddings {
    let columns = features
    let result = Matrix(rows: rows, columns: columns, startingFrom: 0) { out in
      values.withView { values in
        for r in 0..<rows {
          for c in 0..<columns {
            out[r &* columns &+ c] = transform(r, c, values[r &* columns &+ c])
          }
        }
      }
    }
    return Embeddings(unchecked: result, name: name)
  }
}
