import QAP
import QAPPrimitives

/// Sparse matrices as `scipy.sparse.save_npz` writes them: the arrays `format`, `shape` and `data`,
/// and `indices` and `indptr` (CSR, CSC) or `row` and `col` (COO). Instances have the arrays of CSR
/// with a prefix: `flow_data`, `flow_indices` and `flow_indptr`.
enum SparseArchive {
  /// True when the archive has the arrays that every such file has.
  static func isSparse(_ archive: ZipArchive) -> Bool {
    ["format.npy", "shape.npy", "data.npy"].allSatisfy { name in
      archive.entries.contains { $0.name == name }
    }
  }

  /// The matrix; entries at one place are added up.
  ///
  /// - Complexity: O(rows + columns + entries · log(entries of a row)).
  static func matrix(_ archive: ZipArchive, file: String) throws(InputError) -> SparseMatrix {
    let arrays = SparseArrays(archive: archive, prefix: "", file: file)
    let format = NPY.text(try arrays.bytes("format")) ?? "unknown"
    let shape = try arrays.indices("shape", through: 1 << 24)
    guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
      throw arrays.fail("the shape \(shape.prefix(4))", "rows and columns")
    }
    let (rows, columns) = (shape[0], shape[1])
    switch format {
    case "csr": return try arrays.compressed(rows: rows, columns: columns)
    case "csc": return try arrays.compressed(rows: columns, columns: rows).transposed
    case "coo":
      let values = try arrays.numbers("data")
      let (row, column) = (
        try arrays.indices("row", through: rows - 1),
        try arrays.indices("col", through: columns - 1)
      )
      guard row.count == values.count, column.count == values.count else {
        throw arrays.fail("counts that do not fit", "as many rows and columns as data")
      }
      return SparseMatrix(
        rows: rows, columns: columns, rowIndices: row, columnIndices: column, values: values)
    default:
      throw arrays.fail(
        "the format '\(format.printable)'", "csr, csc or coo; convert it with A.tocsr()")
    }
  }

  /// The endings of the names under which an instance has a sparse matrix.
  static let parts = ["data", "indices", "indptr"]

  /// The square matrix that an instance has under `name`; nil when it has none.
  static func matrix(
    _ name: String, of archive: ZipArchive, file: String
  ) throws(InputError) -> SparseMatrix? {
    guard archive.entries.contains(where: { $0.name == "\(name)_indptr.npy" }) else { return nil }
    let arrays = SparseArrays(archive: archive, prefix: "\(name)_", file: file)
    let size = try arrays.numbers("indptr").count - 1
    guard size > 0 else { throw arrays.fail("no rows", "as many as facilities or locations") }
    return try arrays.compressed(rows: size, columns: size)
  }

  /// The arrays of `matrix` under `name`.
  static func files(_ name: String, _ matrix: SparseMatrix) -> [(name: String, contents: [UInt8])] {
    [
      (
        "\(name)_data.npy",
        NPY.format(NumericArray(shape: [matrix.values.count], elements: matrix.values))
      ),
      ("\(name)_indices.npy", NPY.format(matrix.columnIndices, shape: [matrix.values.count])),
      ("\(name)_indptr.npy", NPY.format(matrix.starts, shape: [matrix.rows + 1])),
    ]
  }
}

/// The arrays of one sparse matrix in an archive.
private struct SparseArrays {
  let archive: ZipArchive
  let prefix: String
  let file: String

  func fail(_ found: String, _ expected: String) -> InputError {
    InputError(file, found: "\(found) in a sparse matrix", expected: expected)
  }

  func bytes(_ name: String) throws(InputError) -> [UInt8] {
    guard let entry = archive.entries.first(where: { $0.name == prefix + name + ".npy" }) else {
      throw fail(
        "no array \"\(prefix)\(name)\"",
        prefix.isEmpty
          ? "the arrays of scipy.sparse.save_npz"
          : SparseArchive.parts.map { prefix + $0 }.joined(separator: ", "))
    }
    return try archive.contents(of: entry)
  }

  func numbers(_ name: String) throws(InputError) -> [Double] {
    let array = try NPY.parse(try bytes(name), file: "\(file)(\(prefix)\(name).npy)")
    guard array.shape.count == 1 else {
      throw fail("\"\(prefix)\(name)\" of shape \(array.shape.prefix(4))", "one axis")
    }
    return array.elements
  }

  func indices(_ name: String, through limit: Int) throws(InputError) -> [Int] {
    try numbers(name).map { value throws(InputError) in
      guard value >= 0, value <= Double(limit), value == value.rounded() else {
        throw fail("\(value) in \"\(prefix)\(name)\"", "an integer from 0 to \(limit)")
      }
      return Int(value)
    }
  }

  /// The matrix of `data`, `indices` and `indptr`, row by row.
  func compressed(rows: Int, columns: Int) throws(InputError) -> SparseMatrix {
    let values = try numbers("data")
    let places = try indices("indices", through: columns - 1)
    let starts = try indices("indptr", through: values.count)
    guard starts.count == rows + 1, starts[0] == 0, starts[rows] == places.count,
      places.count == values.count, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
    else { throw fail("counts that do not fit", "as many indices as data, in rising \"indptr\"") }
    var lines: [Int] = []
    lines.reserveCapacity(values.count)
    for row in 0..<rows {
      for _ in starts[row]..<starts[row + 1] { lines.append(row) }
    }
    return SparseMatrix(
      rows: rows, columns: columns, rowIndices: lines, columnIndices: places, values: values)
  }
}
