/// The extents of a model, known before it is built.
public struct ModelSize: Sendable, Equatable, CustomStringConvertible {
  /// The number of constraints.
  public var rows: Int
  /// The number of variables.
  public var columns: Int
  /// The number of coefficients that are not zero.
  public var nonzeros: Int

  /// Extents that the caller has counted.
  public init(rows: Int, columns: Int, nonzeros: Int) {
    self.rows = rows
    self.columns = columns
    self.nonzeros = nonzeros
  }

  /// About how many bytes building and solving by simplex takes, measured on the models of this
  /// package: the model twice, its factors, and work space. Saturates.
  public var bytes: Int {
    func times(_ a: Int, _ b: Int) -> Int {
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      return overflow ? .max : product
    }
    return [times(rows, 1000), times(columns, 500), times(nonzeros, 200)].reduce(0) {
      let (sum, overflow) = $0.addingReportingOverflow($1)
      return overflow ? .max : sum
    }
  }

  /// The library counts in 32 bits and stops at 10⁸ rows or columns and 5·10⁸ coefficients.
  var isRepresentable: Bool {
    rows <= 100_000_000 && columns <= 100_000_000 && nonzeros <= 500_000_000
  }

  public var description: String {
    let mebibytes = max(1, bytes >> 20)
    return "\(rows) rows, \(columns) columns, \(nonzeros) coefficients and about "
      + (mebibytes >= 10_240 ? "\(mebibytes >> 10) GiB" : "\(mebibytes) MiB")
  }
}
