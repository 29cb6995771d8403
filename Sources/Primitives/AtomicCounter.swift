import Synchronization

/// A counter that threads share: each call of `next()` returns another number.
public final class AtomicCounter: Sendable {
  private let value = Atomic<Int>(0)

  /// A counter that starts at zero.
  public init() {}

  /// 0 the first time, then 1, 2, ….
  public func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
}
