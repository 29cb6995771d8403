import QAP
import QAPPrimitives

/// Instances as NumPy archives (`numpy.savez`): the arrays `flow` (m × m) and `distance` (n × n, m
/// ≤ n), or `cost` of shape (n, n, n, n) in Lawler's form, and where there are any, `linear` (m ×
/// n, infinite where a placement is forbidden), `constant` (one number; always written) and `sense`
/// (the text min or max). A sparse flow is the arrays of a CSR matrix of SciPy, `flow_data`,
/// `flow_indices` and `flow_indptr`, in place of `flow`; a sparse distance likewise.
///
/// Archives from elsewhere are read when they name the arrays A, B and L, or C, or when they hold
/// nothing but two square arrays of one size. Other arrays are errors.
public enum NPZ {
  /// Reads the instance in the archive at `path`.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is no instance.
  public static func read(_ path: String) throws -> Instance {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Reads an instance to be minimized from the contents of `file`.
  ///
  /// - Throws: `InputError` when the archive is damaged or holds no instance, and when it is to be
  ///   maximized (`InstanceFile.problem(_:file:capacities:note:)` reads both).
  /// - Complexity: O(bytes), packed and unpacked.
  public static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> Instance {
    try problem(bytes, file: file).minimized(file: file)
  }

  /// The names of arrays that are read.
  private static let known = [
    "flow", "distance", "linear", "constant", "sense", "cost", "A", "B", "C", "L",
  ]

  /// The names of arrays that hold sparse matrices.
  private static let sparse = ["flow", "distance"].flatMap { name in
    SparseArchive.parts.map { "\(name)_\($0)" }
  }

  /// Reads an instance and its sense.
  static func problem(
    _ bytes: [UInt8], file: String, capacities: [Int]? = nil,
    outliers: (Sense) -> Outliers? = { _ in nil }
  ) throws(InputError) -> StatedInstance {
    let archive = try ZipArchive(bytes, file: file)
    if SparseArchive.isSparse(archive) {
      throw InputError(
        file, found: "a sparse matrix of SciPy",
        expected: "a flow and a distance; "
          + "'qap convert --flow \(file) --distance FILE instance.npz' joins them")
    }
    let names = archive.entries.map(\.name).filter { $0.hasSuffix(".npy") }.map {
      String($0.dropLast(4))
    }
    // Two square arrays are the matrices, whatever they are called, where nothing else is.
    // So do the first two of arrays without names (`numpy.savez(FILE, a, b)`).
    let readable = known + sparse
    let unknown = names.filter { !readable.contains($0) && !$0.hasPrefix("arr_") }
    let isNamed = (["flow", "distance", "cost", "A", "B", "C"] + sparse).contains {
      names.contains($0)
    }
    for name in unknown {
      let nearest = Spelling.nearest(to: name, among: readable)
      guard isNamed || unknown.count > 2 || nearest.map({ $0.count > 1 }) ?? false else { continue }
      throw InputError(
        file, found: "the unknown array \"\(name.printable)\"",
        expected: nearest.map { "\"\($0)\"" } ?? known.joined(separator: ", "))
    }
    let stated = try archive.entries.first { $0.name == "sense.npy" }.map {
      entry throws(InputError) in
      guard let sense = NPY.text(try archive.contents(of: entry)).flatMap(Sense.init(named:)) else {
        throw InputError(file, found: "another sense", expected: "the text min or max")
      }
      return sense
    }
    return StatedInstance(
      instance: try instance(archive, file, capacities, outliers(stated ?? .min)),
      sense: stated ?? .min)
  }

  private static func instance(
    _ archive: ZipArchive, _ file: String, _ capacities: [Int]?, _ outliers: Outliers?
  ) throws(InputError) -> Instance {
    func entry(_ names: String...) -> ZipArchive.Entry? {
      archive.entries.first { names.contains($0.name) }
    }
    func array(_ entry: ZipArchive.Entry) throws(InputError) -> NumericArray {
      try NPY.parse(try archive.contents(of: entry), file: "\(file)(\(entry.name.printable))")
    }
    func matrix(_ entry: ZipArchive.Entry) throws(InputError) -> Matrix<Double> {
      let array = try array(entry)
      guard let matrix = array.matrix else {
        throw InputError(
          file, found: "\(entry.name.printable) of shape \(array.shape)", expected: "two axes"
        )
      }
      return matrix
    }
    let linear = try entry("linear.npy", "L.npy").map { e throws(InputError) in try matrix(e) }
    var constant = 0.0
    if let entry = entry("constant.npy") {
      let array = try array(entry)
      guard array.elements.count == 1 else {
        throw InputError(
          file, found: "constant.npy of \(array.elements.count) numbers", expected: "one")
      }
      constant = array.elements[0]
    }
    let name = FileAccess.stem(file)
    if let cost = entry("cost.npy", "C.npy") {
      return try Instance(
        file: file, name: name, tensor: try array(cost), linear: linear, constant: constant)
    }
    var first = entry("flow.npy", "A.npy")
    var second = entry("distance.npy", "B.npy")
    let isSparse = sparse.contains { name in archive.entries.contains { $0.name == name + ".npy" } }
    if first == nil && second == nil && !isSparse {
      let square = try firstSquares(archive, file)
      (first, second) = (square.first, square.dropFirst().first)
    }
    func costs(_ name: String, _ entry: ZipArchive.Entry?) throws(InputError) -> CostMatrix? {
      if let sparse = try SparseArchive.matrix(name, of: archive, file: file) {
        guard entry == nil else {
          throw InputError(
            file, found: "\(name) both dense and sparse", expected: "one of them")
        }
        return .sparse(sparse)
      }
      return try entry.map { entry throws(InputError) in .dense(try matrix(entry)) }
    }
    guard let flow = try costs("flow", first), let distance = try costs("distance", second) else {
      throw InputError(
        file, found: "arrays \(archive.entries.prefix(8).map { $0.name.printable })",
        expected: "flow and distance, A and B, two square ones of one size, or cost")
    }
    return try Instance(
      file: file, name: name, flow: flow, distance: distance, linear: linear, constant: constant,
      capacities: capacities, outliers: outliers)
  }

  /// The first two arrays of one shape (n, n), found by their headers alone.
  private static func firstSquares(
    _ archive: ZipArchive, _ file: String
  ) throws(InputError) -> [ZipArchive.Entry] {
    var squares: [(entry: ZipArchive.Entry, size: Int)] = []
    for entry in archive.entries where entry.name.hasSuffix(".npy") {
      let start = try archive.prefix(of: entry, limit: NPYHeader.longest + 12)
      let shape = try NPYHeader(start[...], file: "\(file)(\(entry.name.printable))").shape
      guard shape.count == 2, shape[0] == shape[1] else { continue }
      if let partner = squares.first(where: { $0.size == shape[0] }) {
        return [partner.entry, entry]
      }
      squares.append((entry, shape[0]))
    }
    return []
  }

  /// Writes `instance` to `path`, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written, and `InputError` beyond 4 GiB.
  public static func write(
    _ instance: Instance, sense: Sense = .min, to path: String, compressed: Bool = true
  ) throws {
    try FileAccess.write(
      try format(instance, sense: sense, file: path, compressed: compressed), to: path)
  }

  /// The instance as an archive of doubles, which reads back as exactly the same numbers.
  ///
  /// A tensor is written whole, n⁴ numbers; more than 4 GiB of them are an error about `file`.
  public static func format(
    _ instance: Instance, sense: Sense = .min, file: String, compressed: Bool = true
  ) throws(InputError) -> [UInt8] {
    // Without ZIP64 an archive ends at 4 GiB; matrices of sizes up to 11,000 stay below it.
    func tooMuch() -> InputError {
      InputError(
        file, found: "an instance of \(instance.size) facilities",
        expected: "less than 4 GiB of numbers")
    }
    var files: [(name: String, contents: [UInt8])] = []
    var linear = instance.linearWithInfinities
    if let tensor = instance.tensor {
      guard tensor.size < 150 else { throw tooMuch() }
      files.append((name: "cost.npy", contents: NPY.format(NumericArray(tensor))))
    } else if let given = instance.givenMatrices {
      for (name, matrix) in [("flow", given.flow), ("distance", given.distance)] {
        switch matrix {
        case .dense(let matrix):
          files.append((name: name + ".npy", contents: NPY.format(NumericArray(matrix))))
        case .sparse(let matrix): files += SparseArchive.files(name, matrix)
        }
      }
      linear = given.linear
    }
    if let linear {
      files.append((name: "linear.npy", contents: NPY.format(NumericArray(linear))))
    }
    let constant = NumericArray(shape: [], elements: [instance.constant])
    files.append((name: "constant.npy", contents: NPY.format(constant)))
    if sense == .max { files.append((name: "sense.npy", contents: NPY.format(text: "max"))) }
    guard files.reduce(0, { $0 + $1.contents.count }) < 0xFFFF_0000 else { throw tooMuch() }
    return ZipArchive.format(files, compressed: compressed)
  }
}
