import InstanceIO
import Primitives
import QAP
import RandomInstances
import Testing
import Verification

@testable import BranchAndBound

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

  static func certificate(_ instance: Instance) throws -> Certificate? {
    // A poor root leaves something to branch for.
    var parameters = BranchAndBoundTests.stressed
    parameters.iterations = nil
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

  /// Whatever is changed, the claim must fail, unless the changed tree still proves it: then no
  /// assignment may be below the claim, which enumeration tells.
  @Test func changedTreesAreRejected() throws {
    var rejected = 0
    for seed in 0..<18 as Range<UInt64> {
      let instance = try Self.grid(seed)
      guard let certificate = try Self.certificate(instance),
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
        case 2: tree.nodes[0] = .listed
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
          case .bounded(var point):
            point.facilityDuals[g.below(point.facilities)] += Int64(1) << 60
            tree.nodes[at] = .bounded(point)
            mustFail = true
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
    #expect(rejected > 80, "\(rejected)")
  }

  /// A symmetry of another instance proves nothing here.
  @Test func symmetriesAreCheckedAgainstTheCosts() throws {
    let instance = try Self.grid(0)
    guard let certificate = try Self.certificate(instance),
      case .koopmansBeckmann(let flow, var distance) = instance.cost
    else { return }
    guard case .tree(let proof) = certificate.proof,
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
    parameters.mostLeaves = 3
    let report = try instance.solve(
      with: BranchAndBound(parameters), options: SolveOptions(keepsProof: true))
    #expect(report.isProvenOptimal && report.bound?.value == 578)
    let certificate = try #require(report.certificate)
    #expect(certificate.rounded < 578 && certificate.rounded > 500)
    #expect(check(certificate, of: instance).holds)
  }
}
