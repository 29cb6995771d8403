import BranchAndBound
import QAP

/// Whether `auto` searches the tree once the bound rises no further, and for how long.
struct TreePlan {
  /// Up to this size the heuristics have all but certainly found the optimum.
  static let largestForTime = 30
  /// Beyond this size trees are not finished, and a node takes a hundredth of a second.
  static let largest = 64
  /// Core seconds that a search may need by its estimate to be worth it without a time limit.
  static let worthwhileSeconds = 300.0
  /// Core seconds that a larger tree gets to raise the bound.
  static let otherwiseSeconds = 30.0

  /// How many nodes; nil for no search at all.
  let budget: BranchAndBound.Budget?
  /// The choice and its reasons, for the log.
  let explanation: String

  /// True when a search may follow the ascent.
  static func isThinkable(_ context: SolveContext) -> Bool {
    let n = context.instance.size
    return n <= largest
      && BranchAndBound.bytes(size: n, threads: context.threads)
        <= BranchAndBound.Parameters().memoryLimit
  }

  /// Decides after the ascent.
  init(_ context: SolveContext, iterations: Int?) {
    let n = context.instance.size
    func nodes(_ coreSeconds: Double) -> Int {
      Int(min(1e15, max(1000, coreSeconds / BranchAndBound.secondsPerNode(size: n))))
    }
    guard TreePlan.isThinkable(context) else {
      budget = nil
      explanation =
        "the bound rises no further, and n = \(n) is beyond exact search here "
        + "(--method branch-and-bound tries it)"
      return
    }
    if let left = context.secondsLeft {
      let all = nodes(1.5 * left * Double(context.threads))
      let isSmall = n <= TreePlan.largestForTime
      budget = BranchAndBound.Budget(worthwhile: all, otherwise: isSmall ? .max : 1)
      explanation =
        isSmall
        ? "the bound rises no further: exact search has the time that is left"
        : "the bound rises no further: exact search if its tree seems to have at most \(all) nodes"
    } else {
      budget = BranchAndBound.Budget(
        worthwhile: nodes(TreePlan.worthwhileSeconds),
        otherwise: nodes(TreePlan.otherwiseSeconds))
      explanation = "the bound rises no further: exact search"
    }
  }
}
