import QAPPrimitives
import Testing

@testable import QAPMatching

/// Kernels, losses and alignments of the first 60 rows, as published code gives them.
@Suite struct GoldenKernelTests {
  /// The pairs of a side: its raw rows and its normalized ones.
  private func rows(_ side: String) throws -> (raw: Embeddings, unit: Embeddings) {
    let raw = try Golden.embeddings("in_\(side.uppercased())").selecting(Array(0..<60))
    return (raw, try raw.normalized())
  }

  @Test(arguments: ["x", "y"], [1, 2])
  func kernels(side: String, threads: Int) throws {
    let (raw, unit) = try rows(side)
    func expect(_ kernel: Matrix<Double>, _ name: String) throws {
      let golden = try Golden.matrix("s1_\(name)_\(side)")
      #expect(relativeDifference(kernel, golden) < 1e-10, "\(name)_\(side)")
    }
    let distances = Kernel.distances(unit.values, threads: threads)
    try expect(distances, "gw")
    try expect(try Kernel.standardized(distances, threads: threads), "std_gw")
    let oneSided = try Metric.ckaOneSided.kernel(of: unit, threads: threads)
    try expect(oneSided, "ckaits")
    try expect(try Kernel.standardized(oneSided), "std_ckaits")
    try expect(
      try Kernel.centeredOnOneSide(unit, dividesByDeviation: false, threads: threads),
      "ckaits_nostd")
    try expect(
      try Kernel.standardized(try Metric.neighbors(10).kernel(of: unit)), "std_knn10")
    let linear = try Metric.cka.kernel(of: raw, threads: threads)
    try expect(linear, "zslin")
    let gaussian = try Metric.ckaGaussian.kernel(of: raw, threads: threads)
    try expect(gaussian, "zsrbf")
    #expect(distances.isSymmetric && linear.isSymmetric && gaussian.isSymmetric)
    let sigma = try #require(
      Kernel.medianBandwidth(ofSquaredDistances: Kernel.squaredDistances(raw.values)))
    let golden = try Golden.number("s1_kernels", "sigma.\(side).torch_lower_median_sigma")
    #expect(relativeDifference(sigma, golden) < 1e-12)
  }

  @Test(arguments: ["x", "y"], [1, 5, 10])
  func neighbors(side: String, count: Int) throws {
    let kernel = try Metric.neighbors(count).kernel(of: try rows(side).unit)
    let places = try Golden.array("s1_knn\(count)_\(side)").elements
    var golden = Matrix<Double>(rows: 60, columns: 60, repeating: 0)
    for place in stride(from: 0, to: places.count, by: 2) {
      golden[Int(places[place]), Int(places[place + 1])] =
        1 / (60 * Double(count)).squareRoot()
    }
    #expect(relativeDifference(kernel, golden) < 1e-12)
  }

  @Test func alignments() throws {
    let (x, y) = (try rows("x"), try rows("y"))
    func expect(_ value: Double, _ name: String) throws {
      let golden = try Golden.number("s1_kernels", "align.\(name)")
      #expect(relativeDifference(value, golden) < 1e-10, "\(name)")
    }
    func product(_ metric: Metric, raw: Bool) throws -> Double {
      Kernel.innerProduct(
        try metric.kernel(of: raw ? x.raw : x.unit), try metric.kernel(of: raw ? y.raw : y.unit))
    }
    try expect(try product(.cka, raw: true), "zs_linear_CKA")
    try expect(try product(.ckaGaussian, raw: true), "zs_kernel_CKA")
    try expect(-(try product(.ckaOneSided, raw: false)), "its_CKA_loss_sum")
    for count in [1, 5, 10] {
      try expect(try product(.neighbors(count), raw: false), "mutual_knn\(count)")
    }
    let metric = Metric.gromovWasserstein
    let (a, b) = (try metric.kernel(of: x.unit), try metric.kernel(of: y.unit))
    try expect(metric.pairLosses(a, b).elements.reduce(0, +), "gw_raw_loss")
    let standardized = metric.pairLosses(
      try Kernel.standardized(a), try Kernel.standardized(b))
    try expect(standardized.elements.reduce(0, +), "gw_std_loss")
  }

  /// Constant plus quadratic part, and the direct sum of losses, for four permutations.
  @Test func factorizedLosses() throws {
    let (x, y) = (try rows("x"), try rows("y"))
    let gw = Metric.gromovWasserstein
    let (a, b) = (try gw.kernel(of: x.unit), try gw.kernel(of: y.unit))
    func positive(_ kernel: Matrix<Double>) -> Matrix<Double> {
      Matrix(rows: 60, columns: 60) { kernel[$0, $1] + ($0 == $1 ? 0.5 : 0) + 0.1 }
    }
    let oneSided = Metric.ckaOneSided
    let five = Metric.neighbors(5)
    let cases: [(String, Loss, Matrix<Double>, Matrix<Double>)] = [
      ("gw_raw_squared", .squared, a, b),
      ("gw_std_squared", .squared, try Kernel.standardized(a), try Kernel.standardized(b)),
      (
        "ckaits_neginner", .innerProduct, try oneSided.kernel(of: x.unit),
        try oneSided.kernel(of: y.unit)
      ),
      ("knn5_neginner", .innerProduct, try five.kernel(of: x.unit), try five.kernel(of: y.unit)),
      ("innerproduct_gwkernel", .innerProduct, a, b),
      ("kl_on_gw_plus", .kullbackLeibler, positive(a), positive(b)),
    ]
    let all = try Golden.matrix("s1_perms")
    let dense = try Golden.matrix("s1_perms_dense")
    for (name, loss, a, b) in cases {
      for (part, permutations) in [("n60", all), ("n20_dense", dense)] {
        let n = permutations.columns
        func corner(_ kernel: Matrix<Double>) -> Matrix<Double> {
          Matrix(rows: n, columns: n) { kernel[$0, $1] }
        }
        let (x, y) = (corner(a), corner(b))
        let constant = loss.constant(x, y)
        let path = "qap.\(name).\(part)"
        let golden = try Golden.number("s1_kernels", "\(path).constant")
        #expect(abs(constant - golden) <= 1e-10 * max(1, abs(golden)), "\(path)")
        for index in 0..<permutations.rows {
          let p = permutations.row(index).map { Int($0) }
          var (factorized, direct) = (constant, 0.0)
          for i in 0..<n {
            for k in 0..<n {
              factorized -= loss.h1(x[i, k]) * loss.h2(y[p[i], p[k]])
              direct += loss(x[i, k], y[p[i], p[k]])
            }
          }
          let golden = try Golden.number("s1_kernels", "\(path).perms.\(index).factorised")
          let scale = max(abs(constant), abs(golden), 1)
          #expect(abs(factorized - golden) < 1e-10 * scale, "\(path) \(index)")
          #expect(abs(direct - golden) < 1e-10 * scale, "\(path) \(index)")
        }
      }
    }
  }

  /// Section 2: the alignment of all 820 pairs when rows are shuffled.
  @Test func shuffling() throws {
    let (x, y) = (try Golden.embeddings("in_X"), try Golden.embeddings("in_Y"))
    let (unitX, unitY) = (try x.normalized(), try y.normalized())
    let shuffles = try Golden.matrix("s2_perms")
    let metrics: [(Metric, String, Bool, Double)] = [
      (.cka, "cka_linear", true, 1), (.ckaGaussian, "cka_rbf", true, 1),
      (.ckaOneSided, "its_cka", false, 1), (.neighbors(1), "mutual_knn1", false, 1),
      (.neighbors(5), "mutual_knn5", false, 1), (.neighbors(10), "mutual_knn10", false, 1),
      (.gromovWasserstein, "gw_raw", false, 1),
    ]
    func expect(_ value: Double, _ name: String, _ level: Int) throws {
      let golden = try Golden.number("s2_shuffle", "rows.\(level).\(name)")
      #expect(relativeDifference(value, golden) < 1e-10, "\(name) at level \(level)")
    }
    for (metric, name, raw, _) in metrics {
      let a = try metric.kernel(of: raw ? x : unitX, threads: 2)
      let b = try metric.kernel(of: raw ? y : unitY, threads: 2)
      for level in 0..<shuffles.rows {
        let p = shuffles.row(level).map { Int($0) }
        let shuffled = Matrix<Double>(rows: 820, columns: 820) { a[p[$0], p[$1]] }
        let sum = metric.pairLosses(shuffled, b).elements.reduce(0, +)
        try expect(metric.isMaximized ? -sum : sum, name, level)
      }
      guard metric == .gromovWasserstein else { continue }
      let (c, d) = (try Kernel.standardized(a), try Kernel.standardized(b))
      for level in 0..<shuffles.rows {
        let p = shuffles.row(level).map { Int($0) }
        let shuffled = Matrix<Double>(rows: 820, columns: 820) { c[p[$0], p[$1]] }
        try expect(metric.pairLosses(shuffled, d).elements.reduce(0, +), "gw_std", level)
      }
    }
  }
}
