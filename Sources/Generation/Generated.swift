import QAP
import QAPPrimitives

/// A generated instance, and what its construction knows about it.
public struct Generated: Sendable {
  /// The instance.
  public let instance: Instance
  /// The assignment hidden in it, for planted families: not always the optimum, when there is
  /// noise.
  public let planted: Assignment?
  /// The construction proves that no assignment costs less than `planted`.
  public let isOptimal: Bool

  package init(_ instance: Instance, planted: Assignment? = nil, isOptimal: Bool = false) {
    self.instance = instance
    self.planted = planted
    self.isOptimal = isOptimal
  }

  /// The optimal objective where the construction proves it; nil elsewhere.
  public var optimum: Double? { isOptimal ? planted.map { instance.objective(of: $0) } : nil }

  /// Makes an instance of matrices that are finite by construction.
  static func instance(
    name: String, flow: Matrix<Double>, distance: Matrix<Double>, constant: Double = 0
  ) -> Instance {
    do {
      return try Instance(name: name, flow: flow, distance: distance, constant: constant)
    } catch {
      preconditionFailure("a generator made an invalid instance: \(error)")
    }
  }

  /// The largest size that a generator accepts: two matrices of 800 MB each.
  static let maxSize = 10_000

  static func check(size: Int, atLeast least: Int) throws(InputError) {
    guard size >= least, size <= maxSize else {
      throw InputError(
        "size", found: "\(size)", expected: "\(least) to \(maxSize)", kind: .argument)
    }
  }
}
