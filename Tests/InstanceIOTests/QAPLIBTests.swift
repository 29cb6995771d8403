import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import Testing

@Suite struct QAPLIBTests {
  func parse(_ text: String) throws -> Instance {
    try QAPLIB.parse(Array(text.utf8), file: "folder/x.dat")
  }

  @Test func readsAnyLayout() throws {
    let expected = try parse("2 0 1 1 0 0 5 5 0")
    #expect(expected.name == "x")
    #expect(expected.flow.elements == [0, 1, 1, 0])
    #expect(expected.distance.elements == [0, 5, 5, 0])
    #expect(expected.linear == nil)
    for text in [
      "2\r\n\r\n0 1\r\n1 0\r\n\r\n0 5\r\n5 0\r\n", "\u{FEFF}2\r0 1\r1 0\r0 5\r5 0",
      "\n\n2\n0\n1\n1\n0\n0\n5\n5\n0", "\t2 0 1\u{B}1 0 0\u{C}5 5 0   \n\n",
      "2.0 0e3 +1 1.000 .0 -0 50e-1 0.5E1 0",
    ] {
      let instance = try parse(text)
      #expect(instance.flow == expected.flow, "\(text.debugDescription)")
      #expect(instance.distance == expected.distance, "\(text.debugDescription)")
    }
  }

  @Test func readsALinearTerm() throws {
    let instance = try parse("2 0 1 1 0 0 5 5 0\n1 2\n3 4.5\n")
    #expect(instance.linear?.elements == [1, 2, 3, 4.5])
  }

  @Test(arguments: [
    ("", "1:1: found end of file, expected the number of facilities, an integer from 1 to 1000000"),
    (
      " \n ",
      "2:2: found end of file, expected the number of facilities, an integer from 1 to 1000000"
    ),
    ("0", "1:1: found 0, expected the number of facilities, an integer from 1 to 1000000"),
    ("-3 1", "1:1: found -3, expected the number of facilities, an integer from 1 to 1000000"),
    ("2.5", "1:1: found 2.5, expected the number of facilities, an integer from 1 to 1000000"),
    ("n = 2", "1:1: found n, expected the number of facilities, an integer from 1 to 1000000"),
    (
      "99999999999999999999999 1",
      "1:1: found 99999999999999999999999, expected the number of facilities, "
        + "an integer from 1 to 1000000"
    ),
    (
      "1000000 1 2",
      "1:12: found end of file after 2 numbers, expected 2000000000000 (two 1000000 × 1000000 "
        + "matrices)"
    ),
    ("2 0 1 1 0 0 5 5", "1:16: found end of file after 7 numbers, expected 8 (two 2 × 2 matrices)"),
    ("2\n0 1\n1 x\n0 5\n5 0", "3:3: found x, expected a finite number"),
    ("2\r\n0 1\r\n1 nan\r\n0 5\r\n5 0", "3:3: found nan, expected a finite number"),
    ("2\r0 1\r1 inf\r0 5\r5 0", "3:3: found inf, expected a finite number"),
    ("2\n0 1\n1 0\n0 1e999\n5 0", "4:3: found 1e999, expected a finite number"),
    ("2\n0 -1e999\n1 0\n0 1\n5 0", "2:3: found -1e999, expected a finite number"),
    ("2 0 1 1 0 0 5 1e 0", "1:15: found 1e, expected a finite number"),
    ("2 0 1 1 0 0 5 - 0", "1:15: found -, expected a finite number"),
    ("2 0 1 1 0 0 5 . 0", "1:15: found ., expected a finite number"),
    ("2 0 1 1 0 0 5 0x10 0", "1:15: found 0x10, expected a finite number"),
    (
      "2 0 1 1 0 0 5 5,0",
      "1:5: found numbers separated by blanks beside commas, "
        + "expected one kind of separator, and decimal points"
    ),
    ("2 0 1 1 0 0 5 ä 0", "1:15: found \\xC3\\xA4, expected a finite number"),
    ("2 0 ä", "1:5: found \\xC3\\xA4, expected a finite number"),
    ("2 0 1 1 0 0 5 5 \0", "1:17: found \\x00, expected a finite number"),
    (
      "2 0 1 1 0 0 5 5 0\n7 8",
      "2:1: found 2 more numbers, expected the end of the file or 4 (a linear term)"
    ),
    ("2 0 1 1 0 0 5 5 0\n1 2 y 4", "2:5: found y, expected a finite number"),
    ("2 0 1 1 0 0 5 5 0 end", "1:19: found end, expected the end of the file or a linear term"),
    ("2 0 1 1 0 0 5 5 0\n1 2 3 4\n\n 9", "4:2: found 9, expected the end of the file"),
    (
      "1 123456789012345678901234567890x 1",
      "1:3: found 123456789012345678901234…, expected a finite number"
    ),
  ])
  func refuses(_ text: String, _ expected: String) {
    #expect(message { try parse(text) } == "folder/x.dat:" + expected)
  }

  @Test func refusesBinaryGarbageAndHugeTokens() {
    let garbage = (0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
    #expect(throws: InputError.self) { try QAPLIB.parse(garbage, file: "x.dat") }
    let long = "1 " + String(repeating: "1", count: 100_000) + " 1"
    #expect(message { try parse(long) }.hasSuffix("expected a finite number"))
    #expect(throws: InputError.self) { try parse("1 0." + String(repeating: "3", count: 5_000)) }
  }

  /// Such data once trapped when the objective's lattice was computed.
  @Test func takesHugeNumbersAsRealData() throws {
    for text in ["1 1e300 0", "1 0 -1e19", "2 0 1e19 1e19 0 0 0 0 0"] {
      #expect(try !parse(text).properties.isIntegral, "\(text)")
    }
    #expect(message { try parse("1 1e200 1e200") }.hasSuffix("summed and squared"))
  }

  /// The parser must agree with the standard library on every bit.
  @Test func roundsCorrectly() throws {
    var texts = [
      "0.1", "1e22", "1e23", "9007199254740993", "9007199254740992.5", "1.7976931348623157e308",
      "5e-324", "2.4703282292062327e-324", "2.2250738585072014e-308", "123456789012345678",
      "0.000000000000000000000000000001", "-0", "-0.0", "1e-400", "000000000000000000000000012.50",
      "8.41e21", "3.333333333333333333333333333333333", "9007199254740991e22",
      "9007199254740993e-22",
    ]
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      let digits = (0..<1 + generator.below(20)).map { _ in String(generator.below(10)) }.joined()
      let point = generator.below(digits.count + 1)
      let exponent = generator.below(60) - 30
      texts.append("\(digits.prefix(point)).\(digits.dropFirst(point))e\(exponent)")
      texts.append(digits)
      texts.append("\(Double(bitPattern: generator.next() & 0x7FEF_FFFF_FFFF_FFFF))")
    }
    for text in texts {
      let expected = try #require(Double(text), "\(text)")
      let value = try parse("1 \(text) 0").flow[0, 0]
      #expect(value.bitPattern == expected.bitPattern, "\(text)")
    }
  }

  @Test func writesAlignedIntegers() throws {
    let instance = try parse("2 0 -10 1 200 0 5 5 0 0.5 1 2 3")
    #expect(
      String(decoding: try QAPLIB.format(instance, file: "x.dat"), as: UTF8.self)
        == "2\n\n  0 -10\n  1 200\n\n0 5\n5 0\n\n0.5 1\n2 3\n")
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func roundTrips(seed: UInt64) throws {
    let instance = try randomInstance(seed: seed, constant: false)
    let bytes = try QAPLIB.format(instance, file: "x.dat")
    let back = try QAPLIB.parse(bytes, file: "x.dat")
    #expect(back.hasSameBits(as: instance), "seed \(seed)")
  }

  @Test func refusesWhatTheFormatCannotHold() throws {
    let one = Matrix<Double>(rows: 1, columns: 1, repeating: 1)
    let shifted = try Instance(flow: one, distance: one, constant: 3.5)
    #expect(
      message { try QAPLIB.format(shifted, file: "x.dat") }
        == "x.dat: found an instance with the constant 3.5, "
        + "expected none: QAPLIB's format has no place for it, .json and .npz have")
    let tensor = try Instance(cost: .tensor(DenseCostTensor(size: 1, entries: [1])))
    for name in ["x.dat", "x.json"] {
      #expect(throws: InputError.self) { try InstanceFile.write(tensor, to: "/nowhere/" + name) }
    }
    let two = Matrix<Double>(rows: 2, columns: 2, repeating: 1)
    let fewer = try Instance(flow: one, distance: two)
    #expect(throws: InputError.self) { try QAPLIB.format(fewer, file: "x.dat") }
    #expect(throws: InputError.self) { try InstanceFile.write(fewer, to: "/nowhere/x.npy") }
  }
}

@Suite struct BundledInstanceTests {
  @Test func solutionsHaveTheBestKnownValue() throws {
    let table = String(
      decoding: try FileAccess.read(Folder.root + "/Instances/best-known.csv"), as: UTF8.self)
    let rows = table.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.count == 84)
    #expect(Folder.names(in: Folder.instances, extension: "dat") == rows.map { String($0[0]) })
    for row in rows {
      let path = "\(Folder.instances)/\(row[0])"
      let instance = try InstanceFile.read(path + ".dat")
      #expect(instance.name == row[0])
      #expect(String(instance.size) == row[1])
      let solutions = try SolutionFile.read(path + ".sln").resolve(against: instance)
      #expect(solutions.count == 1)
      #expect(solutions[0].objective == Double(row[2]), "\(row[0])")
      #expect(solutions[0].matchesClaim == true && solutions[0].orientation == .forward)
      if row[3] == "yes" { #expect(row[2] == row[4], "\(row[0])") }
    }
  }

  @Test(.enabled(if: Folder.hasLibrary))
  func theWholeLibraryParses() throws {
    var inverse: [String] = []
    var wrong: [String] = []
    for name in Folder.names(in: Folder.library, extension: "dat") {
      let instance = try InstanceFile.read("\(Folder.library)/\(name).dat")
      let path = "\(Folder.library)/\(name).sln"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      for solution in try SolutionFile.read(path).resolve(against: instance) {
        if solution.orientation == .inverse { inverse.append(name) }
        if solution.matchesClaim != true { wrong.append("\(name) \(solution.objective)") }
      }
    }
    #expect(
      inverse == ["esc128", "kra30a", "kra30b", "ste36c", "tai60a", "tai80a", "tho150", "tho30"])
    #expect(wrong == ["kra32 88700.0"])
  }
}
