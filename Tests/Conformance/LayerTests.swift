import Foundation
import QAP
import QAPBranchAndBound
import QAPInstanceIO
import QAPPrimitives
import QAPRegistry
import QAPVerification
import RandomInstances
import Testing

/// Sums of products, and locations that take several facilities, against enumeration.
@Suite struct LayerTests {
  private func matrix(
    _ n: Int, _ m: Int, isIntegral: Bool = true, isSymmetric: Bool = false,
    using g: inout SeededGenerator
  ) -> Matrix<Double> {
    var result = Matrix<Double>(rows: n, columns: m) { _, _ in
      isIntegral ? Double(g.below(20) - 6) : 10 * g.unit() - 3
    }
    if isSymmetric { for i in 0..<n { for k in 0..<i { result[i, k] = result[k, i] } } }
    return result
  }

  @Test func layersAreSumsOfProductsInEveryMethod() throws {
    for seed in 0..<24 as Range<UInt64> {
      let n = 1 + Int(seed % 6)
      let isIntegral = seed % 3 > 0
      var g = SeededGenerator(seed: seed, stream: 20)
      func square() -> Matrix<Double> {
        matrix(n, n, isIntegral: isIntegral, isSymmetric: seed % 2 == 0, using: &g)
      }
      let matrices = (0..<6).map { _ in square() }
      let weights = [1, -2, isIntegral ? 3 : 0.7]
      let linear = square()
      let instance = try Instance(flow: matrices[0], distance: matrices[1], linear: linear).adding(
        (1..<3).map {
          CostLayer(
            flow: matrices[2 * $0], distance: matrices[2 * $0 + 1], weight: weights[$0])
        })
      func objective(_ p: Assignment) -> Double {
        var sum = 0.0
        for i in 0..<n {
          sum += linear[i, p[i]]
          for k in 0..<n {
            for r in 0..<3 {
              let (flow, distance) = (matrices[2 * r], matrices[2 * r + 1])
              sum += weights[r] * flow[i, k] * distance[p[i], p[k]]
            }
          }
        }
        return sum
      }
      let best = leastObjective(instance)
      for registered in MethodRegistry.methods where registered.info.supports(instance) {
        let context = "\(registered.info.id), seed \(seed)"
        let report: SolveReport
        do {
          report = try instance.solve(
            with: registered.make(MethodOptions()),
            options: SolveOptions(limits: Limits(iterations: 300), keepsProof: true))
        } catch is MethodError { continue }
        if let bound = report.bound {
          #expect(bound.value <= best + 1e-9 * abs(best), "\(context)")
        }
        if let incumbent = report.incumbent {
          #expect(
            abs(incumbent.objective - objective(incumbent.assignment)) < 1e-7, "\(context)")
        }
        if registered.info.id == "branch-and-bound" {
          #expect(report.isProvenOptimal, "\(context)")
          #expect(abs((report.incumbent?.objective ?? .infinity) - best) < 1e-5, "\(context)")
        }
        if let certificate = report.certificate {
          #expect(check(certificate, of: instance).holds, "\(context)")
        }
      }
      #expect(
        abs(
          instance.negated.objective(of: Assignment(Permutation(identity: n)))
            + objective(Assignment(Permutation(identity: n)))) < 1e-7)
    }
  }

  @Test func layersThatShareAMatrixAreOne() throws {
    var g = SeededGenerator(seed: 1, stream: 21)
    let (a, b, c) = (
      matrix(5, 5, using: &g), matrix(5, 5, using: &g), matrix(5, 5, using: &g)
    )
    let instance = try Instance(flow: a, distance: b).adding([
      CostLayer(flow: c, distance: b, weight: 2), CostLayer(flow: c, distance: c),
    ])
    guard case .tensor = instance.cost else {
      Issue.record("two products are no matrices")
      return
    }
    let one = try Instance(flow: a, distance: b).adding([
      CostLayer(flow: c, distance: b, weight: 2), CostLayer(flow: a, distance: c),
    ])
    let other = try Instance(flow: a, distance: b).adding([CostLayer(flow: a, distance: c)])
    guard case .tensor = one.cost, case .koopmansBeckmann(let flow, let distance) = other.cost
    else {
      Issue.record("products with a common matrix are not one")
      return
    }
    #expect(flow.elements == a.elements)
    #expect(distance.elements.array == zip(b.elements, c.elements).map(+))
    // One by one as all of them together.
    let stepwise = try Instance(flow: a, distance: b).adding([
      CostLayer(flow: c, distance: b, weight: 2)
    ]).adding([CostLayer(flow: c, distance: c)]).adding([CostLayer(flow: b, distance: a)])
    let together = try instance.adding([CostLayer(flow: b, distance: a)])
    #expect(stepwise.layers?.map(\.flow.elements) == together.layers?.map(\.flow.elements))
    #expect(together.layers?.count == 3)
  }

  /// Layers obey the limits of matrices: objectives that can be summed and squared.
  @Test(arguments: [(1e70, 1e70), (1e140, 1e140), (1e300, 1e300)])
  func refusesLayersBeyondTheLargestObjective(_ entry: Double, _ weight: Double) throws {
    let (a, b) = (Matrix([[0.0, 1], [2, 0]]), Matrix([[0.0, 3], [4, 0]]))
    let large = Matrix([[0, entry], [-17, 0]])
    #expect(throws: InputError.self) {
      try Instance(flow: a, distance: b).adding([
        CostLayer(flow: large, distance: Matrix([[0.0, 1e15], [-12, 5]]), weight: weight)
      ])
    }
  }

  /// All ways to give m facilities to sites of some capacities, with their objectives.
  private func all(
    _ flow: Matrix<Double>, _ distance: Matrix<Double>, _ linear: Matrix<Double>,
    _ capacities: [Int]
  ) -> [(places: [Int], objective: Double)] {
    let m = flow.rows
    var found: [(places: [Int], objective: Double)] = []
    func place(_ places: [Int]) {
      guard places.count < m else {
        var sum = 0.0
        for i in 0..<m {
          sum += linear[i, places[i]]
          for k in 0..<m { sum += flow[i, k] * distance[places[i], places[k]] }
        }
        return found.append((places, sum))
      }
      for site in capacities.indices where places.count(where: { $0 == site }) < capacities[site] {
        place(places + [site])
      }
    }
    place([])
    return found.sorted { $0.objective < $1.objective }
  }

  @Test func locationsTakeAsManyFacilitiesAsTheyMay() throws {
    for seed in 0..<20 as Range<UInt64> {
      var g = SeededGenerator(seed: seed, stream: 22)
      let (m, s) = (2 + Int(seed % 4), 2 + Int(seed / 4 % 2))
      let flow = matrix(m, m, isSymmetric: seed % 2 == 0, using: &g)
      let distance = matrix(s, s, isSymmetric: seed % 3 == 0, using: &g)
      let linear = matrix(m, s, using: &g)
      var capacities = (0..<s).map { _ in g.below(4) }
      while capacities.reduce(0, +) < m { capacities[g.below(s)] += 1 }
      let instance = try Instance(
        flow: flow, distance: distance, linear: linear, capacities: capacities)
      let expected = all(flow, distance, linear, capacities)
      let report = try instance.solve(
        with: RankedSearch(first: BranchAndBound(), wanted: 5),
        options: SolveOptions(keepsProof: true))
      #expect(report.isProvenOptimal)
      #expect(report.incumbent?.objective == expected[0].objective, "seed \(seed)")
      let locations = try #require(report.locations)
      #expect(expected.contains { $0 == (locations, expected[0].objective) }, "seed \(seed)")
      let ranking = try #require(report.ranking)
      #expect(
        ranking.assignments.map(\.objective) == expected.prefix(5).map(\.objective),
        "seed \(seed)")
      #expect(
        Set(ranking.assignments.map { report.locations(of: $0.assignment) }).count
          == ranking.assignments.count)
      if let certificate = report.certificate {
        #expect(check(certificate, of: instance).holds)
      }
    }
    #expect(throws: InputError.self) {
      let ones = Matrix<Double>(rows: 3, columns: 3) { _, _ in 1 }
      return try Instance(flow: ones, distance: ones, capacities: [1, 1, 0])
    }
  }

  /// More facilities than locations are read with capacities, and otherwise refused by name.
  @Test func filesMayHaveMoreFacilitiesThanLocations() throws {
    let text = Array(
      #"{"flow": [[0, 1, 2], [1, 0, 3], [2, 3, 0]], "distance": [[0, 5], [5, 0]]}"#.utf8)
    let instance = try InstanceFile.problem(
      text, file: "a.json", capacities: [2, 1]
    ).instance
    #expect(instance.facilities == 3 && instance.sites == [0, 0, 1])
    #expect(throws: InputError.self) { try JSONInstance.parse(text, file: "a.json") }
  }

  /// Layers of fewer facilities than locations, from `layers:`, in both senses and through JSON.
  @Test func layersAreReadAndWritten() throws {
    for seed in 0..<12 as Range<UInt64> {
      var g = SeededGenerator(seed: seed, stream: 23)
      let n = 2 + g.below(4)
      let m = n - Int(seed % 2)
      let isIntegral = seed % 3 > 0
      let layers = (0..<3).map { index in
        CostLayer(
          flow: matrix(m, m, isIntegral: isIntegral, using: &g),
          distance: matrix(n, n, isIntegral: isIntegral, using: &g), weight: [1, -2, 0.5][index])
      }
      var linear = matrix(m, n, using: &g)
      linear[0, 0] = .infinity
      let instance = try Instance(name: "l", layers: layers, linear: linear, constant: 3)
      #expect(instance.facilities == m && instance.size == n && instance.layers?.count == 3)
      let text = try JSONInstance.format(instance, sense: .max, file: "a.json")
      let read = try InstanceFile.problem(text, file: "a.json")
      let decoded = try JSONDecoder().decode(
        Instance.self, from: try JSONEncoder().encode(instance))
      #expect(read.sense == .max)
      for other in [read.instance, decoded, instance.negated.negated] {
        #expect(other.facilities == m && other.forbidden == instance.forbidden)
      }
      var expected = Double.infinity
      forEachAssignment(of: instance) { p in
        var sum = 3.0
        for i in 0..<m where p[i] != 0 || i > 0 {
          sum += linear[i, p[i]]
          for k in 0..<m {
            for layer in layers {
              sum += layer.weight * layer.flow[i, k] * layer.distance[p[i], p[k]]
            }
          }
        }
        guard p[0] != 0 else { return }
        expected = min(expected, sum)
        for other in [instance, read.instance, decoded] {
          #expect(abs(other.objective(of: p) - sum) < 1e-9 * max(1, abs(sum)))
        }
      }
      let report = try instance.solve(
        with: BranchAndBound(), options: SolveOptions(keepsProof: true))
      #expect(abs((report.incumbent?.objective ?? 1e9) - expected) < 1e-5, "seed \(seed)")
      #expect(report.isProvenOptimal && report.locations?.count == m)
      if let certificate = report.certificate {
        #expect(check(certificate, of: read.instance).holds)
      }
    }
    for (text, word) in [
      (#"{"layers": [{"flow": [[1]]}]}"#, "both flow and distance"),
      (#"{"layers": [{"flow": [[1]], "distance": [[1]], "wait": 2}]}"#, "unknown member"),
      (#"{"layers": []}"#, "flow"),
      (
        #"{"flow": [[1]], "distance": [[1]], "layers": "#
          + #"[{"flow": [[1, 2], [3, 4]], "distance": [[1]]}]}"#,
        "2 × 2"
      ),
    ] {
      let error = #expect(throws: InputError.self) {
        try InstanceFile.parse(Array(text.utf8), file: "b.json")
      }
      #expect("\(error as Any)".contains(word), "\(error as Any)")
    }
    let text =
      #"{"flow": [[1]], "distance": [[5]], "layers": "#
      + #"[{"flow": [[2]], "distance": [[3]], "weight": -2}]}"#
    let weighted = try JSONInstance.parse(Array(text.utf8), file: "c.json")
    #expect(weighted.objective(of: Assignment(Permutation(identity: 1))) == -7)
  }

  /// The extreme points of the front of two layers are those of enumeration.
  @Test(arguments: 0..<24 as Range<UInt64>)
  func aSweepFindsTheExtremePoints(seed: UInt64) throws {
    var g = SeededGenerator(seed: seed, stream: 24)
    let n = 2 + Int(seed % 5)
    let isIntegral = seed % 3 > 0
    func square() -> Matrix<Double> { matrix(n, n, isIntegral: isIntegral, using: &g) }
    var instance = try Instance(flow: square(), distance: square(), linear: square(), constant: 2)
    if seed % 4 == 1 { instance = instance.forbiddingSome(seed: seed).instance }
    let other = CostLayer(flow: square(), distance: square(), weight: seed % 5 == 0 ? 2 : 1)
    let second = try Instance(layers: [other])
    var all: [(Double, Double)] = []
    forEachAssignment(of: instance) {
      if instance.allows($0) { all.append((instance.objective(of: $0), second.objective(of: $0))) }
    }
    let outcome = try ParetoSweep(instance, other).run(atMost: 60) { weighted, _ in
      try weighted.solve(with: BranchAndBound())
    }
    #expect(outcome.isComplete && outcome.points.count > 0)
    for point in outcome.points {
      #expect(point.first == instance.objective(of: point.assignment))
      #expect(instance.allows(point.assignment))
      let isBeaten = all.contains {
        $0 < point.first - 1e-5 && $1 <= point.second
          || $0 <= point.first
            && $1 < point.second - 1e-5
      }
      // The ends are least in one objective; ties in it may be beaten in the other.
      let isEnd = point.weights.first == 0 || point.weights.second == 0
      #expect(!isBeaten || isEnd, "seed \(seed): \(point.first), \(point.second)")
      // No assignment lies below the bound of its weighting.
      let bound = try #require(point.report.bound?.value)
      #expect(
        all.allSatisfy {
          point.weights.first * $0 + point.weights.second * $1 >= bound - 1e-7 * max(1, abs(bound))
        })
    }
    // For any weights some point of the sweep is as good as the best assignment.
    for share in stride(from: 0.0, through: 1, by: 0.05) {
      func value(_ a: Double, _ b: Double) -> Double { (1 - share) * a + share * b }
      let best = all.map { value($0.0, $0.1) }.min() ?? 0
      let found = outcome.points.map { value($0.first, $0.second) }.min() ?? .infinity
      #expect(found <= best + 1e-4 * max(1, abs(best)), "seed \(seed), share \(share)")
    }
    let cut = try ParetoSweep(instance, other).run(atMost: 2) { weighted, _ in
      try weighted.solve(with: BranchAndBound())
    }
    #expect(cut.runs == 2)
  }
}
