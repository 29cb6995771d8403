import QAPPrimitives
import QAPSymmetry
import Testing

/// Schemes whose eigenvalues are known, and matrices that have none.
@Suite struct AssociationSchemeTests {
  /// The entry of a pair of points, under some renumbering.
  private func matrix(_ n: Int, _ value: (Int, Int) -> Double) -> Matrix<Double> {
    var generator = SeededGenerator(seed: 3, stream: UInt64(n))
    let order = Permutation(randomOf: n, using: &generator)
    return Matrix(rows: n, columns: n) { value(order[$0], order[$1]) }
  }

  @Test(arguments: [2, 3, 4, 5])
  func cubesHaveKrawtchoukPolynomials(_ d: Int) throws {
    // Distances less one, as of `esc` instances.
    let scheme = try #require(
      AssociationScheme(
        Matrix(rows: 1 << d, columns: 1 << d) { Double(max(0, ($0 ^ $1).nonzeroBitCount - 1)) }))
    func choose(_ k: Int) -> Int { (0..<k).reduce(1) { $0 * (d - $1) / ($1 + 1) } }
    #expect(scheme.multiplicities.sorted() == (0...d).map(choose).sorted())
    // The neighbors: d − 2s on the space of the characters of s bits.
    let t = scheme.classes[1]
    #expect(scheme.valencies[t] == d)
    let found = (0...d).map { (scheme.eigenvalues[$0, t], scheme.multiplicities[$0]) }
    for (s, space) in found.sorted(by: { $0.0 > $1.0 }).enumerated() {
      #expect(abs(space.0 - Double(d - 2 * s)) < 1e-9 && space.1 == choose(s))
    }
  }

  @Test func toriHaveOne() throws {
    func cyclic(_ a: Int, _ b: Int) -> Int { min((a - b + 5) % 5, (b - a + 5) % 5) }
    let scheme = try #require(
      AssociationScheme(
        matrix(25) { Double(cyclic($0 / 5, $1 / 5) + cyclic($0 % 5, $1 % 5)) }))
    // Offsets (x, y) with 0 ≤ x ≤ y ≤ 2 or the reverse.
    #expect(scheme.valencies.count == 6 && scheme.valencies.reduce(0, +) == 25)
    #expect(scheme.multiplicities.reduce(0, +) == 25)
    // Traces: those of A_t are 0, but for A_0.
    for t in 1..<6 {
      let trace = (0..<6).reduce(0.0) {
        $0 + Double(scheme.multiplicities[$1]) * scheme.eigenvalues[$1, t]
      }
      #expect(abs(trace) < 1e-9)
      #expect(abs(scheme.eigenvalues[0, t] - Double(scheme.valencies[t])) < 1e-9)
    }
  }

  @Test func gridsAndRandomMatricesHaveNone() {
    var generator = SeededGenerator(seed: 1, stream: 0)
    #expect(
      AssociationScheme(matrix(12) { Double(abs($0 / 4 - $1 / 4) + abs($0 % 4 - $1 % 4)) }) == nil)
    let random = Matrix<Double>(rows: 9, columns: 9) { _, _ in
      Double.random(in: 0..<1, using: &generator)
    }
    #expect(AssociationScheme(random) == nil)
    #expect(
      AssociationScheme(Matrix(rows: 9, columns: 9) { random[$0, $1] + random[$1, $0] }) == nil)
    // A directed cycle is no symmetric scheme.
    #expect(AssociationScheme(matrix(6) { ($1 - $0 + 6) % 6 == 1 ? 1 : 0 }) == nil)
  }
}
