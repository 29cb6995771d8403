import QAP
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Kernel {
  /// The Gaussian (RBF) kernel exp(−‖x_i − x_k‖² / 2σ²).
  ///
  /// - Parameters:
  ///   - bandwidth: σ; nil for the square root of the lower median of the squared distances that
  ///     are not zero (`medianBandwidth`).
  ///   - name: the embeddings' name, for messages.
  /// - Throws: `InputError` when no bandwidth is given and all rows are equal.
  public static func gaussian(
    _ x: Matrix<Double>, bandwidth: Double? = nil, name: String = "embeddings", threads: Int = 1
  ) throws(InputError) -> Matrix<Double> {
    var kernel = squaredDistances(x, threads: threads)
    let n = x.rows
    guard let sigma = bandwidth ?? medianBandwidth(ofSquaredDistances: kernel) else {
      throw InputError(
        name, found: "\(n) equal rows", expected: "different ones, for the kernel's bandwidth")
    }
    precondition(sigma > 0, "a bandwidth is positive")
    let factor = -0.5 / (sigma * sigma)
    kernel.transformRows(threads: threads) { exp(factor * $0) }
    return kernel
  }

  /// σ with σ² the lower median of the squared distances that are not zero; nil when all are.
  ///
  /// The lower median, the smaller of the two middle ones, is what the published code takes. Found
  /// by counting bits, four times over the upper triangle.
  ///
  /// - Complexity: O(n²) time and no copy.
  public static func medianBandwidth(ofSquaredDistances squares: Matrix<Double>) -> Double? {
    let n = squares.rows
    return squares.withView { view in
      // Positive doubles are ordered as their bit patterns are.
      var (prefix, count) = (UInt64(0), 0)
      for i in 0..<n {
        for k in i + 1..<max(n, i + 1) where view[i &* n &+ k] > 0 { count += 1 }
      }
      guard count > 0 else { return nil }
      // Each value of the upper triangle stands for two: the lower median of the doubled list.
      var rank = (count - 1) / 2
      for shift in stride(from: UInt64(48), through: 0, by: -16) {
        var histogram = [Int](repeating: 0, count: 1 << 16)
        let mask: UInt64 = shift == 48 ? 0 : ~0 << (shift + 16)
        for i in 0..<n {
          for k in i + 1..<max(n, i + 1) where view[i &* n &+ k] > 0 {
            let bits = view[i &* n &+ k].bitPattern
            if bits & mask == prefix { histogram[Int(bits >> shift & 0xFFFF)] += 1 }
          }
        }
        var digit = 0
        while rank >= histogram[digit] {
          rank -= histogram[digit]
          digit += 1
        }
        prefix |= UInt64(digit) << shift
      }
      return Double(bitPattern: prefix).squareRoot()
    }
  }
}

extension Matrix<Double> {
  /// Applies `transform` to every element in place, rows in parallel.
  mutating func transformRows(threads: Int, _ transform: @Sendable (Double) -> Double) {
    let (rows, width) = (rows, columns)
    withMutableView { view in
      parallelFor(count: rows, threads: threads) { _, row in
        for index in row &* width..<(row &+ 1) &* width { view[index] = transform(view[index]) }
      }
    }
  }
}
