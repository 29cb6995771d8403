import QAP
import QAPPrimitives

/// Checks that an instance lies on the hypercube of a `CubeProof`, that the facilities of its
/// clusters are interchangeable, and the bound of each part.
///
/// All costs are recomputed in 128-bit integers: O(n²), and a search for each part.
struct CubeCertificateCheck {
  /// A fault, in words.
  struct Fault: Error {
    let text: String
  }

  let costs: ClaimCosts
  let proof: CubeProof

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
    guard proof.labels.count == n, n > 0, n & (n - 1) == 0,
      Set(proof.labels) == Set(0..<n)
    else { throw Fault(text: "the labels are not those of a cube's vertices") }
    let weights = try weights()
    var sum: Int128 = 0
    for i in 0..<n {
      let cost = try single(i, 0)
      for j in 1..<max(n, 1) where try single(i, j) != cost {
        throw Fault(text: "facility \(i) does not cost the same everywhere")
      }
      sum += cost
      for k in 0..<i {
        guard weights.flow[i * n + k] >= 0 else {
          throw Fault(text: "the flow between facilities \(i) and \(k) is negative")
        }
        sum += weights.base * weights.flow[i * n + k]
      }
    }
    var seen: Set<Int> = []
    for part in proof.parts {
      for facility in part.clusters.joined() {
        guard (0..<n).contains(facility), seen.insert(facility).inserted else {
          throw Fault(text: "facility \(facility) is in two parts, or does not exist")
        }
      }
    }
    for part in proof.parts {
      try check(part, weights.flow)
      sum += weights.slope * Int128(part.least)
    }
    guard let fixed = costs.fixed.integer, (sum + fixed).magnitude < 1 << 53 else {
      throw Fault(text: "costs beyond 2^53")
    }
    let (all, lost) = twoSum(Double(sum + fixed), costs.instance.constant)
    return lost < 0 ? all.nextDown : all
  }

  /// Finds out whether the facilities of a part cost what it says.
  private func check(_ part: CubeProof.Part, _ flow: [Int128]) throws(Fault) {
    let n = costs.size
    let bits = n.trailingZeroBitCount
    let clusters = part.clusters.filter { !$0.isEmpty }
    var table: [[Int]] = []
    for (index, cluster) in clusters.enumerated() {
      table.append([])
      for (number, other) in clusters.enumerated() {
        var found: Int128?
        for i in cluster {
          for k in other where k != i {
            guard flow[i * n + k] == found ?? flow[i * n + k] else {
              throw Fault(text: "the facilities of clusters \(index) and \(number) are not alike")
            }
            found = flow[i * n + k]
          }
        }
        guard found ?? 0 < 1 << 27 else { throw Fault(text: "flows beyond 2^27") }
        table[index].append(Int(found ?? 0))
      }
    }
    guard let search = CubeReplay(bits: bits, members: clusters.map(\.count), weight: table) else {
      throw Fault(text: "a part has too many different facilities to be checked")
    }
    guard search.shows(part.least) else {
      throw Fault(text: "the facilities of a part can cost less than \(part.least)")
    }
  }

  /// The weights w, and the numbers a and b of the cost of a pair.
  private func weights() throws(Fault) -> (flow: [Int128], base: Int128, slope: Int128) {
    let n = costs.size
    guard case .koopmansBeckmann(let given, let distance) = costs.instance.cost else {
      throw Fault(text: "the instance is a tensor")
    }
    var flow = try integers(given, costs.facilities)
    var places = try integers(distance, costs.locations)
    if isSymmetric(flow) {
      places = folded(places)
    } else if isSymmetric(places) {
      flow = folded(flow)
    } else {
      throw Fault(text: "neither flows nor distances are symmetric")
    }
    // Two distances tell a and b.
    let labels = proof.labels
    func differing(_ j: Int, _ l: Int) -> Int { (labels[j] ^ labels[l]).nonzeroBitCount }
    var known = [Int128?](repeating: nil, count: n.trailingZeroBitCount + 1)
    for j in 0..<n {
      for l in 0..<n where l != j {
        let bits = differing(j, l)
        guard places[j * n + l] == known[bits] ?? places[j * n + l] else {
          throw Fault(text: "the distance of locations \(j) and \(l) is not that of their labels")
        }
        known[bits] = places[j * n + l]
      }
    }
    guard known.count > 2, let first = known[1], let second = known[2], second > first else {
      throw Fault(text: "distances do not grow with the bits that differ")
    }
    let slope = second - first
    let base = first - slope
    for (bits, value) in known.enumerated() where bits > 0 {
      guard value == base + Int128(bits) * slope else {
        throw Fault(text: "distances do not grow evenly with the bits that differ")
      }
    }
    return (flow, base, slope)
  }

  private func single(_ i: Int, _ j: Int) throws(Fault) -> Int128 {
    guard let cost = costs.single(i, j).integer, cost.magnitude < 1 << 90 else {
      throw Fault(text: "the cost of facility \(i) at location \(j) is no integer")
    }
    return cost
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
    return (0..<n * n).allSatisfy { matrix[$0] == matrix[$0 % n * n + $0 / n] }
  }

  private func folded(_ matrix: [Int128]) -> [Int128] {
    let n = costs.size
    return (0..<n * n).map { matrix[$0] + matrix[$0 % n * n + $0 / n] }
  }
}
