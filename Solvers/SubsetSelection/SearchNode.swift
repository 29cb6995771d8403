import QAP
import QAPPrimitives

/// Where the relaxation of a node's children starts from: what it reached at the node.
final class WarmStart: @unchecked Sendable {
  // Unchecked because of the buffers, which nobody changes after `init`.

  /// The node's free items, ascending.
  let free: [Int]
  let primal: Buffer<Double>
  let multipliers: Buffer<Double>

  init(_ relaxation: SubsetRelaxation, free: [Int]) {
    self.free = free
    let count = (free.count + 1) * (free.count + 1)
    primal = Buffer(count: count, repeating: 0)
    multipliers = Buffer(count: count, repeating: 0)
    primal.view.copy(from: relaxation.primal.view.window(0, count))
    multipliers.view.copy(from: relaxation.multipliers.view.window(0, count))
  }

  /// The bytes for a number of free items.
  static func bytes(_ free: Int) -> Int { 16 * (free + 1) * (free + 1) }

  /// Sets primal and multipliers for a node below: excluded items go, and a chosen item's row
  /// joins that of the constant 1.
  func prepare(_ relaxation: SubsetRelaxation, for costs: FreeCosts) {
    var place: [Int: Int] = [:]
    for (index, item) in free.enumerated() { place[item] = index + 1 }
    let kept = [0] + costs.free.map { place[$0]! }
    let chosen = costs.chosen.compactMap { place[$0] }
    let (k, old) = (kept.count, free.count + 1)
    let (y, z) = (relaxation.primal.view, relaxation.multipliers.view)
    for (r, from) in kept.enumerated() {
      for (c, at) in kept.enumerated() {
        y[r * k + c] = primal.view[from * old + at]
        z[r * k + c] = multipliers.view[from * old + at]
      }
    }
    for i in chosen {
      z[0] += 2 * multipliers.view[i * old]
      for j in chosen { z[0] += multipliers.view[i * old + j] }
      for (r, from) in kept.enumerated() where r > 0 {
        z[r] += multipliers.view[i * old + from]
        z[r * k] += multipliers.view[i * old + from]
      }
    }
  }
}

/// A node that is still to be treated.
struct SearchNode: Sendable {
  /// The number of the node, in the order of birth.
  let id: Int
  /// Free and chosen items.
  let free: [Int]
  let chosen: [Int]
  /// Proven before it is treated, in units.
  let bound: Int128
  let warmStart: WarmStart?
}

/// The result of processing a node.
struct NodeResult: Sendable {
  /// A child: what it decides beyond the items that the node fixed, its bound from the node's dual
  /// point, and whether that closes it.
  struct Child: Sendable {
    let free: [Int]
    let chosen: [Int]
    let bound: Int128
    let isClosed: Bool
  }

  /// An item that the node's bound decides, and how; the other way is closed.
  struct Decision: Sendable {
    let item: Int
    let isChosen: Bool
  }

  /// The reason why the node ended.
  enum End: Sendable {
    /// By the rows of its original costs, or because nothing is left to decide.
    case originalRows
    /// By the rows of the dual point.
    case rows
    /// Both ways of deciding an item are closed by the rows of the dual point.
    case contradiction(item: Int)
    /// Branched on an item, without it and all others of its orbit first; the orbit of generators
    /// that leave the decisions as they are, if there are any.
    case branched(item: Int, generators: [[Int]], without: Child, with: Child)
  }

  var end = End.originalRows
  /// The least bound of what the node closed, in units; nil when it closed nothing.
  var closed: Int128?
  /// The dual point that decisions, closed and open children rest on.
  var dual: SubsetDual?
  /// Items decided on the way, in this order.
  var decisions: [Decision] = []
  /// Subsets met.
  var candidates: [[Int]] = []
  /// Steps of the relaxation.
  var steps = 0
  var warmStart: WarmStart?
  /// The stopping criteria ended it before it was done: the node stays open.
  var isInterrupted = false
}
