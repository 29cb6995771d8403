import QAP
import QAPPrimitives

extension Embeddings {
  /// Embeddings of the same things by several encoders, side by side: rows divided by their norms,
  /// each encoder scaled to total variance `weights[e]`, features concatenated. Linear kernels and
  /// squared distances of the result are the weighted sums of those of the encoders.
  ///
  /// - Parameters:
  ///   - several: at least one, all with the same number of rows.
  ///   - weights: one an encoder, positive; nil for equal ones.
  /// - Throws: `InputError` when row counts differ, a row is zero, or rows are all alike.
  public static func combined(
    _ several: [Embeddings], weights: [Double]? = nil
  ) throws(InputError) -> Embeddings {
    precondition(!several.isEmpty, "a combination of nothing")
    precondition(
      weights == nil || weights?.count == several.count && weights!.allSatisfy { $0 > 0 },
      "a positive weight an encoder")
    guard several.count > 1 else { return several[0] }
    let count = several[0].rows
    var parts: [Embeddings] = []
    for (index, one) in several.enumerated() {
      guard one.rows == count else {
        throw InputError(
          one.name, found: "\(one.rows) rows", expected: "\(count), as in \(several[0].name)")
      }
      let unit = try one.normalized()
      let mean = RidgeDesign.means(unit.values, Array(0..<count))
      var variance = CompensatedSum()
      for row in 0..<count {
        for (value, center) in zip(unit.values.row(row), mean) {
          variance.add((value - center) * (value - center))
        }
      }
      guard variance.value > 1e-20 * Double(count) else { throw InputError(allAlike: one.name) }
      let scale = ((weights?[index] ?? 1) * Double(count) / variance.value).squareRoot()
      parts.append(unit.mapped { $2 * scale })
    }
    let width = parts.reduce(0) { $0 + $1.features }
    var elements: [Double] = []
    elements.reserveCapacity(count * width)
    for row in 0..<count {
      for part in parts { elements.append(contentsOf: part.values.row(row)) }
    }
    return Embeddings(
      unchecked: Matrix(rows: count, columns: width, elements: elements),
      name: several.map(\.name).joined(separator: "+"))
  }
}
