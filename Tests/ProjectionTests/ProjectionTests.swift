import QAP
import QAPDenseAlgebra
import QAPInstanceIO
import QAPPrimitives
import QAPProjection
import RandomInstances
import Testing

@Suite struct ProjectionTests {
  /// Values of Hadley, Rendl and Wolkowicz as later tables give them, rounded up: Anstreicher and
  /// Brixius 2001, table 1, has 472, 973, 2196 and 5266.
  @Test(arguments: [("nug12", 472.0), ("nug15", 973.0), ("nug20", 2196.0), ("nug30", 5266.0)])
  func agreesWithPublishedValues(_ name: String, _ value: Double) throws {
    let path = "\(#filePath)".replacingSuffix(
      "Tests/ProjectionTests/ProjectionTests.swift", with: "Instances/qaplib/\(name).dat")
    let report = try InstanceFile.read(path).solve(with: Projection())
    let bound = try #require(report.bound)
    #expect(bound.unrounded.rounded(.up) == value, "\(bound.unrounded)")
  }

  @Test func isExactWhereTheRelaxationIs() throws {
    // A constant distance: every assignment costs the same.
    for n in 1...6 {
      let flow = Matrix<Double>(rows: n, columns: n) { Double(($0 + 1) * ($1 + 1) % 5) }
      let distance = Matrix<Double>(rows: n, columns: n) { $0 == $1 ? 0 : 3 }
      let instance = try Instance(flow: flow, distance: distance)
      let report = try instance.solve(with: Projection())
      #expect(report.isProvenOptimal, "\(n)")
      #expect(report.bound?.value == leastObjective(instance))
    }
  }

  @Test func declinesWhatItCannotTreat() throws {
    for family in [Family.asymmetric, .tensor] {
      let instance = family.instance(size: 5, seed: 1)
      #expect(throws: MethodError.self) { try instance.solve(with: Projection()) }
    }
  }

  @Test func eigenvectorsDiagonalize() throws {
    for n in [1, 2, 5, 17] {
      var g = SeededGenerator(seed: UInt64(n))
      var matrix = Matrix<Double>(rows: n, columns: n) { _, _ in g.unit() - 0.5 }
      for r in 0..<n { for c in 0..<r { matrix[r, c] = matrix[c, r] } }
      let eigen = try #require(symmetricEigen(matrix))
      #expect(eigen.values == eigen.values.sorted())
      for k in 0..<n {
        for i in 0..<n {
          let image = (0..<n).reduce(0) { $0 + matrix[i, $1] * eigen.vectors[k, $1] }
          #expect(abs(image - eigen.values[k] * eigen.vectors[k, i]) < 1e-12)
        }
      }
    }
    #expect(symmetricEigen(Matrix(rows: 1, columns: 1, repeating: .nan)) == nil)
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) + other : self
  }
}
