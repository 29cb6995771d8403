import QAP
import QAPInstanceIO
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPBranchAndBound

/// The search bit by bit, against enumeration.
@Suite struct CubeSearchTests {
  /// The search as a method, from an assignment at random.
  struct BitByBit: Method {
    static let info = MethodInfo(
      id: "bit-by-bit", summary: "", paper: "", output: .assignmentAndBound, iteration: "",
      supportsTensors: false, isRelabelingInvariant: false)

    func run(_ context: SolveContext) throws -> Termination {
      guard let search = CubeSearch(context.instance) else { return .stalled }
      context.offerStart()
      return search.run(context) ?? .stalled
    }
  }

  /// Locations of a cube in random order, at distances intercept + slope · H; flows with clusters,
  /// components and facilities without flow, possibly fewer facilities than locations; either
  /// matrix may be asymmetric.
  static func instance(
    _ dimension: Int, seed: UInt64, lastFlow: Double = 0
  ) throws -> Instance {
    var generator = SeededGenerator(seed: seed, stream: 51)
    let n = 1 << dimension
    let labels = Permutation(randomOf: n, using: &generator).images
    let (slope, intercept) = (1 + generator.below(3), generator.below(7) - 3)
    let m = seed % 3 == 0 ? n - 1 - generator.below(n / 2) : n
    let kinds = 1 + generator.below(4)
    let kind = (0..<m).map { _ in generator.below(kinds) }
    let part = (0..<m).map { _ in generator.below(4) }
    let isSymmetric = generator.below(2) == 0
    let table = Matrix<Double>(rows: kinds, columns: kinds) { _, _ in
      Double(max(0, generator.below(6) - 1))
    }
    var flow = Matrix<Double>(rows: m, columns: m) { i, k in
      if part[i] == 3 || part[k] == 3 { return 0 }
      if seed % 2 == 0, part[i] != part[k] { return 0 }
      let (a, b) = (kind[i], kind[k])
      return isSymmetric ? table[min(a, b), max(a, b)] : table[a, b]
    }
    if lastFlow != 0 { flow[0, 1] = lastFlow }
    let skew = !isSymmetric || seed % 5 > 0 ? 0.0 : 1.0
    let distance = Matrix<Double>(rows: n, columns: n) { j, l in
      if j == l { return Double(intercept) }
      let h = (labels[j] ^ labels[l]).nonzeroBitCount
      // Where flows are symmetric, only the sum of both directions counts.
      return Double(intercept + slope * h) + (j < l ? skew : -skew)
    }
    let costs = (0..<m).map { _ in Double(generator.below(9) - 4) }
    return try Instance(
      flow: flow, distance: distance,
      linear: seed % 4 == 1 ? Matrix(rows: m, columns: n) { i, _ in costs[i] } : nil,
      constant: seed % 7 == 0 ? 0.5 : 0)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func answersAreThoseOfAnEnumeration(seed: UInt64) throws {
    let instance = try Self.instance(seed % 4 == 3 ? 3 : 2, seed: seed)
    guard CubeSearch(instance) != nil else { return }
    let report = try instance.solve(
      with: BitByBit(), options: SolveOptions(seed: seed, threads: 1 + Int(seed % 2)))
    let best = leastObjective(instance)
    // Components that cannot all have their optimum are searched together.
    #expect(report.termination == .optimal, "seed \(seed)")
    #expect(report.incumbent?.objective == best, "seed \(seed)")
    #expect(report.bound?.value == best, "seed \(seed)")
  }

  @Test func mostOfTheFamilyIsRecognized() throws {
    let found = try (0..<200 as Range<UInt64>).count { seed in
      CubeSearch(try Self.instance(3, seed: seed)) != nil
    }
    #expect(found > 120, "\(found)")
  }

  @Test func otherInstancesAreLeftAlone() throws {
    for seed in 0..<40 as Range<UInt64> {
      #expect(CubeSearch(try Self.instance(3, seed: seed, lastFlow: -20)) == nil)
      for family in Family.allCases {
        #expect(CubeSearch(family.instance(size: 8, seed: seed)) == nil)
      }
    }
  }

  /// On the 4-cube, from assignments at random.
  @Test(arguments: ["esc16a", "esc16c", "esc16e", "esc16h", "esc16i"])
  func bundledInstancesAreProven(_ name: String) throws {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/\(folder)/Instances/qaplib/\(name)"
    let instance = try InstanceFile.read(path + ".dat")
    let report = try instance.solve(with: BitByBit(), options: SolveOptions(threads: 2))
    #expect(report.termination == .optimal)
    let known = try SolutionFile.read(path + ".sln")
    #expect(report.incumbent?.objective == known.claimed)
  }

  @Test func limitsHold() throws {
    let instance = try Self.instance(4, seed: 42)
    var nodes: Set<Int> = []
    for threads in [1, 3] {
      let report = try instance.solve(
        with: BitByBit(), options: SolveOptions(limits: Limits(nodes: 40), threads: threads))
      #expect(report.nodes <= 40)
      nodes.insert(report.nodes)
    }
    #expect(nodes.count == 1)
  }
}
