/// An assignment with its objective.
public struct Incumbent: Equatable, Sendable {
  /// The placement.
  public let assignment: Assignment
  /// Its objective, computed from the instance, never from increments.
  public let objective: Double

  /// `objective` must be that of `assignment`, as the instance computes it.
  package init(assignment: Assignment, objective: Double) {
    self.assignment = assignment
    self.objective = objective
  }
}
