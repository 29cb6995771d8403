import QAP
import QAPInstanceIO
import QAPPrimitives
import QAPSubsetSelection
import QAPVerification
import RandomInstances
import Testing

/// Instances whose facilities or locations fall into two clusters, solved as subset problems.
@Suite struct TwoClusterTests {
  /// The route as a method; it leaves everything else alone.
  private struct ByClusters: Method {
    static let info = MethodInfo(
      id: "by-clusters", summary: "", paper: "", output: .assignmentAndBound, iteration: "",
      supportsTensors: false, isRelabelingInvariant: false)

    func run(_ context: SolveContext) throws -> Termination {
      guard let problem = TwoClusters(context.instance) else { return .stalled }
      return try problem.run(context)
    }
  }

  /// Distances of many symmetries for even seeds.
  private static func places(_ n: Int, _ generator: inout SeededGenerator) -> Matrix<Double> {
    let isSymmetric = generator.below(2) == 0
    let kind = generator.below(3)
    let random = Matrix<Double>(rows: n, columns: n) { _, _ in
      Double(generator.below(9)) - 2
    }
    return Matrix(rows: n, columns: n) { j, l in
      switch kind {
      case 0: isSymmetric ? random[min(j, l), max(j, l)] : random[j, l]
      case 1: isSymmetric ? Double(min(abs(j - l), n - abs(j - l))) : Double((l + n - j) % n)
      default: Double((j ^ l).nonzeroBitCount)
      }
    }
  }

  private static func instance(
    _ n: Int, seed: UInt64, breaksClusters: Bool = false
  ) throws -> Instance {
    var generator = SeededGenerator(seed: seed, stream: 31)
    func number() -> Double { Double(generator.below(13)) - 4 }
    let count = 2 + generator.below(n - 3)
    let isFirst = Permutation(randomOf: n, using: &generator).images.map { $0 < count }
    let isSymmetric = generator.below(2) == 0
    let (a, b, c, diagonal) = (number(), number(), number(), [number(), number()])
    let d = isSymmetric ? c : number()
    let own = Matrix<Double>(rows: n, columns: n) { i, k in
      if i == k { return diagonal[isFirst[i] ? 0 : 1] }
      return switch (isFirst[i], isFirst[k]) {
      case (true, true): a
      case (false, false): b
      case (true, false): c
      case (false, true): d
      }
    }
    let other = places(n, &generator)
    let costs = [(0..<n).map { _ in number() }, (0..<n).map { _ in number() }]
    let (isLinear, ofLocations) = (seed % 3 == 1, seed % 4 >= 2)
    var linear = Matrix<Double>(rows: n, columns: n) { i, j in
      let (element, place) = ofLocations ? (j, i) : (i, j)
      return costs[isFirst[element] ? 0 : 1][place]
    }
    if breaksClusters { for i in 0..<n { linear[i, i] += Double(100 + 10 * i) } }
    return try Instance(
      flow: ofLocations ? other : own, distance: ofLocations ? own : other,
      linear: isLinear || breaksClusters ? linear : nil,
      // With fixed pairs, the sums of a constant that is no binary fraction depend on their order.
      constant: seed % 5 > 0 ? 0 : seed % 7 == 0 ? 0.5 : 0.1)
  }

  @Test(arguments: 0..<160 as Range<UInt64>)
  func answersAreThoseOfAnEnumeration(seed: UInt64) throws {
    let n = 4 + Int(seed % 4)
    let instance = try Self.instance(n, seed: seed)
    // A fixed pair leaves clusters, if there are two of two members left.
    let pairs = seed % 7 == 0 && n > 5 ? [FixedPair(facility: 1, location: 3)] : []
    let report = try instance.solve(
      with: ByClusters(), options: SolveOptions(seed: seed, pairs: pairs, keepsProof: true))
    guard report.termination != .stalled else {
      #expect(!pairs.isEmpty || TwoClusters(instance) == nil, "seed \(seed)")
      return
    }
    let best = leastObjective(instance, with: pairs)
    #expect(report.termination == .optimal, "seed \(seed)")
    #expect(report.incumbent?.objective == best, "seed \(seed)")
    #expect(report.bound?.value == best, "seed \(seed)")
    let certificate = try #require(report.certificate)
    let reread = try CertificateFile.parse(CertificateFile.format(certificate), file: "memory")
    #expect(reread == certificate)
    let verdict = check(reread, of: instance)
    #expect(verdict.holds && verdict.rounded == best, "seed \(seed): \(verdict.fault ?? "")")
  }

  @Test func mostInstancesAreRecognized() throws {
    let found = try (0..<80 as Range<UInt64>).count { seed in
      TwoClusters(try Self.instance(7, seed: seed)) != nil
    }
    // Equal numbers make one cluster of two now and then.
    #expect(found > 60)
  }

  @Test func linearCostsThatDifferBreakClusters() throws {
    for seed in 0..<20 as Range<UInt64> {
      #expect(TwoClusters(try Self.instance(6, seed: seed, breaksClusters: true)) == nil)
    }
  }

  /// A gray pattern on a torus: proven with orbits, which a checker does not take on trust.
  @Test func orbitsAreChecked() throws {
    let n = 36
    let distance = Matrix<Double>(rows: n, columns: n) { j, l in
      func around(_ x: Int, _ y: Int) -> Int { min(abs(x - y), 6 - abs(x - y)) }
      let square = [around(j / 6, l / 6), around(j % 6, l % 6)].map { $0 * $0 }.reduce(0, +)
      return square == 0 ? 0 : Double(10_000 / square)
    }
    let flow = Matrix<Double>(rows: n, columns: n) { $0 < 7 && $1 < 7 ? 1 : 0 }
    let instance = try Instance(flow: flow, distance: distance)
    let report = try instance.solve(with: ByClusters(), options: SolveOptions(keepsProof: true))
    #expect(report.termination == .optimal && report.nodes < 200)
    var certificate = try #require(report.certificate)
    #expect(check(certificate, of: instance).holds)
    guard case .subset(var proof) = certificate.proof else {
      Issue.record("no proof over subsets")
      return
    }
    /// The first orbit with other generators.
    func changed(_ tree: SubsetProof, _ change: ([[Int]]) -> [[Int]]) -> SubsetProof {
      switch tree {
      case .dual(let dual, let below): .dual(dual, changed(below, change))
      case .orbit(let item, let generators, let without, let with):
        .orbit(item: item, generators: change(generators), without: without, with: with)
      default: tree
      }
    }
    let tree = proof.tree
    let cycle = Array(1..<n) + [0]
    let changes: [([[Int]]) -> [[Int]]] = [
      { _ in [cycle] }, { $0 + [Array(repeating: 0, count: n)] }, { $0 + [Array(0..<n - 1)] },
    ]
    for change in changes {
      proof.tree = changed(tree, change)
      #expect(proof.tree != tree)
      certificate.proof = .subset(proof)
      #expect(!check(certificate, of: instance).holds)
    }
    // Members that are not interchangeable, and claims beyond what is proven.
    proof.tree = tree
    proof.members[0] = (0..<n).first { !proof.members.contains($0) } ?? 0
    certificate.proof = .subset(proof)
    #expect(!check(certificate, of: instance).holds)
    certificate = try #require(report.certificate)
    certificate.bound += 1
    #expect(!check(certificate, of: instance).holds)
    certificate = try #require(report.certificate)
    certificate.rounded += 2
    #expect(!check(certificate, of: instance).holds)
  }
}
