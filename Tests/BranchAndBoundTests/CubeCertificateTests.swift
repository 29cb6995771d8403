import QAP
import QAPInstanceIO
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPBranchAndBound
@testable import QAPVerification

/// Certificates of the search bit by bit, against enumeration, and what their check refuses.
@Suite struct CubeCertificateTests {
  private static func proven(_ instance: Instance, seed: UInt64) throws -> Certificate? {
    guard CubeSearch(instance) != nil else { return nil }
    let report = try instance.solve(
      with: CubeSearchTests.BitByBit(), options: SolveOptions(seed: seed, keepsProof: true))
    let certificate: Certificate = try #require(report.certificate)
    return certificate
  }

  private static func instance(seed: UInt64) throws -> Instance {
    try CubeSearchTests.instance(seed % 4 == 0 ? 2 : 3, seed: seed)
  }

  @Test(arguments: 0..<240 as Range<UInt64>)
  func proofsAreAccepted(seed: UInt64) throws {
    let instance = try Self.instance(seed: seed)
    guard let certificate = try Self.proven(instance, seed: seed) else { return }
    #expect(certificate.proof.kind == "cube")
    let best = leastObjective(instance)
    let reread = try CertificateFile.parse(CertificateFile.format(certificate), file: "memory")
    #expect(reread == certificate)
    let verdict = check(reread, of: instance)
    #expect(verdict.holds, "seed \(seed): \(verdict.fault ?? "")")
    #expect(verdict.rounded == best, "seed \(seed)")
  }

  /// Whatever the change, nothing above the optimum is proven.
  @Test(arguments: 0..<240 as Range<UInt64>)
  func corruptedProofsAreRefused(seed: UInt64) throws {
    let instance = try Self.instance(seed: seed)
    guard var certificate = try Self.proven(instance, seed: seed),
      case .cube(let proof) = certificate.proof
    else { return }
    let best = leastObjective(instance)
    certificate.bound = best + 0.5
    certificate.rounded = certificate.bound
    var generator = SeededGenerator(seed: seed, stream: 52)
    let n = instance.size
    var changes: [CubeProof] = [proof]
    for index in proof.parts.indices {
      var changed = proof
      changed.parts[index].least += 1
      changes.append(changed)
      // A part that counts twice.
      changed = proof
      changed.parts.append(proof.parts[index])
      #expect(!Self.holds(changed, certificate, instance, bound: -1e9), "seed \(seed)")
      changed = proof
      changed.parts[index].clusters[0].append(n)
      #expect(!Self.holds(changed, certificate, instance, bound: -1e9), "seed \(seed)")
      changed = proof
      changed.parts[index].clusters[0].append(changed.parts[index].clusters[0][0])
      #expect(!Self.holds(changed, certificate, instance, bound: -1e9), "seed \(seed)")
      // All facilities of a part as one cluster.
      changed = proof
      changed.parts[index].clusters = [Array(changed.parts[index].clusters.joined())]
      changed.parts[index].least += 1
      changes.append(changed)
    }
    for _ in 0..<4 {
      var changed = proof
      changed.labels.swapAt(generator.below(n), generator.below(n))
      changes.append(changed)
    }
    var changed = proof
    changed.labels[0] = changed.labels[1]
    #expect(!Self.holds(changed, certificate, instance, bound: -1e9), "seed \(seed)")
    changed.labels = Array(proof.labels.dropLast())
    #expect(!Self.holds(changed, certificate, instance, bound: -1e9), "seed \(seed)")
    for changed in changes {
      #expect(!Self.holds(changed, certificate, instance, bound: best + 0.5), "seed \(seed)")
    }
  }

  private static func holds(
    _ proof: CubeProof, _ certificate: Certificate, _ instance: Instance, bound: Double
  ) -> Bool {
    var claim = certificate
    claim.proof = .cube(proof)
    claim.bound = bound
    claim.rounded = bound
    return check(claim, of: instance).holds
  }

  /// The check's own search accepts the least sum of a part, and nothing above it.
  @Test(arguments: 0..<300 as Range<UInt64>)
  func replayFindsTheLeastSum(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed, stream: 54)
    let bits = seed % 3 == 0 ? 2 : 3
    let n = 1 << bits
    var members: [Int] = []
    while members.reduce(0, +) < n - generator.below(3), members.count < 5 {
      members.append(1 + generator.below(min(4, n - members.reduce(0, +))))
    }
    let count = members.count
    let table = Matrix<Double>(rows: count, columns: count) { _, _ in
      Double(max(0, generator.below(7) - 2))
    }
    let weight = (0..<count).map { a in
      (0..<count).map { b in Int(table[min(a, b), max(a, b)]) }
    }
    let kind = members.enumerated().flatMap { Array(repeating: $0, count: $1) }
    let instance = try Instance(
      flow: Matrix(rows: kind.count, columns: kind.count) { i, k in
        i < k ? Double(weight[kind[i]][kind[k]]) : 0
      },
      distance: Matrix(rows: n, columns: n) { Double(($0 ^ $1).nonzeroBitCount) })
    let best = Int(leastObjective(instance))
    let replay = try #require(CubeReplay(bits: bits, members: members, weight: weight))
    #expect(replay.shows(best), "seed \(seed)")
    #expect(!replay.shows(best + 1), "seed \(seed)")
  }

  /// Beyond enumeration: both searches agree on the 4-cube.
  @Test(arguments: 0..<24 as Range<UInt64>)
  func bothSearchesAgree(seed: UInt64) throws {
    let instance = try CubeSearchTests.instance(4, seed: seed)
    guard let certificate = try Self.proven(instance, seed: seed),
      case .cube(let proof) = certificate.proof
    else { return }
    #expect(check(certificate, of: instance).holds, "seed \(seed)")
    var changed = proof
    for index in proof.parts.indices { changed.parts[index].least += 100 }
    #expect(!Self.holds(changed, certificate, instance, bound: -1e9), "seed \(seed)")
  }

  @Test func partsBeyondMemoryAreRefused() {
    let many = Array(repeating: 1, count: 17)
    #expect(
      CubeReplay(bits: 5, members: many, weight: many.map { _ in many }) == nil)
    let weight = Array(repeating: Array(repeating: 1, count: 6), count: 6)
    #expect(CubeReplay(bits: 7, members: Array(repeating: 20, count: 6), weight: weight) == nil)
    #expect(CubeReplay(bits: 2, members: [2, 2], weight: [[0, 1 << 26], [1 << 26, 0]]) == nil)
  }

  /// What was proven of one instance says nothing about another.
  @Test(arguments: 0..<60 as Range<UInt64>)
  func dataThatChangesIsNoticed(seed: UInt64) throws {
    let instance = try Self.instance(seed: seed)
    guard let certificate = try Self.proven(instance, seed: seed),
      case .koopmansBeckmann(let flow, let distance) = instance.cost
    else { return }
    var generator = SeededGenerator(seed: seed, stream: 53)
    let n = instance.size
    for kind in 0..<3 {
      let (r, c) = (generator.below(n), generator.below(n))
      var (changedFlow, changedDistance) = (flow, distance)
      var linear = instance.linear ?? Matrix(rows: n, columns: n, repeating: 0)
      switch kind {
      case 0: changedFlow[r, c] -= 2
      case 1: changedDistance[r, c] -= 3
      default: linear[r, c] -= 1
      }
      let other = try Instance(
        flow: changedFlow, distance: changedDistance, linear: linear,
        constant: instance.constant)
      let verdict = check(certificate, of: other)
      let best = leastObjective(other)
      #expect(!verdict.holds || verdict.rounded <= best, "seed \(seed)")
    }
  }

  @Test func otherInstancesAreRefused() throws {
    for seed in 0..<12 as Range<UInt64> {
      for family in Family.allCases {
        let instance = family.instance(size: 8, seed: seed)
        let proof = CubeProof(
          labels: Array(0..<8), parts: [CubeProof.Part(clusters: [[0, 1]], least: 0)])
        let claim = Certificate(
          instance: "", size: 8, bound: leastObjective(instance) + 1,
          rounded: leastObjective(instance) + 1, proof: .cube(proof))
        #expect(!check(claim, of: instance).holds)
      }
    }
  }

  /// Default options of the program write the proof of the optimum.
  @Test(arguments: ["esc16a", "esc16c", "esc16h"])
  func bundledInstancesHaveCertificates(_ name: String) throws {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let instance = try InstanceFile.read("/\(folder)/Instances/qaplib/\(name).dat")
    let report = try instance.solve(
      with: BranchAndBound(), options: SolveOptions(threads: 2, keepsProof: true))
    #expect(report.termination == .optimal)
    let certificate = try #require(report.certificate)
    #expect(certificate.rounded == report.incumbent?.objective)
    #expect(CertificateFile.format(certificate).count < 1000)
    #expect(check(certificate, of: instance).holds)
  }
}
