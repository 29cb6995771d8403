import ArgumentParser
import Foundation
import QAP
import QAPBranchAndBound
import QAPDualAscent
import QAPFrankWolfe
import QAPLinearAssignment
import QAPLocalSearch
import QAPMatching
import QAPPrimitives
import QAPProjection
import QAPSemidefinite
import QAPVerification

/// The constants of the work model on this machine.
struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the work model's constants on this machine, beside the built-in ones.",
    discussion: """
      auto plans in ticks, a nanosecond of one core each; time limits turn them into seconds. CPU \
      time of one thread is measured, in this process. Ratios near each other mean that plans fit \
      the machine, whatever \
      its speed; one that differs by more than 2 from the others calls for another constant in \
      Sources/QAP/WorkModel.swift.

      Example: qap-bench calibrate --repetitions 5
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "Measurements of each constant, of which the least counts.")
  var repetitions = 3

  /// A constant: the ticks that the model has for a piece of work, and the work.
  private struct Piece {
    let name: String
    let size: Int
    let ticks: Double
    /// Does the work, and says how many pieces it was.
    let work: () throws -> Double
  }

  func validate() throws {
    guard (1...100).contains(repetitions) else {
      throw ValidationError("--repetitions: found \(repetitions), expected 1 to 100")
    }
  }

  func run() throws {
    var table = MarkdownTable(
      name: "calibrate",
      header: ["piece of work", "n", "ticks", "measured ns", "ratio"],
      command: "qap-bench calibrate --repetitions \(repetitions)")
    for piece in try pieces() {
      var least = Double.infinity
      for _ in 0..<repetitions {
        let began = clock()
        let count = try piece.work()
        let seconds = Double(clock() - began) / Double(CLOCKS_PER_SEC)
        least = min(least, 1e9 * seconds / count)
      }
      table.rows.append([
        piece.name, "\(piece.size)", scientific(piece.ticks), scientific(least),
        decimals(least / piece.ticks, 2),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }

  private func scientific(_ value: Double) -> String { String(format: "%.2e", value) }

  private func pieces() throws -> [Piece] {
    let (n20, n30, n36) = (try uniform(20), try uniform(30), try uniform(36))
    let (n14, n200, n100) = (try uniform(14), try uniform(200), try uniform(100))
    let large = try uniform(1500)
    let order = Assignment(Permutation(identity: large.size))
    guard case .koopmansBeckmann(let flow, _) = large.cost else { return [] }
    var generator = SeededGenerator(seed: 2)
    let rows = try (0..<2).map { _ in
      try Embeddings(Matrix(rows: 1000, columns: 384) { _, _ in generator.approximateNormal() })
    }
    /// Iterations, or nodes, of a method.
    func run(_ method: some QAP.Method, _ instance: Instance, nodes: Int? = nil) throws
      -> SolveReport
    {
      try instance.solve(
        with: method, options: SolveOptions(limits: Limits(nodes: nodes), seed: 1))
    }
    func ascent(_ sweeps: Int) -> AnnealedAscent {
      AnnealedAscent(
        .init(sweeps: sweeps, newtonPasses: 0, estimatesCeiling: false))
    }
    func steps(_ count: Int, _ instance: Instance, limitsRank: Bool) -> Piece {
      Piece(
        name: "dnn: step" + (limitsRank ? " of limited rank" : ""), size: instance.size,
        ticks: WorkModel.relaxationStep(size: instance.size, limitsRank: limitsRank)
      ) {
        Double(try run(DoublyNonnegative(.init(steps: count)), instance).iterations)
      }
    }
    return [
      Piece(name: "rlt1: sweep", size: 30, ticks: WorkModel.sweep(size: 30)) {
        Double(try run(ascent(200), n30).iterations)
      },
      Piece(name: "hahn-grant: 40 rounds", size: 20, ticks: WorkModel.rounds(40, size: 20)) {
        Double(try run(HahnGrant(.init(rounds: 40)), n20).iterations) / 40
      },
      steps(60, n14, limitsRank: false), steps(20, n36, limitsRank: true),
      Piece(name: "branch-and-bound: node", size: 20, ticks: WorkModel.node(size: 20)) {
        Double(try run(BranchAndBound(), n20, nodes: 20_000).nodes)
      },
      Piece(
        name: "branch-and-bound: annealed node", size: 20, ticks: WorkModel.annealedNode(size: 20)
      ) {
        _ = try run(ascent(60), n20)
        return 1
      },
      Piece(name: "branch-and-bound: walk", size: 20, ticks: WorkModel.walk(size: 20)) {
        let context = SolveContext(instance: n20, options: SolveOptions(), source: "calibrate")
        return try BranchAndBound(.init(probes: 200)).estimate(context).map { Double($0.probes) }
          ?? 1
      },
      Piece(name: "projection", size: 200, ticks: WorkModel.projection(size: 200)) {
        _ = try run(Projection(), n200)
        return 1
      },
      Piece(name: "faq: four descents", size: 100, ticks: WorkModel.frankWolfe(size: 100)) {
        _ = try run(FrankWolfe(.init(starts: 4, polishes: true)), n100)
        return 1
      },
      Piece(name: "MiB of memory", size: 256, ticks: WorkModel.allocation(bytes: 0x1p20)) {
        withExtendedLifetime(Buffer(count: 1 << 25, repeating: 1.0)) {}
        return 256
      },
      Piece(name: "layout for swaps", size: 1500, ticks: WorkModel.layout(size: 1500)) {
        large.layOutForSwaps()
        return 1
      },
      Piece(name: "leaders: memory", size: 1500, ticks: WorkModel.leaders(size: 1500)) {
        let solver = LinearAssignmentSolver(capacity: 1500)
        solver.load(flow)
        return 1
      },
      Piece(name: "proof of duals", size: 1500, ticks: WorkModel.certifying(size: 1500)) {
        _ = certify(flow, columnDuals: Array(repeating: 1, count: 1500))
        return 1
      },
      Piece(name: "verification", size: 1500, ticks: WorkModel.verification(size: 1500)) {
        _ = checkObjective(of: order, in: large, claimed: 0)
        return 1
      },
      Piece(name: "objective", size: 1500, ticks: WorkModel.objective(size: 1500)) {
        _ = large.objective(of: order)
        return 1
      },
      Piece(
        name: "match of 384 features", size: 1000,
        ticks: WorkModel.matching(rows: 1000, features: 384)
      ) {
        _ = try MatchingProblem(source: rows[0], target: rows[1], options: MatchingOptions())
        return 1
      },
    ]
  }

  /// A symmetric instance of random integers, as Taillard's uniform ones.
  private func uniform(_ n: Int) throws -> Instance {
    var generator = SeededGenerator(seed: UInt64(n))
    func matrix() -> Matrix<Double> {
      var result = Matrix<Double>(rows: n, columns: n, repeating: 0)
      for r in 0..<n {
        for c in 0..<r {
          result[r, c] = Double(generator.below(100))
          result[c, r] = result[r, c]
        }
      }
      return result
    }
    return try Instance(flow: matrix(), distance: matrix())
  }
}
