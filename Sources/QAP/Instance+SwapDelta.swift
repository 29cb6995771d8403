import QAPPrimitives

extension Instance {
  /// The change of the objective when facilities `r` and `s` swap their locations.
  ///
  /// The general formula, for any symmetry, diagonals, linear terms and tensors (Burkard and Rendl
  /// 1984; Taillard 1991, eq. 1). Local search keeps faster, specialized versions, which are tested
  /// against this one. Exact for integral instances.
  ///
  /// - Complexity: O(n).
  public func swapDelta(_ assignment: Assignment, _ r: Int, _ s: Int) -> Double {
    precondition(assignment.size == size, "the assignment has another size than the instance")
    guard r != s else { return 0 }
    let p = assignment.locations
    let (a, b) = (p[r], p[s])
    var sum = CompensatedSum()
    switch cost {
    case .koopmansBeckmann(let flow, let distance):
      sum.add((flow[r, r] - flow[s, s]) * (distance[b, b] - distance[a, a]))
      sum.add((flow[r, s] - flow[s, r]) * (distance[b, a] - distance[a, b]))
      for k in 0..<size where k != r && k != s {
        let c = p[k]
        sum.add((flow[k, r] - flow[k, s]) * (distance[c, b] - distance[c, a]))
        sum.add((flow[r, k] - flow[s, k]) * (distance[b, c] - distance[a, c]))
      }
    case .tensor(let tensor):
      func add(_ i: Int, _ j: Int, _ k: Int, _ l: Int, _ sign: Double) {
        sum.add(sign * tensor.cost(i, j, k, l))
      }
      for (facility, from, to) in [(r, a, b), (s, b, a)] {
        add(facility, to, facility, to, 1)
        add(facility, from, facility, from, -1)
        for k in 0..<size where k != r && k != s {
          add(facility, to, k, p[k], 1)
          add(facility, from, k, p[k], -1)
          add(k, p[k], facility, to, 1)
          add(k, p[k], facility, from, -1)
        }
      }
      add(r, b, s, a, 1)
      add(s, a, r, b, 1)
      add(r, a, s, b, -1)
      add(s, b, r, a, -1)
    }
    if let linear {
      sum.add(linear[r, b])
      sum.add(linear[s, a])
      sum.add(-linear[r, a])
      sum.add(-linear[s, b])
    }
    return sum.value
  }
}
