extension LinearModel {
  /// True when this build can solve models: it was made with the trait `GLPK`.
  public static var canSolve: Bool {
    #if GLPK
      true
    #else
      false
    #endif
  }

  /// Solves the model with GLPK, on the calling thread, from beginning to end.
  ///
  /// Several threads may call it simultaneously. `LinearSolution.status` says whether the model has
  /// a solution.
  ///
  /// - Throws: `LinearProgramError` when the model is invalid or too large, or when this build
  ///   cannot solve models (`canSolve`).
  public func solve(_ options: LinearOptions = LinearOptions()) throws(LinearProgramError)
    -> LinearSolution
  {
    guard size.isRepresentable, size.bytes <= options.memoryLimit else { throw .tooLarge(size) }
    try validate()
    // Crossed bounds are no fault of the model but an answer.
    let crossed = columns.contains { $0.lower > $0.upper } || rows.contains { $0.lower > $0.upper }
    if crossed {
      return LinearSolution(ending: .infeasible)
    }
    if options.algorithm == .branchAndCut, !hasIntegerBounds {
      return LinearSolution(ending: .infeasible)
    }
    // Without columns or rows some of GLPK's methods refuse to begin.
    if columns.isEmpty || rows.isEmpty { return solveWithoutMatrix(options.algorithm) }
    #if GLPK
      return glpkSolution(options)
    #else
      throw .withoutSolver
    #endif
  }

  /// Integer columns have integers between their bounds.
  private var hasIntegerBounds: Bool {
    columns.allSatisfy { column in
      !column.isInteger || column.lower.rounded(.up) <= column.upper.rounded(.down)
    }
  }

  /// Every column at its cheaper bound: all that is left to do without a matrix.
  private func solveWithoutMatrix(_ algorithm: LinearAlgorithm) -> LinearSolution {
    guard rows.allSatisfy({ $0.lower <= 0 && $0.upper >= 0 }) else {
      return LinearSolution(ending: .infeasible)
    }
    var values: [Double] = []
    var objective = constant
    for column in columns {
      let rounds = algorithm == .branchAndCut && column.isInteger
      let lower = rounds ? column.lower.rounded(.up) : column.lower
      let upper = rounds ? column.upper.rounded(.down) : column.upper
      var value = column.cost < 0 ? upper : lower
      if column.cost == 0, value.isInfinite { value = upper.isInfinite ? 0 : upper }
      guard value.isFinite else { return LinearSolution(ending: .unbounded) }
      values.append(value)
      objective += column.cost * value
    }
    let isInteger = algorithm == .branchAndCut
    return LinearSolution(
      status: .optimal, objective: objective, values: values,
      rowDuals: isInteger ? [] : rows.map { _ in 0 },
      reducedCosts: isInteger ? [] : columns.map(\.cost),
      bestBound: isInteger ? objective : nil)
  }
}

extension LinearSolution {
  /// An end without a point.
  init(ending status: LinearStatus) {
    self.init(
      status: status, objective: nil, values: [], rowDuals: [], reducedCosts: [], bestBound: nil)
  }
}
