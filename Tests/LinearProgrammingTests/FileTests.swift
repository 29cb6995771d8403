import QAPLinearProgramming
import Testing

/// Models as files for other solvers.
@Suite struct FileTests {
  /// Every kind of bound and row, an integer column, a constant.
  static var everything: LinearModel {
    var model = LinearModel(name: "everything")
    model.constant = -7
    let x = model.addColumn(cost: 3, name: "x")
    let y = model.addColumn(cost: -5, lower: -.infinity, upper: -1, isInteger: true, name: "y")
    let z = model.addColumn(cost: 0.1, lower: -.infinity, upper: .infinity, name: "z")
    let w = model.addColumn(cost: 0, lower: 2, upper: 2)
    model.addColumn(cost: 0, lower: -1.5, upper: 9.5, isInteger: true, name: "unused")
    model.addRow(upper: 4, name: "most", [(x, 1), (z, -1e-9)])
    model.addRow(lower: -12, name: "least", [(y, 2), (w, 1)])
    model.addEquation(equals: 0, name: "balance", [(x, 1), (y, 1), (z, 1)])
    model.addRow(lower: 1, upper: 18, name: "range", [(x, 3), (y, 2)])
    model.addRow(name: "free", [(x, 1)])
    return model
  }

  @Test func mpsFilesHoldTheModel() throws {
    let text = String(decoding: try Self.everything.formatted(as: .mps), as: UTF8.self)
    #expect(
      text == """
        NAME everything
        ROWS
         N objective
         L most
         G least
         E balance
         L range
         N free
        COLUMNS
         x objective 3
         x most 1
         x balance 1
         x range 3
         x free 1
         M0 'MARKER' 'INTORG'
         y objective -5
         y least 2
         y balance 1
         y range 2
         M1 'MARKER' 'INTEND'
         z objective 0.1
         z most -1e-09
         z balance 1
         c3 least 1
         M2 'MARKER' 'INTORG'
         unused objective 0
         M3 'MARKER' 'INTEND'
         constant objective -7
        RHS
         RHS most 4
         RHS least -12
         RHS range 18
        RANGES
         RNG range 17
        BOUNDS
         MI BND y
         UP BND y -1
         FR BND z
         FX BND c3 2
         LO BND unused -1
         UP BND unused 9
         FX BND constant 1
        ENDATA

        """)
  }

  @Test func lpFilesHoldTheModel() throws {
    let text = String(decoding: try Self.everything.formatted(as: .lp), as: UTF8.self)
    #expect(
      text == """
        \\ everything
        Minimize
         objective: + 3 x - 5 y + 0.1 z - 7 constant
        Subject To
         most: + 1 x - 1e-09 z <= 4
         least: + 2 y + 1 c3 >= -12
         balance: + 1 x + 1 y + 1 z = 0
         range: + 3 x + 2 y <= 18
         range_lower: + 3 x + 2 y >= 1
        Bounds
         -inf <= y <= -1
         z free
         c3 = 2
         -1 <= unused <= 9
         constant = 1
        Generals
         y
         unused
        End

        """)
  }

  @Test func linesOfLPFilesAreShort() throws {
    var model = LinearModel()
    for _ in 0..<300 { model.addColumn(cost: 0.1 + 0.2) }
    model.addRow(upper: 1, (0..<300).map { ($0, 1.0 / 3) })
    let text = String(decoding: try model.formatted(as: .lp), as: UTF8.self)
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count < 255 })
  }

  @Test func emptyModelsAreWritten() throws {
    var empty = LinearModel()
    empty.addRow(lower: 1, name: "impossible", [])
    for format in LinearModel.FileFormat.allCases {
      let text = String(decoding: try empty.formatted(as: format), as: UTF8.self)
      #expect(text.contains("impossible") && text.contains("nothing"), "\(format): \(text)")
    }
  }

  @Test func modelsThatNoFileStatesAreRefused() {
    var twice = LinearModel()
    twice.addColumn(cost: 1, name: "x")
    twice.addColumn(cost: 1, name: "x")
    var crossed = LinearModel()
    crossed.addRow(lower: 2, upper: 1, [])
    for model in [twice, crossed] {
      for format in LinearModel.FileFormat.allCases {
        #expect(throws: LinearProgramError.self) { try model.formatted(as: format) }
      }
    }
  }

  /// Names that LP files cannot hold are replaced, in all of them.
  @Test func namesSuitTheFormat() throws {
    var model = LinearModel()
    model.addColumn(cost: 1, name: "2nd")
    model.addColumn(cost: 1, name: "x")
    let lp = String(decoding: try model.formatted(as: .lp), as: UTF8.self)
    #expect(lp.contains("+ 1 c0 + 1 c1"), "\(lp)")
    let mps = String(decoding: try model.formatted(as: .mps), as: UTF8.self)
    #expect(mps.contains(" 2nd objective 1\n x objective 1\n"), "\(mps)")
  }
}
