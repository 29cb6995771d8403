import QAP
import QAPPrimitives
import QAPRegistry
import RandomInstances
import Testing

/// Matrices that are read where they stand mean what their copies mean, and are never written.
@Suite struct LentMatrixTests {
  /// Memory with the elements of `matrix`, and a matrix that reads it there.
  private static func lent(_ matrix: Matrix<Double>) -> (memory: Buffer<Double>, Matrix<Double>) {
    let memory = Buffer(count: matrix.elements.count, repeating: 0.0)
    memory.view.copy(from: matrix.elements)
    let result = unsafe memory.view.withUnsafeAddress {
      unsafe Matrix(rows: matrix.rows, columns: matrix.columns, lent: $0)
    }
    return (memory, result)
  }

  @Test func equalTheirCopiesAndCopyThemselvesBeforeTheyChange() {
    var generator = SeededGenerator(seed: 4, stream: 0)
    for (rows, columns) in [(1, 1), (2, 3), (5, 5), (9, 4), (0, 3)] {
      let own = Matrix<Double>(rows: rows, columns: columns) { _, _ in generator.unit() }
      let (memory, lent) = Self.lent(own)
      #expect(
        lent == own && lent.elements == own.elements && lent.elements.array == own.elements.array)
      #expect(lent.transposed == own.transposed && lent.map { -$0 } == own.map { -$0 })
      #expect((0..<rows).allSatisfy { Array(lent.row($0)) == Array(own.row($0)) })
      #expect(
        lent.isSymmetric == own.isSymmetric && lent.withView { $0.array } == own.elements.array)
      #expect(lent.withZeroDiagonal == own.withZeroDiagonal)
      guard rows > 0 else { continue }
      var (changed, other, view) = (lent, own, lent)
      changed[rows - 1, 0] = 7
      other[rows - 1, 0] = 7
      view.withMutableView { $0[(rows - 1) * columns] = 7 }
      #expect(changed == other && view == other && lent == own)
      #expect(memory.view.array == own.elements.array, "the memory was written")
    }
    var zeros = Matrix.zeros(rows: 400, columns: 400)
    #expect(zeros == Matrix(rows: 400, columns: 400, repeating: 0))
    zeros[399, 1] = 2
    #expect(zeros.elements.reduce(0, +) == 2)
  }

  @Test(arguments: ConformanceTests.ids)
  func givesTheAnswersOfItsCopy(_ id: String) throws {
    for (seed, family) in Family.allCases.enumerated() {
      let instance = family.instance(size: 6, seed: UInt64(seed))
      guard let (flow, distance, linear) = instance.given,
        try !ConformanceTests.declines(id, instance)
      else { continue }
      let parts = [flow, distance, linear ?? flow].map(Self.lent)
      let same = try Instance(
        name: instance.name, flow: parts[0].1, distance: parts[1].1,
        linear: linear.map { _ in parts[2].1 }, constant: instance.constant)
      #expect(same.fingerprint == instance.fingerprint)
      let reports = try [instance, same].map {
        try $0.solve(
          with: ConformanceTests.method(id), options: ConformanceTests.options(id, 1))
      }
      #expect(reports[0].incumbent?.assignment == reports[1].incumbent?.assignment)
      #expect(reports[0].bound?.unrounded == reports[1].bound?.unrounded)
      #expect(parts[0].memory.view.array == flow.elements.array, "the memory was written")
      withExtendedLifetime(parts) {}
    }
  }
}
