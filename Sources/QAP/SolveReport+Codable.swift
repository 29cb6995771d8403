/// A run as the JSON object that every command writes: all keys always present, null where unknown,
/// `assignment` 0-based; then the method's own figures, if it has any.
///
/// Such an object reads back without its proof, which is a `Certificate`: `certified` is nil then,
/// and `bound` names the run's method.
extension SolveReport: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case instance, size, locations, method, seed, threads, sense, objective, bound
    case boundUnrounded = "bound_unrounded"
    case gap, termination, assignment, pairs, seconds, iterations, nodes, trace, tolerance
    case mean = "mean_objective"
    case error = "objective_error"
  }

  /// The key of a method's own figure.
  private struct Name: CodingKey {
    let stringValue: String
    init(stringValue: String) { self.stringValue = stringValue }
    var intValue: Int? { nil }
    init?(intValue: Int) { nil }
  }

  /// Writes the report: O(n + points of the trace).
  ///
  /// - Throws: what `encoder` throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(instance, forKey: .instance)
    try container.encode(facilities, forKey: .size)
    try container.encode(size, forKey: .locations)
    try container.encode(method, forKey: .method)
    try container.encode(seed, forKey: .seed)
    try container.encode(threads, forKey: .threads)
    try container.encode(sense.rawValue, forKey: .sense)
    try container.encode(finite(incumbent?.objective), forKey: .objective)
    try container.encode(finite(bound?.value), forKey: .bound)
    try container.encode(finite(bound?.unrounded), forKey: .boundUnrounded)
    try container.encode(finite(gap), forKey: .gap)
    try container.encode(termination.rawValue, forKey: .termination)
    try container.encode(locations, forKey: .assignment)
    try container.encode(pairs.map { [$0.facility, $0.location] }, forKey: .pairs)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(iterations, forKey: .iterations)
    try container.encode(nodes, forKey: .nodes)
    try container.encode(trace, forKey: .trace)
    try container.encode(rule.tolerance, forKey: .tolerance)
    let isExact = rule.tolerance == nil
    try container.encode(isExact ? nil : finite(sense.value(rule.mean)), forKey: .mean)
    try container.encode(isExact ? nil : finite(rule.error), forKey: .error)
    var figures = encoder.container(keyedBy: Name.self)
    for (name, value) in self.figures {
      try figures.encode(finite(value), forKey: Name(stringValue: name))
    }
  }

  /// Reads a report that a command or `encode(to:)` wrote.
  ///
  /// - Throws: `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func value<Value: Decodable>(_ key: Key) throws -> Value {
      try container.decode(Value.self, forKey: key)
    }
    func optional<Value: Decodable>(_ key: Key) throws -> Value? {
      try container.decodeIfPresent(Value.self, forKey: key)
    }
    func fault(_ key: Key, _ text: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: text)
    }
    let facilities: Int = try value(.size)
    let size: Int = try optional(.locations) ?? facilities
    guard size >= facilities, facilities > 0, size <= 1 << 20 else {
      throw fault(.size, "expected at least one facility and as many locations")
    }
    guard let sense = Sense(rawValue: try value(.sense)) else {
      throw fault(.sense, "expected min or max")
    }
    guard let termination = Termination(rawValue: try value(.termination)) else {
      throw fault(.termination, "expected one of the terminations")
    }
    let method: String = try value(.method)
    var incumbent: Incumbent?
    if let locations: [Int] = try optional(.assignment),
      let objective: Double = try optional(.objective)
    {
      // Facilities that pad an instance take the locations that are left, in any order.
      let taken = Set(locations)
      let left = (0..<size).filter { !taken.contains($0) }
      guard locations.count == facilities, let assignment = Assignment(locations: locations + left)
      else {
        throw fault(.assignment, "expected a different location below \(size) for each facility")
      }
      incumbent = Incumbent(assignment: assignment, objective: objective)
    }
    let bound: Double? = try optional(.bound)
    var rule = OptimalityRule.exact
    if let tolerance: Double = try optional(.tolerance) {
      guard tolerance >= 0, tolerance < 1 else {
        throw fault(.tolerance, "expected a fraction from 0 to less than 1")
      }
      let mean: Double = try optional(.mean) ?? incumbent?.objective ?? 0
      rule = .real(
        tolerance: tolerance, mean: sense.value(mean), error: try optional(.error) ?? 0)
    }
    let given: [[Int]] = try value(.pairs)
    guard given.allSatisfy({ $0.count == 2 }) else {
      throw fault(.pairs, "expected a facility and its location")
    }
    let pairs = given.map { FixedPair(facility: $0[0], location: $0[1]) }
    let names = try decoder.container(keyedBy: Name.self)
    var figures: [String: Double] = [:]
    for name in names.allKeys where Key(stringValue: name.stringValue) == nil {
      figures[name.stringValue] = try? names.decode(Double.self, forKey: name)
    }
    self.init(
      instance: try value(.instance), size: size, facilities: facilities, method: method,
      seed: try value(.seed), threads: try value(.threads), sense: sense, incumbent: incumbent,
      bound: try bound.map {
        LowerBound(
          unrounded: try optional(.boundUnrounded) ?? $0, value: $0, method: method, proof: nil)
      },
      certified: nil, rule: rule, termination: termination, seconds: try value(.seconds),
      iterations: try value(.iterations), nodes: try value(.nodes), trace: try value(.trace),
      figures: figures, pairs: pairs)
  }
}

extension TracePoint: Codable {
  /// Writes the point, with null for unknown and infinite values.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(finite(objective), forKey: .objective)
    try container.encode(finite(bound), forKey: .bound)
    try container.encode(source, forKey: .source)
  }

  /// Reads a point.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      seconds: try container.decode(Double.self, forKey: .seconds),
      objective: try container.decodeIfPresent(Double.self, forKey: .objective),
      bound: try container.decodeIfPresent(Double.self, forKey: .bound),
      source: try container.decode(String.self, forKey: .source))
  }

  private enum CodingKeys: String, CodingKey { case seconds, objective, bound, source }
}

/// JSON has no infinities: nil stands for them.
private func finite(_ value: Double?) -> Double? {
  guard let value, value.isFinite else { return nil }
  return value
}
