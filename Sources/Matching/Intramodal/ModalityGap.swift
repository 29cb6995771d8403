import QAP
import QAPPrimitives

/// The distance between two modalities in a shared space (V. W. Liang et al., "Mind the Gap",
/// NeurIPS 2022): rows of `x` and `y` are normalized, and row i of both belongs together.
public struct ModalityGap: Equatable, Sendable {
  /// The distance of the two means.
  public let norm: Double
  /// The sum of the elements of the difference of means, x less y.
  public let vectorSum: Double
  /// The mean cosine of pairs.
  public let meanPairedCosine: Double
  /// The mean cosine of all rows of x with all rows of y.
  public let meanBetween: Double
  /// The mean cosine of different rows of x.
  public let meanWithinFirst: Double
  /// The mean cosine of different rows of y.
  public let meanWithinSecond: Double

  /// O(rows · features).
  ///
  /// - Throws: `InputError` when shapes differ or there is one row only.
  public init(_ x: Embeddings, _ y: Embeddings) throws(InputError) {
    guard x.rows == y.rows, x.features == y.features, x.rows > 1 else {
      throw InputError(
        y.name, found: "\(y.rows) rows of \(y.features) features",
        expected: "\(max(2, x.rows)) rows of \(x.features), as in \(x.name)")
    }
    let n = Double(x.rows)
    func sums(_ e: Embeddings) -> [Double] {
      var sums = [CompensatedSum](repeating: CompensatedSum(), count: e.features)
      for row in 0..<e.rows {
        for (c, value) in e.values.row(row).enumerated() { sums[c].add(value) }
      }
      return sums.map(\.value)
    }
    func dot(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
      var sum = CompensatedSum()
      for (x, y) in zip(a, b) { sum.add(x * y) }
      return sum.value
    }
    func within(_ e: Embeddings, _ sums: [Double]) -> Double {
      (dot(sums, sums) - dot(e.values.elements.array, e.values.elements.array)) / (n * (n - 1))
    }
    let (a, b) = (sums(x), sums(y))
    let gap = zip(a, b).map { ($0 - $1) / n }
    norm = dot(gap, gap).squareRoot()
    vectorSum = gap.reduce(0, +)
    meanPairedCosine = dot(x.values.elements.array, y.values.elements.array) / n
    meanBetween = dot(a, b) / (n * n)
    meanWithinFirst = within(x, a)
    meanWithinSecond = within(y, b)
  }
}

extension PrincipalComponents {
  /// x·P + (μ − μ·P) for each row x, with μ the mean of these very rows: the projection onto the
  /// affine space through their mean.
  ///
  /// - Throws: `InputError` for rows with another number of features.
  public func throughMean(_ embeddings: Embeddings) throws(InputError) -> Embeddings {
    let projected = try self(embeddings)
    func mean(_ e: Embeddings) -> [Double] { RidgeDesign.means(e.values, Array(0..<e.rows)) }
    let shift = zip(mean(embeddings), mean(projected)).map { $0 - $1 }
    return projected.mapped { _, column, value in value + shift[column] }
  }
}
