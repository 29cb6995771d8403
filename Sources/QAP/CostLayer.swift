import QAPPrimitives

/// One of several products of flows and distances whose weighted sum is a cost.
public struct CostLayer: Sendable {
  /// The flow between facilities, n × n.
  public let flow: Matrix<Double>
  /// The distance between locations, n × n.
  public let distance: Matrix<Double>
  /// The factor of the layer.
  public let weight: Double

  /// A layer of the matrices with a weight.
  public init(flow: Matrix<Double>, distance: Matrix<Double>, weight: Double = 1) {
    self.flow = flow
    self.distance = distance
    self.weight = weight
  }

  /// The layer with its costs negated.
  public var negated: CostLayer {
    CostLayer(flow: flow, distance: distance, weight: 0 - weight)
  }
}
