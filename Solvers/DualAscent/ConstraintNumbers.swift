import QAPPrimitives

/// One number for each constraint of the level-1 RLT relaxation: `u[i,j,k]` and `v[i,j,l]` for the
/// sums over rows and columns of pairs, at `(i·n + j)·n + k`, `a[i]` and `b[j]` for those over
/// placements.
struct ConstraintNumbers {
  var u: [Double]
  var v: [Double]
  var a: [Double]
  var b: [Double]

  init(size n: Int) {
    u = Array(repeating: 0, count: n * n * n)
    v = u
    a = Array(repeating: 0, count: n)
    b = a
  }

  /// The contribution of the numbers to x(ij): a + b − ΣW − ΣV.
  func ofPlacement(_ i: Int, _ j: Int, _ n: Int) -> Double {
    var sum = a[i] + b[j]
    for k in 0..<n { sum -= u[(i * n + j) * n + k] + v[(i * n + j) * n + k] }
    return sum
  }

  /// The scalar product.
  func dot(_ other: ConstraintNumbers) -> Double {
    func sum(_ p: [Double], _ q: [Double]) -> Double {
      var total = 0.0
      for index in p.indices { total += p[index] * q[index] }
      return total
    }
    return sum(u, other.u) + sum(v, other.v) + sum(a, other.a) + sum(b, other.b)
  }

  /// The numbers multiplied one by one.
  func times(_ other: ConstraintNumbers) -> ConstraintNumbers {
    var result = self
    for index in u.indices {
      result.u[index] *= other.u[index]
      result.v[index] *= other.v[index]
    }
    for index in a.indices {
      result.a[index] *= other.a[index]
      result.b[index] *= other.b[index]
    }
    return result
  }

  /// self ← scale·self + factor·other.
  mutating func combine(_ scale: Double, _ factor: Double, _ other: ConstraintNumbers) {
    func add(_ p: inout [Double], _ q: [Double]) {
      for index in p.indices { p[index] = scale * p[index] + factor * q[index] }
    }
    add(&u, other.u)
    add(&v, other.v)
    add(&a, other.a)
    add(&b, other.b)
  }

  /// The constraints' matrix, times its transpose, times these numbers, where x weighs n times what
  /// y does: what changes of the variables by the numbers add to the left sides.
  ///
  /// - Complexity: O(n³).
  func normalProduct(_ n: Int) -> ConstraintNumbers {
    let weight = Double(n)
    var result = ConstraintNumbers(size: n)
    // Sums over one index each.
    var ofU = [Double](repeating: 0, count: n * n)  // Σ_k u[i,j,k] at (i,j)
    var ofV = ofU  // Σ_l v[i,j,l] at (i,j)
    var uOverLocations = ofU  // Σ_l u[k,l,i] at (k,i)
    var uOverFacilities = ofU  // Σ_k u[k,l,i] at (l,i)
    var vOverLocations = ofU  // Σ_l v[k,l,j] at (k,j)
    var vOverFacilities = ofU  // Σ_k v[k,l,j] at (l,j)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n {
          let (ofRow, ofColumn) = (u[(i * n + j) * n + k], v[(i * n + j) * n + k])
          ofU[i * n + j] += ofRow
          ofV[i * n + j] += ofColumn
          uOverLocations[i * n + k] += ofRow
          uOverFacilities[j * n + k] += ofRow
          vOverLocations[i * n + k] += ofColumn
          vOverFacilities[j * n + k] += ofColumn
        }
      }
    }
    for i in 0..<n {
      for j in 0..<n {
        let ij = i * n + j
        let x = weight * (a[i] + b[j] - ofU[ij] - ofV[ij])
        result.a[i] += x
        result.b[j] += x
        for k in 0..<n {
          let at = ij * n + k
          if k != i {
            result.u[at] =
              Double(n - 1) * u[at] + ofV[ij] + uOverLocations[k * n + i]
              - u[(k * n + j) * n + i] + vOverLocations[k * n + j] - x
          }
          if k != j {
            result.v[at] =
              Double(n - 1) * v[at] + ofU[ij] + uOverFacilities[k * n + i]
              + vOverFacilities[k * n + j] - v[(i * n + k) * n + j] - x
          }
        }
      }
    }
    return result
  }
}
