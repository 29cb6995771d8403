import QAP
import QAPFrontend
import QAPMatching
import QAPPrimitives

extension Embeddings {
  /// The columns that vary; says which are left out.
  func droppingConstantColumns() throws -> Embeddings {
    let columns = varyingColumns
    guard columns.count < features else { return self }
    let dropped = Set(0..<features).subtracting(columns).sorted()
    Console.note(
      "\(name): left out \(described(dropped, "column")) of \(features), which are constant")
    guard !columns.isEmpty else {
      throw InputError(name, found: "constant columns alone", expected: "columns that vary")
    }
    return try selecting(columns: columns)
  }

  /// Says which columns `--stretch` does not blow up.
  func noteNoise() {
    let columns = noiseColumns
    guard !columns.isEmpty else { return }
    Console.note(
      "\(name): \(described(columns, "column")) constant but for noise, and so "
        + "not stretched to deviation 1; --drop-constant-columns leaves them out")
  }

  /// These rows at the places `kept` among `count` rows, the others of zeros.
  func spread(to kept: [Int], of count: Int) throws -> Embeddings {
    var values = Matrix<Double>(rows: count, columns: features, repeating: 0)
    for (place, row) in kept.enumerated() {
      for (column, value) in self.values.row(place).enumerated() { values[row, column] = value }
    }
    return try Embeddings(values, name: name)
  }

  /// The numbers of the rows that are not all zeros; says which are left out.
  func rowsWithoutZeros() throws -> [Int] {
    let kept = nonzeroRows
    guard kept.count < rows else { return kept }
    let dropped = Set(0..<rows).subtracting(kept).sorted()
    Console.note("\(name): left out \(described(dropped, "row")) of \(rows), which are all zeros")
    guard !kept.isEmpty else {
      throw InputError(name, found: "rows of zeros alone", expected: "nonzero rows")
    }
    return kept
  }
}

/// "row 4", "rows 4, 7", or the first ten of more.
private func described(_ numbers: [Int], _ noun: String) -> String {
  let shown = numbers.prefix(10).map(String.init).joined(separator: ", ")
  let more = numbers.count > 10 ? ", … (\(numbers.count) in all)" : ""
  return "\(noun)\(numbers.count == 1 ? "" : "s") \(shown)\(more)"
}

extension Metric {
  /// Says that CKA is biased where rows are few against features.
  func noteBias(_ x: Embeddings, _ y: Embeddings) {
    let features = max(x.features, y.features)
    guard self == .cka, min(x.rows, y.rows) < features else { return }
    Console.note(
      "cka is biased upwards with \(min(x.rows, y.rows)) rows of \(features) features; "
        + "cka-debiased is not")
  }
}
