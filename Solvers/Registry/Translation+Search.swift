import QAPLocalSearch
import QAPMatching

extension Translation {
  /// Finds a map from `source` to `target`, whose rows may differ in number, features and order,
  /// with the usual search for assignments of centers.
  ///
  /// - Parameters:
  ///   - pairs: known pairs; none are needed.
  ///   - proves: bound the values of assignments of at most `maxProvedClusters` centers.
  ///   - shouldStop: asked often, from any thread; the fit then ends with the best map so far.
  ///   - progress: called with a line about each step, from any thread.
  /// - Throws: `InputError` for sides that cannot be clustered.
  public init(
    from source: Embeddings, to target: Embeddings, pairs: TranslationPairs? = nil,
    options: TranslationOptions = TranslationOptions(), proves: Bool = false,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    let centers = CenterSearch()
    let prover: Prover = { try centers.bound($0, start: $1, shouldStop: $2) }
    try self.init(
      source: source, target: target, pairs: pairs, options: options,
      search: { try centers($0, seed: $1, shouldStop: $2) }, prover: proves ? prover : nil,
      shouldStop: shouldStop, progress: progress)
  }
}
