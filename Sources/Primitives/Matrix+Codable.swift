/// A matrix as an array of rows, each an array of elements.
extension Matrix: Encodable where Element: Encodable {
  /// Writes row after row.
  ///
  /// - Throws: what `encoder` throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for r in 0..<rows { try container.encode(Array(row(r))) }
  }
}

extension Matrix: Decodable where Element: Decodable {
  /// Reads row after row; an empty array is a 0 × 0 matrix.
  ///
  /// - Throws: `DecodingError` when rows differ in length, and for anything else than rows.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    var elements: [Element] = []
    var (rows, columns) = (0, 0)
    while !container.isAtEnd {
      let row = try container.decode([Element].self)
      if rows == 0 { columns = row.count }
      guard row.count == columns else {
        throw DecodingError.dataCorruptedError(
          in: container,
          debugDescription: "found \(row.count) numbers in row \(rows), expected \(columns)")
      }
      elements += row
      rows += 1
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }
}
