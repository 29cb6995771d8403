import QAP
import QAPPrimitives
import QAPVerification
import RandomInstances
import Testing

@testable import QAPSemidefinite

/// The multiplier of a known assignment.
@Suite struct IncumbentMultiplierTests {
  /// Two noisy copies of some points' distances, the second one renumbered.
  private func pair(_ n: Int, noise: Double, seed: UInt64, linear: Bool = false) throws -> Instance
  {
    var g = SeededGenerator(seed: seed)
    let points = (0..<n).map { _ in (0..<4).map { _ in g.approximateNormal() } }
    func kernel() -> Matrix<Double> {
      let moved = points.map { $0.map { $0 + noise * g.approximateNormal() } }
      let distances = Matrix<Double>(rows: n, columns: n) { i, k in
        zip(moved[i], moved[k]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      }
      let mean = distances.elements.reduce(0, +) / Double(n * (n - 1))
      return Matrix(rows: n, columns: n) { $0 == $1 ? 0 : distances[$0, $1] - mean }
    }
    let (a, b) = (kernel(), kernel())
    let p = Permutation(randomOf: n, using: &g)
    return try Instance(
      flow: a.map { -2 * $0 }, distance: Matrix(rows: n, columns: n) { b[p[$0], p[$1]] },
      linear: linear ? Matrix(rows: n, columns: n) { _, _ in 0.1 * g.unit() } : nil)
  }

  /// After every pass the conditions (a) to (c) hold, whatever came before.
  @Test func passesEndInTheSetOfTheirConditions() throws {
    for seed in 0..<6 as Range<UInt64> {
      let n = 5
      let instance = try pair(n, noise: 0.3, seed: seed, linear: seed % 2 == 1)
      var g = SeededGenerator(seed: seed)
      let p = Permutation(randomOf: n, using: &g)
      let locations = (0..<n).map { p[$0] }
      let cost = PairCost(instance)
      let lifted = LiftedCosts(cost, threads: 1)
      let multiplier = IncumbentMultiplier(lifted, cost, locations: locations, threads: 2)
      for round in 0..<3 {
        if round > 0 {
          #expect(multiplier.reflect())
          #expect(multiplier.settle())
        }
        if round == 2 {
          let kept = (0..<n * n).filter { locations[$0 / n] == $0 % n || g.unit() < 0.7 }
          #expect(multiplier.restrict(to: PlacementSet(size: n, places: kept)))
          #expect(multiplier.beginProjection(forBound: false))
          multiplier.endProjection()
        }
        let (l, z, set) = (lifted.matrix, multiplier.point, multiplier.point.placements)
        let isKnown = (0..<set.count).map { locations[set.facility($0)] == set.location($0) }
        let known = (0..<set.count).filter { isKnown[$0] }
        let images = (0..<set.count).map { row in known.reduce(0) { $0 + l.row(row)[$1] } }
        let value = known.reduce(0) { $0 + images[$1] }
        let objective = instance.objective(of: try #require(Assignment(locations: locations)))
        #expect(abs(value + lifted.offset + cost.constant - objective) < 1e-6 * abs(objective))
        #expect(abs(z.corner - value) < 1e-9 * (1 + abs(value)))
        for row in 0..<set.count {
          let (i, j) = (set.facility(row), set.location(row))
          var sum = z.border[row]
          for column in 0..<set.count {
            let e = l.row(row)[column] + z.row(row)[column]
            #expect(z.row(row)[column] == z.row(column)[row])
            let excludes =
              row != column && (set.facility(column) == i || set.location(column) == j)
            if isKnown[row] && isKnown[column] { #expect(abs(e) < 1e-12) }
            if !excludes { #expect(e > -1e-9) }
            if isKnown[column] { sum += e }
          }
          if isKnown[row] { continue }
          let there = try #require(locations.firstIndex(of: j))
          let share = { (k: Int) in images[set.index(of: k * n + locations[k]) ?? 0] }
          #expect(abs(sum - images[row] + 0.5 * (share(i) + share(there))) < 1e-9)
        }
      }
    }
  }

  /// The incumbent of a match is proven in fewer steps than the splitting takes, and certificates
  /// hold.
  @Test(arguments: [12, 19])
  func provesMatches(_ n: Int) throws {
    for seed in 0..<2 as Range<UInt64> {
      let instance = try pair(n, noise: 0.15, seed: 40 + seed, linear: seed == 1)
      for keepsProof in [false, true] {
        var options = SolveOptions(threads: 2)
        options.keepsProof = keepsProof
        let report = try instance.solve(with: DoublyNonnegative(), options: options)
        #expect(report.isProvenOptimal)
        #expect(report.iterations <= 60, "\(report.iterations) steps")
        guard keepsProof else { continue }
        let certificate = try #require(report.certificate)
        let verdict = check(certificate, of: instance)
        #expect(verdict.holds, "\(verdict.fault ?? "")")
      }
    }
  }

  /// Small matches, the easy and the hopeless, against enumeration, with and without exclusions.
  @Test func boundsOfMatchesAreTrue() throws {
    var proven = 0
    for seed in 0..<60 as Range<UInt64> {
      let n = 4 + Int(seed % 4)
      let noise = [0.05, 0.3, 0.6, 1.5][Int(seed / 4 % 4)]
      let instance = try pair(n, noise: noise, seed: seed, linear: seed % 3 == 0)
      let best = leastObjective(instance)
      for steps in [3, 62, 200] {
        let report = try instance.solve(with: DoublyNonnegative(.init(steps: steps)))
        let bound = try #require(report.bound, "seed \(seed)")
        #expect(
          bound.unrounded <= best + 1e-9 * abs(best), "\(seed): \(bound.unrounded) of \(best)")
        #expect(report.iterations <= steps)
        guard report.isProvenOptimal, let found = report.incumbent?.objective else { continue }
        proven += 1
        // The tolerance of real data.
        #expect(found <= best + 1e-5 * abs(best), "\(seed): \(found) of \(best)")
      }
    }
    #expect(proven >= 60, "\(proven) of 180")
  }
}
