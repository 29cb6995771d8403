import Foundation
import QAPKit
import Testing

/// What the articles on bounds show. Every Swift block of an article stands in this folder, line by
/// line.
@Suite struct BoundExamples {
  init() { goToCheckout() }

  @Test func gilmoreLawler() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let report = try instance.solve(with: GilmoreLawler())
    if let bound = report.bound { print(bound.value, bound.unrounded) }  // 494.0 493.0
    #expect(report.bound?.value == 494 && report.bound?.unrounded == 493)
  }

  @Test func projection() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug30.dat")
    let cheap = try instance.solve(with: GilmoreLawler())
    let report = try instance.solve(with: Projection())
    print(cheap.bound?.value ?? .nan, report.bound?.value ?? .nan)  // 4540.0 5266.0
    #expect(report.bound?.value == 5266)
  }

  @Test func hahnGrant() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let method = HahnGrant(.init(rounds: 50))
    let report = try instance.solve(with: method, options: SolveOptions(keepsProof: true))
    if let certificate = report.certificate {
      try CertificateFile.write(certificate, to: folder + "/nug12.cert")
      print(certificate.bound, check(certificate, of: instance).holds)
    }
    #expect(try #require(report.certificate).bound > 513)
  }

  @Test func annealedAscent() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let method = AnnealedAscent(.init(sweeps: 2000))
    let report = try instance.solve(with: method, options: SolveOptions(threads: 2))
    // The bound, and what no longer run of this method could exceed.
    print(report.bound?.unrounded ?? .nan, report.figures["relaxation_ceiling"] ?? .nan)
    #expect(try #require(report.bound).value == 524)
  }

  @Test func warmStart() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let first = try instance.solve(
      with: HahnGrant(.init(rounds: 20)), options: SolveOptions(keepsProof: true))
    let second = try instance.solve(
      with: HahnGrant(.init(rounds: 20)),
      options: SolveOptions(startBound: first.certificate))
    #expect(try #require(second.bound).unrounded > #require(first.bound).unrounded)
  }

  @Test func linearProgram() throws {
    let instance = try InstanceFile.read("Instances/qaplib/tai10a.dat")
    let report = try instance.solve(with: RLTLinearProgram())
    // The value of the program in floating point, and what its duals prove exactly.
    print(report.figures["lp_value"] ?? .nan, report.bound?.unrounded ?? .nan)
    let value = try #require(report.figures["lp_value"])
    #expect(abs(value - 131098.178) < 1)
  }

  @Test func doublyNonnegative() throws {
    let instance = try InstanceFile.read("Instances/qaplib/had12.dat")
    let report = try instance.solve(
      with: DoublyNonnegative(.init(steps: 200)), options: SolveOptions(threads: 2))
    print(report.termination, report.bound?.value ?? .nan)  // optimal 1652.0
    #expect(report.isProvenOptimal && report.bound?.value == 1652)
  }

  @Test(.enabled(if: LinearModel.canSolve)) func smallPrograms() throws {
    let instance = try InstanceFile.read("Instances/qaplib/tai10a.dat")
    let weak = try instance.solve(with: KaufmanBroeckx())
    let strong = try instance.solve(with: XiaYuan())
    print(weak.bound?.value ?? .nan, strong.bound?.value ?? .nan)
    #expect(try #require(weak.bound).value <= #require(strong.bound).value)
  }

  @Test func exportedProgram() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug12.dat")
    let model = Formulation.kaufmanBroeckx.model(of: instance, isInteger: true)
    try FileAccess.write(model.formatted(as: .lp), to: folder + "/nug12.lp")
    #expect(model.columns.count <= 288)
  }

  @Test func exactSearch() throws {
    try? FileManager.default.removeItem(atPath: folder + "/nug14.tree")
    let instance = try InstanceFile.read("Instances/qaplib/nug14.dat")
    let search = BranchAndBound(.init(checkpoint: FileCheckpoint(path: folder + "/nug14.tree")))
    let report = try instance.solve(
      with: search, options: SolveOptions(limits: Limits(time: .seconds(60)), threads: 2))
    print(report.termination, report.nodes, report.incumbent?.objective ?? .nan)
    #expect(report.isProvenOptimal && report.incumbent?.objective == 1014)
  }

  @Test func treeEstimate() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug14.dat")
    let context = SolveContext(
      instance: instance, options: SolveOptions(), source: BranchAndBound.info.id)
    if let estimate = try BranchAndBound(.init(probes: 200)).estimate(context) {
      print("some \(estimate.nodes) nodes, give or take \(estimate.error)")
    }
  }

  @Test func automatic() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug15.dat")
    let report = try instance.solve(
      with: Automatic(), options: SolveOptions(limits: Limits(time: .seconds(20)), threads: 2))
    if let incumbent = report.incumbent, let bound = report.bound {
      print(incumbent.objective, bound.value, report.gap ?? .nan, report.termination)
      print(incumbent.assignment.locations)  // facility → location, from 0
    }
    #expect(report.incumbent?.objective == 1150)
  }
}
