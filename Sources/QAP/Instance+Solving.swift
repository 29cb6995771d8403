extension Instance {
  /// Runs `method` on this instance and returns what it holds at the end.
  ///
  /// An assignment given as `options.start` must have the instance's size and contain
  /// `options.pairs`; it is offered as the first incumbent. With pairs the method sees the smaller
  /// instance of a `ReducedInstance`, and for extreme units an equal instance in others.
  ///
  /// - Throws: `MethodError` when the method declines the instance.
  public func solve(with method: some Method, options: SolveOptions = SolveOptions()) throws
    -> SolveReport
  {
    let id = method.info.id
    try options.validate()
    if let start = options.start, start.size != size {
      throw MethodError.parameter(
        name: "start", found: "an assignment of \(start.size) facilities",
        expected: "\(size) facilities")
    }
    if let start = options.startBound {
      let expected = try ReducedInstance(self, fixing: options.pairs).pairs
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
      let reduction = try ReducedInstance(self, fixing: options.pairs)
      var inner = options
      inner.pairs = []
      inner.startBound?.pairs = []
      inner.startBound?.size = reduction.instance.size
      if let start = options.start {
        inner.start = reduction.restrict(start)
        if inner.start == nil {
          throw MethodError.parameter(
            name: "start", found: "an assignment that contradicts the fixed pairs",
            expected: "one that contains them")
        }
      }
      guard reduction.isAllowed || hasSurcharge else { return infeasible(options, id) }
      let report = try reduction.instance.solve(with: method, options: inner)
      return SolveReport(lifting: report, through: reduction)
    }
    if !forbidden.isEmpty, !hasSurcharge {
      guard let form = try ForbiddenPlacements(self, start: options.start) else {
        return infeasible(options, id)
      }
      var inner = options
      inner.start = form.start
      var report = try form.instance.solve(with: method, options: inner)
      (report.forbidden, report.sites) = (forbidden, sites)
      return report
    }
    // Certificates speak of the instance as it was given.
    if !options.keepsProof, options.startBound == nil, let form = NormalForm(self) {
      let report = try form.instance.solve(with: method, options: form.options(options))
      return form.lifted(report, tolerance: options.tolerance)
    }
    let context = SolveContext(instance: self, options: options, source: id)
    try method.requireMemory(context)
    if let start = options.start { context.offer(start) }
    let termination = try method.run(context)
    return context.report(method: id, termination: termination)
  }

  /// The report of a run that ends before it begins, as there is no assignment.
  private func infeasible(_ options: SolveOptions, _ id: String) -> SolveReport {
    let context = SolveContext(instance: self, options: options, source: id)
    context.note("infeasible: no assignment avoids all forbidden placements")
    var report = context.report(method: id, termination: .infeasible)
    (report.pairs, report.forbidden) = (options.pairs, forbidden)
    return report
  }
}
