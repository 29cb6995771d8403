import QAPKit
import Testing

/// Points on a line are matched so that few pairs change their order.
private struct OrderCosts: CostTensor {
  let source: [Int]
  let target: [Int]

  var size: Int { source.count }
  var isIntegral: Bool { true }
  var isSymmetric: Bool { true }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    for k in 0..<size {
      for l in 0..<size { block[k * size + l] = cost(i, j, k, l) }
    }
  }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    (source[i] < source[k]) == (target[j] < target[l]) ? 0 : 1
  }
}

/// Solve with costs that no product of two matrices expresses.
@Suite struct YourOwnCosts {
  @Test func solvesATensor() throws {
    let costs = OrderCosts(source: [3, 1, 4, 15, 9, 2, 6], target: [2, 7, 1, 8, 28, 18, 5])
    let instance = try Instance(name: "orders", cost: .tensor(costs))
    let report = try instance.solve(with: Automatic(), options: SolveOptions(threads: 2))
    // Matching both sides in ascending order keeps every order and costs nothing.
    #expect(report.incumbent?.objective == 0 && report.termination == .optimal)
  }

  @Test func solvesMatricesWithALinearPart() throws {
    let flow = Matrix<Double>(rows: 3, columns: 3, elements: [0, 5, 2, 5, 0, 3, 2, 3, 0])
    let distance = Matrix<Double>(rows: 4, columns: 4) { j, l in Double(abs(j - l)) }
    let rent = Matrix<Double>(rows: 3, columns: 4) { _, j in j == 0 ? 100 : 0 }
    let instance = try Instance(name: "line", flow: flow, distance: distance, linear: rent)
    let report = try instance.solve(with: Automatic())
    #expect(report.termination == .optimal)
    #expect(try #require(report.locations).allSatisfy { $0 != 0 }, "location 0 is empty")
  }
}
