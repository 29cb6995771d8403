import QAPPrimitives

/// The quadratic part of an objective.
public enum QuadraticCost: Sendable {
  /// Koopmans–Beckmann: `Σ flow[i, k] · distance[p(i), p(k)]`, both n × n.
  case koopmansBeckmann(flow: Matrix<Double>, distance: Matrix<Double>)
  /// Lawler: `Σ C[i, p(i), k, p(k)]`.
  case tensor(any CostTensor)

  /// The number of facilities.
  public var size: Int {
    switch self {
    case .koopmansBeckmann(let flow, _): flow.rows
    case .tensor(let tensor): tensor.size
    }
  }
}
