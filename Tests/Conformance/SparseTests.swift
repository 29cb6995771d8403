import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import QAPRegistry
import QAPVerification
import RandomInstances
import Testing

/// Sparse matrices mean what the same matrices mean with their zeros, in memory and in files.
@Suite struct SparseTests {
  /// The same instance with one matrix sparse, or both.
  private func sparse(_ instance: Instance, flow: Bool, distance: Bool) throws -> Instance {
    let given = try #require(instance.given)
    return try Instance(
      name: instance.name, flow: flow ? .sparse(SparseMatrix(given.flow)) : .dense(given.flow),
      distance: distance ? .sparse(SparseMatrix(given.distance)) : .dense(given.distance),
      linear: given.linear, constant: instance.constant)
  }

  @Test func matricesEqualTheirDenseForm() {
    var generator = SeededGenerator(seed: 3, stream: 0)
    for rows in 1...6 {
      for columns in 1...6 {
        let dense = Matrix<Double>(rows: rows, columns: columns) { _, _ in
          generator.below(3) > 0 ? 0 : Double(generator.below(9)) - 4
        }
        let sparse = SparseMatrix(dense)
        #expect(sparse.dense == dense && sparse.transposed.dense == dense.transposed)
        #expect(sparse.values.allSatisfy { $0 != 0 })
        #expect(sparse.map { 2 * $0 }.dense == dense.map { 2 * $0 })
        for r in 0..<rows {
          for c in 0..<columns { #expect(sparse[r, c] == dense[r, c]) }
        }
        // Entries in any order, in halves: the same storage.
        let order = Permutation(randomOf: 2 * sparse.values.count, using: &generator).images
        let entry = { (index: Int) in order[index] % max(1, sparse.values.count) }
        let lines = sparse.rowIndices
        #expect(
          sparse
            == SparseMatrix(
              rows: rows, columns: columns, rowIndices: order.indices.map { lines[entry($0)] },
              columnIndices: order.indices.map { sparse.columnIndices[entry($0)] },
              values: order.indices.map { sparse.values[entry($0)] / 2 }))
        guard rows == columns else { continue }
        #expect(sparse.isSymmetric == dense.isSymmetric)
        #expect(sparse.plusTranspose.dense == dense.plusTranspose)
        #expect(
          sparse.padded(to: rows + 2).dense
            == Matrix(rows: rows + 2, columns: rows + 2) {
              $0 < rows && $1 < rows ? dense[$0, $1] : 0
            })
        let kept = Array(Permutation(randomOf: rows, using: &generator).images.prefix(rows / 2 + 1))
        #expect(
          sparse.selecting(kept).dense
            == Matrix(rows: kept.count, columns: kept.count) { dense[kept[$0], kept[$1]] })
      }
    }
  }

  @Test(arguments: Family.allCases.filter { !$0.isTensor })
  func instancesEqualTheirDenseForm(_ family: Family) throws {
    for seed in UInt64(0)..<12 {
      let dense = family.instance(size: Int(seed % 6) + 1, seed: seed)
      for (flow, distance) in [(true, false), (false, true), (true, true)] {
        let other = try sparse(dense, flow: flow, distance: distance)
        #expect((other.sparseFlow != nil, other.sparseDistance != nil) == (flow, distance))
        #expect(other.size == dense.size && other.facilities == dense.facilities)
        #expect(other.fingerprint == dense.fingerprint)
        let (a, b) = (other.properties, dense.properties)
        #expect(
          (a.isIntegral, a.flowIsSymmetric, a.distanceIsSymmetric)
            == (b.isIntegral, b.flowIsSymmetric, b.distanceIsSymmetric))
        #expect(other.lattice == dense.lattice)
        #expect(abs(a.magnitude - b.magnitude) <= 1e-12 * b.magnitude)
        let pairs = somePairs(size: dense.facilities, seed: seed)
        let (first, second) = (
          try ReducedInstance(other, fixing: pairs), try ReducedInstance(dense, fixing: pairs)
        )
        #expect(first.instance.fingerprint == second.instance.fingerprint)
        #expect(other.negated.fingerprint == dense.negated.fingerprint)
        var generator = SeededGenerator(seed: seed, stream: 1)
        for _ in 0..<5 {
          let assignment = Assignment(Permutation(randomOf: dense.size, using: &generator))
          let (found, expected) = (
            other.objective(of: assignment), dense.objective(of: assignment)
          )
          #expect(abs(found - expected) <= dense.objectiveError)
          #expect(checkObjective(of: assignment, in: other, claimed: expected).holds)
        }
        // Asked for with zeros, it is the same.
        guard case .koopmansBeckmann(let given, let distances) = other.cost,
          case .koopmansBeckmann(let expected, let others) = dense.cost
        else {
          Issue.record("not matrices")
          continue
        }
        #expect(given == expected && distances == others)
        let back = try InstanceFile.problem(
          try NPZ.format(other, sense: .max, file: "x"), file: "\(dense.name).npz")
        #expect(back.sense == .max && back.instance.fingerprint == dense.fingerprint)
        #expect(
          (back.instance.sparseFlow != nil, back.instance.sparseDistance != nil) == (flow, distance)
        )
      }
    }
  }

  @Test func everyMethodTakesThem() throws {
    let dense = Family.sparse.instance(size: 5, seed: 1)
    let other = try sparse(dense, flow: true, distance: true)
    for registered in MethodRegistry.methods where registered.info.supports(dense) {
      let options = SolveOptions(limits: Limits(iterations: 20, nodes: 50), seed: 1, threads: 1)
      let method = registered.make(MethodOptions())
      let (a, b) = (
        try other.solve(with: method, options: options),
        try dense.solve(with: method, options: options)
      )
      #expect(a.incumbent?.objective == b.incumbent?.objective, "\(registered.info.id)")
      #expect(a.bound?.value == b.bound?.value, "\(registered.info.id)")
    }
  }
}
