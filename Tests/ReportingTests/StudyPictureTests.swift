import Foundation
import Testing

@testable import QAPReporting

/// Charts of studies from the JSON that the commands write.
@Suite struct StudyPictureTests {
  private func svg(_ text: String) throws -> String {
    try JSONDecoder().decode(StudyPicture.self, from: Data(text.utf8)).svg()
  }

  @Test func drawsWhatTheCommandsWrite() throws {
    let sizes = try svg(
      #"{"metric":"gw","sizes":[{"size":10,"accuracy":1,"truth_reached":1},"#
        + #"{"size":20,"accuracy":0.5,"truth_reached":1}]}"#)
    #expect(sizes.contains("accuracy: 10 → 1, 20 → 0.5"))
    #expect(sizes.contains("chance") && sizes.contains("rows matched"))
    let align = try svg(
      #"{"measures":[{"measure":"cka","value":0.9,"shuffled":[{"percent":100,"value":0.1},"#
        + #"{"percent":0,"value":0.9},{"percent":50,"value":0.4}]}]}"#)
    #expect(align.contains("cka: 0 → 0.9, 50 → 0.4, 100 → 0.1"))
    #expect(
      try svg(#"{"method":"ridge","top1":0.25,"top5":0.5,"top10":0.75}"#)
        .contains("ridge: 1 → 0.25, 5 → 0.5, 10 → 0.75"))
    let hist = try svg(#"{"original":{"hist":{"same":[0,0,1,3],"diff":[1,3,0,0]}}}"#)
    #expect(hist.contains("same class") && hist.contains("different classes"))
    for text in [#"{"measures":[]}"#, "{}", #"{"sizes":[]}"#] {
      #expect(throws: DecodingError.self) { try svg(text) }
    }
  }

  @Test func translationsAreDrawnBeforeAndAfter() throws {
    func picture(_ text: String) throws -> String {
      try JSONDecoder().decode(TranslationPicture.self, from: Data(text.utf8)).svg()
    }
    let text =
      #"{"agreement":0.25,"stages":{"probe":1},"epochs":[{"refinement":0,"rank":20,"score":0.5},"#
      + #"{"refinement":0,"rank":24,"score":0.75},{"refinement":1,"rank":20,"score":0.25}],"#
      + #""projection":{"source":[[0,0],[0.5,0]],"moved":[[1,0],[0,1]],"target":[[0.25,-1]]}}"#
    let drawn = try picture(text)
    #expect(drawn.contains("refinement 1") && drawn.contains("refinement 2"))
    #expect(drawn.contains("25.0 % of"))
    // Two rows of the source and one of the target in each panel, and their legend.
    #expect(drawn.components(separatedBy: "class=\"dot s0\" cx").count - 1 >= 5)
    // A point at the edge is drawn at 0.96 of the way.
    #expect(drawn.contains("cx=\"542.88\""))
    for wrong in [
      "{}", text.replacingOccurrences(of: "0.25,-1", with: "0.25"),
      text.replacingOccurrences(of: "projection", with: "other"),
    ] {
      #expect(throws: DecodingError.self) { try picture(wrong) }
    }
  }

  @Test func rowsBelowFiveHundredAreDrawnOneByOne() throws {
    var assignment = Array(0..<300)
    let truth = assignment
    assignment.swapAt(3, 200)
    let match = RowMatch(metric: "gw", assignment: assignment, truth: truth)
    let matrix = try #require(MatchMatrix(match))
    #expect(matrix.form == .rows && matrix.rowLabels.count == 300)
    let picture = try #require(MatchPicture(title: "t", match: match).svg(id: "m"))
    #expect(picture.contains("right: 298 of 300 (99.3 %)"))
    #expect(picture.components(separatedBy: "class=\"wrong\"").count - 1 == 3)
  }
}
