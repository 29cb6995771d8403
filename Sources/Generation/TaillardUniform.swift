import QAP
import QAPPrimitives

/// Uniform random instances (É. Taillard, "Robust taboo search for the quadratic assignment
/// problem", Parallel Computing 17, 1991): two symmetric matrices of integers from 0 to 99 with
/// zero diagonals. QAPLIB's tai10a to tai100a are of this family.
public struct TaillardUniform: Sendable {
  /// The number of facilities.
  public let size: Int
  /// Seed of the first matrix of the file, which QAPLIB's readers call the flow; in 1..<2³¹−1.
  public let firstSeed: Int
  /// Seed of the second matrix; in 1..<2³¹−1.
  public let secondSeed: Int

  /// Accepts sizes from 1 and seeds in 1..<2³¹−1.
  ///
  /// - Throws: `InputError` for others.
  public init(size: Int, firstSeed: Int, secondSeed: Int = 123_456_789) throws(InputError) {
    try Generated.check(size: size, atLeast: 1)
    for seed in [firstSeed, secondSeed] {
      guard seed >= 1, seed < LehmerGenerator.modulus else {
        throw InputError(
          found: "seed \(seed)", expected: "1 to \(LehmerGenerator.modulus - 1)", kind: .argument)
      }
    }
    self.size = size
    self.firstSeed = firstSeed
    self.secondSeed = secondSeed
  }

  /// The seeds that reproduce QAPLIB's files. They were recovered from the files: every state of
  /// the generator was tried, and for each matrix exactly one gives all its entries.
  ///
  /// The files tai50a and tai100a hold their matrices in the other order than the rest.
  public static let published: [(name: String, size: Int, firstSeed: Int, secondSeed: Int)] = [
    ("tai10a", 10, 457_263_688, 123_456_789),
    ("tai12a", 12, 792_100_592, 123_456_789),
    ("tai15a", 15, 1_665_697_315, 123_456_789),
    ("tai17a", 17, 290_326_494, 123_456_789),
    ("tai20a", 20, 261_789_203, 123_456_789),
    ("tai25a", 25, 162_518_201, 123_456_789),
    ("tai30a", 30, 1_217_840_750, 123_456_789),
    ("tai35a", 35, 1_304_540_207, 123_456_789),
    ("tai40a", 40, 1_364_951_216, 123_456_789),
    ("tai50a", 50, 123_456_789, 148_469_109),
    ("tai60a", 60, 563_836_558, 123_456_789),
    ("tai80a", 80, 1_768_973_698, 123_456_789),
    ("tai100a", 100, 123_456_789, 443_596_051),
  ]

  /// The instance; the same for the same parameters, on every machine.
  public func instance(name: String? = nil) -> Instance {
    Generated.instance(
      name: name ?? "taillard-uniform-\(size)-\(firstSeed)", flow: matrix(seed: firstSeed),
      distance: matrix(seed: secondSeed))
  }

  private func matrix(seed: Int) -> Matrix<Double> {
    var generator = LehmerGenerator(seed: seed)
    var matrix = Matrix(rows: size, columns: size, repeating: 0.0)
    for r in 0..<size {
      for c in r + 1..<max(r + 1, size) {
        let value = Double(generator.below(100))
        matrix[r, c] = value
        matrix[c, r] = value
      }
    }
    return matrix
  }
}

/// Lehmer's generator x ← 16807·x mod (2³¹ − 1), as Taillard's instances use it (Bratley, Fox and
/// Schrage, "A Guide to Simulation", 1983, where it is split to stay in 32 bits).
struct LehmerGenerator {
  static let modulus = 2_147_483_647
  private var state: Int

  /// Starts from a state in 1..<modulus.
  init(seed: Int) {
    precondition(seed >= 1 && seed < LehmerGenerator.modulus, "a seed lies in 1..<2³¹−1")
    state = seed
  }

  /// The next integer in `0..<bound`: the fraction x / (2³¹ − 1) of `bound`, rounded down.
  mutating func below(_ bound: Int) -> Int {
    state = 16_807 * state % LehmerGenerator.modulus
    return state * bound / LehmerGenerator.modulus
  }
}
