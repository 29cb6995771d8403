import QAP
import QAPPrimitives

/// The connected components of the graph of nonzero flows.
package struct FlowComponents: Equatable, Sendable {
  /// The facilities of each component, ascending; the largest component first.
  package let components: [[Int]]
  /// The facilities without any flow.
  package let isolated: [Int]

  /// The components of a square matrix, whose diagonal does not count.
  ///
  /// - Complexity: O(n²).
  package init(_ flow: Matrix<Double>) {
    let n = flow.rows
    var isSeen = [Bool](repeating: false, count: n)
    var (components, isolated) = ([[Int]](), [Int]())
    for start in 0..<n where !isSeen[start] {
      isSeen[start] = true
      var (component, next) = ([start], 0)
      while next < component.count {
        let i = component[next]
        next += 1
        for k in 0..<n where !isSeen[k] && (flow[i, k] != 0 || flow[k, i] != 0) {
          isSeen[k] = true
          component.append(k)
        }
      }
      if component.count == 1 {
        isolated.append(start)
      } else {
        components.append(component.sorted())
      }
    }
    self.components = components.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
    self.isolated = isolated
  }
}
