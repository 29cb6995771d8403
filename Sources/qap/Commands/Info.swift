import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPLocalSearch
import QAPPrimitives
import QAPReporting

/// `qap info`: what kind of instance a file holds.
struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describe an instance.",
    discussion: """
      Dominance is 100 times the standard deviation over the mean of a matrix's entries (Vollmann \
      and Buffa 1966): above 100 or so, a few facilities or locations dominate. Sparsity is the \
      share of zeros.

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
    let linear: Bool
    let constant: Double
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
      case linear, constant, version
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
      try container.encode(linear, forKey: .linear)
      try container.encode(constant, forKey: .constant)
      try container.encode(version, forKey: .version)
    }
  }

  func run() throws {
    try reportingFailures {
      let instance = try InstanceFile.read(file)
      let properties = instance.properties
      let given = instance.given
      let answer = Answer(
        instance: instance.name, size: instance.facilities, locations: instance.size,
        form: given == nil ? "tensor" : "matrices", integral: properties.isIntegral,
        exceedsExactRange: properties.exceedsExactRange, objectiveStep: instance.lattice?.step,
        flow: given.map { Description($0.flow) }, distance: given.map { Description($0.distance) },
        linear: instance.linear != nil, constant: instance.constant, version: version)
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
      if let flow = answer.flow, let distance = answer.distance {
        rows.insert(("flow", flow.text), at: 4)
        rows.insert(("distance", distance.text), at: 5)
      } else {
        rows.insert(("form", "cost tensor"), at: 2)
      }
      if answer.constant != 0 { rows.append(("constant", Wording.value(answer.constant))) }
      try Console.print(aligned(rows))
    }
  }
}

extension Matrix<Double> {
  /// The share of zeros.
  fileprivate var sparsity: Double {
    Double(elements.count { $0 == 0 }) / Double(elements.count)
  }
}
