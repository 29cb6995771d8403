import QAP
import QAPPrimitives

extension Embeddings {
  /// The mean of the rows of each class: row c of the result is the prototype of class c.
  ///
  /// - Parameters:
  ///   - labels: the class of each row, from 0 on.
  ///   - classes: the number of classes; nil for as many as the largest label asks for.
  /// - Throws: `InputError` when there are not as many labels as rows, when a label is out of
  ///   range, or when a class has no row.
  public func averaged(
    by labels: [Int], classes: Int? = nil
  ) throws(InputError) -> Embeddings {
    guard labels.count == rows else {
      throw InputError(
        name, found: "\(rows) rows with \(labels.count) labels", expected: "one label per row")
    }
    let count = classes ?? (labels.max() ?? 0) + 1
    if let fault = labels.firstIndex(where: { !(0..<count).contains($0) }) {
      throw InputError(
        name, found: "label \(labels[fault]) of row \(fault)",
        expected: "classes from 0 to \(count - 1)")
    }
    // More classes than rows leave one without a row, and no memory is spent on finding that out.
    let seen = Set(labels)
    guard seen.count == count else {
      let missing = (0..<count).first { !seen.contains($0) } ?? 0
      throw InputError(
        name, found: "no row of class \(missing)", expected: "rows of each of \(count) classes")
    }
    var members = [Double](repeating: 0, count: count)
    for label in labels { members[label] += 1 }
    let columns = features
    let means = Matrix(rows: count, columns: columns, startingFrom: 0) { sums in
      values.withView { values in
        for (row, label) in labels.enumerated() {
          for c in 0..<columns { sums[label &* columns &+ c] += values[row &* columns &+ c] }
        }
      }
      for label in 0..<count {
        for c in 0..<columns { sums[label &* columns &+ c] /= members[label] }
      }
    }
    return Embeddings(unchecked: means, name: name)
  }

  /// The mean of several embeddings of the same things, such as five captions an image: row r of
  /// the result is the mean of all rows r. All must have one shape, and there must be at least one.
  ///
  /// - Throws: `InputError` when shapes differ.
  public static func average(_ several: [Embeddings]) throws(InputError) -> Embeddings {
    precondition(!several.isEmpty, "an average of nothing")
    let first = several[0]
    for other in several where other.rows != first.rows || other.features != first.features {
      throw InputError(
        other.name, found: "\(other.rows) rows of \(other.features) features",
        expected: "\(first.rows) of \(first.features), as in \(first.name)")
    }
    let count = Double(several.count)
    let means = Matrix(rows: first.rows, columns: first.features, startingFrom: 0) { sums in
      for one in several {
        one.values.withView { values in
          for index in 0..<sums.count { sums[index] += values[index] }
        }
      }
      for index in 0..<sums.count { sums[index] /= count }
    }
    return Embeddings(unchecked: means, name: first.name)
  }
}
