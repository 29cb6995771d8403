import QAPPrimitives

/// A facility that must stand at a location, both 0-based.
public struct FixedPair: Hashable, Sendable {
  /// The facility.
  public let facility: Int
  /// Its location.
  public let location: Int

  /// Facility `facility` at location `location`, both numbered from 0. Whether an instance has them
  /// is checked where the pair is used.
  public init(facility: Int, location: Int) {
    self.facility = facility
    self.location = location
  }
}

/// The proof of a lower bound, in numbers that a program without knowledge of the solver can check.
public enum BoundProof: Equatable, Sendable {
  /// A feasible point of the dual of the level-1 RLT relaxation.
  case rlt1(RLTMultipliers)
  /// Eigenvalues of the projected matrices, and duals of the linear part.
  case projection(ProjectionProof)
  /// A search tree with a proof at each leaf.
  case tree(TreeProof)
  /// A multiplier of the doubly nonnegative relaxation.
  case semidefinite(SemidefiniteProof)
}

extension BoundProof {
  /// The point of the level-1 RLT dual, if it is one.
  public var multipliers: RLTMultipliers? {
    if case .rlt1(let multipliers) = self { multipliers } else { nil }
  }

  /// The name of the claim's kind in files.
  public var kind: String {
    switch self {
    case .rlt1: "rlt1"
    case .projection: "projection"
    case .tree: "tree"
    case .semidefinite: "dnn"
    }
  }
}

/// A feasible point of the dual of the level-1 RLT relaxation (Adams and Johnson 1994) in whole
/// units of `2^exponent`.
///
/// Over m facilities and n locations, those that no pair fixes, renumbered in their order from 0,
/// with the cost of a pair `q(ij,kl) = C[i,j,k,l] + C[k,l,i,j]` and the cost of a single placement
/// `L[i,j]` (linear term, diagonal, and the pairs it forms with fixed ones),
///
///     ⌊q(ij,kl)⌋ − u[i,j,k] − v[i,j,l] − u[k,l,i] − v[k,l,j] ≥ 0        for all i ≠ k, j ≠ l
///     ⌊L[i,j]⌋ + Σ_{k≠i} u[i,j,k] + Σ_{l≠j} v[i,j,l] − α[i] − β[j] ≥ 0   for all i, j
///
/// where ⌊·⌋ rounds down to a whole number of units (integral data need no rounding). Then every
/// assignment that contains the fixed pairs costs at least the costs of those pairs + Σα + Σβ.
///
/// m may be less than n when the other facilities, the last ones, cost nothing wherever they are;
/// then v ≤ 0 and β ≤ 0 as well, as some locations stay empty.
public struct RLTMultipliers: Equatable, Sendable {
  /// A unit is 2 to this power.
  public var exponent: Int
  /// One for each of the m facilities.
  public var facilityDuals: [Int64]
  /// One for each of the n locations.
  public var locationDuals: [Int64]
  /// `u[i,j,k]` at `(i·n + j)·m + k`; 0 where k = i.
  public var rowMultipliers: [Int64]
  /// `v[i,j,l]` at `(i·n + j)·n + l`; 0 where l = j.
  public var columnMultipliers: [Int64]

  /// A point from its numbers, whose counts are those of `isWellFormed(_:_:)`. Nothing is checked
  /// here: a checker decides what they prove.
  public init(
    exponent: Int, facilityDuals: [Int64], locationDuals: [Int64], rowMultipliers: [Int64],
    columnMultipliers: [Int64]
  ) {
    self.exponent = exponent
    self.facilityDuals = facilityDuals
    self.locationDuals = locationDuals
    self.rowMultipliers = rowMultipliers
    self.columnMultipliers = columnMultipliers
  }

  /// The number of facilities, m.
  public var facilities: Int { facilityDuals.count }
  /// The number of locations, n.
  public var locations: Int { locationDuals.count }

  /// True when there are as many numbers as a point for `m` facilities and `n` locations has.
  public func isWellFormed(_ m: Int, _ n: Int) -> Bool {
    facilities == m && locations == n && rowMultipliers.count == m * n * m
      && columnMultipliers.count == m * n * n
  }

  /// The same point for the problem with facilities and locations transposed, as many of each.
  public var transposed: RLTMultipliers {
    let n = locations
    precondition(facilities == n, "fewer facilities than locations")
    func swapped(_ cube: [Int64]) -> [Int64] {
      var result = cube
      for i in 0..<n {
        for j in 0..<n {
          for k in 0..<n { result[(j * n + i) * n + k] = cube[(i * n + j) * n + k] }
        }
      }
      return result
    }
    return RLTMultipliers(
      exponent: exponent, facilityDuals: locationDuals, locationDuals: facilityDuals,
      rowMultipliers: swapped(columnMultipliers), columnMultipliers: swapped(rowMultipliers))
  }
}

/// The proof of a projection bound (Hadley, Rendl and Wolkowicz 1992) over `size` free facilities
/// and locations, n below.
///
/// With A and B symmetric, P = I − eeᵀ/n and s(·) the sum of all elements, every assignment matrix
/// X has
///
///     ⟨A X B, X⟩ + ⟨L, X⟩ ≥ ⟨λ(PAP), λ(PBP)⟩₋ + ⟨D + L, X⟩ − s(A)s(B)/n²,   D = (2/n)·Ae·(Be)ᵀ
///
/// where λ leaves out the eigenvalue 0 of e and ⟨·,·⟩₋ pairs the largest of one with the smallest
/// of the other. The proof names approximate eigenvalues and vectors, whose residual tells how
/// wrong they can be, and location duals β of the assignment problem over D + L.
public struct ProjectionProof: Equatable, Sendable {
  /// The number of facilities that are not fixed.
  public var size: Int
  /// The diagonal products A[i,i]·B[j,j] are part of L, and the diagonals of A and B are zero.
  public var movesDiagonal: Bool
  /// n − 1 eigenvalues of PAP, ascending.
  public var flowValues: [Double]
  /// n − 1 eigenvalues of PBP, ascending.
  public var distanceValues: [Double]
  /// The eigenvectors of PAP, (n − 1) × n, one a row.
  public var flowVectors: Matrix<Double>
  /// The eigenvectors of PBP, (n − 1) × n, one a row.
  public var distanceVectors: Matrix<Double>
  /// One for each free location.
  public var locationDuals: [Double]

  /// A proof from its numbers, of the shapes that the properties state. Nothing is checked here: a
  /// checker decides what they prove.
  public init(
    size: Int, movesDiagonal: Bool, flowValues: [Double], distanceValues: [Double],
    flowVectors: Matrix<Double>, distanceVectors: Matrix<Double>, locationDuals: [Double]
  ) {
    self.size = size
    self.movesDiagonal = movesDiagonal
    self.flowValues = flowValues
    self.distanceValues = distanceValues
    self.flowVectors = flowVectors
    self.distanceVectors = distanceVectors
    self.locationDuals = locationDuals
  }
}

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

/// A lower bound together with its proof: what a certificate file holds.
public struct Certificate: Equatable, Sendable {
  /// The instance's name, for people: the proof is checked against the data.
  public var instance: String
  /// The number of facilities, fixed ones included.
  public var size: Int
  /// The claim concerns the assignments that contain these pairs; all assignments when empty.
  public var pairs: [FixedPair]
  /// The claim: no such assignment costs less.
  public var bound: Double
  /// The claim rounded up to the next value that objectives of the instance can take; equal to
  /// `bound` for real data.
  public var rounded: Double
  /// The proof.
  public var proof: BoundProof

  /// A claim with its proof. Nothing is checked here: `check(_:of:)` of the module QAPVerification
  /// decides.
  public init(
    instance: String, size: Int, pairs: [FixedPair] = [], bound: Double, rounded: Double,
    proof: BoundProof
  ) {
    self.instance = instance
    self.size = size
    self.pairs = pairs
    self.bound = bound
    self.rounded = rounded
    self.proof = proof
  }
}
