import QAPKit
import Testing

/// What the articles on searches for assignments show.
@Suite struct SearchExamples {
  init() { goToCheckout() }

  @Test func twoOpt() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug30.dat")
    let report = try instance.solve(with: TwoOpt(.init(starts: 100)))
    // From an assignment of one's own:
    let reversed = Assignment(locations: Array((0..<instance.size).reversed()))!
    let improved = reversed.improvedBySwaps(in: instance)
    print(report.incumbent?.objective ?? .nan, instance.objective(of: improved))
    #expect(instance.objective(of: improved) < instance.objective(of: reversed))
    #expect(try #require(report.incumbent).objective < 6500)
  }

  @Test func tabu() throws {
    let instance = try InstanceFile.read("Instances/qaplib/tai25a.dat")
    let limits = Limits(iterations: 200_000, target: 1_167_256)
    let report = try instance.solve(
      with: RobustTabu(), options: SolveOptions(limits: limits, seed: 1, threads: 2))
    print(report.incumbent?.objective ?? .nan, report.iterations, report.termination)
    #expect(try #require(report.incumbent).objective < 1.02 * 1_167_256)
  }

  @Test func memetic() throws {
    let instance = try InstanceFile.read("Instances/qaplib/kra30a.dat")
    let method = Memetic(.init(population: 16, children: 8))
    let report = try instance.solve(
      with: method,
      options: SolveOptions(limits: Limits(time: .seconds(2), target: 88900)))
    print(report.incumbent?.objective ?? .nan, report.termination)
    #expect(try #require(report.incumbent).objective < 1.05 * 88900)
  }

  @Test func frankWolfe() throws {
    let instance = try InstanceFile.read("Instances/qaplib/nug30.dat")
    let known = [FixedPair(facility: 0, location: 5), FixedPair(facility: 7, location: 2)]
    let method = FrankWolfe(.init(starts: 20, polishes: true))
    let report = try instance.solve(
      with: method, options: SolveOptions(seed: 1, threads: 2, pairs: known))
    print(report.incumbent?.objective ?? .nan, report.locations ?? [])
    #expect(report.locations?[0] == 5 && report.locations?[7] == 2)
  }

  @Test func subsets() throws {
    let costs = Matrix<Double>(rows: 40, columns: 40) { i, j in Double((i * j) % 17 + abs(i - j)) }
    let problem = try SubsetProblem(name: "mine", costs: costs, size: 8)
    let report = try SubsetSelection(.init(best: 3)).solve(
      problem, options: SolveOptions(threads: 2, keepsProof: true))
    for subset in report.subsets { print(subset.objective, subset.indices) }
    if let certificate = report.certificate {
      print(certificate.rounded, check(certificate, of: problem).holds)
    }
    #expect(report.isComplete && report.subsets.count == 3)
  }
}
