import QAP
import QAPPrimitives

/// Families of small instances that cover what the data may be. Each case of a test names its
/// family, size and seed, which rebuild the instance.
public enum Family: String, CaseIterable, Sendable {
  case symmetric, asymmetric, halfSymmetric, sparse, real, realAsymmetric, tensor, realTensor
  /// Fewer facilities than locations.
  case fewer, realFewer

  /// True when every entry is an integer.
  public var isIntegral: Bool {
    switch self {
    case .real, .realAsymmetric, .realTensor, .realFewer: false
    default: true
    }
  }

  /// True for cost tensors.
  public var isTensor: Bool { self == .tensor || self == .realTensor }

  /// An instance with negative entries, non-zero diagonals and, for odd seeds, linear costs and a
  /// constant.
  public func instance(size n: Int, seed: UInt64) -> Instance {
    var generator = SeededGenerator(seed: seed, stream: 7)
    func number() -> Double {
      if !isIntegral { return 20 * generator.unit() - 8 }
      if self == .sparse, generator.below(4) > 0 { return 0 }
      return Double(generator.below(30) - 9)
    }
    func square(symmetric: Bool) -> Matrix<Double> {
      var matrix = Matrix(rows: n, columns: n) { _, _ in number() }
      if symmetric {
        for r in 0..<n {
          for c in 0..<r { matrix[r, c] = matrix[c, r] }
        }
      }
      return matrix
    }
    let cost: QuadraticCost
    switch self {
    case .fewer, .realFewer:
      let m = max(1, n - 1 - Int(seed / 2 % 3))
      let flow = square(symmetric: seed % 3 == 0)
      let linear = square(symmetric: false)
      do {
        return try Instance(
          name: "\(self) n=\(n) seed=\(seed)",
          flow: Matrix(rows: m, columns: m) { flow[$0, $1] },
          distance: square(symmetric: seed % 3 != 1),
          linear: seed % 2 == 1 ? Matrix(rows: m, columns: n) { linear[$0, $1] } : nil,
          constant: seed % 2 == 1 ? 5 : 0)
      } catch {
        preconditionFailure("a family made an impossible instance: \(error)")
      }
    case .symmetric, .sparse, .real:
      cost = .koopmansBeckmann(flow: square(symmetric: true), distance: square(symmetric: true))
    case .halfSymmetric:
      let first = seed % 4 < 2
      cost = .koopmansBeckmann(
        flow: square(symmetric: first), distance: square(symmetric: !first))
    case .asymmetric, .realAsymmetric:
      cost = .koopmansBeckmann(flow: square(symmetric: false), distance: square(symmetric: false))
    case .tensor, .realTensor:
      cost = .tensor(
        DenseCostTensor(size: n, entries: (0..<n * n * n * n).map { _ in number() }))
    }
    let linear = seed % 2 == 1 ? square(symmetric: false) : nil
    do {
      return try Instance(
        name: "\(self) n=\(n) seed=\(seed)", cost: cost, linear: linear,
        constant: seed % 2 == 1 ? 5 : 0)
    } catch {
      preconditionFailure("a family made an impossible instance: \(error)")
    }
  }
}

extension Instance {
  /// This instance with two of five placements forbidden, but none of one random assignment, which
  /// is returned as well.
  public func forbiddingSome(seed: UInt64) -> (instance: Instance, allowed: Assignment) {
    var generator = SeededGenerator(seed: seed, stream: 12)
    let allowed = Assignment(Permutation(randomOf: size, using: &generator))
    let pairs = (0..<facilities * size).compactMap { place -> FixedPair? in
      let pair = FixedPair(facility: place / size, location: place % size)
      return generator.below(5) < 2 && allowed[pair.facility] != pair.location ? pair : nil
    }
    do {
      return (try forbidding(pairs), allowed)
    } catch {
      preconditionFailure("placements of an instance are none: \(error)")
    }
  }
}

/// Up to `n` pairs that some assignment contains.
public func somePairs(size n: Int, seed: UInt64) -> [FixedPair] {
  var generator = SeededGenerator(seed: seed, stream: 8)
  let p = Permutation(randomOf: n, using: &generator)
  let q = Permutation(randomOf: n, using: &generator)
  return (0..<generator.below(n + 1)).map { FixedPair(facility: p[$0], location: q[$0]) }
}

/// Calls `visit` with every assignment (that contains `pairs`).
public func forEachAssignment(
  of instance: Instance, with pairs: [FixedPair] = [], _ visit: (Assignment) -> Void
) {
  var locations = Array(0..<instance.size)
  func permute(_ index: Int) {
    if index == instance.size {
      if let assignment = Assignment(locations: locations),
        pairs.allSatisfy({ assignment[$0.facility] == $0.location })
      {
        visit(assignment)
      }
      return
    }
    for other in index..<instance.size {
      locations.swapAt(index, other)
      permute(index + 1)
      locations.swapAt(index, other)
    }
  }
  permute(0)
}

/// The least objective, by enumeration of all allowed assignments (that contain `pairs`); infinite
/// when there is none.
public func leastObjective(_ instance: Instance, with pairs: [FixedPair] = []) -> Double {
  var best = Double.infinity
  forEachAssignment(of: instance, with: pairs) {
    if instance.allows($0) { best = min(best, instance.objective(of: $0)) }
  }
  return best
}
