import QAPPrimitives

/// A cost that is a weighted sum of products of flows and distances:
///
///     C[i,j,k,l] = Σ_r weight_r · flow_r[i,k] · distance_r[j,l]
///
/// Only the matrices are stored; a block takes O(n²) for each layer.
public struct LayeredTensor: CostTensor {
  public let size: Int
  public let isIntegral: Bool
  public let isSymmetric: Bool
  /// No |entry| is larger.
  let largestEntry: Double
  /// The layers, their weights folded into the flows.
  let layers: [(flow: Matrix<Double>, distance: Matrix<Double>)]

  init(_ layers: [(flow: Matrix<Double>, distance: Matrix<Double>)]) {
    size = layers[0].flow.rows
    self.layers = layers
    isSymmetric = layers.allSatisfy { $0.flow.isSymmetric && $0.distance.isSymmetric }
    func largest(_ matrix: Matrix<Double>) -> Double {
      matrix.elements.reduce(0) { max($0, abs($1)) }
    }
    let sum = layers.reduce(0) { $0 + largest($1.flow) * largest($1.distance) }
    largestEntry = sum
    isIntegral =
      sum * Double(size * size) < 0x1p53
      && layers.allSatisfy {
        $0.flow.elements.allSatisfy { $0 == $0.rounded() }
          && $0.distance.elements.allSatisfy { $0 == $0.rounded() }
      }
  }

  /// The flows, or the distances, of all layers.
  package func matrices(ofFacilities: Bool) -> [Matrix<Double>] {
    layers.map { ofFacilities ? $0.flow : $0.distance }
  }

  /// The layers with all costs negated.
  var negated: LayeredTensor {
    LayeredTensor(layers.map { (flow: $0.flow.map { 0 - $0 }, distance: $0.distance) })
  }

  /// The layers with further facilities and locations that cost nothing.
  func padded(to size: Int) -> LayeredTensor {
    func padded(_ matrix: Matrix<Double>) -> Matrix<Double> {
      Matrix(rows: size, columns: size) {
        $0 < matrix.rows && $1 < matrix.rows ? matrix[$0, $1] : 0
      }
    }
    return LayeredTensor(
      layers.map { (flow: padded($0.flow), distance: padded($0.distance)) })
  }

  public func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    layers.reduce(0) { $0 + $1.flow[i, k] * $1.distance[j, l] }
  }

  public func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    for index in 0..<size * size { block[index] = 0 }
    for layer in layers {
      let (flow, distance) = (layer.flow.row(i), layer.distance.row(j))
      let (a, b) = (flow.startIndex, distance.startIndex)
      for k in 0..<size where flow[a + k] != 0 {
        let factor = flow[a + k]
        for l in 0..<size { block[k * size + l] += factor * distance[b + l] }
      }
    }
  }
}

extension Instance {
  /// This instance with further layers of costs: a weighted sum of products, never an array of n⁴
  /// numbers. Layers that share a matrix become one; when one is left the result has matrices.
  ///
  /// - Throws: `InputError` for matrices of another shape than those of the instance, numbers
  ///   that are not finite, objectives beyond `maxObjective`, and for an instance with `sites` or
  ///   a cost tensor other than layers.
  public func adding(_ layers: [CostLayer]) throws(InputError) -> Instance {
    guard !layers.isEmpty else { return self }
    var merged: [(flow: Matrix<Double>, distance: Matrix<Double>)] = []
    switch cost {
    case .koopmansBeckmann(let flow, let distance): merged = [(flow, distance)]
    case .tensor(let tensor): merged = (tensor as? LayeredTensor)?.layers ?? []
    }
    guard !merged.isEmpty, sites.isEmpty else {
      throw .shape(
        what: "layers", found: "an instance with a cost tensor, capacities or outliers",
        expected: "matrices; layers come first")
    }
    for layer in layers {
      try Instance.check(layer.flow, "flow of a layer", facilities)
      try Instance.check(layer.distance, "distance of a layer", size)
      let m = facilities
      let given =
        m == size
        ? layer.flow
        : Matrix<Double>(rows: size, columns: size) { $0 < m && $1 < m ? layer.flow[$0, $1] : 0 }
      let scaled = layer.weight == 1 ? given : given.map { layer.weight * $0 }
      try Instance.check(scaled, "weighted flow of a layer", size)
      func sum(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
        Matrix(rows: size, columns: size) { a[$0, $1] + b[$0, $1] }
      }
      if let same = merged.firstIndex(where: { $0.distance.elements == layer.distance.elements }) {
        merged[same].flow = sum(merged[same].flow, scaled)
      } else if let same = merged.firstIndex(where: { $0.flow.elements == given.elements }) {
        let scaled = layer.distance.map { layer.weight * $0 }
        merged[same].distance = sum(merged[same].distance, scaled)
      } else {
        merged.append((flow: scaled, distance: layer.distance))
      }
    }
    let cost: QuadraticCost =
      merged.count == 1
      ? .koopmansBeckmann(flow: merged[0].flow, distance: merged[0].distance)
      : .tensor(LayeredTensor(merged))
    return try Instance(
      name: name, cost: cost, linear: linearWithInfinities, constant: constant,
      facilities: facilities)
  }

  /// An instance whose quadratic cost is a weighted sum of products; see `adding(_:)`.
  ///
  /// - Throws: `InputError` without layers and for matrices that do not fit each other.
  public init(
    name: String = "instance", layers: [CostLayer], linear: Matrix<Double>? = nil,
    constant: Double = 0
  ) throws(InputError) {
    guard let first = layers.first else { throw .empty }
    self = try Instance(
      name: name, flow: first.weight == 1 ? first.flow : first.flow.map { first.weight * $0 },
      distance: first.distance, linear: linear, constant: constant
    ).adding(Array(layers.dropFirst()))
  }

  /// The layers of the cost, weights folded into the flows, without padding: one where matrices are
  /// given; nil for other tensors.
  public var layers: [CostLayer]? {
    if let given { return [CostLayer(flow: given.flow, distance: given.distance)] }
    guard case .tensor(let tensor) = cost else { return nil }
    let m = facilities
    return (tensor as? LayeredTensor)?.layers.map { layer in
      CostLayer(
        flow: m == size ? layer.flow : Matrix(rows: m, columns: m) { layer.flow[$0, $1] },
        distance: layer.distance)
    }
  }

  /// The linear part as it was given, infinite where placements are forbidden.
  public var givenLinear: Matrix<Double>? {
    linearWithInfinities.map { whole in
      facilities == size
        ? whole : Matrix(rows: facilities, columns: size) { whole[$0, $1] }
    }
  }
}
