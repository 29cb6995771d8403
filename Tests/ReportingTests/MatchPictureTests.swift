import Foundation
import Testing

@testable import QAPReporting

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct MatchPictureTests {
  private func picture(_ match: RowMatch) throws -> String {
    let svg = try #require(MatchPicture(title: "a & b", match: match).svg(id: "m"))
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    return svg
  }

  private func count(_ mark: String, in svg: String) -> Int {
    svg.components(separatedBy: mark).count - 1
  }

  @Test func rightRowsLieOnTheDiagonal() throws {
    let match = RowMatch(
      metric: "gw", assignment: [2, 0, 1, 3], truth: [2, 1, 0, 3], accuracy: 0.5)
    let matrix = try #require(MatchMatrix(match))
    #expect(matrix.form == .rows && matrix.columnLabels == ["2", "1", "0", "3"])
    #expect(matrix.counts == [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    #expect(matrix.right == [1, 0, 0, 1])
    let svg = try picture(match)
    // Two right, two wrong, and one of each in the legend; every true pair is marked.
    #expect(count("class=\"right\"", in: svg) == 3 && count("class=\"wrong\"", in: svg) == 3)
    #expect(count("class=\"true\"", in: svg) == 5)
    #expect(svg.contains("2 of 4 rows of SOURCE are matched to their true rows of TARGET (50.0 %)"))
    #expect(svg.contains("1 to 0 instead of 1; 2 to 1 instead of 0."))
  }

  @Test func knownPairsAndRowsWithoutPartnersDoNotCount() throws {
    let match = RowMatch(
      metric: "cka", assignment: [0, nil, 5, 2], truth: [0, 1, 2, 3], pairs: [[0, 0]], accuracy: 0)
    let matrix = try #require(MatchMatrix(match))
    // The true partners of the rows that were matched, then what else was taken.
    #expect(matrix.rowLabels == ["0", "2", "3"] && matrix.columnLabels == ["0", "2", "3", "5"])
    #expect(matrix.known == [0])
    let svg = try picture(match)
    #expect(svg.contains("0 of 2 rows") && count("class=\"known\"", in: svg) == 2)
    #expect(MatchMatrix(RowMatch(metric: "cka", assignment: [nil, nil])) == nil)

    // Too many known pairs to draw: the others have a line each all the same.
    let rows = Array(0..<100)
    let seeded = RowMatch(
      metric: "gw", assignment: rows, truth: rows, pairs: (0..<90).map { [$0, $0] })
    let others = try #require(MatchMatrix(seeded))
    #expect(others.form == .rows && others.rowLabels.first == "90" && others.known.isEmpty)
    #expect(try picture(seeded).contains("known pairs, not drawn: 90"))
  }

  @Test func withoutTruthNothingIsRightOrWrong() throws {
    let svg = try picture(
      RowMatch(
        metric: "gw", assignment: [1, 0], sourceNames: ["<one>", "two"], targetNames: ["x", "y"]))
    #expect(count("class=\"right\"", in: svg) == 0 && count("class=\"wrong\"", in: svg) == 0)
    #expect(svg.contains("&lt;one&gt; to y; two to x.") && !svg.contains("<one>"))
  }

  @Test func classesAndSharedNamesAreCounted() throws {
    let classes = RowMatch(
      metric: "gw", assignment: [0, 0, 1, 2, 2], truth: [0, 0, 0, 2, 1],
      targetNames: ["cat", "dog", "fox"], accuracy: 0.6)
    let matrix = try #require(MatchMatrix(classes))
    #expect(matrix.form == .groups && matrix.rowLabels == ["cat", "dog", "fox"])
    #expect(matrix.counts == [[2, 1, 0], [0, 0, 1], [0, 0, 1]] && matrix.right == [2, 0, 1])
    #expect(try picture(classes).contains("Line by line: cat: 2 of 3; dog: 0 of 1; fox: 1 of 1."))

    let named = RowMatch(
      metric: "gw", assignment: [1, 0, 2, 3], truth: [0, 1, 2, 3],
      sourceNames: ["cat", "cat", "dog", "fox"])
    let groups = try #require(MatchMatrix(named))
    // Cats are matched to cats, but not to their own pictures.
    #expect(groups.rowLabels == ["cat", "dog", "fox"] && groups.counts[0] == [2, 0, 0])
    #expect(groups.right == [0, 1, 1])
  }

  @Test func manyRowsBecomeBlocks() throws {
    var assignment = (0..<1000).map { 999 - $0 }
    let truth = assignment
    assignment.swapAt(0, 500)
    let match = RowMatch(metric: "gw", assignment: assignment, truth: truth, accuracy: 0.998)
    let matrix = try #require(MatchMatrix(match))
    #expect(matrix.form == .blocks && matrix.rowLabels.count <= MatchMatrix.maxLines)
    #expect(matrix.rowLabels.first == "0–16" && matrix.rowLabels.last == "986–999")
    #expect(matrix.counts.joined().reduce(0, +) == 1000)
    #expect(matrix.counts[0][0] == 16 && matrix.counts[0][29] == 1)
    #expect(try picture(match).contains("right: 998 of 1000 (99.8 %)"))
    // Without a truth the columns have an order of their own, and nothing is right.
    let blind = try #require(
      MatchMatrix(RowMatch(metric: "gw", assignment: assignment.map { $0 * 2 })))
    #expect(blind.right == nil && blind.counts.joined().reduce(0, +) == 1000)
  }

  private func run(_ rest: String) throws -> TracedRun {
    let text = """
      {"instance":"a to b","method":"faq","seed":0,"seconds":2,"size":3,"trace":[],\
      \(rest)}
      """
    return try JSONDecoder().decode(TracedRun.self, from: Data(text.utf8))
  }

  @Test func readsWhatMatchAndClassifyWrite() throws {
    let match = try run(
      #""metric":"cka","sense":"max","constant":0,"objective":0.5,"bound":0.6,"accuracy":1,"#
        + #""assignment":[2,null,1],"truth":[2,0,1],"pairs":[],"source_names":null"#)
    #expect(match.run.instance == "a to b, cka, n = 3" && match.run.isMaximized)
    #expect(match.match?.assignment == [2, nil, 1] && match.run.match?.accuracy == 1)
    #expect(abs((match.run.gap ?? 0) - 0.2) < 1e-12)
    let classes = try run(
      #""metric":"gw","constant":1,"assignment":[1,0],"clusters":[0,0,1],"truth":[1,1,1]"#)
    #expect(classes.match?.assignment == [1, 1, 0])
    let plain = try run(#""objective":5,"bound":4,"assignment":[1,0,2]"#)
    #expect(plain.match == nil && plain.matchPicture() == nil)
    for wrong in [
      #""metric":"gw","assignment":[0,-1]"#, #""metric":"gw","assignment":[0],"truth":[0,1]"#,
      #""metric":"gw","assignment":[3],"target_names":["a"]"#,
      #""metric":"gw","assignment":[0],"pairs":[[7,0]]"#,
    ] { #expect(throws: (any Error).self, "\(wrong)") { try run(wrong) } }
  }

  @Test func matchesOfOtherRowsAreOtherInstances() throws {
    let runs = try [4.0, 5.0, 4.0].map {
      try run(#""metric":"gw","assignment":[0],"objective":1,"constant":\#($0)"#)
    }
    let names = TracedRun.comparable(runs).map(\.instance)
    #expect(names[0] == names[2] && names[1] == names[0] + " (2)")
  }

  @Test func aMaximumIsComparedTheOtherWayRound() throws {
    func result(_ method: String, _ objective: Double, _ bound: Double?) -> ComparisonRun {
      var run = ComparisonRun(
        instance: "a", method: method, objective: objective, bound: bound, seconds: 1)
      run.sense = "max"
      run.match = RowMatch(metric: "cka", assignment: [0], truth: [0], accuracy: 1)
      return run
    }
    let comparison = Comparison([result("x", 0.8, 0.9), result("y", 0.4, nil)])
    #expect(comparison.reference("a") == 0.8)
    #expect(comparison.distance(0.4, on: "a") == 0.5)
    #expect(abs((comparison.distance(0.9, on: "a") ?? 0) + 0.125) < 1e-12)
    #expect(comparison.objectiveProfile("y").map(\.x) == [0.5])
    #expect(comparison.boundProfile("x").map(\.y) == [1])
    #expect(comparison.text.contains("100.0%") && comparison.text.contains("12.50%"))
    let page = ComparisonPage(comparison, title: "t", remarks: []).html
    #expect(page.contains("<h2 id=\"matches\">") && page.contains("class=\"right\""))
  }
}
