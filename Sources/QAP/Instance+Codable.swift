import QAPPrimitives

/// The object that instance files in JSON hold: `name`, `size`, `flow` and `distance` as arrays of
/// rows, `linear`, with null for placements that are forbidden, and `constant`.
extension Instance: Codable {
  private enum Key: String, CodingKey { case name, size, flow, distance, linear, constant }

  /// Writes the instance.
  ///
  /// - Throws: `EncodingError` for a cost tensor, and what `encoder` throws.
  /// - Complexity: O(n²).
  public func encode(to encoder: any Encoder) throws {
    guard let given else {
      throw EncodingError.invalidValue(
        self,
        .init(codingPath: encoder.codingPath, debugDescription: "a cost tensor has no matrices"))
    }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(facilities, forKey: .size)
    try container.encode(given.flow, forKey: .flow)
    try container.encode(given.distance, forKey: .distance)
    try container.encodeIfPresent(
      given.linear?.map { $0.isFinite ? $0 : nil }, forKey: .linear)
    try container.encode(constant, forKey: .constant)
  }

  /// Reads an instance.
  ///
  /// - Throws: `DecodingError` for anything else, `InputError` for matrices that make none.
  /// - Complexity: O(n²).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let flow = try container.decode(Matrix<Double>.self, forKey: .flow)
    if let size = try container.decodeIfPresent(Int.self, forKey: .size), size != flow.rows {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: container,
        debugDescription: "expected \(flow.rows), the number of rows of the flow")
    }
    try self.init(
      name: try container.decodeIfPresent(String.self, forKey: .name) ?? "instance", flow: flow,
      distance: try container.decode(Matrix<Double>.self, forKey: .distance),
      linear: try container.decodeIfPresent(Matrix<Double?>.self, forKey: .linear)?.map {
        $0 ?? .infinity
      },
      constant: try container.decodeIfPresent(Double.self, forKey: .constant) ?? 0)
  }
}
