import QAP

/// The result of one seed.
public struct SeedAnswer: Equatable, Sendable {
  /// The best assignment, if there is one.
  public var assignment: Assignment?
  /// The best bound, not rounded.
  public var bound: Double?
  public var iterations: Int
  public var nodes: Int

  /// Runs `method` from the seed of `options`.
  public init(_ instance: Instance, _ method: some Method, _ options: SolveOptions) throws {
    let report = try instance.solve(with: method, options: options)
    assignment = report.incumbent?.assignment
    bound = report.bound?.unrounded
    iterations = report.iterations
    nodes = report.nodes
  }

  /// The answer as bytes.
  public var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(bound ?? .nan)
    writer.append(Int64(iterations))
    writer.append(Int64(nodes))
    writer.append(assignment?.locations.map(Int64.init) ?? [])
    return writer.bytes
  }

  /// Reads what `encoded` has written.
  public init(_ bytes: [UInt8]) throws(MessageError) {
    var reader = ByteReader(bytes)
    let bound = try reader.number()
    self.bound = bound.isNaN ? nil : bound
    iterations = Int(try reader.integer(Int64.self))
    nodes = Int(try reader.integer(Int64.self))
    let locations = try reader.integers().map { Int($0) }
    try reader.end()
    if !locations.isEmpty {
      guard let found = Assignment(locations: locations) else {
        throw MessageError("an assignment with a location twice")
      }
      assignment = found
    }
  }
}
