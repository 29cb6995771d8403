import QAP
import QAPPrimitives

/// A bound in O(n²) time and O(n) memory, for instances so large that no leaders may be there in
/// time: with the means ā and b̄ of the N = n(n − 1) elements off the diagonals, whatever the
/// assignment,
///
///     Σ a[i,k]·b[p(i),p(k)] ≥ b̄·Σa + ā·Σb − N·ā·b̄ − ‖a − ā‖·‖b − b̄‖
///
/// by the inequality of Cauchy and Schwarz. What facilities pay by themselves is bounded row by
/// row.
struct MeanBound {
  /// No assignment costs less.
  let proven: Double

  init(_ instance: Instance, _ a: Matrix<Double>, _ b: Matrix<Double>) {
    let n = instance.size
    let pairs = Double(n) * Double(n - 1)
    let (x, y) = (Spread(a), Spread(b))
    var single = CompensatedSum()
    var magnitude = abs(instance.constant)
    for i in 0..<n where a[i, i] != 0 || instance.linear != nil {
      var (least, largest) = (Double.infinity, 0.0)
      for j in 0..<n {
        let cost = a[i, i] * b[j, j] + (instance.linear?[i, j] ?? 0)
        least = min(least, cost)
        largest = max(largest, abs(cost))
      }
      single.add(least)
      magnitude += largest
    }
    single.add(instance.constant)
    let value =
      y.mean * x.sum + x.mean * y.sum - pairs * x.mean * y.mean
      - x.deviation * y.deviation + single.value
    // The identity holds for any numbers ā and b̄; each sum errs by some n units in the last place
    // of the magnitudes that it adds up.
    magnitude +=
      abs(y.mean) * x.magnitude + abs(x.mean) * y.magnitude + pairs * abs(x.mean * y.mean)
      + (x.deviation + n.root * abs(x.mean)) * (y.deviation + n.root * abs(y.mean))
    proven = (value - Double(16 * n + 256) * 0x1p-53 * magnitude).nextDown
  }
}

/// Sums over the elements of a matrix off its diagonal.
private struct Spread {
  let sum: Double
  let magnitude: Double
  let mean: Double
  /// The norm of what differs from the mean.
  let deviation: Double

  init(_ matrix: Matrix<Double>) {
    let n = matrix.rows
    func total(_ term: (Wide) -> Wide) -> Double {
      matrix.withView { view in
        var sum = CompensatedSum()
        for r in 0..<n {
          var (line, rest) = (Wide(repeating: 0), 0.0)
          for (start, end) in [(r &* n, r &* n &+ r), (r &* n &+ r &+ 1, (r &+ 1) &* n)] {
            var at = start
            while at &+ 8 <= end {
              line += term(view.wide(at))
              at &+= 8
            }
            while at < end {
              rest += term(Wide(repeating: view[at]))[0]
              at &+= 1
            }
          }
          sum.add(line.total)
          sum.add(rest)
        }
        return sum.value
      }
    }
    sum = total { $0 }
    magnitude = total { $0.replacing(with: 0 - $0, where: $0 .< 0) }
    let mean = n > 1 ? sum / (Double(n) * Double(n - 1)) : 0
    self.mean = mean
    deviation = total { ($0 - mean) * ($0 - mean) }.squareRoot()
  }
}

extension Int {
  /// The root of the number of pairs.
  fileprivate var root: Double { (Double(self) * Double(self - 1)).squareRoot() }
}
