import QAP
import QAPPrimitives

/// Gray patterns (É. Taillard, "Comparison of iterative searches for the quadratic assignment
/// problem", Location Science 3, 1995): spread `density` black cells over a grid that tiles the
/// plane so that they look evenly gray. QAPLIB's tai64c and tai256c are of this family.
///
/// The flow is 1 between any two of the first `density` facilities, the black ones; two cells repel
/// each other with a force of 100000 / d², d being their distance on the torus.
public struct GreyPattern: Sendable {
  /// Rows of the grid.
  public let rows: Int
  /// Columns of the grid.
  public let columns: Int
  /// The number of black cells, from 0 to `rows · columns`.
  public let density: Int

  /// Accepts at least one cell.
  ///
  /// - Throws: `InputError` for a grid without cells, too large a one, or more black cells
  ///   than it has.
  public init(rows: Int, columns: Int, density: Int) throws(InputError) {
    guard rows >= 1, columns >= 1, rows <= Generated.maxSize, columns <= Generated.maxSize
    else {
      throw InputError(
        found: "a \(rows) × \(columns) grid", expected: "at least 1 × 1", kind: .argument)
    }
    try Generated.check(size: rows * columns, atLeast: 1)
    guard density >= 0, density <= rows * columns else {
      throw InputError(
        found: "\(density) black cells", expected: "0 to \(rows * columns)", kind: .argument)
    }
    self.rows = rows
    self.columns = columns
    self.density = density
  }

  /// The parameters of QAPLIB's files.
  public static let published: [(name: String, rows: Int, columns: Int, density: Int)] = [
    ("tai64c", 8, 8, 13), ("tai256c", 16, 16, 92),
  ]

  /// The instance; it has no random part.
  public func instance(name: String? = nil) -> Instance {
    let n = rows * columns
    // Taillard takes the strongest of the forces between all copies of two cells, which is that of
    // the nearest ones. QAPLIB's files round halves to even: 100000 / 64 is 1562.
    let force = Matrix<Double>(rows: rows, columns: columns) { r, c in
      let down = min(r, rows - r)
      let across = min(c, columns - c)
      let square = down * down + across * across
      return square == 0 ? 0 : (100_000 / Double(square)).rounded(.toNearestOrEven)
    }
    let distance = Matrix<Double>(rows: n, columns: n) { j, l in
      force[abs(j / columns - l / columns), abs(j % columns - l % columns)]
    }
    let flow = Matrix<Double>(rows: n, columns: n) { i, k in
      i < density && k < density ? 1.0 : 0.0
    }
    return Generated.instance(
      name: name ?? "grey-pattern-\(rows)x\(columns)-\(density)", flow: flow, distance: distance)
  }
}
