import QAP
import QAPPrimitives

/// Instances as JSON: an object with the members `name`, `size`, `flow`, `distance` (arrays of
/// rows), and, where there are any, `linear`, whose elements may be null or Infinity for forbidden
/// placements, `constant` and `sense` ("min" or "max"). `layers`, an array of objects with `flow`,
/// `distance` and, unless it is 1, `weight`, stands beside or in place of `flow` and `distance`:
/// their products are added. `comment` and members that begin with _ are ignored, others are
/// errors. `size` is the number of facilities, the rows of `flow`; `distance` may have more.
public enum JSONInstance {
  /// Reads the file at `path`.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is no instance.
  public static func read(_ path: String) throws -> Instance {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Reads an instance to be minimized from the contents of `file`.
  ///
  /// - Throws: `InputError`, with line and column, when they are no instance, and when it is to be
  ///   maximized (`InstanceFile.problem(_:file:capacities:note:)` reads both).
  /// - Complexity: O(bytes).
  public static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> Instance {
    try problem(bytes, file: file, note: { _ in }).minimized(file: file)
  }

  /// Reads an instance and its sense.
  static func problem(
    _ bytes: [UInt8], file: String, capacities: [Int]? = nil,
    outliers: (Sense) -> Outliers? = { _ in nil },
    note: (String) -> Void
  ) throws(InputError) -> StatedInstance {
    try TextScanner.requireMemory(bytes, file: file)
    var reader = JSONReader(bytes, file: file)
    var members = Members()
    try reader.object { (reader, key, at) throws(InputError) in
      guard members.keys.insert(key).inserted else {
        throw reader.scanner.error(
          at: at, found: "member \"\(key.printable)\" again", expected: "each member once")
      }
      switch key {
      case "name": members.name = try reader.string()
      case "size":
        members.sizeOffset = reader.scanner.position
        members.size = try reader.number()
      case "flow": members.flow = try reader.matrix()
      case "distance": members.distance = try reader.matrix()
      case "layers":
        var layers: [CostLayer] = []
        try reader.list { (reader) throws(InputError) in layers.append(try layer(&reader)) }
        members.layers = layers
      case "linear":
        members.linear = try reader.isNull() ? nil : try reader.matrix(allowsNull: true)
      case "constant": members.constant = try reader.isNull() ? 0 : try reader.number()
      case "sense":
        let start = reader.scanner.position
        guard let sense = Sense(named: try reader.string()) else {
          throw reader.scanner.unexpected(at: start, expected: "\"min\" or \"max\"")
        }
        members.sense = sense
      case "comment": try reader.skipValue()
      default:
        guard key.hasPrefix("_") else {
          throw reader.scanner.error(
            at: at, found: "the unknown member \"\(key.printable)\"",
            expected: Members.expected(insteadOf: key))
        }
        try reader.skipValue()
      }
    }
    try reader.end()
    if let rounding = reader.scanner.roundingNote { note(rounding) }
    return StatedInstance(
      instance: try instance(members, reader, capacities, outliers(members.sense)),
      sense: members.sense)
  }

  private struct Members {
    var keys: Set<String> = []
    var name: String?
    var size: Double?
    var sizeOffset = 0
    var flow: Matrix<Double>?
    var distance: Matrix<Double>?
    var layers: [CostLayer] = []
    var linear: Matrix<Double>?
    var constant = 0.0
    var sense = Sense.min

    /// The members to choose from, for a message about an unknown one.
    static func expected(insteadOf key: String) -> String {
      let known = ["name", "size", "flow", "distance", "layers", "linear", "constant", "sense"]
      return Spelling.nearest(to: key, among: known).map { "\"\($0)\"" }
        ?? "\(known.joined(separator: ", ")), or a name that begins with _"
    }
  }

  private static func instance(
    _ given: Members, _ reader: JSONReader, _ capacities: [Int]?, _ outliers: Outliers?
  ) throws(InputError) -> Instance {
    let file = reader.scanner.file
    var members = given
    var layers = members.layers
    if members.flow == nil, members.distance == nil, let first = layers.first {
      layers.removeFirst()
      members.flow = first.weight == 1 ? first.flow : first.flow.map { first.weight * $0 }
      members.distance = first.distance
    }
    guard let flow = members.flow else {
      throw InputError(file, found: "no member \"flow\"", expected: "one")
    }
    guard let distance = members.distance else {
      throw InputError(file, found: "no member \"distance\"", expected: "one")
    }
    if let size = members.size, size != Double(flow.rows) {
      throw reader.scanner.unexpected(
        at: members.sizeOffset, expected: "\(flow.rows), the number of rows of the flow")
    }
    let instance = try Instance(
      file: file,
      name: members.name ?? FileAccess.stem(file), flow: flow, distance: distance,
      linear: members.linear, constant: members.constant, capacities: capacities,
      outliers: layers.isEmpty ? outliers : nil)
    if layers.isEmpty { return instance }
    do {
      return try instance.adding(layers)
    } catch {
      throw error.inside(file)
    }
  }

  /// Reads one of `layers`.
  private static func layer(_ reader: inout JSONReader) throws(InputError) -> CostLayer {
    let start = reader.scanner.position
    var (flow, distance, weight): (Matrix<Double>?, Matrix<Double>?, Double) = (nil, nil, 1)
    try reader.object { (reader, key, at) throws(InputError) in
      switch key {
      case "flow": flow = try reader.matrix()
      case "distance": distance = try reader.matrix()
      case "weight": weight = try reader.number()
      case _ where key.hasPrefix("_"): try reader.skipValue()
      default:
        throw reader.scanner.error(
          at: at, found: "the unknown member \"\(key.printable)\" of a layer",
          expected: "flow, distance or weight")
      }
    }
    guard let flow, let distance else {
      throw reader.scanner.error(
        at: start, found: "a layer without \(flow == nil ? "flow" : "distance")",
        expected: "both flow and distance")
    }
    return CostLayer(flow: flow, distance: distance, weight: weight)
  }

  /// Writes `instance` to `path`, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written and `InputError` for a cost tensor.
  public static func write(_ instance: Instance, sense: Sense = .min, to path: String) throws {
    try FileAccess.write(try format(instance, sense: sense, file: path), to: path)
  }

  /// The instance as JSON, one matrix row a line, which reads back as exactly the same numbers.
  ///
  /// A cost tensor cannot be written: that is an error about `file`.
  public static func format(
    _ instance: Instance, sense: Sense = .min, file: String
  ) throws(InputError) -> [UInt8] {
    guard let layers = instance.layers else {
      throw InputError(
        file, found: "an instance given by a cost tensor",
        expected: "a flow and a distance matrix; .npz holds tensors")
    }
    var writer = TextWriter()
    writer.append(
      "{\n\"name\": \(quoted(instance.name)),\n\"size\": \(instance.facilities),\n")
    if sense == .max { writer.append("\"sense\": \"max\",\n") }
    func append(_ layer: CostLayer) {
      JSONInstance.append(layer.flow, "flow", &writer)
      writer.append(",\n")
      JSONInstance.append(layer.distance, "distance", &writer)
    }
    if layers.count == 1 {
      append(layers[0])
    } else {
      for (index, layer) in layers.enumerated() {
        writer.append(index == 0 ? "\"layers\": [{\n" : "},\n{\n")
        append(layer)
      }
      writer.append("}]")
    }
    if let linear = instance.givenLinear {
      writer.append(",\n")
      JSONInstance.append(linear, "linear", &writer)
    }
    writer.append(",\n\"constant\": \(TextWriter.text(of: instance.constant))\n}\n")
    return writer.bytes
  }

  private static func append(_ matrix: Matrix<Double>, _ key: String, _ writer: inout TextWriter) {
    writer.append("\"\(key)\": [\n")
    for r in 0..<matrix.rows {
      writer.append("[")
      var separator = ""
      for value in matrix.row(r) {
        writer.append(separator)
        if value == .infinity { writer.append("null") } else { writer.append(value) }
        separator = ","
      }
      writer.append(r + 1 < matrix.rows ? "],\n" : "]\n")
    }
    writer.append("]")
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
