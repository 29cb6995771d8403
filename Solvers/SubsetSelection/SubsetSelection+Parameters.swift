import QAP

extension SubsetSelection {
  /// The method of proving lower bounds.
  public enum BoundMethod: String, Sendable, CaseIterable {
    /// By the semidefinite relaxation and a search tree; by rows alone where that is too large.
    case automatic = "auto"
    /// By the doubly nonnegative semidefinite relaxation at the root, and a search tree below it.
    case semidefinite = "dnn"
    /// By the sums of the smallest costs of each row, and a search tree.
    case rows
    /// By the linear program of the standard linearization with triangle inequalities, without a
    /// tree.
    case linear = "lp"
    /// None: only subsets are looked for.
    case none
  }

  /// The options of the subset search.
  public struct Parameters: Sendable {
    /// The number of best subsets to find, at least 1.
    public var best: Int
    /// The method of proving bounds.
    public var bound: BoundMethod
    /// Tabu searches side by side, at least 1.
    public var walks: Int
    /// Moves of all tabu searches together; nil for a number that takes about a second.
    public var moves: Int?
    /// Steps of the relaxation at the root; nil for a number that suits the size.
    public var rootSteps: Int?

    /// The defaults, each replaceable by name. They are checked when a problem is solved.
    public init(
      best: Int = 1, bound: BoundMethod = .automatic, walks: Int = 8, moves: Int? = nil,
      rootSteps: Int? = nil
    ) {
      self.best = best
      self.bound = bound
      self.walks = walks
      self.moves = moves
      self.rootSteps = rootSteps
    }

    /// Throws `MethodError.parameter` for a value out of range.
    func validate() throws(MethodError) {
      func require(_ name: String, _ value: Int?, _ least: Int) throws(MethodError) {
        if let value, value < least {
          throw .parameter(name: name, found: "\(value)", expected: "at least \(least)")
        }
      }
      try require("best", best, 1)
      try require("walks", walks, 1)
      try require("moves", moves, 0)
      try require("rootSteps", rootSteps, 1)
    }
  }
}
