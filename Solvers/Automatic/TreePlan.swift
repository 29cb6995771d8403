import BranchAndBound
import QAP
import Semidefinite

/// What `auto` does once the level-1 RLT bound rises no further, and for how long.
struct TreePlan {
  /// Up to this size the heuristics have all but certainly found the optimum.
  static let largestForTime = 30
  /// Beyond this size trees are not finished, and a node takes a hundredth of a second.
  static let largest = 64
  /// Core seconds that a tree may need, by its estimate, to be searched before a stronger bound.
  static let firstSeconds = 10.0
  /// Core seconds that a search may need by its estimate to be worth it without a time limit. With the
  /// relaxation at its top a large tree takes a fraction of them.
  static let worthwhileSeconds = 1200.0
  /// Core seconds that a larger tree gets to raise the bound.
  static let otherwiseSeconds = 30.0
  /// Core seconds of the doubly nonnegative bound without a time limit.
  static let relaxationCoreSeconds = 300.0
  /// Steps of it at most where a search follows, which relaxes its nodes itself.
  static let stepsBeforeSearch = 300.0
  /// Fewer steps of it than this prove little.
  static let fewestSteps = 100.0

  /// The search of a small tree; nil for no search at all. It ends at once when the tree is larger.
  let first: BranchAndBound.Budget?
  /// Steps of the doubly nonnegative bound, and seconds at most; nil for none.
  let relaxationSteps: Int?
  let relaxationSeconds: Double?
  /// The search after that; nil for none.
  let last: BranchAndBound.Budget?
  /// The choice and its reasons, for the log.
  let explanation: String

  /// True when a search may follow the ascent.
  static func isThinkable(_ context: SolveContext) -> Bool {
    let n = context.instance.size
    return n <= largest
      && BranchAndBound.bytes(size: n, threads: context.threads)
        <= context.memoryLimit(BranchAndBound.Parameters().memoryLimit)
  }

  /// True when `seconds` of a time limit, of which a search gets its share, are enough for the doubly
  /// nonnegative bound.
  static func relaxes(_ context: SolveContext, secondsLeft seconds: Double)
    -> Bool
  {
    let step = DoublyNonnegative.secondsPerStep(size: context.instance.size)
    return isThinkable(context)
      && isRelaxed(context, steps: 0.5 * seconds * Double(context.threads) / step)
  }

  private static func isRelaxed(_ context: SolveContext, steps: Double) -> Bool {
    let n = context.instance.size
    return n >= 10 && n <= DoublyNonnegative.card.largestSize ?? n && steps >= fewestSteps
      && DoublyNonnegative.card.supports(context.instance)
  }

  /// Decides after the ascent.
  init(_ context: SolveContext) {
    let n = context.instance.size
    let left = context.secondsLeft
    let threads = Double(context.threads)
    func nodes(_ coreSeconds: Double) -> Int {
      Int(min(1e15, max(1000, coreSeconds / BranchAndBound.secondsPerNode(size: n))))
    }
    let step = DoublyNonnegative.secondsPerStep(size: n)
    let core = left.map { 0.5 * $0 * threads } ?? TreePlan.relaxationCoreSeconds
    let most = n <= TreePlan.largestForTime ? TreePlan.stepsBeforeSearch : 2000
    let steps = min(most, core / step)
    // Real data come from matching, where this bound is nearly exact; on others it wins as well.
    let isRelaxed = TreePlan.isRelaxed(context, steps: steps)
    relaxationSteps = isRelaxed ? Int(steps) : nil
    relaxationSeconds = isRelaxed ? left.map { 0.5 * $0 } : nil
    guard TreePlan.isThinkable(context) else {
      (first, last) = (nil, nil)
      explanation =
        "the bound rises no further, and n = \(n) is beyond exact search here "
        + "(--method branch-and-bound tries it)"
      return
    }
    let firstCore = min(TreePlan.firstSeconds, left.map { 0.5 * $0 * threads } ?? .infinity)
    first =
      isRelaxed ? BranchAndBound.Budget(worthwhile: nodes(firstCore), otherwise: 0) : nil
    if let left {
      let all = nodes(1.5 * left * threads)
      let isSmall = n <= TreePlan.largestForTime
      last = BranchAndBound.Budget(worthwhile: all, otherwise: isSmall ? .max : 0)
      explanation =
        isSmall
        ? "the bound rises no further: exact search"
        : "the bound rises no further: exact search if its tree seems to have at most \(all) nodes"
    } else {
      last = BranchAndBound.Budget(
        worthwhile: nodes(TreePlan.worthwhileSeconds),
        otherwise: nodes(TreePlan.otherwiseSeconds))
      explanation = "the bound rises no further: exact search"
    }
  }
}
