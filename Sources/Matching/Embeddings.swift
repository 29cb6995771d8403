import QAP
import QAPPrimitives

/// Embeddings of images, texts, classes or anything else: one row each, one column a feature.
///
/// A value with finite numbers and at least one row and one column. Rows are numbered from 0.
/// `name` says in messages which embeddings are meant.
public struct Embeddings: Equatable, Sendable {
  /// The numbers, rows × features.
  public let values: Matrix<Double>
  /// Where they come from, for messages.
  public let name: String

  /// The number of rows.
  public var rows: Int { values.rows }
  /// The number of features of a row.
  public var features: Int { values.columns }

  /// Accepts `values` when they are finite and there are any.
  ///
  /// - Throws: `InputError`, which names the first row and column at fault.
  /// - Complexity: O(rows · features).
  public init(_ values: Matrix<Double>, name: String = "embeddings") throws(InputError) {
    guard values.rows > 0, values.columns > 0 else {
      throw InputError(
        name, found: "\(values.rows) rows of \(values.columns) features", expected: "at least one")
    }
    if let fault = values.elements.firstIndex(where: { !$0.isFinite }) {
      throw InputError(
        name,
        found: "\(values.elements[fault]) in row \(fault / values.columns), "
          + "column \(fault % values.columns)", expected: "a finite number")
    }
    self.values = values
    self.name = name
  }

  /// For results of steps that keep numbers finite.
  init(unchecked values: Matrix<Double>, name: String) {
    self.values = values
    self.name = name
  }

  /// The rows `selection`, in its order; a row may appear more than once.
  ///
  /// - Throws: `InputError` when there is no such row, or none is selected.
  public func selecting(_ selection: [Int]) throws(InputError) -> Embeddings {
    guard !selection.isEmpty else {
      throw InputError(name, found: "no row selected", expected: "at least one")
    }
    if let fault = selection.first(where: { !(0..<rows).contains($0) }) {
      throw InputError(
        name, found: "row \(fault) selected", expected: "numbers from 0 to \(rows - 1)")
    }
    return Embeddings(unchecked: values.selecting(rows: selection), name: name)
  }

  /// The rows and the columns `selection` of a square matrix.
  ///
  /// - Throws: `InputError`.
  public func selectingBoth(_ selection: [Int]) throws(InputError) -> Embeddings {
    guard values.isSquare else {
      throw InputError(
        name, found: "\(rows) × \(features) numbers",
        expected: "a square matrix, as --precomputed says")
    }
    let kept = try selecting(selection).values
    return Embeddings(
      unchecked: Matrix(rows: kept.rows, columns: kept.rows) { kept[$0, selection[$1]] },
      name: name)
  }
}
