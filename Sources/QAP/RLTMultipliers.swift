import QAPPrimitives

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
