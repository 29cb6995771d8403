import QAPKit
import Testing

/// Read an instance, solve it, prove a bound, and verify both.
@Suite struct ReadSolveBoundVerify {
  @Test func solvesAndProves() throws {
    let instance = try InstanceFile.read(bundled("qaplib/nug12.dat"))
    let report = try instance.solve(with: Automatic(), options: SolveOptions(threads: 2))
    #expect(report.incumbent?.objective == 578)
    #expect(report.bound?.value == 578)
    #expect(report.gap == 0 && report.termination == .optimal)
  }

  @Test func provesABoundThatOthersCanCheck() throws {
    let instance = try InstanceFile.read(bundled("qaplib/nug12.dat"))
    let report = try instance.solve(
      with: AnnealedAscent(), options: SolveOptions(threads: 2, keepsProof: true))
    let path = temporary("nug12.cert")
    try CertificateFile.write(try #require(report.certificate), to: path)
    let verdict = check(try CertificateFile.read(path), of: instance)
    #expect(verdict.holds && verdict.rounded == 524)
  }

  @Test func verifiesAPublishedSolution() throws {
    let instance = try InstanceFile.read(bundled("qaplib/nug12.dat"))
    let solution = try SolutionFile.read(bundled("qaplib/nug12.sln"))
    for found in try solution.resolve(against: instance) {
      let verdict = checkObjective(of: found.assignment, in: instance, claimed: 578)
      #expect(verdict.holds && found.objective == 578)
    }
  }
}
