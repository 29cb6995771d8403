import QAP
import QAPPrimitives
import QAPSymmetry
import RandomInstances
import Testing

@Suite struct SymmetryTests {
  /// All renumberings of `n` points.
  private static func renumberings(_ n: Int) -> [[Int]] {
    if n == 0 { return [[]] }
    return renumberings(n - 1).flatMap { shorter in
      (0...shorter.count).map { place in
        var images = shorter
        images.insert(n - 1, at: place)
        return images
      }
    }
  }

  private static func cube(_ dimension: Int) -> Matrix<Double> {
    Matrix(rows: 1 << dimension, columns: 1 << dimension) {
      Double(($0 ^ $1).nonzeroBitCount)
    }
  }

  private static func torus(_ rows: Int, _ columns: Int) -> Matrix<Double> {
    Matrix(rows: rows * columns, columns: rows * columns) { a, b in
      func around(_ x: Int, _ y: Int, _ n: Int) -> Int { min(abs(x - y), n - abs(x - y)) }
      return Double(
        around(a / columns, b / columns, rows) + around(a % columns, b % columns, columns))
    }
  }

  /// Few different entries, so that there are automorphisms.
  private static func matrix(_ n: Int, seed: UInt64) -> Matrix<Double> {
    var generator = SeededGenerator(seed: seed, stream: 25)
    let isSymmetric = generator.below(2) == 0
    let values = 1 + generator.below(3)
    var result = Matrix<Double>(rows: n, columns: n) { _, _ in
      Double(generator.below(values)) - 0.5
    }
    switch generator.below(4) {
    case 0: result = cube(3)
    case 1: result = n % 2 == 0 ? torus(2, n / 2) : torus(1, n)
    default: break
    }
    let m = result.rows
    return Matrix(rows: m, columns: m) { a, b in
      isSymmetric ? result[min(a, b), max(a, b)] : result[a, b]
    }
  }

  @Test(arguments: 0..<120 as Range<UInt64>)
  func automorphismsAreThoseOfAnEnumeration(seed: UInt64) {
    let matrix = SymmetryTests.matrix(1 + Int(seed % 7), seed: seed)
    let n = matrix.rows
    var generator = SeededGenerator(seed: seed, stream: 26)
    let kinds = 1 + generator.below(2)
    let labels = (0..<n).map { _ in generator.below(kinds) }
    let all = SymmetryTests.renumberings(n).filter { images in
      (0..<n).allSatisfy { a in
        labels[a] == labels[images[a]]
          && (0..<n).allSatisfy { b in a == b || matrix[a, b] == matrix[images[a], images[b]] }
      }
    }
    let group = AutomorphismGroup(PairCodes(matrix), labels: labels)
    #expect(group.isComplete && group.order == Double(all.count), "seed \(seed)")
    for point in 0..<n {
      let orbit = Set(all.map { $0[point] })
      #expect(group.orbits[point] == orbit.min(), "seed \(seed)")
      for image in 0..<n {
        let found = group.renumbering(from: point, to: image)
        #expect((found != nil) == orbit.contains(image), "seed \(seed)")
        if let found { #expect(found[point] == image && all.contains(found), "seed \(seed)") }
      }
    }
  }

  @Test(arguments: 0..<120 as Range<UInt64>)
  func symmetriesOfInstancesChangeNoObjective(seed: UInt64) throws {
    // Facilities and locations are copies of fewer ones; every third instance has linear costs,
    // which break clusters unless they are equal.
    var generator = SeededGenerator(seed: seed, stream: 27)
    let n = 2 + generator.below(5)
    func blownUp(_ small: Matrix<Double>) -> Matrix<Double> {
      let kinds = (0..<n).map { _ in generator.below(small.rows) }
      return Matrix(rows: n, columns: n) { small[kinds[$0], kinds[$1]] }
    }
    let flow = blownUp(SymmetryTests.matrix(3, seed: seed))
    let distance = blownUp(SymmetryTests.matrix(4, seed: seed + 1000))
    let isLinear = seed % 3 == 0
    let linear = Matrix<Double>(rows: n, columns: n) { i, _ in Double(i % 2) * 0.25 }
    let instance = try Instance(flow: flow, distance: distance, linear: isLinear ? linear : nil)
    let pairs = PairCost(instance)
    let all = SymmetryTests.renumberings(n)
    let assignments = all.compactMap { Assignment(locations: $0) }
    let objectives = assignments.map { instance.objective(of: $0) }
    for side in [Side.facilities, .locations] {
      let found = try #require(Automorphisms(pairs, of: side))
      let factors = found.orderFactors.reduce(1, *)
      var moves = found.group.generators.map { found.lifted($0) }
      for members in found.clusters.members {
        for (a, b) in zip(members, members.dropFirst()) {
          var swap = Array(0..<n)
          swap.swapAt(a, b)
          moves.append(swap)
        }
      }
      for images in moves {
        for (assignment, objective) in zip(assignments, objectives) {
          var moved = assignment.locations
          for i in 0..<n {
            if side == .facilities {
              moved[images[i]] = assignment.locations[i]
            } else {
              moved[i] = images[assignment.locations[i]]
            }
          }
          let image = try #require(Assignment(locations: moved))
          #expect(abs(instance.objective(of: image) - objective) < 1e-9, "seed \(seed)")
        }
      }
      // Nothing that keeps both matrices is missing.
      let (matrix, rows) = try #require(side.data(of: pairs))
      let count = all.count { images in
        (0..<n).allSatisfy { a in
          rows.row(a) == rows.row(images[a])
            && (0..<n).allSatisfy { b in a == b || matrix[a, b] == matrix[images[a], images[b]] }
        }
      }
      #expect(count == factors, "seed \(seed)")
    }
  }

  @Test func largeGroupsHaveTheirKnownOrders() {
    func order(_ matrix: Matrix<Double>) -> Double {
      AutomorphismGroup(
        PairCodes(matrix), labels: Array(repeating: 0, count: matrix.rows)
      ).order
    }
    #expect(order(SymmetryTests.cube(5)) == 3840)
    #expect(order(SymmetryTests.cube(7)) == 645_120)
    #expect(order(SymmetryTests.torus(8, 8)) == 512)
    #expect(order(SymmetryTests.torus(5, 6)) == 120)
  }

  @Test func flowsFallIntoComponents() {
    var flow = Matrix<Double>(rows: 7, columns: 7) { _, _ in 0 }
    (flow[0, 4], flow[4, 2], flow[6, 5], flow[3, 3]) = (1, -2, 1, 9)
    let found = FlowComponents(flow)
    #expect(found.components == [[0, 2, 4], [5, 6]])
    #expect(found.isolated == [1, 3])
  }
}
