import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import RandomInstances
import Testing

/// Programs for other solvers, and their solutions.
@Suite struct ExchangeTests {
  /// Asymmetric, negative, with diagonals, linear terms, and fewer facilities than locations.
  private func instance(_ seed: UInt64, size n: Int, facilities m: Int) throws -> Instance {
    var generator = SeededGenerator(seed: seed)
    let isInteger = generator.below(2) == 0
    func matrix(_ rows: Int, _ columns: Int) -> Matrix<Double> {
      Matrix(rows: rows, columns: columns) { _, _ in
        isInteger ? Double(generator.below(19)) - 9 : 2 * generator.unit() - 1
      }
    }
    return try Instance(
      name: "e\(seed)", flow: matrix(m, m), distance: matrix(n, n), linear: matrix(m, n),
      constant: isInteger ? 7 : 0.25)
  }

  private func permutations(_ n: Int) -> [Assignment] {
    func all(_ rest: [Int]) -> [[Int]] {
      rest.isEmpty
        ? [[]] : rest.flatMap { first in all(rest.filter { $0 != first }).map { [first] + $0 } }
    }
    return all(Array(0..<n)).compactMap { Assignment(locations: $0) }
  }

  private static let shapes = [(1, 1), (2, 2), (3, 3), (3, 2)]

  /// The minimum over all bit vectors is the optimum, with and without pairs and forbidden
  /// placements, in both senses.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func theMinimumOfAQUBOIsTheOptimum(seed: UInt64) throws {
    for (n, m) in Self.shapes {
      let plain = try instance(seed, size: n, facilities: m)
      let given = seed % 2 == 0 ? plain.forbiddingSome(seed: seed).instance : plain
      for sense in [Sense.min, .max] {
        let minimized = sense == .max ? given.negated : given
        for pairs in n > 1 ? [[], [FixedPair(facility: 0, location: 1)]] : [[]] {
          guard leastObjective(minimized, with: pairs).isFinite else {
            #expect(throws: MethodError.self) {
              try QUBO(minimizing: minimized, pairs: pairs, sense: sense)
            }
            continue
          }
          let problem = try QUBO(minimizing: minimized, pairs: pairs, sense: sense)
          let count = problem.variables.count
          var least = Double.infinity
          for bits in 0..<1 << count {
            var value = 0.0
            for i in 0..<count where bits >> i & 1 == 1 {
              for k in i..<count where bits >> k & 1 == 1 { value += problem.matrix[i, k] }
            }
            least = min(least, value)
          }
          let best = leastObjective(minimized, with: pairs)
          #expect(
            abs(least + problem.constant - best) <= 1e-9 * max(1, abs(best), problem.penalty),
            "\(n) \(m) \(sense) \(pairs.count): \(least + problem.constant), not \(best)")
          // The file says the same.
          let lines = String(decoding: problem.format(), as: UTF8.self).split(separator: "\n")
          #expect(lines.contains { $0.hasPrefix("c constant ") })
          let entries = lines.filter { !$0.hasPrefix("c") && !$0.hasPrefix("p") }
          var sum = 0.0
          for entry in entries { sum += Double(entry.split(separator: " ")[2]) ?? .nan }
          #expect(abs(sum - problem.matrix.elements.reduce(0, +)) < 1e-9 * max(1, abs(sum)))
        }
      }
    }
  }

  /// Without the penalty, costs are those of the instance.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func quboFilesComeBack(seed: UInt64) throws {
    for (n, m) in Self.shapes {
      let given = try instance(seed, size: n, facilities: m)
      for sense in [Sense.min, .max] {
        let problem = try QUBO(
          minimizing: sense == .max ? given.negated : given, sense: sense)
        let back = try InstanceFile.problem(problem.format(), file: "x.qubo")
        #expect(back.sense == sense && back.instance.name == given.name)
        for assignment in permutations(n) {
          let (one, other) = (
            given.objective(of: assignment), back.instance.objective(of: assignment)
          )
          #expect(abs(one - other) <= 1e-12 * Double(n) * max(1, abs(one), problem.penalty))
        }
      }
      guard n > 1 else { continue }
      let fixed = try QUBO(minimizing: given, pairs: [FixedPair(facility: 0, location: 1)])
      #expect(
        message { try InstanceFile.problem(fixed.format(), file: "x.qubo") }.contains("fixed"))
      let bare = "p qubo 0 4 4 1\n0 0 1\n1 1 1\n2 2 1\n3 3 1\n0 3 5\n"
      #expect(
        message { try InstanceFile.problem(Array(bare.utf8), file: "x.qubo") }
          .contains("expected a file of 'qap relax --qubo'"))
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func qplibFilesComeBack(seed: UInt64) throws {
    for (n, m) in Self.shapes where n > 1 {
      let given = try instance(seed, size: n, facilities: m)
      let bytes = QuadraticProgram(given, sense: .max).qplib()
      let back = try InstanceFile.problem(bytes, file: "x.qplib")
      #expect(back.sense == .max && back.instance.name == given.name)
      for assignment in permutations(n) {
        let (one, other) = (
          given.objective(of: assignment), back.instance.objective(of: assignment)
        )
        #expect(abs(one - other) <= 1e-9 * max(1, abs(one)))
      }
      // Cut off anywhere before its names, it is an error.
      for length in stride(from: 0, to: bytes.count / 2, by: 11) {
        #expect(throws: InputError.self) {
          try InstanceFile.problem(Array(bytes[..<length]), file: "x.qplib")
        }
      }
      // Rows that fix a variable forbid its placement, or the others beside it.
      let pair = FixedPair(facility: 0, location: 1)
      let without = QuadraticProgram(try given.forbidding([pair]))
      #expect(String(decoding: without.lp(), as: UTF8.self).contains(" x_0_1 = 0\n"))
      let read = try InstanceFile.problem(without.qplib(), file: "x.qplib").instance
      #expect(read.forbidden == [pair])
      let fixed = QuadraticProgram(given, pairs: [pair]).qplib()
      let kept = try InstanceFile.problem(fixed, file: "x.qplib").instance
      #expect(kept.forbidden.count == n - 1 + m - 1)
      for assignment in permutations(n) {
        #expect(kept.allows(assignment) == (assignment[0] == 1))
      }
    }
  }

  /// The objective of the text, read back term by term.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func quadraticObjectivesAreTheInstances(seed: UInt64) throws {
    for (n, m) in Self.shapes {
      let given = try instance(seed, size: n, facilities: m)
      let text = String(decoding: QuadraticProgram(given).lp(), as: UTF8.self)
      let objective = text.components(separatedBy: "objective:")[1]
        .components(separatedBy: "Subject To")[0]
      let words = objective.split(whereSeparator: \.isWhitespace).map(String.init)
      for assignment in permutations(n) {
        func x(_ name: String) -> Double {
          if name == "constant" { return 1 }
          let numbers = name.split(separator: "_").compactMap { Int($0) }
          return assignment[numbers[0]] == numbers[1] ? 1 : 0
        }
        var (value, index, share) = (0.0, 0, 1.0)
        while index < words.count {
          if words[index] == "]" { break }
          if words[index] == "+", words[index + 1] == "[" {
            share = 0.5
            index += 2
            continue
          }
          let sign = words[index] == "-" ? -1.0 : 1
          if words[index] == "-" || words[index] == "+" { index += 1 }
          let factor = sign * (Double(words[index]) ?? .nan)
          let isProduct = index + 2 < words.count && words[index + 2] == "*"
          value += share * factor * x(words[index + 1]) * (isProduct ? x(words[index + 3]) : 1)
          index += isProduct ? 4 : 2
        }
        let expected = given.objective(of: assignment)
        #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)), "\(n) \(m)")
      }
    }
  }

  static let solutions = [
    // HiGHS; duals follow.
    "Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective 12\n# Columns 10\n"
      + "x_0_0 -0\nx_0_1 1\nx_1_0 1\nx_1_1 0\nx_2_2 1\n# Rows 1\nfacility_0 1\n\n"
      + "# Dual solution values\nFeasible\n# Columns 9\nx_0_0 1\nx_0_1 3\n",
    "# Solution for model a\n# Objective value = 12\nx_0_1 1\nx_1_0 1.00000001\nx_2_2 1\n",
    "solution status: optimal solution found\nobjective value:   12\nx_0_1   1 \t(obj:0)\n"
      + "x_1_0   1 \t(obj:0)\nx_2_2  1\t(obj:3)\n",
    "Optimal - objective value 12.00\n      1 x_0_1   1   0\n   3 x_1_0   1   0\n  8 x_2_2  1  5\n",
    "<CPLEXSolution version=\"1.2\">\n<header objectiveValue=\"12\"/>\n"
      + "<variable name=\"x_0_1\" index=\"1\" value=\"1\"/>\n"
      + "<variable name=\"x_1_0\" index=\"3\" value=\"1\"/>\n"
      + "<variable name=\"x_2_2\" index=\"8\" value=\"1\"/>\n</CPLEXSolution>\n",
    // GLPK's -o.
    "Problem:    a\nObjective:  objective = 12 (MINimum)\n\n   No. Column name  Activity  Lower\n"
      + "     1 x_0_0        *              0             0             1\n"
      + "     2 x_0_1        *              1             0             1\n"
      + "     4 x_1_0        *              1\n"
      + "     9 x_2_2\n                    *      1   0   1\n",
    "{\"assignment\": [1, 0, 2], \"objective\": 12, \"trace\": [{\"seconds\": 1}]}",
  ]

  @Test(arguments: solutions)
  func readsSolutions(_ text: String) throws {
    let given = try instance(3, size: 3, facilities: 3)
    let stated = try #require(
      try StatedAssignment.parse(Array(text.utf8), file: "x.sol", instance: given))
    #expect(stated.locations.locations == [1, 0, 2] && stated.claimed == 12)
    #expect(stated.locations.isComplete(for: given))
  }

  @Test func refusesWhatIsNoAssignment() throws {
    let given = try instance(3, size: 3, facilities: 3)
    func said(_ text: String) -> String {
      message { try StatedAssignment.parse(Array(text.utf8), file: "x", instance: given) as Any }
    }
    #expect(said("x_0_1 0.5\nx_0_0 0.5\n").contains("export the program with --integer"))
    #expect(said("x_0_1 1\nx_0_0 1\n").contains("two locations of facility 0"))
    #expect(said("x_0_1 1\nx_1_1 1\n").contains("two facilities at one location"))
    #expect(said("x_0_7 1\n").contains("below 3"))
    // GLPK's -w has no names.
    let numbered = "c Problem:    a\ns mip 6 9 o 12\ni 1 1\nj 1 0\nj 2 1\nj 4 1\nj 9 1\ne o f\n"
    #expect(said(numbered).contains("as 'glpsol -o' writes them"))
    #expect(said("{\"assignment\": null}").contains("no assignment"))
    #expect(said("{\"assignment\": [0, 1]}").contains("an assignment of 2 facilities"))
    #expect(
      try StatedAssignment.parse(Array("3 12\n1 2 3".utf8), file: "x", instance: given) == nil)
  }

  @Test func completesPartOfAnAssignment() throws {
    for (n, m) in [(3, 3), (3, 2)] {
      let given = try instance(5, size: n, facilities: m)
      let part = PartialAssignment(locations: [nil, 2])
      let whole = try #require(part.completed(for: given))
      #expect(whole[1] == 2)
      // The open facility goes where it costs least beside the other.
      let others = permutations(n).filter { $0[1] == 2 }
      if m == 2 {
        #expect(given.objective(of: whole) == others.map { given.objective(of: $0) }.min())
      }
      #expect(PartialAssignment(locations: [2, 2]).completed(for: given) == nil)
    }
  }
}
