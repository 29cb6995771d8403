import QAPPrimitives

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
