import QAPPrimitives

/// Counts the tiles that parallel loops have done and tells a listener.
struct SweepProgress: Sendable {
  private let counter = AtomicCounter()
  private let total: Int
  private let report: (@Sendable (_ done: Int, _ total: Int) -> Void)?

  /// Tells `report`, from any thread, after each of `total` tiles.
  init(total: Int, _ report: (@Sendable (Int, Int) -> Void)?) {
    self.total = total
    self.report = report
  }

  /// One more tile is done.
  func advance() {
    guard let report else { return }
    report(counter.next() + 1, total)
  }
}
