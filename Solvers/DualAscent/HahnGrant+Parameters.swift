import QAP

extension HahnGrant {
  /// Length and accuracy of the ascent.
  public struct Parameters: Sendable {
    /// Rounds at most; nil for no limit but the context's.
    public var rounds: Int?
    /// Stalled when `patience` rounds together gain less than this fraction of the bound's
    /// magnitude.
    public var tolerance: Double
    /// The number of rounds over which the gain is judged.
    public var patience: Int

    /// Try both directions, visiting facilities and visiting locations, for three rounds each, and
    /// follow the one that has climbed higher.
    public var comparesDirections: Bool
    /// Bytes that the multipliers may take; larger instances are refused.
    public var memoryLimit: Int

    /// Defaults: climb until ten rounds gain less than a millionth.
    public init(
      rounds: Int? = nil, tolerance: Double = 1e-6, patience: Int = 10,
      comparesDirections: Bool = true,
      memoryLimit: Int = 4 << 30
    ) {
      self.rounds = rounds
      self.tolerance = tolerance
      self.patience = patience
      self.comparesDirections = comparesDirections
      self.memoryLimit = memoryLimit
    }

    func validate() throws {
      if let rounds, rounds < 1 {
        throw MethodError.parameter(name: "rounds", found: "\(rounds)", expected: "at least 1")
      }
      guard tolerance >= 0, tolerance < 1 else {
        throw MethodError.parameter(
          name: "tolerance", found: "\(tolerance)", expected: "a fraction from 0 to 1")
      }
      guard patience >= 1 else {
        throw MethodError.parameter(name: "patience", found: "\(patience)", expected: "at least 1")
      }
    }
  }
}
