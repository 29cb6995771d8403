import QAPDenseAlgebra
import QAPPrimitives

/// A score of a query against a candidate.
public enum RetrievalMethod: String, Sendable, CaseIterable {
  /// The centered kernel alignment of the base extended by query and candidate, with linear
  /// kernels.
  case localCKA = "local-cka"
  /// The same with Gaussian kernels, their bandwidth the lower median of each extended base.
  case localCKAGaussian = "local-cka-rbf"
  /// The cosine between the candidate and what least squares on the base, without intercept,
  /// predicts from the query (of least norm when there are fewer pairs than features). As
  /// published; it is at its worst where there are about as many pairs as features.
  case linear
  /// The cosine between what ridge regression with an intercept predicts and the candidate, both
  /// minus the mean of the known targets; the penalty by leave-one-out error.
  case ridge
  /// The cosine after the rotation that brings known pairs closest, both sides centered.
  case procrustes
  /// The cosine in regularized canonical directions, weighted by their correlations.
  case canonical = "cca"
  /// The cosine of relative representations: of the cosines to all base rows (Moschella et al.
  /// 2023).
  case relative
  /// The same with the largest cosines only, raised to a power (Norelli et al. 2023).
  case asif
  /// The cosine of query and candidate, for embeddings that share a space.
  case cosine

  /// Whether known pairs are needed.
  public var needsBase: Bool { self != .cosine }

  /// The bytes that scores take beyond the embeddings: kernels of the base rows of both sides, and
  /// what relates queries and candidates to them.
  public func bytes(base: Int, queries: Int, candidates: Int) -> Double {
    let related = Double(base) * (Double(queries) + Double(candidates))
    switch self {
    case .localCKA, .localCKAGaussian: return 8 * (3 * Double(base) * Double(base) + 3 * related)
    case .relative, .asif: return 8 * 3 * related
    case .canonical: return 8 * 2 * related
    case .linear, .ridge, .procrustes, .cosine: return 0
    }
  }
}
