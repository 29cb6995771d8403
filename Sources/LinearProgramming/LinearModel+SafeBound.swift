import QAPPrimitives

extension LinearModel {
  /// A rigorous lower bound on the model's optimum, from any row duals whatever.
  ///
  /// A. Neumaier and O. Shcherbina, "Safe bounds in linear and mixed-integer linear programming",
  /// Mathematical Programming 99 (2004), §3: with π clamped to the signs that its rows allow and
  /// `d = c − Aᵀπ`, every feasible x has
  ///
  ///     cᵀx = πᵀAx + dᵀx ≥ Σ_r min(π_r·lower_r, π_r·upper_r) + Σ_j min(d_j·lower_j, d_j·upper_j).
  ///
  /// Every sum is lowered by a bound on its rounding error (Higham 2002, §4.2: γ_m Σ|terms| with 2m
  /// units in place of γ_m), so the result holds for the model's numbers as the exact numbers they
  /// are. −∞ when a column with no bound on the needed side has a reduced cost that is not surely 0
  /// or of the right sign.
  ///
  /// - Parameter duals: one a row; others than finite numbers count as 0.
  /// - Complexity: O(columns + rows + entries).
  public func safeBound(duals: [Double]) -> Double {
    precondition(duals.count == rows.count, "one dual per row")
    let unit = 0x1p-53
    // Products may underflow: each then errs by less than this.
    let tiny = Double.leastNormalMagnitude
    var sum = CompensatedSum()
    var size = 0.0
    var terms = 1.0
    func add(_ term: Double) {
      sum.add(term)
      size += abs(term)
      terms += 1
    }
    var clamped = duals
    for (r, row) in rows.enumerated() {
      var dual = duals[r].isFinite ? duals[r] : 0
      if dual > 0, row.lower == -.infinity { dual = 0 }
      if dual < 0, row.upper == .infinity { dual = 0 }
      clamped[r] = dual
      if dual != 0 { add(((dual > 0 ? row.lower : row.upper) * dual).nextDown - tiny) }
    }
    var reduced = columns.map(\.cost)
    var magnitude = columns.map { abs($0.cost) }
    var count = [Double](repeating: 2, count: columns.count)
    for entry in entries where clamped[entry.row] != 0 {
      let product = entry.value * clamped[entry.row]
      reduced[entry.column] -= product
      magnitude[entry.column] += abs(product)
      count[entry.column] += 2
    }
    for (j, column) in columns.enumerated() {
      let error = 2 * count[j] * unit * magnitude[j] + count[j] * tiny
      let (low, high) = ((reduced[j] - error).nextDown, (reduced[j] + error).nextUp)
      // d·x is bilinear: its least value stands at a corner of the box.
      var least = Double.infinity
      for d in [low, high] {
        for x in [column.lower, column.upper] {
          // 0·∞: a bound that is not there asks for a reduced cost that is surely of the right
          // sign.
          let product = x.isInfinite && d == 0 ? 0 : d * x
          least = min(least, product)
        }
      }
      if least == -.infinity { return -.infinity }
      if least != 0 { add(least.nextDown - tiny) }
    }
    add(constant)
    let result = sum.value - (4 * unit * size + terms * terms * unit * unit * size + terms * tiny)
    return result.isNaN ? -.infinity : result.nextDown
  }
}
