import QAP
import QAPInstanceIO
import QAPPrimitives
import Testing

@Suite struct SolutionFileTests {
  func parse(_ text: String) throws -> SolutionFile {
    try SolutionFile.parse(Array(text.utf8), file: "x.sln")
  }

  @Test(
    arguments: [
      ("3 54\n2 3 1\n", 54.0, [[1, 2, 0]]),
      ("  3    54  \r\n\r\n 2  3\r\n 1", 54, [[1, 2, 0]]),
      ("3\n54\n2\n3\n1", 54, [[1, 2, 0]]),
      ("3 5.25e1 2 3 1", 52.5, [[1, 2, 0]]),
      ("54\n2 3 1", 54, [[1, 2, 0]]),
      ("-54\n2,3,1\n", -54, [[1, 2, 0]]),
      ("0\n2 3 1", 0, [[1, 2, 0]]),
      ("3\n2 3 1", nil, [[1, 2, 0]]),
      ("2 3 1", nil, [[1, 2, 0]]),
      ("1, 2, 0", nil, [[1, 2, 0]]),
      ("3 54 1 2 0", 54, [[1, 2, 0]]),
      ("54\n2 3 1\n1 3 2\n\n3 2 1", 54, [[1, 2, 0], [0, 2, 1], [2, 1, 0]]),
      ("3, 54; 2, 3, 1; 1, 2, 3", 54, [[1, 2, 0], [0, 1, 2]]),
      ("3 2 1", nil, [[2, 1, 0]]),
      ("3\n2\n1\n", nil, [[2, 1, 0]]),
      ("3\n2 1", 3, [[1, 0]]),
      ("2 1", nil, [[1, 0]]),
      ("2 1\n2 1", 1, [[1, 0]]),
      ("1 7 1", 7, [[0]]),
      ("1 1\n1", 1, [[0]]),
      ("1", nil, [[0]]),
      ("200\n??\n", 200, []),
      ("3 200 ???", 200, []),
      ("\u{FEFF}3 54\n2 3 1\n", 54, [[1, 2, 0]]),
    ] as [(String, Double?, [[Int]])])
  func reads(_ text: String, _ claimed: Double?, _ images: [[Int]]) throws {
    let solution = try parse(text)
    #expect(solution.claimed == claimed)
    #expect(solution.permutations.map(\.images) == images)
  }

  @Test(arguments: [
    ("", "1:1: found end of file, expected a header \"n value\" or locations"),
    ("3 54\n2 3", "2:4: found end of file after 2 locations, expected 3"),
    ("3 54\n", "2:1: found end of file after 0 locations, expected 3"),
    ("578\n", "2:1: found end of file after 0 locations, expected a permutation"),
    ("3 54\n2 3 3", "2:5: found location 3 again, expected each of 1 to 3 once"),
    ("3 54\n2 4 1", "2:3: found 4, expected a location from 1 to 3"),
    ("3 54\n0 3 1", "2:3: found 3, expected a location from 0 to 2"),
    ("3 54\n2 3.5 1", "2:3: found 3.5, expected a location from 1 to 3"),
    ("3 54\n2 -1 1", "2:3: found -1, expected a location from 1 to 3"),
    ("3 54\n2 1e300 1", "2:3: found 1e300, expected a location from 1 to 3"),
    ("3 54\n2 3 1\n2 3", "3:4: found end of file after 2 locations, expected 3"),
    (
      "2.5 54\n2 3 1",
      "1:1: found 2.5, expected the number of facilities, an integer from 1 to 1000000"
    ),
    ("54\n2 3 3", "2:5: found location 3 again, expected each of 1 to 3 once"),
    ("3 54\n2 b 1", "2:3: found b, expected a finite number"),
    ("3 nan\n2 3 1", "1:3: found nan, expected a finite number"),
    ("54\n?? 1", "2:4: found 1, expected the end of the file"),
    ("3 54 1 ??", "1:6: found 1, expected \"??\" after at most two numbers"),
  ])
  func refuses(_ text: String, _ expected: String) {
    #expect(message { try parse(text) } == "x.sln:" + expected)
  }

  /// An instance whose permutations and their inverses have different values.
  var instance: Instance {
    get throws {
      let flow = Matrix<Double>(rows: 3, columns: 3, elements: [0, 1, 0, 0, 0, 10, 100, 0, 0])
      let distance = Matrix<Double>(rows: 3, columns: 3, elements: [0, 1, 2, 3, 0, 5, 6, 7, 0])
      return try Instance(name: "three", flow: flow, distance: distance)
    }
  }

  @Test func findsTheOrientation() throws {
    let instance = try instance
    let p = try #require(Assignment(locations: [1, 2, 0]))
    let forward = instance.objective(of: p)
    let inverse = instance.objective(of: p.inverse)
    try #require(forward != inverse)

    func resolve(_ claim: String) throws -> ResolvedSolution {
      let solutions = try parse("\(claim)\n2 3 1").resolve(against: instance)
      return try #require(solutions.first)
    }
    let right = try resolve("3 \(forward)")
    #expect(right.orientation == .forward && right.assignment == p)
    #expect(right.matchesClaim == true && right.objective == forward)

    let turned = try resolve("3 \(inverse)")
    #expect(turned.orientation == .inverse && turned.assignment == p.inverse)
    #expect(turned.matchesClaim == true && turned.objective == inverse)

    let neither = try resolve("3 1")
    #expect(neither.orientation == .forward && neither.matchesClaim == false)
    #expect(neither.objective == forward && neither.otherObjective == inverse)

    let silent = try resolve("3")
    #expect(silent.claimed == nil && silent.matchesClaim == nil && silent.assignment == p)
  }

  @Test func refusesAnotherSize() throws {
    let solution = try parse("2 54\n2 1")
    let instance = try instance
    #expect(
      message { try solution.resolve(against: instance) }
        == "x.sln: found a permutation of 2 facilities, expected 3, the size of three")
    let empty = try parse("54 ??")
    #expect(
      message { try empty.resolve(against: instance) }
        == "x.sln: found no permutation, expected one of 3 facilities")
  }

  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func roundTrips(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let size = 1 + generator.below(60)
    let permutation = Permutation(randomOf: size, using: &generator)
    let value = generator.below(2) == 0 ? Double(generator.below(1 << 40)) : generator.unit()
    let bytes = SolutionFile.format(Assignment(permutation), objective: value)
    let back = try SolutionFile.parse(bytes, file: "x.sln")
    #expect(back.claimed == value && back.permutations == [permutation], "seed \(seed)")
  }
}
