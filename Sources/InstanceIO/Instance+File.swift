import Primitives
import QAP

extension Instance {
  /// An instance read from `file`, whose faults are errors about that file.
  init(
    file: String, name: String, flow: Matrix<Double>, distance: Matrix<Double>,
    linear: Matrix<Double>?, constant: Double = 0
  ) throws(DataError) {
    // Beside a matrix of zeros no product bounds the entries of the other one, and the objective
    // lattice takes its divisors in 64 bits.
    for (matrix, other) in [(flow, distance), (distance, flow)]
    where other.elements.allSatisfy({ $0 == 0 }) {
      if let huge = matrix.elements.first(where: { abs($0) >= 0x1p61 }), huge.isFinite {
        throw DataError(
          file: file, found: "\(huge) beside a matrix of zeros", expected: "entries below 2⁶¹")
      }
    }
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
