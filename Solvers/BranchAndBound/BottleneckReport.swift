import QAP

/// The JSON of a bottleneck search: the keys of every run, null where they do not apply, and
/// `thresholds`, the number of thresholds decided (`iterations` too).
package struct BottleneckReport: Encodable {
  /// The location of each facility, or its site; nil without an assignment.
  package let locations: [Int]?
  /// The largest term in the sense of the run (when maximizing, the smallest).
  package let objective: Double?
  /// No assignment is better.
  package let bound: Double?
  private let instance: Instance
  private let outcome: BottleneckSearch.Outcome
  private let options: SolveOptions
  private let sense: Sense
  private let seconds: Double
  private let version: String

  /// The report of a search of `instance` (negated when maximizing) in program version `version`.
  package init(
    _ outcome: BottleneckSearch.Outcome, of instance: Instance, options: SolveOptions,
    sense: Sense, seconds: Double, version: String
  ) {
    locations = outcome.assignment.map { found in
      found.locations.prefix(instance.facilities).map {
        instance.sites.isEmpty ? $0 : instance.sites[$0]
      }
    }
    (objective, bound) = (sense.value(outcome.objective), sense.value(outcome.bound))
    (self.instance, self.outcome, self.options) = (instance, outcome, options)
    (self.sense, self.seconds, self.version) = (sense, seconds, version)
  }

  private enum Key: String, CodingKey {
    case assignment, bound, certificate, gap, instance, iterations, method, nodes, objective
    case boundUnrounded = "bound_unrounded"
    case seconds, seed, sense, size, termination, threads, thresholds, trace, version
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(locations, forKey: .assignment)
    try container.encode(bound, forKey: .bound)
    try container.encode(bound, forKey: .boundUnrounded)
    try container.encodeNil(forKey: .certificate)
    try container.encode(relativeGap(objective: objective, bound: bound), forKey: .gap)
    try container.encode(instance.name, forKey: .instance)
    try container.encode(outcome.thresholds, forKey: .iterations)
    try container.encode("bottleneck", forKey: .method)
    try container.encode(outcome.nodes, forKey: .nodes)
    try container.encode(objective, forKey: .objective)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(options.seed, forKey: .seed)
    try container.encode(sense.rawValue, forKey: .sense)
    try container.encode(instance.facilities, forKey: .size)
    try container.encode(outcome.termination.rawValue, forKey: .termination)
    try container.encode(options.threads, forKey: .threads)
    try container.encode(outcome.thresholds, forKey: .thresholds)
    try container.encode([Double](), forKey: .trace)
    try container.encode(version, forKey: .version)
  }
}
