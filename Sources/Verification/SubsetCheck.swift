import QAP
import QAPPrimitives

/// Recomputes the objective of `subset` and compares it with what it claims: exactly for integral
/// costs, within 2⁻⁵⁰ of the sum of magnitudes for real ones.
///
/// - Returns: the verdict, with both objectives.
/// - Complexity: O(N²).
public func checkObjective(of subset: Subset, in problem: SubsetProblem) -> ObjectiveCheck {
  precondition(
    subset.indices.count == problem.size && Set(subset.indices).count == problem.size
      && subset.indices.allSatisfy { (0..<problem.items).contains($0) },
    "not a subset of that size")
  var sum = DoubleDouble()
  var magnitude = 0.0
  for i in subset.indices.reversed() {
    for j in subset.indices {
      sum.add(problem.costs[j, i])
      magnitude += abs(problem.costs[j, i])
    }
  }
  return ObjectiveCheck(
    recomputed: sum.high, error: problem.lattice == nil ? 0x1p-50 * magnitude : 0,
    claimed: subset.objective)
}

/// Checks `certificate` against the costs of `problem`, sharing nothing with any solver; see
/// `SubsetProof` and `SubsetDual` for what it says.
///
/// Costs are rounded down to whole units exactly; everything else but the eigenvalues is done in
/// 128-bit integers. That a matrix is positive semidefinite is shown by a Cholesky factorization in
/// doubles of the matrix less all that rounding can amount to.
///
/// - Returns: the verdict, and the fault where the claim does not hold.
/// - Complexity: O(L³) for each dual point, O(L² log L) for each leaf.
public func check(
  _ certificate: SubsetCertificate, of problem: SubsetProblem
) -> CertificateCheck {
  let result = SubsetCertificateChecker(certificate, problem).result()
  var (proven, fault): (Double?, String?) = (nil, nil)
  switch result {
  case .success(let value):
    proven = value
    if !(certificate.bound <= value) {
      fault = "the certificate claims the bound \(certificate.bound) but proves \(value)"
    } else {
      fault = faultOfRounding(certificate, problem, proven: value)
    }
  case .failure(let found): fault = found.text
  }
  return CertificateCheck(
    kind: SubsetCertificate.kind, claimed: certificate.bound, rounded: certificate.rounded,
    proven: proven, fault: fault)
}

/// Objectives of integral costs are multiples of the greatest common divisor of the diagonal and
/// the pair costs. Nothing else may be rounded up.
private func faultOfRounding(
  _ certificate: SubsetCertificate, _ problem: SubsetProblem, proven: Double
) -> String? {
  guard certificate.rounded.isFinite else { return "the rounded bound is not a number" }
  if certificate.rounded <= certificate.bound { return nil }
  guard let next = nextValue(of: problem, from: proven) else {
    return "the bound of real data, or one that is too large, is rounded up"
  }
  return certificate.rounded <= next
    ? nil : "the bound is rounded up to \(certificate.rounded), beyond the next value"
}

/// The least objective that is not below `proven`; nil for real data and large numbers.
func nextValue(of problem: SubsetProblem, from proven: Double) -> Double? {
  var divisor: Int128 = 0
  for i in 0..<problem.items {
    for j in 0...i {
      guard let a = Int128(exactly: problem.costs[i, j]),
        let b = Int128(exactly: problem.costs[j, i]), a.magnitude < 1 << 53,
        b.magnitude < 1 << 53
      else { return nil }
      var rest = i == j ? abs(a) : abs(a + b)
      while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    }
  }
  let step = Double(max(1, divisor))
  let steps = (proven / step).rounded(.up)
  return abs(steps) * step < 0x1p53 ? max(steps * step, proven) : nil
}

/// The fault of a certificate, in words.
private struct Fault: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

private struct SubsetCertificateChecker {
  private let certificate: SubsetCertificate
  private let problem: SubsetProblem

  init(_ certificate: SubsetCertificate, _ problem: SubsetProblem) {
    self.certificate = certificate
    self.problem = problem
  }

  /// Costs over some of the items, which `size` are to be chosen of, in whole units.
  private struct Costs {
    var free: [Int]
    var size: Int
    /// The items chosen before these costs were made, and their cost.
    var chosen: [Int]
    var constant: Int128
    /// free.count × free.count, symmetric.
    var elements: [Int128]
  }

  /// The bound that the tree proves, or its fault.
  func result() -> Result<Double, Fault> {
    do throws(Fault) {
      guard certificate.items == problem.items, certificate.size == problem.size else {
        throw Fault(
          "the certificate is for \(certificate.size) of \(certificate.items) items; the problem "
            + "is for "
            + "\(problem.size) of \(problem.items)")
      }
      guard certificate.bound.isFinite else { throw Fault("the bound is not a number") }
      // Within these limits no number of units underflows.
      guard (-1000...980).contains(certificate.exponent) else {
        throw Fault("exponent \(certificate.exponent)")
      }
      let original = try originalCosts()
      let units = try bound(
        certificate.tree, free: original.free, chosen: [], costs: original, original: original)
      // Half of the units, rounded down.
      var significand = Double(units)
      if Int128(significand) > units { significand = significand.nextDown }
      let value = Double(
        sign: .plus, exponent: certificate.exponent - 1, significand: significand)
      guard value.isFinite else { throw Fault("numbers beyond doubles") }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }

  private func originalCosts() throws(Fault) -> Costs {
    let n = problem.items
    var elements = [Int128](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        let (a, b) = (problem.costs[i, j], problem.costs[j, i])
        let (sum, error) = twoSum(a, b)
        let scaled = Double(sign: .plus, exponent: -certificate.exponent, significand: sum)
        // As dual points are held below 2⁹⁰ units, sums over 5,000 items stay below 2¹²⁰.
        guard abs(scaled) < 0x1p90 else { throw Fault("costs of too many units") }
        var units = Int128(scaled.rounded(.down))
        // A sum that is no whole number of units is farther from one than its error.
        if scaled == 0, sum < 0 || (sum == 0 && error < 0) { units = -1 }
        if scaled != 0, scaled == scaled.rounded(), error < 0 { units -= 1 }
        elements[i * n + j] = units
        elements[j * n + i] = units
      }
    }
    return Costs(
      free: Array(0..<n), size: problem.size, chosen: [], constant: 0, elements: elements)
  }

  /// The bound that the tree proves for the subsets that hold all of `chosen` and otherwise `free`
  /// items, in units: the largest number when there is no such subset.
  private func bound(
    _ tree: SubsetProof, free: [Int], chosen: [Int], costs: Costs, original: Costs
  ) throws(Fault) -> Int128 {
    let left = problem.size - chosen.count
    // There are no such subsets.
    if left < 0 || left > free.count { return .max }
    switch tree {
    case .rows: return rows(restricted(costs, free: free, chosen: chosen))
    case .originalRows: return rows(restricted(original, free: free, chosen: chosen))
    case .split(let item, let without, let with):
      guard free.contains(item) else { throw Fault("item \(item) is decided twice") }
      let rest = free.filter { $0 != item }
      return min(
        try bound(without, free: rest, chosen: chosen, costs: costs, original: original),
        try bound(with, free: rest, chosen: chosen + [item], costs: costs, original: original))
    case .orbit(let item, let generators, let without, let with):
      let orbit = try orbit(of: item, generators, free: free, chosen: chosen, original)
      return min(
        try bound(
          without, free: free.filter { !orbit.contains($0) }, chosen: chosen, costs: costs,
          original: original),
        try bound(
          with, free: free.filter { $0 != item }, chosen: chosen + [item], costs: costs,
          original: original))
    case .dual(let dual, let below):
      let here = try replaced(restricted(original, free: free, chosen: chosen), by: dual)
      return try bound(below, free: free, chosen: chosen, costs: here, original: original)
    }
  }

  /// The orbit of a free item under renumberings that leave the original costs and the decisions as
  /// they are.
  private func orbit(
    of item: Int, _ generators: [[Int]], free: [Int], chosen: [Int], _ original: Costs
  ) throws(Fault) -> Set<Int> {
    let n = problem.items
    guard free.contains(item) else { throw Fault("item \(item) is decided twice") }
    for images in generators {
      guard images.count == n, Set(images) == Set(0..<n) else {
        throw Fault("an orbit of item \(item) by no renumbering")
      }
      guard Set(free.map { images[$0] }) == Set(free),
        Set(chosen.map { images[$0] }) == Set(chosen)
      else { throw Fault("a renumbering for item \(item) moves decided items") }
      for i in 0..<n {
        for j in 0...i
        where original.elements[i * n + j] != original.elements[images[i] * n + images[j]] {
          throw Fault("a renumbering for item \(item) changes the cost of items \(i) and \(j)")
        }
      }
    }
    return Set(SubsetProof.orbit(of: item, under: generators))
  }

  /// `costs` where only `free` items are left, and all of `chosen` are.
  private func restricted(_ costs: Costs, free: [Int], chosen: [Int]) -> Costs {
    var place = [Int](repeating: -1, count: problem.items)
    for (index, item) in costs.free.enumerated() { place[item] = index }
    let before = Set(costs.chosen)
    let added = chosen.filter { !before.contains($0) }.map { place[$0] }
    let (m, kept) = (costs.free.count, free.map { place[$0] })
    var constant = costs.constant
    for i in added {
      for j in added { constant += costs.elements[i * m + j] }
    }
    var elements: [Int128] = []
    elements.reserveCapacity(kept.count * kept.count)
    for i in kept {
      for j in kept {
        var cost = costs.elements[i * m + j]
        if i == j {
          for k in added { cost += 2 * costs.elements[i * m + k] }
        }
        elements.append(cost)
      }
    }
    return Costs(
      free: free, size: problem.size - chosen.count, chosen: chosen, constant: constant,
      elements: elements)
  }

  /// The sum of the smallest rows, each with the smallest of its costs.
  private func rows(_ costs: Costs) -> Int128 {
    let (m, n) = (costs.free.count, costs.size)
    if n == 0 { return costs.constant }
    let sums = (0..<m).map { i in
      let others = (0..<m).filter { $0 != i }.map { costs.elements[i * m + $0] }.sorted()
      return others.prefix(n - 1).reduce(costs.elements[i * m + i], +)
    }
    return sums.sorted().prefix(n).reduce(costs.constant, +)
  }

  /// The costs of a dual point in the place of `costs`.
  private func replaced(_ costs: Costs, by dual: SubsetDual) throws(Fault) -> Costs {
    let (m, n) = (costs.free.count, costs.size)
    guard dual.isWellFormed(m), n > 0 else {
      throw Fault("a dual point for another number of items than the \(m) free ones")
    }
    guard (0...60).contains(dual.shift) else { throw Fault("shift \(dual.shift)") }
    let largest = (dual.linear + dual.quadratic + [dual.eigenvalue, dual.constant]).reduce(0) {
      max($0, $1.magnitude)
    }
    guard largest < 1 << 60, Int128(largest) << Int128(dual.shift) < 1 << 90 else {
      throw Fault("a dual point with numbers beyond 2^60, or 2^90 units")
    }
    guard isSemidefinite(dual, size: n) else {
      throw Fault("the eigenvalue \(dual.eigenvalue) of a dual point cannot be shown to be one")
    }
    var result = costs
    let unit = Int128(1) << Int128(dual.shift)
    for i in 0..<m {
      for j in 0...i {
        var change = Int128(dual.quadratic[i * (i + 1) / 2 + j])
        if i == j { change += 2 * Int128(dual.linear[i]) }
        result.elements[i * m + j] += unit * change
        if i != j { result.elements[j * m + i] += unit * change }
      }
    }
    result.constant -=
      unit * (Int128(dual.eigenvalue) * Int128(n) + Int128(dual.constant))
    return result
  }

  /// True when λI + (τ/n²)eeᵀ − Q − (weᵀ + ewᵀ)/n is positive semidefinite beyond doubt.
  ///
  /// Each element is computed with an error below 8u times the magnitudes in it, u = 2⁻⁵³, so the
  /// matrix with an error of norm below m times that. A Cholesky factorization in floating point
  /// that succeeds is exact for a matrix that differs by at most γ·trace/(1 − γ), γ = (m + 1)u/(1 −
  /// (m + 1)u) (Higham 2002, theorem 10.3; the norm of |Rᵀ||R| is at most the trace of RᵀR). Both,
  /// the second doubled, are taken off the diagonal first.
  private func isSemidefinite(_ dual: SubsetDual, size: Int) -> Bool {
    let (m, n, u) = (dual.linear.count, Double(size), 0x1p-53)
    let w = dual.linear.map { Double($0) / n }
    let (top, shared) = (Double(dual.eigenvalue), Double(dual.constant) / (n * n))
    var matrix = [Double](repeating: 0, count: m * m)
    var (largest, trace) = (0.0, 0.0)
    for i in 0..<m {
      for j in 0...i {
        let q = Double(dual.quadratic[i * (i + 1) / 2 + j])
        let diagonal = i == j ? top : 0
        matrix[i * m + j] = diagonal + shared - q - (w[i] + w[j])
        largest = max(largest, abs(diagonal) + abs(shared) + abs(q) + abs(w[i]) + abs(w[j]))
      }
      trace += abs(matrix[i * m + i])
    }
    let size = Double(m)
    let error = 8 * u * size * largest + 2.5 * (size + 2) * u * trace
    for j in 0..<m {
      for i in j..<m {
        var sum = matrix[i * m + j] - (i == j ? error : 0)
        for k in 0..<j { sum -= matrix[i * m + k] * matrix[j * m + k] }
        if i == j {
          guard sum > 0 else { return false }
          matrix[j * m + j] = sum.squareRoot()
        } else {
          matrix[i * m + j] = sum / matrix[j * m + j]
        }
      }
    }
    return true
  }
}
