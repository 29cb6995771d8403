import QAPFrontend
import QAPMatching
import QAPPrimitives

/// The result of `qap intramodal`, in the words of the reference values.
struct IntramodalAnswer: Encodable {
  struct Histogram: Encodable {
    let same: [Int]
    let diff: [Int]
    let overlap: Double?
    let meanSame: Double?
    let meanDiff: Double?

    enum CodingKeys: String, CodingKey {
      case same, diff, overlap
      case meanSame = "mean_same"
      case meanDiff = "mean_diff"
    }
  }

  struct View: Encodable {
    let hist: Histogram
    let mAP: Double?
  }

  struct TextImage: Encodable {
    let mAP: Double?
    let zeroShot: Double

    enum CodingKeys: String, CodingKey {
      case mAP
      case zeroShot = "zero_shot_acc"
    }
  }

  struct Shots: Encodable {
    let prototype: Double?
    let lda: Double?
  }

  struct Gap: Encodable {
    let gap: ModalityGap

    init(_ gap: ModalityGap) { self.gap = gap }

    enum CodingKeys: String, CodingKey {
      case norm
      case vectorSum = "vec_sum"
      case meanPairedCosine = "mean_paired_cos"
      case meanBetween = "mean_inter_all"
      case meanWithinFirst = "mean_intra_img"
      case meanWithinSecond = "mean_intra_txt"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(gap.norm, forKey: .norm)
      try container.encode(gap.vectorSum, forKey: .vectorSum)
      try container.encode(gap.meanPairedCosine, forKey: .meanPairedCosine)
      try container.encode(gap.meanBetween, forKey: .meanBetween)
      try container.encode(gap.meanWithinFirst, forKey: .meanWithinFirst)
      try container.encode(gap.meanWithinSecond, forKey: .meanWithinSecond)
    }
  }

  struct ByModality: Encodable {
    let inter: [Int]
    let intraImg: [Int]
    let overlap: Double?

    enum CodingKeys: String, CodingKey {
      case inter, overlap
      case intraImg = "intra_img"
    }
  }

  struct Recovered: Encodable {
    let rows: Int
    let relativeError: Double
    let largest: Double
    let condition: Double?
    let rank: Int?
    let expectedRank: Int?

    enum CodingKeys: String, CodingKey {
      case rows
      case relativeError = "rel_err"
      case largest = "maxabs"
      case condition = "cond"
      case rank = "rank_A"
      case expectedRank = "expected_rank"
    }
  }

  let vision: String
  let rows: Int
  let classes: Int
  let views: [String: View]
  let textImage: TextImage?
  let fewShot: [String: [String: Shots]]
  let modalityGap: Gap?
  let histByModality: ByModality?
  let recoverAnchors: Recovered?
  let recover: Recovered?
  let seconds: Double
  let version: String

  /// The order in which views are shown; these are keys of the JSON, too.
  private static let viewNames = [
    "original", "pca_centred", "pca_uncentred", "pca_centred_meanadj",
  ]

  private enum Key: String, CodingKey {
    case vision, rows, classes, original, fewshot, recover, seconds, version
    case pcaCentered = "pca_centred"
    case pcaUncentered = "pca_uncentred"
    case pcaCenteredMeanAdjusted = "pca_centred_meanadj"
    case textImage = "text_image"
    case modalityGap = "modality_gap"
    case histByModality = "hist_by_modality"
    case recoverAnchors = "recover_anchors"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(vision, forKey: .vision)
    try container.encode(rows, forKey: .rows)
    try container.encode(classes, forKey: .classes)
    try container.encode(views["original"], forKey: .original)
    try container.encode(views["pca_centred"], forKey: .pcaCentered)
    try container.encode(views["pca_uncentred"], forKey: .pcaUncentered)
    try container.encode(views["pca_centred_meanadj"], forKey: .pcaCenteredMeanAdjusted)
    try container.encode(textImage, forKey: .textImage)
    try container.encode(fewShot.isEmpty ? nil : fewShot, forKey: .fewshot)
    try container.encode(modalityGap, forKey: .modalityGap)
    try container.encode(histByModality, forKey: .histByModality)
    try container.encode(recoverAnchors, forKey: .recoverAnchors)
    try container.encode(recover, forKey: .recover)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(version, forKey: .version)
  }

  /// The result for people, in lines.
  var text: String {
    var lines: [(String, String)] = []
    for name in Self.viewNames {
      guard let view = views[name] else { continue }
      lines.append(
        (
          name,
          "mAP \(percent(view.mAP)), overlap \(figure(view.hist.overlap)), cosines "
            + "\(figure(view.hist.meanSame)) within and \(figure(view.hist.meanDiff)) between "
            + "classes"
        ))
      for (shots, figures) in (fewShot[name] ?? [:]).sorted(by: {
        (Int($0.key) ?? 0) < (Int($1.key) ?? 0)
      }) {
        lines.append(
          (
            "  \(shots) a class",
            "prototypes \(percent(figures.prototype)), LDA \(percent(figures.lda))"
              + (shots == "1" ? " (chance: one row a class has no scatter)" : "")
          ))
      }
    }
    if let textImage {
      lines.append(
        (
          "text to image",
          "mAP \(percent(textImage.mAP)), zero-shot accuracy \(percent(textImage.zeroShot))"
        ))
    }
    if let gap = modalityGap?.gap {
      lines.append(
        (
          "modality gap",
          "\(figure(gap.norm)); cosines \(figure(gap.meanPairedCosine)) of pairs, "
            + "\(figure(gap.meanBetween)) between, \(figure(gap.meanWithinFirst)) and "
            + "\(figure(gap.meanWithinSecond)) within"
        ))
    }
    if let histByModality {
      lines.append(("overlap by modality", figure(histByModality.overlap)))
    }
    for (name, recovered) in [("with anchors", recoverAnchors), ("without anchors", recover)] {
      guard let recovered else { continue }
      lines.append(
        (
          "recovered \(name)",
          "relative error \(figure(recovered.relativeError)), \(recovered.rows) rows"
        ))
    }
    return aligned(lines)
  }
}
