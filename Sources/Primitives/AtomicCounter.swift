import Synchronization

/// A counter that threads share: each call of `next()` returns another number.
package final class AtomicCounter: Sendable {
  private let value = Atomic<Int>(0)

  /// A counter that starts at zero.
  package init() {}

  /// 0 the first time, then 1, 2, ….
  package func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
}
