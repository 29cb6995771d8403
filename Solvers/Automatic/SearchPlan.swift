import LocalSearch
import QAP

/// What `auto` looks at before it divides the time, and what it makes of it.
struct SearchPlan {
  /// Which search for assignments runs.
  enum Search: String {
    case tabu, memetic
  }

  /// Up to this size independent tabu walks find the best known value of every published instance
  /// within a fraction of a second; beyond it a population does better.
  static let largestForTabu = 30
  /// The share of a time limit that the search has before the bound is climbed.
  static let share = 0.5

  let search: Search
  /// Seconds for the search before the dual ascent; nil when work alone limits it.
  let seconds: Double?
  /// Whether the bound is climbed at all before the time is over.
  let climbs: Bool
  /// The part of its usual work that the search does before the ascent. The tree of a small instance needs an
  /// incumbent, which takes little work there, and often leaves nothing to search for.
  let opening: Double
  /// The choice and its reasons, for the log.
  let explanation: String

  /// Decides for the run of `context`, whose ascent could make `sweeps` sweeps in its share of time.
  init(_ context: SolveContext, sweeps: Double) {
    let instance = context.instance
    let n = instance.size
    search = n <= SearchPlan.largestForTabu ? .tabu : .memetic
    let wantsAll = context.secondsLeft != nil && (context.target != nil || sweeps < Climb.fewest)
    climbs = !wantsAll
    opening = wantsAll || n > SearchPlan.largestForTabu ? 1 : 1.0 / 8
    seconds = wantsAll ? nil : context.secondsLeft.map { SearchPlan.share * $0 }

    let reason = n <= SearchPlan.largestForTabu ? "small" : "beyond \(SearchPlan.largestForTabu)"
    var text = "auto: n = \(n) is \(reason), \(SearchPlan.describe(instance)): \(search.rawValue)"
    if let limit = context.secondsLeft {
      let whole = SearchPlan.short(limit)
      if context.target != nil {
        text += " has all of the \(whole) s, since a target is asked for"
      } else if wantsAll {
        text +=
          " has all of the \(whole) s: dual ascent would need more (--method rlt1 asks for it)"
      } else {
        text += " for \(SearchPlan.short(SearchPlan.share * limit)) of \(whole) s, then dual ascent"
      }
    } else {
      text += ", then dual ascent"
    }
    explanation = text
  }

  /// The features in words: "uniform (dominance 59 and 60)".
  private static func describe(_ instance: Instance) -> String {
    guard let structure = Structure(instance) else { return "a cost tensor" }
    let values = [structure.flowDominance, structure.distanceDominance].map {
      "\(Int(min($0, 1e9).rounded()))"
    }
    return (structure.isUniform ? "uniform" : "structured")
      + " (dominance \(values[0]) and \(values[1]))"
  }

  private static func short(_ seconds: Double) -> String {
    seconds == seconds.rounded() && seconds < 1e9 ? "\(Int(seconds))" : "\(seconds)"
  }
}
