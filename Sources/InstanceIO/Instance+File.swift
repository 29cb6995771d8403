import Primitives
import QAP

extension Instance {
  /// An instance read from `file`, whose faults are errors about that file.
  init(
    file: String, name: String, flow: Matrix<Double>, distance: Matrix<Double>,
    linear: Matrix<Double>?, constant: Double = 0
  ) throws(DataError) {
    do {
      try self.init(
        name: name, flow: flow, distance: distance, linear: linear, constant: constant)
    } catch {
      throw DataError(file: file, error)
    }
  }

  /// The two matrices, for formats that hold nothing else.
  func matrices(
    writing file: String
  ) throws(DataError) -> (flow: Matrix<Double>, distance: Matrix<Double>) {
    guard case .koopmansBeckmann(let flow, let distance) = cost else {
      throw DataError(
        file: file, found: "an instance given by a cost tensor",
        expected: "a flow and a distance matrix: no file format holds a tensor")
    }
    return (flow, distance)
  }
}
