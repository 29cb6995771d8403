import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// The result of `qap align`.
struct AlignAnswer: Encodable {
  struct Level: Encodable {
    let percent: Double
    /// The mean of `values`.
    let value: Double
    /// The value of each seed.
    let values: [Double]
  }

  /// One direction of linear predictivity, in the words of the reference values.
  struct Predictivity: Encodable {
    struct Nonnested: Encodable {
      let score: Double
      let alpha: Double
      let curve: [Double]
    }

    let score: Double
    let folds: [Double]
    let alpha: [Double]
    let nonnested: Nonnested

    init(_ result: LinearPredictivity) {
      score = result.score
      folds = result.folds
      alpha = result.alpha
      nonnested = Nonnested(
        score: result.nonnested.score, alpha: result.nonnested.alpha, curve: result.curve)
    }
  }

  struct Both {
    let v2l: Predictivity
    let l2v: Predictivity
  }

  struct Measure: Encodable {
    let measure: String
    let value: Double
    let shuffled: [Level]
    let null: PermutationNull?
    let v2l: Predictivity?
    let l2v: Predictivity?
  }

  struct Averaged: Encodable {
    let count: Int
    let v2l: Predictivity
    let l2v: Predictivity
  }

  struct Test: Encodable {
    let groupPreferred: [Double]
    let groupNonpreferred: [Double]
    let t: Double?
    let p: Double?
    let df: Int?

    enum CodingKeys: String, CodingKey {
      case groupPreferred = "group_preferred"
      case groupNonpreferred = "group_nonpreferred"
      case t, p, df
    }
  }

  struct Tests: Encodable {
    let v2l: Test
    let l2v: Test
  }

  let vision: String
  let language: String
  let rows: Int
  let measures: [Measure]
  let averaging: [Averaged]
  let ttest: Tests?
  let seconds: Double
  let version: String

  /// The result for people, in lines.
  var text: String {
    var lines: [(String, String)] = []
    for measure in measures {
      lines.append((measure.measure, figure(measure.value)))
      for (name, part) in [("v2l", measure.v2l), ("l2v", measure.l2v)] {
        guard let part else { continue }
        lines.append(
          (
            "  \(name)",
            "\(figure(part.score)); not nested \(figure(part.nonnested.score))"
              + " at alpha \(figure(part.nonnested.alpha))"
          ))
      }
      if let null = measure.null {
        lines.append(
          (
            "  \(null.permutations) random pairings",
            "\(figure(null.mean)) ± \(figure(null.deviation)); p = \(figure(null.p))"
              + (null.calibrated.map {
                "; calibrated \(figure($0)) (threshold \(figure(null.threshold)))"
              } ?? "")
          ))
      }
      for level in measure.shuffled {
        lines.append(("  \(figure(level.percent))% shuffled", figure(level.value)))
      }
    }
    for row in averaging {
      lines.append(
        (
          "mean of \(row.count)", "v2l \(figure(row.v2l.score)), l2v \(figure(row.l2v.score))"
        ))
    }
    if let ttest {
      for (name, test) in [("v2l", ttest.v2l), ("l2v", ttest.l2v)] {
        let means = (mean(test.groupPreferred), mean(test.groupNonpreferred))
        lines.append(
          (
            "preferred, \(name)",
            "\(figure(means.0)) against \(figure(means.1)): t = \(figure(test.t)), "
              + "p = \(figure(test.p)), df = \(test.df.map(String.init) ?? "-")"
          ))
      }
    }
    return aligned(lines)
  }
}
