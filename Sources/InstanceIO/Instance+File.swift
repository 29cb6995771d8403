import QAP
import QAPPrimitives

extension Instance {
  /// An instance read from `file`, whose faults are errors about that file.
  init(
    file: String, name: String, flow: Matrix<Double>, distance: Matrix<Double>,
    linear: Matrix<Double>?, constant: Double = 0, capacities: [Int]? = nil,
    outliers: Outliers? = nil
  ) throws(InputError) {
    try self.init(
      file: file, name: name, flow: .dense(flow), distance: .dense(distance), linear: linear,
      constant: constant, capacities: capacities, outliers: outliers)
  }

  /// An instance read from `file`, of matrices that may be sparse.
  init(
    file: String, name: String, flow: CostMatrix, distance: CostMatrix, linear: Matrix<Double>?,
    constant: Double = 0, capacities: [Int]? = nil, outliers: Outliers? = nil
  ) throws(InputError) {
    let isCrowded =
      flow.rows == flow.columns && distance.rows == distance.columns && flow.rows > distance.rows
    if capacities == nil, outliers == nil, isCrowded {
      throw InputError(
        file, found: "\(flow.rows) facilities for \(distance.rows) locations",
        expected:
          "a location for each: use --outliers COST to leave facilities unplaced at a price, "
          + "or --capacity F where locations take several")
    }
    // No method does with less than one number for each placement.
    if flow.sparse != nil || distance.sparse != nil {
      try InputError.requireMemory(8 * Double(distance.rows) * Double(distance.rows), for: file)
    }
    do {
      if let outliers, isCrowded {
        try self.init(
          name: name, flow: flow.dense, distance: distance.dense, linear: linear,
          constant: constant, outliers: outliers)
      } else if let capacities {
        try self.init(
          name: name, flow: flow.dense, distance: distance.dense, linear: linear,
          constant: constant, capacities: capacities)
      } else {
        try self.init(
          name: name, flow: flow, distance: distance, linear: linear, constant: constant)
      }
    } catch {
      throw error.inside(file)
    }
  }

  /// An instance read from `file` whose cost is an array of shape (n, n, n, n).
  init(
    file: String, name: String, tensor: NumericArray, linear: Matrix<Double>? = nil,
    constant: Double = 0
  ) throws(InputError) {
    let n = tensor.shape.first ?? 0
    guard tensor.shape == [n, n, n, n] else {
      throw InputError(
        file, found: "a cost of shape \(tensor.shape)", expected: "a shape (n, n, n, n)")
    }
    if let fault = tensor.elements.firstIndex(where: { !$0.isFinite }) {
      throw InputError(
        file, found: "NaN or infinity at element \(fault) of the cost",
        expected: "a finite number")
    }
    do {
      try self.init(
        name: name, cost: .tensor(DenseCostTensor(size: n, entries: tensor.elements)),
        linear: linear, constant: constant)
    } catch {
      throw error.inside(file)
    }
  }

  /// The matrices as they were given, for formats that hold nothing else.
  func matrices(
    writing file: String
  ) throws(InputError) -> (flow: Matrix<Double>, distance: Matrix<Double>, linear: Matrix<Double>?)
  {
    guard let given else {
      throw InputError(
        file, found: "an instance given by a cost tensor",
        expected: "a flow and a distance matrix; .npz holds tensors")
    }
    return given
  }
}
