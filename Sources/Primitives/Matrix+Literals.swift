extension Matrix: ExpressibleByArrayLiteral {
  /// A matrix from its rows, which must have the same length.
  public init(_ rows: [[Element]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "the rows of a matrix have one length")
    self.init(rows: rows.count, columns: columns, elements: Array(rows.joined()))
  }

  /// A matrix from its rows, which must have the same length: `[[0, 5], [5, 0]]`.
  public init(arrayLiteral rows: [Element]...) { self.init(rows) }
}

extension Matrix: CustomStringConvertible {
  /// The rows, one a line.
  public var description: String {
    (0..<rows).map { row in self.row(row).map { "\($0)" }.joined(separator: " ") }
      .joined(separator: "\n")
  }
}
