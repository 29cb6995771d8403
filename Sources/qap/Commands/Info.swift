import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPLocalSearch
import QAPPrimitives
import QAPReporting
import QAPSymmetry

/// `qap info`: what kind of instance a file holds.
struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describe an instance.",
    discussion: """
      Dominance is 100 times the standard deviation over the mean of a matrix's entries (Vollmann \
      and Buffa 1966): above 100 or so, a few facilities or locations dominate. Sparsity is the \
      share of zeros. Interchangeable facilities (locations) form a cluster: swapping two of \
      them changes no objective. Automorphisms are the renumberings of facilities (locations) that \
      change no objective, those within clusters included; what they map to each other is an orbit.

      Example: qap info Instances/qaplib/chr12a.dat
      """)

  @Argument(help: "The instance.")
  var file: String

  @OptionGroup var json: JSONOption

  /// The description of one matrix.
  private struct Description {
    let isSymmetric: Bool
    let dominance: Double?
    let sparsity: Double

    init(_ matrix: Matrix<Double>) {
      isSymmetric = matrix.isSymmetric
      dominance = FlowDominance.dominance(of: matrix)
      sparsity = matrix.sparsity
    }

    var text: String {
      (isSymmetric ? "symmetric" : "asymmetric")
        + ", dominance \(dominance.map { Wording.fixed($0, 1) } ?? "-")"
        + ", \(Wording.fixed(100 * sparsity, 1)) % zeros"
    }
  }

  /// The symmetry of one side.
  private struct Symmetry {
    let clusters: [Int]
    let automorphisms: Double
    /// The common logarithm of their number, which may exceed doubles.
    let logarithm: Double
    let orbits: Int
    let isComplete: Bool

    init?(_ pairs: PairCost, _ side: Side) {
      guard let found = Automorphisms(pairs, of: side) else { return nil }
      clusters = found.clusters.members.map(\.count).sorted(by: >)
      automorphisms = found.orderFactors.reduce(1) { $0 * Double($1) }
      logarithm = found.orderFactors.reduce(0) { $0 + log10(Double($1)) }
      orbits = found.group.orbitCount
      isComplete = found.group.isComplete
    }

    var text: String {
      var parts: [String] = []
      if let largest = clusters.first, largest > 1 {
        parts.append(
          "\(clusters.count) cluster\(clusters.count == 1 ? "" : "s"), the largest of \(largest)")
      }
      if logarithm == 0 {
        parts.append("no automorphism but the identity")
      } else {
        let number =
          logarithm < 15
          ? Wording.value(automorphisms) : "10^" + Wording.fixed(logarithm, 1)
        parts.append("\(isComplete ? "" : "at least ")\(number) automorphisms")
        parts.append("\(orbits) orbit\(orbits == 1 ? "" : "s")")
      }
      return parts.joined(separator: "; ")
    }
  }

  private struct Answer: Encodable {
    let instance: String
    let size: Int
    let locations: Int
    let form: String
    let integral: Bool
    let exceedsExactRange: Bool
    let objectiveStep: Double?
    let flow: Description?
    let distance: Description?
    let flowSymmetry: Symmetry?
    let distanceSymmetry: Symmetry?
    let components: FlowComponents?
    let linear: Bool
    let constant: Double
    let sense: String
    let version: String

    enum CodingKeys: String, CodingKey {
      case instance, size, locations, form, integral
      case exceedsExactRange = "exceeds_exact_range"
      case objectiveStep = "objective_step"
      case flowSymmetric = "flow_symmetric"
      case distanceSymmetric = "distance_symmetric"
      case flowDominance = "flow_dominance"
      case distanceDominance = "distance_dominance"
      case flowSparsity = "flow_sparsity"
      case distanceSparsity = "distance_sparsity"
      case flowClusters = "flow_clusters"
      case distanceClusters = "distance_clusters"
      case flowComponents = "flow_components"
      case withoutFlow = "without_flow"
      case flowAutomorphisms = "log10_flow_automorphisms"
      case distanceAutomorphisms = "log10_distance_automorphisms"
      case flowOrbits = "flow_orbits"
      case distanceOrbits = "distance_orbits"
      case linear, constant, sense, version
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(instance, forKey: .instance)
      try container.encode(size, forKey: .size)
      try container.encode(locations, forKey: .locations)
      try container.encode(form, forKey: .form)
      try container.encode(integral, forKey: .integral)
      try container.encode(exceedsExactRange, forKey: .exceedsExactRange)
      try container.encode(objectiveStep, forKey: .objectiveStep)
      try container.encode(flow?.isSymmetric, forKey: .flowSymmetric)
      try container.encode(distance?.isSymmetric, forKey: .distanceSymmetric)
      try container.encode(flow?.dominance, forKey: .flowDominance)
      try container.encode(distance?.dominance, forKey: .distanceDominance)
      try container.encode(flow?.sparsity, forKey: .flowSparsity)
      try container.encode(distance?.sparsity, forKey: .distanceSparsity)
      try container.encode(flowSymmetry?.clusters, forKey: .flowClusters)
      try container.encode(distanceSymmetry?.clusters, forKey: .distanceClusters)
      try container.encode(components?.components.map(\.count), forKey: .flowComponents)
      try container.encode(components?.isolated.count, forKey: .withoutFlow)
      try container.encode(flowSymmetry?.logarithm, forKey: .flowAutomorphisms)
      try container.encode(distanceSymmetry?.logarithm, forKey: .distanceAutomorphisms)
      try container.encode(flowSymmetry?.orbits, forKey: .flowOrbits)
      try container.encode(distanceSymmetry?.orbits, forKey: .distanceOrbits)
      try container.encode(linear, forKey: .linear)
      try container.encode(constant, forKey: .constant)
      try container.encode(sense, forKey: .sense)
      try container.encode(version, forKey: .version)
    }
  }

  func run() throws {
    try reportingFailures {
      let stated = try readInstance(file)
      let instance = stated.instance
      let properties = instance.properties
      let given = instance.given
      let pairs = PairCost(instance, padded: false)
      let answer = Answer(
        instance: instance.name, size: instance.facilities, locations: instance.size,
        form: given == nil ? "tensor" : "matrices", integral: properties.isIntegral,
        exceedsExactRange: properties.exceedsExactRange, objectiveStep: instance.lattice?.step,
        flow: given.map { Description($0.flow) }, distance: given.map { Description($0.distance) },
        flowSymmetry: Symmetry(pairs, .facilities), distanceSymmetry: Symmetry(pairs, .locations),
        components: given.map { FlowComponents($0.flow) },
        linear: instance.linear != nil, constant: instance.constant, sense: stated.sense.rawValue,
        version: version)
      try json.write(answer)
      guard !json.ownsStandardOutput else { return }
      var rows = [
        ("instance", answer.instance),
        (
          "size",
          answer.size == answer.locations
            ? "\(answer.size)" : "\(answer.size) facilities, \(answer.locations) locations"
        ),
        (
          "numbers",
          answer.integral
            ? "integral"
            : answer.exceedsExactRange
              ? "integral, but objectives may exceed 2^53: treated as real" : "real"
        ),
        ("objective step", Wording.value(answer.objectiveStep)),
        ("linear term", answer.linear ? "yes" : "no"),
      ]
      if let flow = answer.flowSymmetry, let distance = answer.distanceSymmetry {
        rows.append(("facilities", flow.text))
        rows.append(("locations", distance.text))
      }
      if let components = answer.components { rows.append(("flow graph", text(components))) }
      if let flow = answer.flow, let distance = answer.distance {
        rows.insert(("flow", flow.text), at: 4)
        rows.insert(("distance", distance.text), at: 5)
      } else {
        rows.insert(("form", "cost tensor"), at: 2)
      }
      if stated.sense == .max { rows.append(("sense", "max")) }
      if let given, halfIsMissing(given.flow, given.distance) {
        rows.append(
          (
            "hint",
            "both matrices have at most one of each pair (i, k) and (k, i); if they are to be "
              + "symmetric, half of the data is missing"
          ))
      }
      if !instance.forbidden.isEmpty {
        rows.append(("forbidden", "\(instance.forbidden.count) placements"))
      }
      if answer.constant != 0 { rows.append(("constant", Wording.value(answer.constant))) }
      try Console.print(aligned(rows))
    }
  }

  private func text(_ found: FlowComponents) -> String {
    let sizes = found.components.map { "\($0.count)" }
    let isolated = found.isolated.isEmpty ? "" : "; \(found.isolated.count) facilities without flow"
    switch sizes.count {
    case 0: return "no flow"
    case 1: return "connected" + isolated
    default:
      return "\(sizes.count) components of \(sizes.joined(separator: " + ")) facilities" + isolated
    }
  }
}

/// True when neither matrix has both of any pair (i, k) and (k, i), as a triangle has.
private func halfIsMissing(_ flow: Matrix<Double>, _ distance: Matrix<Double>) -> Bool {
  [flow, distance].allSatisfy { matrix in
    var hasEntry = false
    for i in 0..<matrix.rows {
      for k in 0..<i where matrix[i, k] != 0 || matrix[k, i] != 0 {
        if matrix[i, k] != 0, matrix[k, i] != 0 { return false }
        hasEntry = true
      }
    }
    return hasEntry && matrix.rows > 2
  }
}

extension Matrix<Double> {
  /// The share of zeros.
  fileprivate var sparsity: Double {
    Double(elements.count { $0 == 0 }) / Double(elements.count)
  }
}
