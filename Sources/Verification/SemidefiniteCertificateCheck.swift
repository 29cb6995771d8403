import QAP
import QAPPrimitives

/// Checks a bound of the doubly nonnegative relaxation; see `SemidefiniteProof` for what it says.
///
/// Two things must hold. The multipliers must be feasible for the costs with Z added, which is the
/// check of an `rlt1` certificate over other costs. And t must bound the largest eigenvalue: A =
/// Bᵀ(tI − Z)B is computed exactly in integers, as B has small integers only, rounded to doubles
/// and factored by Cholesky. Where that succeeds, u = 2⁻⁵³ and N the order of A,
///
///     λmin(A) ≥ −ε,   ε = 2(N + 8)·u·trace A
///
/// (Demmel 1989; Higham, "Accuracy and Stability of Numerical Algorithms", 2002, theorem 10.3;
/// Rump, "Verification of positive definiteness", BIT 46, 2006, theorem 2.3: (N + 2)·u·trace A to
/// first order, another u for the rounding of A's elements, and twice that for all higher orders).
/// As BᵀB ⪰ I, t + ε then is a bound without any doubt. O(n⁶) time, O(n⁴) memory.
struct SemidefiniteCertificateCheck {
  let costs: ClaimCosts
  let proof: SemidefiniteProof

  /// A fault in words.
  struct Fault: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  /// Below this size and with entries below `maxEntry` no sum of integers here can overflow.
  private static let maxSize = 100
  private static let maxEntry = Int64(1) << 47

  /// The value that numbers without fault prove.
  struct Proven {
    fileprivate let check: SemidefiniteCertificateCheck
    fileprivate let relaxed: RLTCertificateCheck
    /// ε in units.
    fileprivate let error: Double

    /// Of all assignments; nil when numbers are beyond doubles.
    var bound: Double? { relaxed.proven.flatMap(sum) }

    /// Of the assignments with facility `i` at location `j`.
    func bound(placing i: Int, at j: Int) -> Double? {
      relaxed.proven(placing: i, at: j).flatMap(sum)
    }

    private func sum(_ relaxed: Double) -> Double? {
      let proof = check.proof
      let order = Double(check.costs.size + 1)
      var sum = LowSum()
      sum.add(relaxed)
      sum.add(check.number(proof.corner))
      sum.addProduct(-order, check.number(proof.eigenvalue))
      sum.addProduct(-order, Double(sign: .plus, exponent: proof.exponent, significand: error))
      let proven = sum.lower.nextDown
      return proven.isFinite ? proven : nil
    }
  }

  /// The value that the numbers prove, or their fault.
  func result() -> Result<Proven, Fault> {
    if let fault = faultOfShape() { return .failure(fault) }
    var shifted = costs
    shifted.addition = MultiplierCosts(proof: proof)
    let rlt = RLTCertificateCheck(costs: shifted, point: proof.multipliers, isExact: false)
    if let fault = rlt.fault() { return .failure(Fault("with Z, \(fault)")) }
    guard let error = eigenvalueError() else {
      return .failure(Fault("\(proof.eigenvalue) units do not bound the eigenvalues of Z"))
    }
    let proven = Proven(check: self, relaxed: rlt, error: error)
    return proven.bound == nil ? .failure(Fault("numbers beyond doubles")) : .success(proven)
  }

  private func number(_ units: Int64) -> Double {
    Double(sign: .plus, exponent: proof.exponent, significand: Double(units))
  }

  private func faultOfShape() -> Fault? {
    let n = costs.size
    guard (1...Self.maxSize).contains(n) else {
      return Fault("size \(n) is beyond what this check takes")
    }
    let places = n * n
    guard proof.border.count == places, proof.block.count == places * (places + 1) / 2,
      proof.multipliers.isWellFormed(n, n)
    else { return Fault("numbers for another size than \(n)") }
    // Beyond these a double cannot express all of Z.
    guard (-900...900).contains(proof.exponent) else { return Fault("unit 2^\(proof.exponent)") }
    let limit = Self.maxEntry
    func isSmall(_ value: Int64) -> Bool { value > -limit && value < limit }
    guard proof.border.allSatisfy(isSmall), proof.block.allSatisfy(isSmall), isSmall(proof.corner),
      proof.eigenvalue > -8 * limit, proof.eigenvalue < 8 * limit
    else { return Fault("Z has \(limit) units or more somewhere") }
    return nil
  }

  /// ε in units when A can be factored, nil otherwise.
  private func eigenvalueError() -> Double? {
    var a = matrix()
    let order = a.rows
    var trace = 0.0
    for index in 0..<order { trace += abs(a[index, index]) }
    return factors(&a) ? 2 * Double(order + 8) * 0x1p-53 * trace : nil
  }

  /// A = Bᵀ(tI − Z)B, the lower triangle, each element exact before it is rounded to a double.
  private func matrix() -> Matrix<Double> {
    let n = costs.size
    let (places, last) = (n * n, n - 1)
    let count = last * last
    let shift = n.bitWidth - 1 - n.leadingZeroBitCount
    let t = proof.eigenvalue
    /// The double difference of a row of n² numbers: (E⊗E)ᵀ times it.
    func differences(_ row: (Int) -> Int64) -> [Int64] {
      var result: [Int64] = []
      result.reserveCapacity(count)
      for k in 0..<last {
        for l in 0..<last {
          result.append(
            row(k * n + l) - row(k * n + last) - row(last * n + l) + row(last * n + last))
        }
      }
      return result
    }
    // The rows of Z under 1, and their sum, which the first column of B needs.
    var lines: [[Int64]] = []
    lines.reserveCapacity(places)
    var first = differences { Int64(n) * proof.border[$0] }
    var total = Int128(n) * Int128(n) * Int128(proof.corner)
    for value in proof.border { total += 2 * Int128(n) * Int128(value) }
    for p in 0..<places {
      for q in 0...p {
        total += (p == q ? 1 : 2) * Int128(proof.block[p * (p + 1) / 2 + q])
      }
      lines.append(differences { MultiplierCosts.element(proof.block, p, $0) })
      for index in 0..<count { first[index] += lines[p][index] }
    }
    let scale = Double(sign: .plus, exponent: -shift, significand: 1)
    var a = Matrix(rows: count + 1, columns: count + 1, repeating: 0.0)
    let head = 2 * Int128(n) * Int128(n) * Int128(t) - total
    a[0, 0] = Double(head) * scale * scale
    for r in 0..<count {
      let (k, l) = (r / last, r % last)
      let (kl, kn, nl, nn) = (
        lines[k * n + l], lines[k * n + last], lines[last * n + l], lines[last * n + last]
      )
      a[r + 1, 0] = -Double(first[r]) * scale
      for c in 0...r {
        let z = kl[c] - kn[c] - nl[c] + nn[c]
        // EᵀE has 2 on its diagonal and 1 elsewhere.
        let product: Int64 = (c / last == k ? 2 : 1) * (c % last == l ? 2 : 1)
        a[r + 1, c + 1] = Double(product * t - z)
      }
    }
    return a
  }

  /// True when the Cholesky factorization of the lower triangle succeeds, row by row.
  private func factors(_ matrix: inout Matrix<Double>) -> Bool {
    let order = matrix.rows
    var elements = matrix.elements.array
    for r in 0..<order {
      for c in 0...r {
        var (even, odd) = (0.0, 0.0)
        let (left, right) = (r * order, c * order)
        var index = 0
        while index + 1 < c {
          even += elements[left &+ index] * elements[right &+ index]
          odd += elements[left &+ index &+ 1] * elements[right &+ index &+ 1]
          index += 2
        }
        if index < c { even += elements[left &+ index] * elements[right &+ index] }
        let rest = elements[left + c] - (even + odd)
        if c < r {
          elements[left + c] = rest / elements[right + c]
        } else {
          guard rest > 0, rest.isFinite else { return false }
          elements[left + c] = rest.squareRoot()
        }
      }
    }
    return true
  }
}

/// The costs of pairs and of single placements that Z adds.
private struct MultiplierCosts: AddedCosts {
  let proof: SemidefiniteProof
  private let size: Int

  init(proof: SemidefiniteProof) {
    self.proof = proof
    size = proof.size
  }

  /// Z[p,q] of the triangle.
  static func element(_ block: [Int64], _ p: Int, _ q: Int) -> Int64 {
    p >= q ? block[p * (p + 1) / 2 + q] : block[q * (q + 1) / 2 + p]
  }

  private func number(_ units: Int64) -> Double {
    Double(sign: .plus, exponent: proof.exponent, significand: Double(units))
  }

  func pair(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    number(2 * MultiplierCosts.element(proof.block, i * size + j, k * size + l))
  }

  func single(_ i: Int, _ j: Int) -> Double {
    let place = i * size + j
    return number(
      MultiplierCosts.element(proof.block, place, place) + 2 * proof.border[place])
  }
}
