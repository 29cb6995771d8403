import QAP
import QAPPrimitives

/// Checks that an instance is the subset problem of a `TwoClusterProof`, and the tree.
///
/// All costs of the subset problem are recomputed in 128-bit integers: O(n²), and what the tree
/// takes.
struct TwoClusterCertificateCheck {
  /// A fault, in words.
  struct Fault: Error {
    let text: String
  }

  let costs: ClaimCosts
  let proof: TwoClusterProof

  /// The value that the proof proves.
  func result() -> Result<Double, Fault> {
    do throws(Fault) {
      return .success(try value())
    } catch {
      return .failure(error)
    }
  }

  private func value() throws(Fault) -> Double {
    let n = costs.size
    guard case .koopmansBeckmann(let flow, let distance) = costs.instance.cost else {
      throw Fault(text: "the instance is a tensor")
    }
    let isFirst = Set(proof.members)
    guard isFirst.count == proof.members.count, isFirst.isSubset(of: 0..<n), !isFirst.isEmpty,
      isFirst.count < n
    else { throw Fault(text: "the first cluster has a member twice, all of them or none") }
    // What falls into clusters, and what is chosen from.
    var (own, other) = (
      try integers(flow, costs.facilities), try integers(distance, costs.locations)
    )
    if proof.ofLocations { (own, other) = (other, own) }
    let isOwnSymmetric = isSymmetric(own)
    if isSymmetric(other) {
      own = folded(own)
      other = upper(other)
    } else if isOwnSymmetric {
      other = upper(folded(other))
    }
    func single(_ member: Int, _ place: Int) throws(Fault) -> Int128 {
      let (i, j) = proof.ofLocations ? (place, member) : (member, place)
      guard let cost = costs.single(i, j).integer, cost.magnitude < 1 << 90 else {
        throw Fault(text: "the cost of facility \(i) at location \(j) is no integer")
      }
      return cost
    }
    // Clusters: one value for each pair of them, in either order.
    var values: [Int128?] = [nil, nil, nil, nil]
    for i in 0..<n {
      for k in 0..<n where k != i {
        let kind = (isFirst.contains(i) ? 0 : 2) + (isFirst.contains(k) ? 0 : 1)
        guard own[i * n + k] == values[kind] ?? own[i * n + k] else {
          throw Fault(text: "elements \(i) and \(k) are not in clusters as they are claimed to be")
        }
        values[kind] = own[i * n + k]
      }
    }
    let (a, c, d, b) = (values[0] ?? 0, values[1] ?? 0, values[2] ?? 0, values[3] ?? 0)
    let rest = (0..<n).filter { !isFirst.contains($0) }
    var singles = [[Int128]](repeating: [], count: 2)
    for (kind, members) in [proof.members, rest].enumerated() {
      for place in 0..<n {
        let cost = try single(members[0], place)
        for member in members where try single(member, place) != cost {
          throw Fault(text: "members of a cluster cost different at place \(place)")
        }
        singles[kind].append(cost)
      }
    }
    var constant: Int128 = singles[1].reduce(0, +)
    var elements = [Double](repeating: 0, count: n * n)
    for j in 0..<n {
      var (rows, columns): (Int128, Int128) = (0, 0)
      for l in 0..<n where l != j {
        rows += other[j * n + l]
        columns += other[l * n + j]
        elements[j * n + l] = try double((a + b - c - d) * other[j * n + l])
      }
      constant += b * rows
      elements[j * n + j] = try double(
        singles[0][j] - singles[1][j] + (c - b) * rows + (d - b) * columns)
    }
    guard let fixed = costs.fixed.integer else { throw Fault(text: "a fixed cost is no integer") }
    return try total(constant + fixed, Matrix(rows: n, columns: n, elements: elements))
  }

  /// The bound of the tree and everything that is constant, rounded down.
  private func total(_ constant: Int128, _ elements: Matrix<Double>) throws(Fault) -> Double {
    let problem: SubsetProblem
    do {
      problem = try SubsetProblem(
        name: costs.instance.name, costs: elements, size: proof.members.count)
    } catch {
      throw Fault(text: "the subset problem has costs that are too large")
    }
    let least = -Double.greatestFiniteMagnitude
    let found = check(
      SubsetCertificate(
        problem: problem.name, items: problem.items, size: problem.size, bound: least,
        rounded: least, exponent: proof.exponent, tree: proof.tree), of: problem)
    guard let proven = found.proven else { throw Fault(text: found.fault ?? "nothing is proven") }
    let next = nextValue(of: problem, from: proven) ?? proven
    let (sum, error) = twoSum(try double(constant), next)
    let low = error < 0 ? sum.nextDown : sum
    let (all, lost) = twoSum(low, costs.instance.constant)
    return lost < 0 ? all.nextDown : all
  }

  private func integers(_ matrix: Matrix<Double>, _ kept: [Int]) throws(Fault) -> [Int128] {
    var result: [Int128] = []
    for r in kept {
      for c in kept {
        guard let value = Int128(exactly: matrix[r, c]), value.magnitude < 1 << 53 else {
          throw Fault(text: "the entry \(r), \(c) of a matrix is no integer below 2^53")
        }
        result.append(value)
      }
    }
    return result
  }

  private func isSymmetric(_ matrix: [Int128]) -> Bool {
    let n = costs.size
    return (0..<n).allSatisfy { r in
      (0..<n).allSatisfy { matrix[r * n + $0] == matrix[$0 * n + r] }
    }
  }

  private func folded(_ matrix: [Int128]) -> [Int128] {
    let n = costs.size
    return (0..<n * n).map { matrix[$0] + matrix[$0 % n * n + $0 / n] }
  }

  /// The entries above the diagonal, zero below it.
  private func upper(_ matrix: [Int128]) -> [Int128] {
    let n = costs.size
    return (0..<n * n).map { $0 / n < $0 % n ? matrix[$0] : 0 }
  }

  private func double(_ value: Int128) throws(Fault) -> Double {
    guard value.magnitude < 1 << 53 else { throw Fault(text: "costs beyond 2^53") }
    return Double(value)
  }
}
