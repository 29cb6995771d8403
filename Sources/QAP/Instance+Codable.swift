import QAPPrimitives

/// The object that instance files in JSON hold: `name`, `size`, `flow` and `distance` as arrays of
/// rows, or `layers` of both, `linear`, with null for forbidden placements, and `constant`.
extension Instance: Codable {
  private enum Key: String, CodingKey { case name, size, flow, distance, layers, linear, constant }

  /// Writes the instance.
  ///
  /// - Throws: `EncodingError` for a cost tensor, and what `encoder` throws.
  /// - Complexity: O(n²).
  public func encode(to encoder: any Encoder) throws {
    guard let layers else {
      throw EncodingError.invalidValue(
        self,
        .init(codingPath: encoder.codingPath, debugDescription: "a cost tensor has no matrices"))
    }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(facilities, forKey: .size)
    if layers.count == 1 {
      try container.encode(layers[0].flow, forKey: .flow)
      try container.encode(layers[0].distance, forKey: .distance)
    } else {
      try container.encode(layers, forKey: .layers)
    }
    try container.encodeIfPresent(
      givenLinear?.map { $0.isFinite ? $0 : nil }, forKey: .linear)
    try container.encode(constant, forKey: .constant)
  }

  /// Reads an instance.
  ///
  /// - Throws: `DecodingError` for anything else, `InputError` for matrices that make none.
  /// - Complexity: O(n²).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    var layers = try container.decodeIfPresent([CostLayer].self, forKey: .layers) ?? []
    if layers.isEmpty || container.contains(.flow) {
      layers.insert(
        CostLayer(
          flow: try container.decode(Matrix<Double>.self, forKey: .flow),
          distance: try container.decode(Matrix<Double>.self, forKey: .distance)), at: 0)
    }
    let rows = layers[0].flow.rows
    if let size = try container.decodeIfPresent(Int.self, forKey: .size), size != rows {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: container,
        debugDescription: "expected \(rows), the number of rows of the flow")
    }
    try self.init(
      name: try container.decodeIfPresent(String.self, forKey: .name) ?? "instance",
      layers: layers,
      linear: try container.decodeIfPresent(Matrix<Double?>.self, forKey: .linear)?.map {
        $0 ?? .infinity
      },
      constant: try container.decodeIfPresent(Double.self, forKey: .constant) ?? 0)
  }
}

extension CostLayer: Codable {
  private enum Key: String, CodingKey { case flow, distance, weight }

  /// Writes the layer, its weight only where it is not 1.
  ///
  /// - Throws: what `encoder` throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(flow, forKey: .flow)
    try container.encode(distance, forKey: .distance)
    if weight != 1 { try container.encode(weight, forKey: .weight) }
  }

  /// Reads a layer, whose weight is 1 where there is none.
  ///
  /// - Throws: `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      flow: try container.decode(Matrix<Double>.self, forKey: .flow),
      distance: try container.decode(Matrix<Double>.self, forKey: .distance),
      weight: try container.decodeIfPresent(Double.self, forKey: .weight) ?? 1)
  }
}
