import Synchronization

/// A counter that hands out 0, 1, 2, … to whoever asks first.
public final class AtomicCounter: Sendable {
  private let next = Atomic<Int>(0)

  /// A counter that starts at zero.
  public init() {}

  /// The next number.
  public func take() -> Int { next.add(1, ordering: .relaxed).oldValue }
}
