import Foundation
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Kernels against their definitions, at sizes that need several tiles.
@Suite struct KernelTests {
  @Test(arguments: [1, 2, 7, 300])
  func distancesAndProducts(rows: Int) throws {
    var generator = SeededGenerator(seed: UInt64(rows))
    let x = randomEmbeddings(rows, 5, using: &generator).values
    let distances = Kernel.distances(x, threads: 3)
    let products = Kernel.linear(x, threads: 3)
    #expect(distances.isSymmetric && products.isSymmetric)
    #expect(distances == Kernel.distances(x, threads: 1))
    for i in 0..<rows {
      for k in 0..<rows {
        var (square, product) = (0.0, 0.0)
        for c in 0..<5 {
          square += (x[i, c] - x[k, c]) * (x[i, c] - x[k, c])
          product += x[i, c] * x[k, c]
        }
        #expect(abs(distances[i, k] - square.squareRoot()) <= 1e-12 * (1 + distances[i, k]))
        #expect(abs(products[i, k] - product) <= 1e-12)
      }
    }
  }

  @Test func nearDuplicatesKeepTheirDigits() throws {
    var generator = SeededGenerator(seed: 9)
    var rows = randomEmbeddings(3, 40, using: &generator).values.elements.array
    rows += rows[0..<40].map { $0 * (1 + 1e-9) }
    rows += rows[0..<40]
    let distances = Kernel.distances(Matrix(rows: 5, columns: 40, elements: rows))
    let norm = rows[0..<40].reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(distances[0, 3] / (norm * 1e-9) - 1) < 1e-6)
    #expect(distances[0, 4] == 0)
    #expect(distances[3, 4] == distances[0, 3])
  }

  @Test func medianIsTheLowerOne() throws {
    for count in 2..<9 {
      var generator = SeededGenerator(seed: UInt64(count))
      let squares = Kernel.squaredDistances(
        randomEmbeddings(count, 3, using: &generator).values)
      let sorted = squares.elements.filter { $0 != 0 }.sorted()
      let sigma = try #require(Kernel.medianBandwidth(ofSquaredDistances: squares))
      #expect(sigma == sorted[(sorted.count - 1) / 2].squareRoot())
    }
    #expect(
      Kernel.medianBandwidth(
        ofSquaredDistances: Matrix(rows: 3, columns: 3, repeating: 0)) == nil)
  }

  @Test(arguments: [3, 90])
  func neighborsAreTheNearest(count: Int) throws {
    var generator = SeededGenerator(seed: 12)
    let x = randomEmbeddings(120, 6, using: &generator)
    let kernel = try Kernel.neighbors(x.values, count: count, threads: 2)
    let products = Kernel.linear(x.values)
    for i in 0..<120 {
      let chosen = (0..<120).filter { kernel[i, $0] != 0 }
      #expect(chosen.count == count && !chosen.contains(i))
      let least = chosen.map { products[i, $0] }.min() ?? 0
      #expect(
        (0..<120).allSatisfy { $0 == i || chosen.contains($0) || products[i, $0] <= least })
    }
  }

  @Test func centeredKernelsAlignWithThemselves() throws {
    var generator = SeededGenerator(seed: 2)
    let x = randomEmbeddings(30, 4, using: &generator)
    for metric in [Metric.cka, .ckaGaussian] {
      let kernel = try metric.kernel(of: x, threads: 2)
      #expect(abs(Kernel.innerProduct(kernel, kernel, threads: 2) - 1) < 1e-12)
      for r in 0..<30 { #expect(abs(kernel.row(r).reduce(0, +)) < 1e-12) }
    }
    let standardized = try Kernel.standardized(Kernel.distances(x.values))
    let off = (0..<900).filter { $0 / 30 != $0 % 30 }.map { standardized.elements[$0] }
    #expect(abs(off.reduce(0, +)) < 1e-9)
    #expect(abs(off.reduce(0) { $0 + $1 * $1 } - 869) < 1e-9)
    #expect((0..<30).allSatisfy { standardized[$0, $0] == 0 })
  }

  @Test func losses() {
    var generator = SeededGenerator(seed: 8)
    for loss in [Loss.squared, .innerProduct, .kullbackLeibler] {
      for _ in 0..<100 {
        let (x, y) = (generator.unit(), generator.unit() + 1e-3)
        let factorized = loss.f1(x) + loss.f2(y) - loss.h1(x) * loss.h2(y)
        #expect(abs(factorized - loss(x, y)) < 1e-12)
      }
    }
    #expect(Loss.kullbackLeibler(0, 0) == 0)
  }

  @Test func metricNames() {
    for name in Metric.names where name != "knn:K" { #expect(Metric(name)?.name == name) }
    #expect(Metric("knn:7") == .neighbors(7))
    for name in ["knn", "knn:", "knn:0", "knn:x", "GW", ""] { #expect(Metric(name) == nil) }
  }
}
