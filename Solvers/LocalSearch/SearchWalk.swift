/// A walk from assignment to assignment that a `WalkCoordinator` moves on.
protocol SearchWalk: AnyObject, Sendable {
  /// Iterations not yet made.
  var remaining: Int { get }
  /// Iterations made since the walk began or resumed.
  var made: Int { get }
  /// Makes `count` iterations, or those that remain if fewer.
  func advance(_ count: Int)
  /// The walk's best assignment, when it is better than at the last call and costs no more than
  /// `limit` (without the constant).
  func takeImprovement(below limit: Double) -> (value: Double, locations: [Int])?
}
