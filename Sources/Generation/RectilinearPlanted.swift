import QAP
import QAPPrimitives

/// Rectilinear instances with a known optimum (after G. Palubeckis, "Generating hard test instances
/// with known optimal solution for the rectilinear quadratic assignment problem", Journal of Global
/// Optimization 15, 1999, and Y. Li and P. M. Pardalos, Computational Optimization and Applications
/// 1, 1992).
///
/// Locations form a grid with Manhattan distances. All flows begin equal, which makes all
/// assignments equal. Then triples are drawn whose second facility the planted assignment puts on a
/// shortest path between the other two: the two flows along the path rise, and the third one falls
/// by the same weight. By the triangle inequality a triple costs nothing at the planted assignment
/// and no less anywhere else.
public struct RectilinearPlanted: Sendable {
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

  /// The instance and its optimum; the same for the same size and seed, on every machine. Flows are
  /// not negative.
  public func generate(seed: UInt64) -> Generated {
    let columns = columns
    let n = rows * columns
    var generator = SeededGenerator(seed: seed)
    let planted = Assignment(Permutation(randomOf: n, using: &generator))
    let facility = planted.inverse
    let base = 20
    var flow = [Int](repeating: base, count: n * n)
    func change(_ j: Int, _ l: Int, by weight: Int) {
      flow[facility[j] * n + facility[l]] += weight
      flow[facility[l] * n + facility[j]] += weight
    }
    for _ in 0..<n * n {
      let (first, last) = (generator.below(n), generator.below(n))
      // A cell of the rectangle that the two span lies on a shortest path between them.
      func between(_ a: Int, _ b: Int) -> Int { min(a, b) + generator.below(abs(a - b) + 1) }
      let row = between(first / columns, last / columns)
      let middle = row * columns + between(first % columns, last % columns)
      let room = flow[facility[first] * n + facility[last]]
      guard first != middle, middle != last, first != last, room > 0 else { continue }
      let weight = 1 + generator.below(min(5, room))
      change(first, middle, by: weight)
      change(middle, last, by: weight)
      change(first, last, by: -weight)
    }
    let flows = Matrix<Double>(rows: n, columns: n) { $0 == $1 ? 0 : Double(flow[$0 * n + $1]) }
    let instance = Generated.instance(
      name: "rectilinear-\(rows)x\(columns)-\(seed)", flow: flows, distance: grid.distances)
    return Generated(instance, planted: planted, isOptimal: true)
  }
}
