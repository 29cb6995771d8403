import QAP
import QAPPrimitives

/// Grids that swap neighborhoods do not see (Z. Drezner, P. M. Hahn and É. D. Taillard, "Recent
/// advances for the quadratic assignment problem with special emphasis on instances that are
/// difficult for meta-heuristic methods", Annals of Operations Research 139, 2005, sec. 2.1).
///
/// Neighboring cells of a grid have distance 1, all others a random distance from 2 to 10. Flows
/// from 1 to 10 join the facilities that the planted assignment puts on neighboring cells; there
/// are no other flows. Every flow then spans the least distance, so the planted assignment is
/// optimal.
public struct DreznerGrid: Sendable {
  private let grid: Grid
  /// Rows of the grid.
  public var rows: Int { grid.rows }
  /// Columns of the grid.
  public var columns: Int { grid.columns }

  /// Accepts at least one cell.
  ///
  /// - Throws: `InputError` for a grid without cells or too large a one.
  public init(rows: Int, columns: Int) throws(InputError) {
    grid = try Grid(rows: rows, columns: columns)
  }

  /// The instance and its optimum; the same for the same size and seed, on every machine.
  public func generate(seed: UInt64) -> Generated {
    let n = rows * columns
    var generator = SeededGenerator(seed: seed)
    let planted = Assignment(Permutation(randomOf: n, using: &generator))
    let facility = planted.inverse
    var flow = Matrix(rows: n, columns: n, repeating: 0.0)
    var distance = grid.distances
    for j in 0..<n {
      for l in 0..<j {
        let areNeighbors = distance[j, l] == 1
        if areNeighbors {
          let value = Double(1 + generator.below(10))
          flow[facility[j], facility[l]] = value
          flow[facility[l], facility[j]] = value
        }
        let length = areNeighbors ? 1 : Double(2 + generator.below(9))
        distance[j, l] = length
        distance[l, j] = length
      }
    }
    let instance = Generated.instance(
      name: "drezner-\(rows)x\(columns)-\(seed)", flow: flow, distance: distance)
    return Generated(instance, planted: planted, isOptimal: true)
  }
}
