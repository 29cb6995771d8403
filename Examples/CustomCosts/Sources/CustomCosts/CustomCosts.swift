// Three ways to bring costs of one's own: a tensor computed on demand, sparse flows, and a dense
// array. Every answer comes with a bound, and the bound with a certificate that is checked here.
import QAPKit

/// Matching two point clouds by triangles of distances, as a cost that no pair of matrices
/// expresses: placing point i on j and k on l costs how much their distance changes, capped at
/// `tolerance`.
struct CappedDistortion: CostTensor {
  let source: [SIMD2<Double>]
  let target: [SIMD2<Double>]
  let tolerance: Double

  var size: Int { source.count }

  /// C[i,j,k,l] = C[k,l,i,j]: bounds then ask for one block where they would ask for two.
  var isSymmetric: Bool { true }

  /// The block C[i, j, ·, ·]; blocks are computed when they are asked for and never stored.
  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    for k in 0..<size {
      for l in 0..<size { block[k * size + l] = cost(i, j, k, l) }
    }
  }

  /// A single entry, for local search.
  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    func length(_ d: SIMD2<Double>) -> Double { (d * d).sum().squareRoot() }
    let change = length(source[i] - source[k]) - length(target[j] - target[l])
    return min(abs(change), tolerance)
  }
}

@main
struct CustomCosts {
  static func main() throws {
    try solve(lazyTensor(), by: ["tabu", "rlt1"])
    try solve(sparseFlows(), by: ["auto"])
    try solve(denseArray(), by: ["2-opt", "hahn-grant"])
  }

  /// A cloud and its mirror image in another order.
  static func lazyTensor() throws -> Instance {
    var random = SeededGenerator(seed: 1)
    let source = (0..<9).map { _ in SIMD2(random.unit(), random.unit()) }
    let order = Permutation(randomOf: 9, using: &random)
    let target = (0..<9).map { SIMD2(-source[order[$0]].x, source[order[$0]].y) }
    let tensor = CappedDistortion(source: source, target: target, tolerance: 0.5)
    return try Instance(name: "point clouds", cost: .tensor(tensor))
  }

  /// Flows between few pairs of facilities, on a ring of locations, with setup costs.
  static func sparseFlows() throws -> Instance {
    let flow = Matrix(
      rows: 10, columns: 10,
      entries: [(0, 1, 5), (1, 2, 3), (2, 5, 8), (5, 6, 2), (6, 9, 7), (9, 3, 1), (3, 4, 4)])
    let distance = Matrix<Double>(rows: 10, columns: 10) { j, l in
      Double(min(abs(j - l), 10 - abs(j - l)))
    }
    let setup = Matrix<Double>(rows: 10, columns: 10) { i, j in Double((i * j) % 4) }
    return try Instance(name: "sparse flows", flow: flow, distance: distance, linear: setup)
  }

  /// All n⁴ costs in one array: element ((i·n + j)·n + k)·n + l.
  static func denseArray() throws -> Instance {
    let n = 6
    let entries = (0..<n * n * n * n).map { Double(($0 * 7919) % 101) }
    return try Instance(
      name: "dense array", cost: .tensor(DenseCostTensor(size: n, entries: entries)))
  }

  static func solve(_ instance: Instance, by methods: [String]) throws {
    for id in methods {
      guard let registered = MethodRegistry.method(id) else { continue }
      let options = SolveOptions(seed: 1, threads: 2, keepsProof: true)
      let report = try instance.solve(with: registered.make(MethodOptions()), options: options)
      print("\(instance.name) by \(id): \(report.termination)")
      if let incumbent = report.incumbent {
        let check = checkObjective(
          of: incumbent.assignment, in: instance, claimed: incumbent.objective)
        print("  objective \(incumbent.objective) at \(incumbent.assignment.locations)")
        precondition(check.holds)
      }
      if let certificate = report.certificate {
        let verdict = check(certificate, of: instance)
        print("  bound \(certificate.rounded), certificate \(verdict.fault ?? "accepted")")
        precondition(verdict.holds)
      }
    }
  }
}
