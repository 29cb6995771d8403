import QAP
import QAPDualAscent
import QAPInstanceIO
import QAPPrimitives
import QAPSemidefinite
import QAPVerification
import RandomInstances
import Testing

@testable import QAPBranchAndBound

/// Search trees written down as certificates, and what becomes of them when something is changed.
@Suite struct ProofTests {
  /// A grid of locations with its symmetries, and flows of three kinds of facilities.
  static func grid(_ seed: UInt64) throws -> Instance {
    var g = SeededGenerator(seed: seed, stream: 11)
    let (rows, columns) = [(2, 4), (3, 3), (2, 3)][Int(seed % 3)]
    let n = rows * columns
    let distance = Matrix<Double>(rows: n, columns: n) {
      abs(Double($0 / columns - $1 / columns)) + abs(Double($0 % columns - $1 % columns))
    }
    var flow = Matrix<Double>(rows: n, columns: n) { _, _ in 0 }
    for i in 0..<n {
      for k in 0..<i {
        flow[i, k] = seed % 2 == 0 ? Double(g.below(9)) : 4 * g.unit()
        flow[k, i] = flow[i, k]
      }
    }
    return try Instance(flow: flow, distance: distance)
  }

  /// The certificate of a search; its proof has doubly nonnegative bounds if it `relaxes`.
  static func certificate(_ instance: Instance, relaxes: Bool = false) throws -> Certificate? {
    // A poor root leaves something to branch for.
    var parameters = BranchAndBoundTests.stressed
    parameters.tabuIterations = nil
    if relaxes { (parameters.ascentLeaves, parameters.minRelaxedSize) = (0, 5) }
    let report = try instance.solve(
      with: BranchAndBound(parameters), options: SolveOptions(keepsProof: true))
    #expect(report.isProvenOptimal)
    let found = try #require(report.certificate)
    #expect(found.bound == report.bound?.unrounded && found.rounded == report.bound?.value)
    let best = leastObjective(instance)
    #expect(found.bound <= best)
    return found
  }

  @Test func treesAreAcceptedAndSurviveTheirFile() throws {
    var trees = 0
    var symmetric = 0
    for seed in 0..<30 as Range<UInt64> {
      let instance = try Self.grid(seed)
      guard let certificate = try Self.certificate(instance) else { continue }
      let bytes = CertificateFile.format(certificate)
      let reread = try CertificateFile.parse(bytes, file: "memory")
      #expect(reread == certificate)
      let verdict = check(reread, of: instance)
      #expect(verdict.holds, "seed \(seed): \(verdict.fault ?? "")")
      guard case .tree(let proof) = certificate.proof else { continue }
      trees += 1
      if proof.nodes.contains(where: { if case .symmetric = $0 { true } else { false } }) {
        symmetric += 1
      }
    }
    #expect(trees >= 8 && symmetric >= 5, "\(trees) trees, \(symmetric) with symmetry")
  }

  /// The point with a dual that is too large.
  static func raised(_ point: TreeProof.Point, _ g: inout SeededGenerator) -> TreeProof.Point {
    func raise(_ multipliers: RLTMultipliers) -> RLTMultipliers {
      var raised = multipliers
      raised.facilityDuals[g.below(raised.facilities)] += Int64(1) << 60
      return raised
    }
    switch point {
    case .rlt1(let multipliers): return .rlt1(raise(multipliers))
    case .semidefinite(var proof):
      proof.multipliers = raise(proof.multipliers)
      return .semidefinite(proof)
    }
  }

  /// Doubly nonnegative bounds in the tree, leaders that bound children, and costs of every kind.
  @Test(arguments: Family.allCases)
  func treesWithRelaxationsAreAccepted(_ family: Family) throws {
    for seed in 0..<24 as Range<UInt64> {
      let instance = family.instance(size: 5 + Int(seed % 3), seed: seed)
      let certificate = try #require(try Self.certificate(instance, relaxes: true))
      let reread = try CertificateFile.parse(CertificateFile.format(certificate), file: "memory")
      #expect(reread == certificate)
      let verdict = check(reread, of: instance)
      #expect(verdict.holds, "\(instance.name): \(verdict.fault ?? "")")
    }
  }

  @Test func treesOfGridsHaveAllKindsOfNodes() throws {
    var (relaxed, leaders, implied, symmetric) = (0, 0, 0, 0)
    for seed in 0..<30 as Range<UInt64> {
      let instance = try Self.grid(seed)
      guard let certificate = try Self.certificate(instance, relaxes: true) else { continue }
      let verdict = check(certificate, of: instance)
      #expect(verdict.holds, "seed \(seed): \(verdict.fault ?? "")")
      guard case .tree(let proof) = certificate.proof else { continue }
      for node in proof.nodes {
        switch node {
        case .bounded(.semidefinite): relaxed += 1
        case .leaders: leaders += 1
        case .implied: implied += 1
        case .symmetric: symmetric += 1
        default: break
        }
      }
    }
    #expect(
      relaxed > 0 && leaders > 0 && implied > leaders && symmetric > 0,
      "\(relaxed) relaxed, \(leaders) leaders, \(implied) implied, \(symmetric) symmetric")
  }

  /// What a point and its leaders are said to prove is true, and is what a checker finds.
  @Test(arguments: Family.allCases)
  func leadersAreTrueOfEveryPlacement(_ family: Family) throws {
    var relaxations = 0
    for seed in 0..<24 as Range<UInt64> {
      let n = 2 + Int(seed % 5)
      let instance = family.instance(size: n, seed: seed)
      let ascent = try instance.solve(
        with: HahnGrant(.init(rounds: 5)), options: SolveOptions(keepsProof: true))
      let multipliers = try #require(ascent.bound?.proof?.multipliers)
      var lines = [BranchingVariable.facility(Int(seed) % multipliers.facilities)]
      lines.append(.location(Int(seed) % n))
      for line in lines {
        let found = try #require(RowBounds(line, of: instance, from: multipliers, threads: 1))
        let before = try #require(ascent.bound?.unrounded)
        #expect(found.value >= before - 1e-6 * max(1, abs(before)))
        try Self.expectLeaders(
          .rlt1(found.multipliers), line, instance, bound: found.value, found.leaders)

        guard NodeRelaxation.supports(instance) else { continue }
        relaxations += 1
        let relaxed = NodeRelaxation(steps: 40).run(
          instance, from: nil, needed: .infinity, keepsProof: true, threads: 1,
          shouldStop: { false })
        let (bound, proof) = try #require(relaxed.proven)
        let focused = try #require(
          SemidefiniteRowBounds(line, of: instance, from: proof, bound: bound, threads: 1))
        try Self.expectLeaders(
          .semidefinite(focused.proof), line, instance, bound: focused.value, focused.leaders)
      }
    }
    #expect(relaxations == 48, "\(family): \(relaxations)")
  }

  /// A tree of one case distinction, all of whose children the leaders bound.
  static func expectLeaders(
    _ point: TreeProof.Point, _ line: BranchingVariable, _ instance: Instance, bound: Double,
    _ leaders: [Double]
  ) throws {
    let n = instance.size
    for other in 0..<n {
      let best = leastObjective(instance, with: [line.placement(other)])
      let slack = 1e-9 * max(1, abs(best))
      #expect(bound + leaders[other] <= best + slack, "\(instance.name): \(line), \(other)")
    }
    let least = bound + (leaders.min() ?? 0)
    let node: TreeProof.Node =
      switch line {
      case .facility(let facility): .facility(facility)
      case .location(let location): .location(location)
      }
    let proof = TreeProof(
      nodes: [.leaders(point), node] + Array(repeating: .implied, count: n))
    func claims(_ value: Double, _ proof: TreeProof) -> Bool {
      check(
        Certificate(
          instance: instance.name, size: n, bound: value, rounded: value, proof: .tree(proof)),
        of: instance
      ).holds
    }
    let scale = max(1, abs(least))
    #expect(claims(least - 1e-11 * scale, proof), "\(instance.name): \(line)")
    #expect(!claims(leastObjective(instance) + 1e-6 * scale, proof), "\(instance.name): \(line)")
    // Leaders stand before a case distinction, and children that they bound below one.
    for nodes in [
      [.leaders(point)], [.leaders(point), .leaders(point)] + proof.nodes.dropFirst(),
      Array(proof.nodes.dropFirst()), [.implied], [.leaders(point), .bounded(point)],
      Array(proof.nodes.dropLast()), proof.nodes + [.implied],
    ] as [[TreeProof.Node]] {
      #expect(!claims(least - scale, TreeProof(nodes: nodes)), "\(instance.name): \(nodes.count)")
    }
  }

  /// Whatever is changed, the claim must fail, unless the changed tree still proves it: then no
  /// assignment may be below the claim, which enumeration tells.
  @Test(arguments: [false, true])
  func changedTreesAreRejected(_ relaxes: Bool) throws {
    var rejected = 0
    for seed in 0..<18 as Range<UInt64> {
      let instance = try Self.grid(seed)
      guard let certificate = try Self.certificate(instance, relaxes: relaxes),
        case .tree(let proof) = certificate.proof
      else { continue }
      let best = leastObjective(instance)
      var g = SeededGenerator(seed: seed, stream: 12)
      for kind in 0..<12 {
        var changed = certificate
        var tree = proof
        let at = g.below(tree.nodes.count)
        var mustFail = true
        switch kind {
        case 0: tree.nodes.removeLast()
        case 1: tree.nodes.append(.listed)
        case 2:
          tree.nodes[0] = .listed
          // Of six facilities that is another proof.
          mustFail = proof.nodes.count > 1 || instance.size > TreeProof.maxListed
        case 3: tree.nodes[0] = .symmetric(.locations(Array(0..<instance.size)))
        case 4: tree.nodes[0] = .facility(instance.size)
        case 5:
          changed.bound = certificate.bound + max(1, abs(certificate.bound)) * 1e-5
          changed.rounded = max(changed.bound, certificate.rounded)
        case 6: tree.nodes.remove(at: at)
        case 7: tree.nodes = []
        default:
          mustFail = false
          switch tree.nodes[at] {
          case .bounded(let point):
            tree.nodes[at] = .bounded(Self.raised(point, &g))
            mustFail = true
          case .leaders(let point):
            tree.nodes[at] = .leaders(Self.raised(point, &g))
            mustFail = true
          case .implied: tree.nodes[at] = .listed
          case .symmetric(.locations(var images)):
            images.swapAt(g.below(images.count), g.below(images.count))
            tree.nodes[at] = .symmetric(.locations(images))
          case .symmetric(.facilities(var images)):
            images.swapAt(g.below(images.count), g.below(images.count))
            tree.nodes[at] = .symmetric(.facilities(images))
          case .facility(let f): tree.nodes[at] = .location(f)
          case .location(let l): tree.nodes[at] = .facility(l)
          case .listed: tree.nodes[at] = .facility(0)
          }
        }
        if tree == proof, changed == certificate { continue }
        changed.proof = .tree(tree)
        let verdict = check(changed, of: instance)
        if mustFail { #expect(!verdict.holds, "seed \(seed), change \(kind)") }
        if verdict.holds { #expect(best >= changed.bound, "seed \(seed), change \(kind)") }
        rejected += verdict.holds ? 0 : 1
      }
    }
    #expect(rejected > (relaxes ? 40 : 80), "\(rejected)")
  }

  /// A symmetry of another instance proves nothing here.
  @Test func symmetriesAreCheckedAgainstTheCosts() throws {
    let instance = try Self.grid(0)
    let certificate = try #require(try Self.certificate(instance))
    guard case .koopmansBeckmann(let flow, var distance) = instance.cost,
      case .tree(let proof) = certificate.proof,
      proof.nodes.contains(where: { if case .symmetric = $0 { true } else { false } })
    else {
      Issue.record("no symmetry in the tree")
      return
    }
    // Dearer, so every leaf still holds, but no longer symmetric.
    distance[0, 1] += 1
    distance[1, 0] += 1
    let other = try Instance(flow: flow, distance: distance)
    let verdict = check(certificate, of: other)
    #expect(!verdict.holds && verdict.fault?.contains("changes the cost") ?? false)
  }

  @Test func tooLargeAProofLeavesTheRoots() throws {
    let instance = try BranchAndBoundTests.nug("nug12")
    var parameters = BranchAndBound.Parameters()
    parameters.maxLeaves = 3
    let report = try instance.solve(
      with: BranchAndBound(parameters), options: SolveOptions(keepsProof: true))
    #expect(report.isProvenOptimal && report.bound?.value == 578)
    let certificate = try #require(report.certificate)
    #expect(certificate.rounded < 578 && certificate.rounded > 500)
    #expect(check(certificate, of: instance).holds)
    // Its doubly nonnegative bound, as that was asked for.
    guard case .semidefinite = certificate.proof else {
      Issue.record("the root's certificate is a \(certificate.proof.kind)")
      return
    }
    #expect(certificate.rounded == 568)
  }
}
