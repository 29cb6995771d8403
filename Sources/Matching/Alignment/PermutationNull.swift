import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The values of a measure for pairings drawn at random, and the measured value against them.
public struct PermutationNull: Equatable, Encodable, Sendable {
  /// The number of pairings drawn.
  public let permutations: Int
  /// The mean of their values.
  public let mean: Double
  /// The standard deviation of their values, with divisor permutations − 1.
  public let deviation: Double
  /// The level of `threshold`, such as 0.05.
  public let level: Double
  /// The value that a random pairing beats with probability `level` at most.
  public let threshold: Double
  /// The p-value, (1 + the number of pairings at least as good) / (1 + permutations).
  public let p: Double
  /// (value − threshold) / (1 − threshold): 0 for a value that chance explains, 1 for equal sets;
  /// nil for measures that are minimized.
  public let calibrated: Double?

  /// Compares `value` with the `values` of random pairings, at least one.
  ///
  /// - Parameters:
  ///   - isMaximized: the greatest value is the best, and that of equal sets is 1.
  ///   - level: above 0 and below 1.
  public init(value: Double, values: [Double], isMaximized: Bool, level: Double) {
    precondition(!values.isEmpty && level > 0 && level < 1, "a null has values and a level")
    let count = values.count
    permutations = count
    self.level = level
    let mean = values.reduce(0, +) / Double(count)
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : 0
    // The best last.
    let sorted = isMaximized ? values.sorted() : values.sorted(by: >)
    let rank = Int(((1 - level) * Double(count + 1)).rounded(.up))
    let threshold = sorted[min(count, max(1, rank)) - 1]
    self.threshold = threshold
    // Rounding must not make the value of the same pairing better than itself.
    let margin = 1e-12 * max(1, abs(value))
    let asGood = values.count { isMaximized ? $0 >= value - margin : $0 <= value + margin }
    p = Double(1 + asGood) / Double(1 + count)
    calibrated = isMaximized && threshold < 1 ? (value - threshold) / (1 - threshold) : nil
  }

  /// Pairings of `rows` rows drawn at random, each row once.
  public static func orders(rows: Int, count: Int, seed: UInt64) -> [[Int]] {
    var generator = SeededGenerator(seed: seed, stream: 0x6E75_6C6C)
    return (0..<count).map { _ in Array(0..<rows).shuffled(using: &generator) }
  }
}
