/// What a run holds when it ends.
public struct SolveReport: Sendable {
  /// The instance's name.
  public let instance: String
  /// The number of locations.
  public let size: Int
  /// The number of facilities, without those that pad the instance.
  public let facilities: Int
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
  /// The best bound with a proof that others can check, at most `bound`: an exact search proves more than
  /// it writes down.
  public let certified: LowerBound?
  /// The location of each facility, 0-based, if an assignment was found.
  public var locations: [Int]? {
    incumbent.map { Array($0.assignment.locations.prefix(facilities)) }
  }
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
  /// Figures of the method's own by their JSON keys, such as "lp_value".
  public let figures: [String: Double]
  /// The pairs that were fixed: assignment and bound are the best among assignments with them.
  public private(set) var pairs: [FixedPair] = []

  /// The relative gap between incumbent and bound, as a fraction; nil where undefined.
  public var gap: Double? { relativeGap(objective: incumbent?.objective, bound: bound?.value) }
  /// The bound with its proof; nil when none was kept (`SolveOptions.keepsProof`).
  public var certificate: Certificate? {
    guard let certified, let proof = certified.proof else { return nil }
    return Certificate(
      instance: instance, size: size, pairs: pairs, bound: certified.unrounded,
      rounded: certified.value,
      proof: proof)
  }
  /// True when the bound proves the incumbent optimal.
  public var isProvenOptimal: Bool { termination == .optimal }
}

extension SolveReport {
  /// What `report` of the smaller instance says of the original one.
  fileprivate init(lifting report: SolveReport, through restriction: Restriction) {
    let original = restriction.original
    let assignment = report.incumbent.map { restriction.lift($0.assignment) }
    self.init(
      instance: report.instance, size: original.size, facilities: original.facilities,
      method: report.method, seed: report.seed,
      threads: report.threads,
      incumbent: assignment.map {
        Incumbent(assignment: $0, objective: original.objective(of: $0))
      },
      bound: report.bound, certified: report.certified, termination: report.termination,
      seconds: report.seconds,
      iterations: report.iterations, nodes: report.nodes, trace: report.trace,
      figures: report.figures, pairs: restriction.pairs)
  }
}

extension Instance {
  /// Runs `method` on this instance and returns what it holds at the end.
  ///
  /// Throws `MethodError` when the method declines the instance. An assignment given as
  /// `options.start` must have the instance's size and contain `options.pairs`; it is offered as the
  /// first incumbent. With pairs the method sees the smaller instance of a `Restriction`.
  public func solve(with method: some Method, options: SolveOptions = SolveOptions()) throws
    -> SolveReport
  {
    let id = method.card.id
    if let start = options.start, start.size != size {
      throw MethodError.parameter(
        name: "start", found: "an assignment of \(start.size) facilities",
        expected: "\(size) facilities")
    }
    if let start = options.startBound {
      let expected = try Restriction(self, fixing: options.pairs).pairs
      guard start.size == size, Set(start.pairs) == Set(expected) else {
        throw MethodError.parameter(
          name: "start",
          found: "a bound for \(start.size) facilities, \(start.pairs.count) of them fixed",
          expected: "one for \(size), with the same \(expected.count) fixed")
      }
      let free = Set(0..<facilities).subtracting(start.pairs.map(\.facility)).count
      let places = size - start.pairs.count
      guard let point = start.proof.multipliers,
        point.isWellFormed(free == 0 ? places : free, places)
      else {
        throw MethodError.parameter(
          name: "start", found: "a \(start.proof.kind) certificate",
          expected: "one with multipliers of the level-1 RLT dual (rlt1)")
      }
    }
    if !options.pairs.isEmpty {
      let restriction = try Restriction(self, fixing: options.pairs)
      var inner = options
      inner.pairs = []
      inner.startBound?.pairs = []
      inner.startBound?.size = restriction.reduced.size
      if let start = options.start {
        inner.start = restriction.restrict(start)
        if inner.start == nil {
          throw MethodError.parameter(
            name: "start", found: "an assignment that contradicts the fixed pairs",
            expected: "one that contains them")
        }
      }
      let report = try restriction.reduced.solve(with: method, options: inner)
      return SolveReport(lifting: report, through: restriction)
    }
    let context = SolveContext(instance: self, options: options, source: id)
    if let start = options.start { context.offer(start) }
    let termination = try method.run(context)
    return context.report(method: id, termination: termination)
  }
}
