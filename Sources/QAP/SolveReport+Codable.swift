/// A run as the JSON object that every command writes: all keys always present, null where unknown,
/// `assignment` 0-based, null for a facility without a location; then `forbidden` and `sites`,
/// where there are any, and the method's own figures.
///
/// Such an object reads back without its proof, which is a `Certificate`: `certified` is nil then,
/// and `bound` names the run's method.
extension SolveReport: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case instance, size, locations, method, seed, threads, sense, objective, bound
    case boundUnrounded = "bound_unrounded"
    case gap, termination, assignment, pairs, seconds, iterations, nodes, trace, tolerance
    case forbidden, sites
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

  /// Writes the report.
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
    try container.encode(number(incumbent?.objective), forKey: .objective)
    try container.encode(number(bound?.value), forKey: .bound)
    try container.encode(number(bound?.unrounded), forKey: .boundUnrounded)
    try container.encode(number(gap), forKey: .gap)
    try container.encode(termination.rawValue, forKey: .termination)
    try container.encode(locations?.map { $0 < 0 ? nil : $0 }, forKey: .assignment)
    try container.encode(pairs.map { [$0.facility, $0.location] }, forKey: .pairs)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(iterations, forKey: .iterations)
    try container.encode(nodes, forKey: .nodes)
    try container.encode(trace, forKey: .trace)
    try container.encode(rule.tolerance, forKey: .tolerance)
    let isExact = rule.tolerance == nil
    try container.encode(isExact ? nil : number(sense.value(rule.mean)), forKey: .mean)
    try container.encode(isExact ? nil : number(rule.error), forKey: .error)
    if !forbidden.isEmpty {
      try container.encode(forbidden.map { [$0.facility, $0.location] }, forKey: .forbidden)
    }
    if !sites.isEmpty { try container.encode(sites, forKey: .sites) }
    var figures = encoder.container(keyedBy: Name.self)
    for (name, value) in self.figures {
      try figures.encode(number(value), forKey: Name(stringValue: name))
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
    let sites: [Int] = try optional(.sites) ?? []
    var incumbent: Incumbent?
    if let given: [Int?] = try optional(.assignment),
      let objective: Double = try optional(.objective)
    {
      guard given.count == facilities,
        let assignment = Self.assignment(given.map { $0 ?? -1 }, sites: sites, size: size)
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
    func placements(_ key: Key) throws -> [FixedPair] {
      let given: [[Int]] = try optional(key) ?? []
      guard given.allSatisfy({ $0.count == 2 }) else {
        throw fault(key, "expected a facility and its location")
      }
      return given.map { FixedPair(facility: $0[0], location: $0[1]) }
    }
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
      figures: figures, pairs: try placements(.pairs))
    (forbidden, self.sites) = (try placements(.forbidden), sites)
  }

  /// The assignment with facilities at these locations, or sites; those that pad an instance take
  /// the places left, in any order. Nil when there is none.
  package static func assignment(_ given: [Int], sites: [Int], size: Int) -> Assignment? {
    var left = Array((0..<size).reversed())
    var locations: [Int] = []
    for place in given {
      let free = left.lastIndex { (sites.count == size ? sites[$0] : $0) == place }
      guard let free else { return nil }
      locations.append(left.remove(at: free))
    }
    return Assignment(locations: locations + left)
  }
}

extension TracePoint: Codable {
  /// Writes the point, with null for unknown and infinite values.
  ///
  /// - Throws: what `encoder` throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(number(objective), forKey: .objective)
    try container.encode(number(bound), forKey: .bound)
    try container.encode(source, forKey: .source)
  }

  /// Reads a point.
  ///
  /// - Throws: `DecodingError` for anything else.
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

/// JSON has no infinities: nil stands for them. (Not `finite`: the C library has one, which says
/// 1.)
private func number(_ value: Double?) -> Double? {
  guard let value, value.isFinite else { return nil }
  return value
}
