extension Matrix {
  /// These rows, from 0, in this order; a row may appear more than once.
  package func selecting(rows chosen: [Int]) -> Matrix {
    var elements: [Element] = []
    elements.reserveCapacity(chosen.count * columns)
    for row in chosen { elements.append(contentsOf: self.row(row)) }
    return Matrix(rows: chosen.count, columns: columns, elements: elements)
  }

  /// These rows and columns of a square matrix, in this order.
  package func selecting(rowsAndColumns chosen: [Int]) -> Matrix {
    Matrix(rows: chosen.count, columns: chosen.count) { self[chosen[$0], chosen[$1]] }
  }
}
