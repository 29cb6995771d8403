/// The accuracy of retrieval.
public struct RetrievalQuality: Equatable, Sendable {
  /// The share of queries whose truth ranks among the first k candidates, for each k asked for.
  public let top: [Double]
  /// The share of queries that the best one-to-one assignment of queries to candidates gives their
  /// truth; nil when it was not asked for, or there are fewer candidates than queries.
  public let matching: Double?
  /// The candidate of each query in that assignment.
  public let assignment: [Int]?
  /// The sum of the assignment's scores.
  public let assignmentValue: Double?
}
