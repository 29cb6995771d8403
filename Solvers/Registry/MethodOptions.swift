import QAP

/// The options of a method other than its limits; a method ignores those that it does not use.
public struct MethodOptions: Sendable {
  /// Descents of a method that makes several; nil for its default.
  public var starts: Int?
  /// The checkpoint from which a search can resume.
  public var checkpoint: (any CheckpointStore)?

  /// The number of best assignments to list; 1 for the best alone.
  public var best = 1
  /// Assignments of that list that are equal up to symmetry count as one.
  public var isDistinct = false

  /// False when bounds alone are wanted, and assignments only as far as bounds need them.
  public var seeksAssignments: Bool

  /// Everything is optional: the method chooses nil values.
  public init(
    starts: Int? = nil, checkpoint: (any CheckpointStore)? = nil, seeksAssignments: Bool = true
  ) {
    self.starts = starts
    self.checkpoint = checkpoint
    self.seeksAssignments = seeksAssignments
  }
}
