import QAP
import QAPPrimitives

/// Random flows on a rectangular grid of locations at Manhattan distances, the layout problem of
/// C. E. Nugent, T. E. Vollmann and J. Ruml, "An experimental comparison of techniques for the
/// assignment of facilities to locations", Operations Research 16, 1968 (QAPLIB's nug and sko).
public struct Grid: Sendable {
  /// Rows of locations.
  public let rows: Int
  /// Columns of locations.
  public let columns: Int
  /// The largest flow; flows are uniform integers from 0 to this.
  public let maxFlow: Int
  /// The share of pairs of facilities with a flow, in 0...1; the others have none.
  public let density: Double

  /// Accepts at least one row and one column.
  ///
  /// - Throws: `InputError` for no locations or too many, a largest flow below 1, or a density
  ///   beyond 0...1.
  public init(
    rows: Int, columns: Int, maxFlow: Int = 10, density: Double = 0.6
  ) throws(InputError) {
    guard rows >= 1, columns >= 1, rows <= Generated.maxSize, columns <= Generated.maxSize
    else {
      throw InputError(
        found: "a \(rows) × \(columns) grid", expected: "at least 1 × 1", kind: .argument)
    }
    try Generated.check(size: rows * columns, atLeast: 1)
    guard maxFlow >= 1, maxFlow <= 1_000_000 else {
      throw InputError(found: "largest flow \(maxFlow)", expected: "1 to 1000000", kind: .argument)
    }
    guard density >= 0, density <= 1 else {
      throw InputError(found: "density \(density)", expected: "0 to 1", kind: .argument)
    }
    self.rows = rows
    self.columns = columns
    self.maxFlow = maxFlow
    self.density = density
  }

  /// The rows of the grid nearest to a square with `size` cells.
  static func squarestRows(_ size: Int) -> Int {
    var rows = Int(Double(size).squareRoot())
    while size % rows != 0 { rows -= 1 }
    return rows
  }

  /// The Manhattan distances between the cells, which are numbered row after row.
  var distances: Matrix<Double> {
    Matrix(rows: rows * columns, columns: rows * columns) { j, l in
      Double(abs(j / columns - l / columns) + abs(j % columns - l % columns))
    }
  }

  /// The instance; the same for the same parameters and seed, on every machine.
  public func instance(seed: UInt64) -> Instance {
    let n = rows * columns
    var generator = SeededGenerator(seed: seed)
    var flow = Matrix(rows: n, columns: n, repeating: 0.0)
    for i in 0..<n {
      for k in 0..<i {
        // Both numbers are drawn whatever the density, so that changing it keeps the other flows.
        let hasFlow = generator.unit() < density
        let value = Double(generator.below(maxFlow + 1))
        guard hasFlow else { continue }
        flow[i, k] = value
        flow[k, i] = value
      }
    }
    return Generated.instance(
      name: "grid-\(rows)x\(columns)-\(seed)", flow: flow, distance: distances)
  }
}
