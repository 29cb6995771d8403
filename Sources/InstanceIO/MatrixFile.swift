import QAP
import QAPPrimitives

/// One matrix in a file: every format of `EmbeddingFile`, sparse matrices of SciPy among them, and
/// edge lists, which are tables of two or three columns ("i j" or "i j weight") that are not
/// square.
///
/// A list without the number 0 may count from 1: it does if it names the number of vertices.
public struct MatrixFile: Sendable {
  /// The number of vertices of edge lists; nil for as many as the largest number says.
  public var size: Int?
  /// The number of the first vertex in edge lists; nil where the list decides.
  public var base: Int?
  /// Each edge stands for both directions.
  public var isUndirected = false

  /// The defaults: edge lists are directed, and decide on their numbering.
  public init() {}

  /// Reads the matrix at `path`.
  ///
  /// - Parameter note: called with a line about what may have been meant otherwise.
  /// - Throws: `FileError` when there is nothing to read, `InputError` when it is no matrix of
  ///   finite numbers.
  public func read(_ path: String, note: (String) -> Void = { _ in }) throws -> Matrix<Double> {
    let (file, array) = EmbeddingFile.split(path)
    return try parse(try FileAccess.read(file), array: array, file: file, note: note)
  }

  /// Reads the matrix in the contents of `file`; `array` names one of several.
  ///
  /// - Throws: `InputError` as `read(_:note:)` does.
  public func parse(
    _ bytes: [UInt8], array: String? = nil, file: String, note: (String) -> Void = { _ in }
  ) throws(InputError) -> Matrix<Double> {
    let layers = try EmbeddingFile.parse(bytes, array: array, file: file, note: { _ in })
    guard layers.count == 1 else {
      throw InputError(file, found: "\(layers.count) matrices", expected: "one")
    }
    let table = layers[0]
    guard table.rows != table.columns, (2...3).contains(table.columns) else { return table }
    return try matrix(ofEdges: table, file: file, note: note)
  }

  /// The matrix of an edge list. Weights of edges that are listed again are added.
  ///
  /// - Complexity: O(edges + n²).
  private func matrix(
    ofEdges edges: Matrix<Double>, file: String, note: (String) -> Void
  ) throws(InputError) -> Matrix<Double> {
    var (least, most) = (Double.infinity, 0.0)
    for row in 0..<edges.rows {
      for vertex in [edges[row, 0], edges[row, 1]] {
        guard vertex >= 0, vertex == vertex.rounded(), vertex < 0x1p24 else {
          throw InputError(
            file, found: "\(vertex) in row \(row) of an edge list",
            expected: "a vertex number below 2^24, or a square matrix")
        }
        (least, most) = (min(least, vertex), max(most, vertex))
      }
    }
    var base = self.base ?? 0
    if self.base == nil, least > 0 {
      base = size == nil || Double(size ?? 0) == most ? 1 : 0
      note(
        "\(file): no vertex is 0; read as numbered from \(base), with \(size ?? Int(most)) vertices"
          + " (--edges-from 0 or 1 decides)")
    }
    let n = size ?? Int(most) + 1 - base
    guard least >= Double(base), most < Double(n + base) else {
      throw InputError(
        file, found: "vertices from \(Int(least)) to \(Int(most))",
        expected: "numbers from \(base) to \(n + base - 1)")
    }
    try InputError.requireMemory(8 * Double(n) * Double(n), for: file)
    var matrix = Matrix<Double>(rows: n, columns: n, repeating: 0)
    for row in 0..<edges.rows {
      let (i, k) = (Int(edges[row, 0]) - base, Int(edges[row, 1]) - base)
      let weight = edges.columns == 3 ? edges[row, 2] : 1
      matrix[i, k] += weight
      if isUndirected, i != k { matrix[k, i] += weight }
    }
    return matrix
  }
}
