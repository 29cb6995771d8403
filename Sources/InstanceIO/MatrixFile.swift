import QAP
import QAPPrimitives

/// One matrix in a file: every format of `EmbeddingFile`, sparse matrices of SciPy among them, and
/// edge lists, which are tables of two or three columns ("i j" or "i j weight") that are not
/// square, or in files named .edges.
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

  /// Reads the matrix at `path`. Sparse matrices and edge lists stay sparse, unless more than an
  /// eighth of their elements are entries.
  ///
  /// - Parameter note: called with a line about what may have been meant otherwise.
  /// - Throws: `FileError` when there is nothing to read, `InputError` when it is no matrix of
  ///   finite numbers.
  public func read(_ path: String, note: (String) -> Void = { _ in }) throws -> CostMatrix {
    let (file, array) = EmbeddingFile.split(path)
    return try parse(try FileAccess.read(file), array: array, file: file, note: note)
  }

  /// Reads the matrix in the contents of `file`; `array` names one of several.
  ///
  /// - Throws: `InputError` as `read(_:note:)` does.
  /// - Complexity: O(bytes + entries · log(entries of a row)).
  public func parse(
    _ bytes: [UInt8], array: String? = nil, file: String, note: (String) -> Void = { _ in }
  ) throws(InputError) -> CostMatrix {
    if array == nil, bytes.starts(with: [0x50, 0x4B]) {
      let archive = try ZipArchive(bytes, file: file)
      if SparseArchive.isSparse(archive) {
        return try MatrixFile.chosen(try SparseArchive.matrix(archive, file: file), file: file)
      }
    }
    let layers = try EmbeddingFile.parse(bytes, array: array, file: file, note: { _ in })
    guard layers.count == 1 else {
      throw InputError(file, found: "\(layers.count) matrices", expected: "one")
    }
    let table = layers[0]
    let isList = file.hasSuffix(".edges") || table.rows != table.columns
    guard isList, (2...3).contains(table.columns) else {
      if MatrixFile.looksLikeEdges(table) {
        note(
          "\(file): read as a \(table.rows) × \(table.rows) matrix; rename a list of edges to end "
            + "in .edges")
      }
      return .dense(table)
    }
    return try MatrixFile.chosen(try matrix(ofEdges: table, file: file, note: note), file: file)
  }

  /// True for as many edges as a line has numbers: vertices before the weight, none of it zero on
  /// the diagonal or symmetric, as matrices mostly are.
  private static func looksLikeEdges(_ table: Matrix<Double>) -> Bool {
    guard table.isSquare, (2...3).contains(table.rows) else { return false }
    let places = 0..<table.rows
    let areVertices = places.allSatisfy { row in
      [table[row, 0], table[row, 1]].allSatisfy { $0 >= 0 && $0 == $0.rounded() && $0 < 1000 }
    }
    let isUsual = places.allSatisfy { table[$0, $0] == 0 } || table.isSymmetric
    return areVertices && !isUsual
  }

  /// `matrix`, without zeros where they are many.
  private static func chosen(_ matrix: SparseMatrix, file: String) throws(InputError) -> CostMatrix
  {
    if let fault = matrix.values.firstIndex(where: { !$0.isFinite }) {
      throw InputError(
        file,
        found: "\(matrix.values[fault]) in row \(matrix.rowIndices[fault]), "
          + "column \(matrix.columnIndices[fault])", expected: "a finite number")
    }
    let places = Double(matrix.rows) * Double(matrix.columns)
    if 8 * Double(matrix.values.count) <= places { return .sparse(matrix) }
    try InputError.requireMemory(8 * places, for: file)
    return .dense(matrix.dense)
  }

  /// The matrix of an edge list. Weights of edges that are listed again are added.
  private func matrix(
    ofEdges edges: Matrix<Double>, file: String, note: (String) -> Void
  ) throws(InputError) -> SparseMatrix {
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
    var (rows, columns, weights) = ([Int](), [Int](), [Double]())
    func add(_ i: Int, _ k: Int, _ weight: Double) {
      rows.append(i)
      columns.append(k)
      weights.append(weight)
    }
    for row in 0..<edges.rows {
      let (i, k) = (Int(edges[row, 0]) - base, Int(edges[row, 1]) - base)
      let weight = edges.columns == 3 ? edges[row, 2] : 1
      add(i, k, weight)
      if isUndirected, i != k { add(k, i, weight) }
    }
    return SparseMatrix(
      rows: n, columns: n, rowIndices: rows, columnIndices: columns, values: weights)
  }
}
