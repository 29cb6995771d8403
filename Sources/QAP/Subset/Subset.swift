/// Some of the items, with what they cost.
public struct Subset: Hashable, Sendable {
  /// The items, ascending, from 0.
  public let indices: [Int]
  /// Their objective, computed from the problem, never from increments.
  public let objective: Double

  /// The items `indices`, which must be different, of `problem`.
  public init(_ indices: [Int], of problem: SubsetProblem) {
    self.indices = indices.sorted()
    objective = problem.objective(of: indices)
  }

  init(indices: [Int], objective: Double) {
    self.indices = indices
    self.objective = objective
  }

  /// The better one first; equals in the order of their items.
  public static func precedes(_ a: Subset, _ b: Subset) -> Bool {
    if a.objective != b.objective { return a.objective < b.objective }
    return a.indices.lexicographicallyPrecedes(b.indices)
  }
}
