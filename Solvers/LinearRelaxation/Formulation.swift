import QAP
import QAPLinearProgramming

/// A quadratic assignment problem as a mixed-integer linear program.
///
/// In every formulation x[i,j], facility i at location j, is column i·n + j, and with integer x the
/// optimum is that of the instance. Without, it is a lower bound.
public enum Formulation: String, CaseIterable, Sendable {
  /// Level-1 reformulation–linearization (Adams and Johnson 1994).
  case rlt1
  /// Kaufman and Broeckx 1978: n² further columns and rows.
  case kaufmanBroeckx = "kaufman-broeckx"
  /// Xia and Yuan 2006: the same with the leaders of Gilmore and Lawler.
  case xiaYuan = "xia-yuan"

  /// The paper.
  public var paper: String {
    switch self {
    case .rlt1: "Adams and Johnson 1994"
    case .kaufmanBroeckx: "Kaufman and Broeckx 1978"
    case .xiaYuan: "Xia and Yuan 2006"
    }
  }

  /// An upper bound on the size of the model of an instance of size n, before the model is built.
  public func size(of n: Int) -> ModelSize {
    switch self {
    case .rlt1: rlt1Size(n)
    case .kaufmanBroeckx: kaufmanBroeckxSize(n, leaders: false)
    case .xiaYuan: kaufmanBroeckxSize(n, leaders: true)
    }
  }

  /// The model of an instance, with x integer or not. The caller has looked at `size(of:)`.
  public func model(of instance: Instance, isInteger: Bool) -> LinearModel {
    switch self {
    case .rlt1: return rlt1Model(instance, isInteger: isInteger)
    case .kaufmanBroeckx, .xiaYuan:
      let program = KaufmanBroeckxProgram(instance, leaders: self == .xiaYuan)
      var model = program.model(isInteger: isInteger)
      model.constant = program.constant
      return model
    }
  }

  /// The assignment that integral values of x state; nil where they state none.
  public func assignment(of values: [Double], size n: Int) -> Assignment? {
    guard values.count >= n * n else { return nil }
    return Assignment(
      locations: (0..<n).map { i in (0..<n).first { values[i * n + $0] > 0.5 } ?? -1 })
  }
}

extension LinearModel {
  /// Adds the columns x[i,j] with costs `linear`, and the rows that make an assignment of them.
  mutating func addAssignment(
    _ n: Int, isInteger: Bool, cost: (Int, Int) -> Double
  ) {
    for i in 0..<n {
      for j in 0..<n {
        addColumn(cost: cost(i, j), upper: 1, isInteger: isInteger, name: "x_\(i)_\(j)")
      }
    }
    for i in 0..<n {
      addEquation(equals: 1, name: "facility_\(i)", (0..<n).map { (i * n + $0, 1) })
    }
    for j in 0..<n {
      addEquation(equals: 1, name: "location_\(j)", (0..<n).map { ($0 * n + j, 1) })
    }
  }

  /// The columns, at their lower bounds of 0 now, that are 0 in every integer solution better than
  /// `cutoff`: reduced-cost fixing (Dantzig, Fulkerson and Johnson 1954). Only for columns whose
  /// values are 0 or at least 1 in integer solutions.
  ///
  /// - Parameters:
  ///   - bound: the value that the duals prove.
  ///   - reducedCosts: of these duals, none below zero.
  public func removableColumns(
    bound: Double, reducedCosts: [Double], cutoff: Double
  ) -> [Int] {
    columns.indices.filter {
      columns[$0].lower == 0 && bound + reducedCosts[$0] >= cutoff
    }
  }
}
