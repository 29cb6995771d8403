import QAP
import QAPDenseAlgebra
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

  /// Weights of encoders of the same things by their agreement with each other, without any pair:
  /// the leading eigenvector of the matrix of their linear CKA, scaled to a mean of 1 (STATIS:
  /// C. Lavit, Y. Escoufier, R. Sabatier, P. Traissac, "The ACT (STATIS method)", Computational
  /// Statistics and Data Analysis 18, 1994). Two encoders get equal weights.
  ///
  /// - Parameter several: at least one, all with the same number of rows.
  /// - Returns: a positive weight an encoder, for `combined`.
  /// - Throws: `InputError` as `combined` does.
  /// - Complexity: O(n·d²) for each pair of encoders of d features.
  public static func agreementWeights(
    _ several: [Embeddings], threads: Int = 1
  ) throws(InputError) -> [Double] {
    precondition(!several.isEmpty, "weights of nothing")
    let count = several.count
    var agreement = Matrix<Double>(rows: count, columns: count) { $0 == $1 ? 1 : 0 }
    for first in 0..<count {
      for second in 0..<first {
        let alignment = try Alignment(
          source: several[first], target: several[second], normalizes: true, threads: threads)
        let value = try alignment.values(.cka, orders: [Array(0..<several[first].rows)])[0]
        (agreement[first, second], agreement[second, first]) = (value, value)
      }
    }
    guard count > 2, let eigen = symmetricEigen(agreement) else {
      return Array(repeating: 1, count: count)
    }
    let leading = (0..<count).map { abs(eigen.vectors[count - 1, $0]) }
    // An encoder that agrees with none keeps a trace, as weights are positive.
    let sum = leading.reduce(0, +)
    return leading.map { max(1e-6, $0 / sum * Double(count)) }
  }
}
