/// What a run holds when it ends.
public struct SolveReport: Sendable {
  /// The instance's name.
  public let instance: String
  /// The number of facilities.
  public let size: Int
  /// The id of the method that ran.
  public let method: String
  /// The seed it ran with.
  public let seed: UInt64
  /// The threads it was allowed.
  public let threads: Int
  /// The best assignment found, if any.
  public let incumbent: Incumbent?
  /// The best bound proven, if any.
  public let bound: LowerBound?
  /// Why it ended; `.optimal` exactly when incumbent and bound prove it.
  public let termination: Termination
  /// Wall-clock seconds.
  public let seconds: Double
  /// Iterations of all phases, in the units of the methods' cards.
  public let iterations: Int
  /// Search-tree nodes.
  public let nodes: Int
  /// Every improvement, in order.
  public let trace: [TracePoint]

  /// The relative gap between incumbent and bound, as a fraction; nil where undefined.
  public var gap: Double? { relativeGap(objective: incumbent?.objective, bound: bound?.value) }
  /// True when the bound proves the incumbent optimal.
  public var isProvenOptimal: Bool { termination == .optimal }
}

extension Instance {
  /// Runs `method` on this instance and returns what it holds at the end.
  ///
  /// Throws `MethodError` when the method declines the instance. An assignment given as
  /// `options.start` must have the instance's size; it is offered as the first incumbent.
  public func solve(with method: some Method, options: SolveOptions = SolveOptions()) throws
    -> SolveReport
  {
    let id = method.card.id
    if let start = options.start, start.size != size {
      throw MethodError.parameter(
        name: "start", found: "an assignment of \(start.size) facilities",
        expected: "\(size) facilities")
    }
    let context = SolveContext(instance: self, options: options, source: id)
    if let start = options.start { context.offer(start) }
    let termination = try method.run(context)
    return context.report(method: id, termination: termination)
  }
}
