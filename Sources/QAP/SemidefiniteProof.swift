import QAPPrimitives

/// The proof of a bound of the doubly nonnegative relaxation (Zhao, Karisch, Rendl and Wolkowicz
/// 1998) over n free facilities and locations: a symmetric matrix Z of order n² + 1 over 1 and the
/// placements (i, j), and a feasible point of the level-1 RLT dual for the costs to which Z is
/// added.
///
/// For an assignment matrix x, with y = (1; x), f(x) = [f(x) + yᵀZy] − yᵀZy. The bracket has the
/// pair costs q(ij,kl) + 2Z[ij,kl], the single costs L[i,j] + Z[ij,ij] + 2Z[0,ij], and the constant
/// Z[0,0] more; what the multipliers prove of it holds. For the rest: y is in the range of
///
///     B = [ 2^−s·(n; e) | (0; E⊗E) ],   E = (I; −eᵀ), n × (n−1),   s = ⌊log₂ n⌋,
///
/// and ‖y‖² = n + 1, so yᵀZy ≤ (n + 1)·t whenever Bᵀ(tI − Z)B ⪰ 0.
public struct SemidefiniteProof: Equatable, Sendable {
  /// A unit of Z and t is 2 to this power.
  public var exponent: Int
  /// t.
  public var eigenvalue: Int64
  /// Z[0,0].
  public var corner: Int64
  /// Z[0,ij] at `i·n + j`.
  public var border: [Int64]
  /// Z[ij,kl] for `p = i·n + j ≥ q = k·n + l` at `p·(p + 1)/2 + q`.
  public var block: [Int64]
  /// Feasible for the costs with Z; its unit is its own.
  public var multipliers: RLTMultipliers

  /// A proof from its numbers, for n = `multipliers.locations`: n² of `border` and n²(n² + 1)/2 of
  /// `block`. Nothing is checked here: a checker decides what they prove.
  public init(
    exponent: Int, eigenvalue: Int64, corner: Int64, border: [Int64], block: [Int64],
    multipliers: RLTMultipliers
  ) {
    self.exponent = exponent
    self.eigenvalue = eigenvalue
    self.corner = corner
    self.border = border
    self.block = block
    self.multipliers = multipliers
  }

  /// The number of free facilities, n.
  public var size: Int { multipliers.locations }
}
