import QAPPrimitives
import Synchronization

/// The results of `body` for every index in `0..<count`, computed on at most `threads` threads and
/// returned in order of index.
func parallelMap<Result: Sendable>(
  count: Int, threads: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
  let results = Mutex([Result?](repeating: nil, count: count))
  parallelFor(count: count, threads: threads) { _, index in
    let result = body(index)
    results.withLock { $0[index] = result }
  }
  // Every index was visited.
  return results.withLock { $0.compactMap(\.self) }
}
