import QAPLocalSearch
import QAPMatching

extension Translation {
  /// Finds a map from `source` to `target`, whose rows may differ in number, features and order,
  /// with the usual search for assignments of centers.
  ///
  /// - Parameters:
  ///   - pairs: known pairs; none are needed.
  ///   - shouldStop: asked often, from any thread; the fit then ends with the best map so far.
  ///   - progress: called with a line about each step, from any thread.
  /// - Throws: `InputError` for sides that cannot be clustered.
  public init(
    from source: Embeddings, to target: Embeddings, pairs: TranslationPairs? = nil,
    options: TranslationOptions = TranslationOptions(),
    shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    let search = CenterSearch()
    try self.init(
      source: source, target: target, pairs: pairs, options: options,
      search: { try search($0, seed: $1, shouldStop: $2) }, shouldStop: shouldStop,
      progress: progress)
  }
}
