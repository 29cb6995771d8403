/// The work model of the methods, in ticks: a unit of work that depends on sizes alone, so that
/// plans based on it are the same on every machine. A tick is a nanosecond of one core of the
/// machine that BENCHMARKS.md names; `qap-bench calibrate` compares. Seconds matter under a time
/// limit alone.
package enum WorkModel {
  /// Ticks that a core does in a second.
  package static let ticksPerSecond = 1e9

  /// The ticks that `threads` cores do in `seconds`.
  package static func ticks(seconds: Double, threads: Int) -> Double {
    seconds * Double(threads) * ticksPerSecond
  }

  /// The seconds that `threads` cores need for `ticks`.
  package static func seconds(ticks: Double, threads: Int) -> Double {
    ticks / (Double(threads) * ticksPerSecond)
  }

  /// A sweep of the annealed dual ascent over all pairs: n⁴/2 costs.
  package static func sweep(size n: Int) -> Double { 2.6 * power(n, 4) }

  /// Rounds of the dual ascent, of n² assignment problems each: the first one begins from nothing.
  package static func rounds(_ count: Int, size n: Int) -> Double {
    0.5 * power(n, 5) + 5 * Double(count) * power(n, 4)
  }

  /// A step of the doubly nonnegative relaxation: an eigendecomposition of order n², or a part of
  /// one where ranks are limited.
  package static func relaxationStep(size n: Int, limitsRank: Bool) -> Double {
    (limitsRank ? 0.035 : 0.15) * power(n, 6)
  }

  /// A node of the search tree.
  package static func node(size n: Int) -> Double { 0.6 * power(n, 4) }

  /// An annealed ascent at a node of the search tree.
  package static func annealedNode(size n: Int) -> Double { 500 * power(n, 4) }

  /// A random walk from the root of a search tree, which makes all children on its way.
  package static func walk(size n: Int) -> Double { 0.2 * power(n, 2) * node(size: n) }

  /// The beginning of a tree: a reduced root, lines that are tried out, and four walks.
  package static func firstLook(size n: Int) -> Double { 70 * power(n, 5) + 4 * walk(size: n) }

  /// The relaxation in the space that an association scheme of some classes leaves.
  package static func schemeRelaxation(size n: Int, classes: Int) -> Double {
    2500 * Double(classes) * power(n, 3)
  }

  /// The projection bound: two eigendecompositions of order n, and the assignment problem.
  package static func projection(size n: Int) -> Double { 20 * power(n, 3) }

  /// Frank–Wolfe descents from four starts, polished by swaps.
  package static func frankWolfe(size n: Int) -> Double { 60 * power(n, 3) }

  /// Memory that is written for the first time: the system clears its pages.
  package static func allocation(bytes: Double) -> Double { 0.6 * bytes }

  /// The layout of matrices for swap neighborhoods.
  package static func layout(size n: Int) -> Double { 60 * power(n, 2) }

  /// Leaders and the memory of their assignment problem, before any of it is solved.
  package static func leaders(size n: Int) -> Double { 10 * power(n, 2) }

  /// The bound by the duals of an assignment problem.
  package static func certifying(size n: Int) -> Double { 3 * power(n, 2) }

  /// The objective recomputed for verification, row by row on all threads.
  package static func verification(size n: Int) -> Double { 12 * power(n, 2) }

  /// The objective as a run computes it for an assignment that it is offered.
  package static func objective(size n: Int) -> Double { 3 * power(n, 2) }

  /// The instance of two sides with these numbers of rows and features.
  package static func matching(rows n: Int, features: Int) -> Double {
    (60 + 0.07 * Double(features)) * power(n, 2)
  }

  private static func power(_ n: Int, _ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<exponent { result *= Double(n) }
    return result
  }
}
