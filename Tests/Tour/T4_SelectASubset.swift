import QAPKit
import Testing

/// Select the items that cost least together, with a proof.
@Suite struct SelectASubset {
  @Test func findsAndProvesTheBestTwo() throws {
    // Two clusters of five points; a subset of four costs least inside one cluster.
    let points = [0, 1, 2, 3, 4, 50, 51, 53, 56, 60]
    let costs = Matrix<Double>(rows: 10, columns: 10) { Double(abs(points[$0] - points[$1])) }
    let problem = try SubsetProblem(name: "clusters", costs: costs, size: 4)
    let report = try SubsetSelection(.init(best: 2)).solve(
      problem, options: SolveOptions(threads: 2, keepsProof: true))
    // Ordered pairs count: twice the six distances of 0…3, or of 1…4.
    #expect(report.subsets.map(\.objective) == [20, 20])
    #expect(Set(report.subsets.map(\.indices)) == [[0, 1, 2, 3], [1, 2, 3, 4]])
    let certificate = try #require(report.certificate)
    #expect(check(certificate, of: problem).holds)
  }
}
