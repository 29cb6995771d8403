import QAP
import QAPPrimitives

/// Sparse matrices as `scipy.sparse.save_npz` writes them: the arrays `format`, `shape` and `data`,
/// and `indices` and `indptr` (CSR, CSC) or `row` and `col` (COO).
enum SparseArchive {
  /// True when the archive has the arrays that every such file has.
  static func isSparse(_ archive: ZipArchive) -> Bool {
    ["format.npy", "shape.npy", "data.npy"].allSatisfy { name in
      archive.entries.contains { $0.name == name }
    }
  }

  /// The matrix with its zeros; entries at one place are added up.
  ///
  /// - Complexity: O(rows · columns + entries).
  static func matrix(_ archive: ZipArchive, file: String) throws(InputError) -> Matrix<Double> {
    func fail(_ found: String, _ expected: String) -> InputError {
      InputError(file, found: "\(found) in a sparse matrix", expected: expected)
    }
    func bytes(_ name: String) throws(InputError) -> [UInt8] {
      guard let entry = archive.entries.first(where: { $0.name == name + ".npy" }) else {
        throw fail("no array \"\(name)\"", "the arrays of scipy.sparse.save_npz")
      }
      return try archive.contents(of: entry)
    }
    func numbers(_ name: String) throws(InputError) -> [Double] {
      let array = try NPY.parse(try bytes(name), file: "\(file)(\(name).npy)")
      guard array.shape.count == 1 else {
        throw fail("\"\(name)\" of shape \(array.shape.prefix(4))", "one axis")
      }
      return array.elements
    }
    func indices(_ name: String, through limit: Int) throws(InputError) -> [Int] {
      try numbers(name).map { value throws(InputError) in
        guard value >= 0, value <= Double(limit), value == value.rounded() else {
          throw fail("\(value) in \"\(name)\"", "an integer from 0 to \(limit)")
        }
        return Int(value)
      }
    }
    let format = NPY.text(try bytes("format")) ?? "unknown"
    let shape = try indices("shape", through: 1 << 24)
    guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
      throw fail("the shape \(shape.prefix(4))", "rows and columns")
    }
    let (rows, columns) = (shape[0], shape[1])
    try InputError.requireMemory(8 * Double(rows) * Double(columns), for: file)
    let values = try numbers("data")
    var matrix = Matrix<Double>(rows: rows, columns: columns, repeating: 0)
    switch format {
    case "csr", "csc":
      let isByRow = format == "csr"
      let (outer, inner) = isByRow ? (rows, columns) : (columns, rows)
      let places = try indices("indices", through: inner - 1)
      let starts = try indices("indptr", through: values.count)
      guard starts.count == outer + 1, starts[0] == 0, starts[outer] == places.count,
        places.count == values.count, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
      else { throw fail("counts that do not fit", "as many indices as data, in rising \"indptr\"") }
      for line in 0..<outer {
        for entry in starts[line]..<starts[line + 1] {
          let (row, column) = isByRow ? (line, places[entry]) : (places[entry], line)
          matrix[row, column] += values[entry]
        }
      }
    case "coo":
      let (row, column) = (
        try indices("row", through: rows - 1), try indices("col", through: columns - 1)
      )
      guard row.count == values.count, column.count == values.count else {
        throw fail("counts that do not fit", "as many rows and columns as data")
      }
      for entry in values.indices { matrix[row[entry], column[entry]] += values[entry] }
    default:
      throw fail("the format '\(format.printable)'", "csr, csc or coo; convert it with A.tocsr()")
    }
    return matrix
  }
}
