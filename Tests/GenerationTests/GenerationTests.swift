import Foundation
import QAP
import QAPGeneration
import QAPInstanceIO
import QAPPrimitives
import RandomInstances
import Testing

@Suite struct GenerationTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// The file that a published name stands for: bundled, or in the library beside the checkout.
  static func path(_ name: String) -> String? {
    ["\(root)/Instances/qaplib/\(name).dat", "\(root)/../shared/qaplib/\(name).dat"]
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  @Test func reproducesPublishedFiles() throws {
    var compared = 0
    for name in QAPGeneration.Family.publishedNames {
      let instance = try #require(QAPGeneration.Family.published(name))
      guard let path = GenerationTests.path(name) else { continue }
      let file = try QAPLIB.read(path)
      #expect(instance.name == name)
      #expect(instance.flow == file.flow, "\(name)")
      #expect(instance.distance == file.distance, "\(name)")
      compared += 1
    }
    // tai10a to tai30a and tai64c are bundled.
    #expect(compared >= 8)
    #expect(QAPGeneration.Family.published("tai13a") == nil)
  }

  @Test func theFamilyKnowsPublishedSeeds() throws {
    let family = try #require(QAPGeneration.Family.named("taillard-uniform"))
    let generated = try family.generate(size: 12, seed: 792_100_592).instance
    let published = try #require(QAPGeneration.Family.published("tai12a"))
    #expect(generated.flow == published.flow && generated.distance == published.distance)
  }

  @Test func familiesAreDeterministic() throws {
    for family in QAPGeneration.Family.all {
      for size in [1, 2, 3, 7, 12, 16, 30] {
        for seed in [0, 1, 12, 1 << 31, .max] as [UInt64] {
          let first = try family.generate(size: size, seed: seed)
          let second = try family.generate(size: size, seed: seed)
          #expect(first.instance.size == size)
          #expect(first.instance.flow == second.instance.flow, "\(family.id) \(size) \(seed)")
          #expect(first.instance.distance == second.instance.distance)
          #expect(first.planted == second.planted)
        }
      }
      #expect(throws: InputError.self) { try family.generate(size: 0, seed: 1) }
      #expect(throws: InputError.self) { try family.generate(size: -5, seed: 1) }
      #expect(throws: InputError.self) { try family.generate(size: 1 << 40, seed: 1) }
      #expect(try family.generate().instance.size == family.defaultSize)
      if family.id != "grey-pattern" {
        let other = try family.generate(seed: 2).instance
        #expect(try family.generate(seed: 1).instance.flow != other.flow, "\(family.id)")
      }
    }
  }

  @Test func gridsHaveManhattanDistances() throws {
    let instance = try Grid(rows: 3, columns: 4).instance(seed: 1)
    #expect(instance.distance[0, 11] == 5 && instance.distance[5, 6] == 1)
    #expect(instance.properties.flowIsSymmetric && instance.properties.distanceIsSymmetric)
    #expect(instance.properties.isIntegral)
    // nug12's distances are those of this grid.
    let nug12 = try QAPLIB.read("\(GenerationTests.root)/Instances/qaplib/nug12.dat")
    #expect(instance.distance == nug12.flow || instance.distance == nug12.distance)
    let full = try Grid(rows: 3, columns: 4, density: 1).instance(seed: 1)
    let pairs = zip(instance.flow.elements, full.flow.elements)
    #expect(pairs.allSatisfy { $0 == 0 || $0 == $1 })
  }

  @Test func plantedPairsHaveTheirValue() throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let exact = try PlantedGromovWasserstein(size: 10, noise: 0).generate(seed: seed)
      let planted = try #require(exact.planted)
      #expect(abs(exact.instance.objective(of: planted)) < 1e-9, "seed \(seed)")

      let noisy = try PlantedGromovWasserstein(size: 10, noise: 0.1).generate(seed: seed)
      let hidden = try #require(noisy.planted)
      let value = noisy.instance.objective(of: hidden)
      #expect(value > 0)
      var naive = 0.0
      for i in 0..<10 {
        for k in 0..<10 {
          let difference =
            noisy.instance.flow[i, k] / -2 - noisy.instance.distance[hidden[i], hidden[k]]
          naive += difference * difference
        }
      }
      #expect(abs(value - naive) < 1e-9, "seed \(seed)")
      var generator = SeededGenerator(seed: seed)
      for _ in 0..<50 {
        let other = Assignment(Permutation(randomOf: 10, using: &generator))
        #expect(noisy.instance.objective(of: other) >= value, "seed \(seed)")
      }
    }
  }

  @Test(arguments: ["drezner", "rectilinear", "hypercube"])
  func knownOptimaAreOptima(_ id: String) throws {
    let family = try #require(QAPGeneration.Family.named(id))
    for size in 1...8 {
      for seed in 0..<4 as Range<UInt64> {
        let generated = try family.generate(size: size, seed: seed)
        let planted = try #require(generated.planted)
        #expect(generated.optimum == generated.instance.objective(of: planted))
        #expect(generated.optimum == leastObjective(generated.instance), "\(size) seed \(seed)")
      }
    }
    let large = try family.generate(size: 30).instance
    #expect(large.properties.flowIsSymmetric && large.properties.isIntegral)
    #expect(large.flow.elements.allSatisfy { $0 >= 0 } && large.flow.elements.contains { $0 > 0 })
  }

  @Test func realInstancesHaveSkewedFlows() throws {
    let instance = try TaillardReal(size: 60).instance(seed: 3)
    let flows = instance.flow.elements.sorted()
    // X < 0 in two draws of three.
    let zeros = Double(flows.count { $0 == 0 }) / 3600
    #expect(zeros > 0.6 && zeros < 0.75)
    #expect(flows[3599] > 100 * max(1, flows[2700]) && flows[3599] < 100_000)
    #expect(instance.properties.distanceIsSymmetric && instance.distance.elements.max()! > 500)
  }

  @Test func layoutsHaveTheFlowsOfTheirKind() throws {
    func density(_ flow: ClusteredLayout.Flow) throws -> Double {
      let instance = try ClusteredLayout(size: 60, layout: .clustered, flow: flow).instance(seed: 2)
      #expect(instance.properties.flowIsSymmetric && instance.properties.distanceIsSymmetric)
      #expect(instance.flow.elements.allSatisfy { $0 >= 0 && $0 <= 100 })
      return Double(instance.flow.elements.count { $0 != 0 }) / 3540
    }
    let (random, local, mixed) = try (
      density(.random), density(.structured), density(.structuredPlus)
    )
    #expect(random > 0.3 && random < 0.5)
    #expect(local > 0.2 && local < mixed && mixed < 0.6)
  }

  /// Placed at random, facilities of a multi-level instance cost many times more than as planted.
  @Test func multiLevelInstancesHideACheapAssignment() throws {
    let generated = try MultiLevel(size: 45).generate(seed: 1)
    let planted = generated.instance.objective(of: try #require(generated.planted))
    let plain = generated.instance.objective(of: Assignment(Permutation(identity: 45)))
    #expect(planted < plain / 4 && generated.optimum == nil)
  }

  @Test func refusesParametersOutOfRange() {
    #expect(throws: InputError.self) { try HypercubeFlows(size: 4, share: 2) }
    #expect(throws: InputError.self) { try TaillardUniform(size: 5, firstSeed: 0) }
    #expect(throws: InputError.self) {
      try TaillardUniform(size: 5, firstSeed: 1, secondSeed: 2_147_483_647)
    }
    #expect(throws: InputError.self) { try Grid(rows: 0, columns: 3) }
    #expect(throws: InputError.self) { try Grid(rows: .max, columns: .max) }
    #expect(throws: InputError.self) { try Grid(rows: 2, columns: 3, maxFlow: 0) }
    #expect(throws: InputError.self) { try Grid(rows: 2, columns: 3, density: .nan) }
    #expect(throws: InputError.self) { try GreyPattern(rows: 2, columns: 2, density: 5) }
    #expect(throws: InputError.self) { try PlantedGromovWasserstein(size: 3, noise: -.nan) }
    #expect(throws: InputError.self) { try PlantedGromovWasserstein(size: 3, dimension: 0) }
  }
}

extension Instance {
  fileprivate var flow: Matrix<Double> {
    guard case .koopmansBeckmann(let flow, _) = cost else { fatalError("a tensor") }
    return flow
  }
  fileprivate var distance: Matrix<Double> {
    guard case .koopmansBeckmann(_, let distance) = cost else { fatalError("a tensor") }
    return distance
  }
}
