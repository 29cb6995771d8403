import QAP
import QAPDenseAlgebra
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPSemidefinite

/// The relaxation over some of the placements only.
@Suite struct RestrictedFaceTests {
  /// Placements of at least one assignment, and others by chance.
  private func someSet(_ n: Int, _ g: inout SeededGenerator) -> PlacementSet {
    let p = Permutation(randomOf: n, using: &g)
    let share = g.unit()
    return PlacementSet(
      size: n,
      places: (0..<n * n).filter { p[$0 / n] == $0 % n || g.unit() < share })
  }

  /// The locations of all assignments with placements of `set` alone.
  private func assignments(_ set: PlacementSet) -> [[Int]] {
    var all: [[Int]] = [[]]
    for i in 0..<set.size {
      all = all.flatMap { start in
        set.ofFacility[i].map(set.location).filter { !start.contains($0) }.map { start + [$0] }
      }
    }
    return all
  }

  @Test(arguments: 1...7)
  func theFaceIsThatOfTheRemainingAssignments(_ n: Int) throws {
    var g = SeededGenerator(seed: UInt64(n))
    for _ in 0..<8 {
      let set = someSet(n, &g)
      let (face, width) = (RestrictedFace(set), set.count + 1)
      let c = Matrix<Double>(rows: 2 * n, columns: width) { line, at in
        if at == 0 { return -1 }
        return (line < n ? set.facility(at - 1) == line : set.location(at - 1) == line - n) ? 1 : 0
      }
      let product = gemm(1, c, .plain, c, .transposed)
      let spectrum = try #require(symmetricEigen(product))
      #expect(face.order == width - spectrum.values.count { $0 > 1e-9 })
      // V by its columns.
      let (unit, row) = (
        Buffer(count: face.order, repeating: 0.0), Buffer(count: width, repeating: 0.0)
      )
      var columns: [[Double]] = []
      for index in 0..<face.order {
        unit.view.fill(0)
        unit.view[index] = 1
        face.expand(unit.view, times: 1, into: row.view)
        columns.append(row.view.array)
        face.compress(row.view, into: unit.view)
        for other in 0..<face.order {
          #expect(abs(unit.view[other] - (other == index ? 1 : 0)) < 1e-13)
        }
      }
      let v = Matrix<Double>(rows: width, columns: face.order) { columns[$1][$0] }
      for x in gemm(1, c, .plain, v, .plain).elements { #expect(abs(x) < 1e-13) }
      let lifted = LiftedMatrix(size: n)
      lifted.corner = g.unit()
      for p in 0..<n * n {
        lifted.border[p] = g.unit() - 0.5
        for q in 0...p {
          lifted.row(p)[q] = g.unit() - 0.5
          lifted.row(q)[p] = lifted.row(p)[q]
        }
      }
      let whole = Matrix<Double>(rows: width, columns: width) { r, c in
        if r == 0 && c == 0 { return lifted.corner }
        if r == 0 || c == 0 { return lifted.border[set.places[r + c - 1]] }
        return lifted.row(set.places[r - 1])[set.places[c - 1]]
      }
      lifted.restrict(to: set)
      let w = Buffer(count: face.order * face.order, repeating: 0.0)
      face.compress(lifted, into: w.view, threads: 2)
      let expected = gemm(1, gemm(1, v, .transposed, whole, .plain), .plain, v, .plain)
      for at in 0..<face.order * face.order {
        #expect(abs(w.view[at] - expected.elements[at]) < 1e-12, "\(n)")
      }
    }
  }

  /// Bounds of a splitting that goes on with fewer placements hold for the assignments left.
  @Test(arguments: Family.allCases)
  func boundsAreTrueForTheAssignmentsLeft(_ family: Family) throws {
    for seed in 0..<12 as Range<UInt64> {
      let n = 3 + Int(seed % 4)
      let instance = family.instance(size: n, seed: 900 + seed)
      guard instance.facilities == n else { continue }
      var g = SeededGenerator(seed: seed)
      let set = someSet(n, &g)
      let best = assignments(set).compactMap { Assignment(locations: $0) }
        .map { instance.objective(of: $0) }.min()
      let cost = PairCost(instance)
      let lifted = LiftedCosts(cost, threads: 1)
      let splitting = Splitting(lifted, parameters: .init(), threads: 2)
      let safe = SafeBound(lifted, constant: cost.constant, rounds: 2, threads: 2)
      for _ in 0..<15 { #expect(splitting.step()) }
      guard set.count < n * n, splitting.restrict(to: set) else { continue }
      safe.restrict(to: splitting.face)
      let least = try #require(best)
      var last = -Double.infinity
      for step in 0...90 {
        if step > 0 { #expect(splitting.step()) }
        guard step % 30 == 0 else { continue }
        let proven = try safe.evaluate(
          splitting.multiplier, scratch: splitting.scratch, projection: splitting.projection,
          near: splitting.eigenvalue, above: -.infinity, placements: true,
          shouldStop: { false })
        splitting.restore()
        guard let proven else { continue }
        last = max(last, proven.value)
        let slack = family.isIntegral ? 0 : 1e-9 * max(1, abs(least))
        #expect(proven.value <= least + slack, "\(instance.name): \(proven.value) of \(least)")
        for one in assignments(set) {
          let value = instance.objective(of: try #require(Assignment(locations: one)))
          for (i, j) in one.enumerated() {
            #expect(proven.value + proven.excess[i * n + j] <= value + slack, "\(instance.name)")
          }
        }
      }
      #expect(last.isFinite, "\(instance.name)")
    }
  }
}
