import QAPPrimitives
import Synchronization

/// Flows and distances of which at least one is sparse, and, once a method asks for them, the
/// same with all zeros.
final class SparseCost: Sendable {
  let flow: CostMatrix
  let distance: CostMatrix
  private let state = Mutex<QuadraticCost?>(nil)

  init(flow: CostMatrix, distance: CostMatrix) {
    self.flow = flow
    self.distance = distance
  }

  /// The dense matrices, made on first use and kept.
  ///
  /// - Complexity: O(n²) for the first call.
  var dense: QuadraticCost {
    state.withLock { state in
      if let made = state { return made }
      let made = QuadraticCost.koopmansBeckmann(flow: flow.dense, distance: distance.dense)
      state = made
      return made
    }
  }
}
