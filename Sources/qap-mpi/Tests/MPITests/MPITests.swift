import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import RandomInstances
import Testing

/// Four ranks as a user meets them. One test at a time: each has more ranks than there may be
/// cores.
@Suite(.serialized) struct MPITests {
  @Test(arguments: [Family.symmetric, .asymmetric, .realAsymmetric, .fewer])
  func fourRanksFindTheOptimum(_ family: Family) throws {
    try withFolder { folder in
      for seed in 0..<3 as Range<UInt64> {
        let instance = family.instance(size: 6 + Int(seed % 3), seed: 900 + seed)
        let path = "\(folder)/\(seed).json"
        try InstanceFile.write(instance, to: path)
        let best = leastObjective(instance)
        let found = try qapMPI("solve", path, "--threads", "1", "--quiet", "--json", "-").object()
        let objective = try #require(found["objective"] as? Double)
        let slack = family.isIntegral ? 0 : 1e-6 * max(1, abs(best))
        #expect(abs(objective - best) <= slack, "\(instance.name): \(objective), not \(best)")
        #expect(found["termination"] as? String == "optimal", "\(instance.name)")
        #expect(found["ranks"] as? Int == 4)
      }
    }
  }

  /// Forbidden placements, from a file and from infinite costs, with and without a fixed pair.
  @Test func ranksHonorForbiddenPlacements() throws {
    try withFolder { folder in
      for seed in 0..<4 as Range<UInt64> {
        let plain = Family.asymmetric.instance(size: 7, seed: 920 + seed)
        let (instance, allowed) = plain.forbiddingSome(seed: seed)
        let (path, forbid) = ("\(folder)/\(seed).json", "\(folder)/\(seed).txt")
        try InstanceFile.write(seed % 2 == 0 ? instance : plain, to: path)
        let lines = instance.forbidden.map { "\($0.facility) \($0.location)\n" }.joined()
        try lines.write(toFile: forbid, atomically: true, encoding: .utf8)
        let pairs = "\(folder)/pairs.txt"
        try "0 \(allowed[0])\n".write(toFile: pairs, atomically: true, encoding: .utf8)
        let fixed = seed < 2 ? [] : [FixedPair(facility: 0, location: allowed[0])]
        var arguments = ["solve", path, "--threads", "1", "--quiet", "--json", "-"]
        if seed % 2 == 1 { arguments += ["--forbid", forbid] }
        if !fixed.isEmpty { arguments += ["--pairs", pairs] }
        let found = try Run(ranks: 4, arguments).finish().object()
        #expect(found["objective"] as? Double == leastObjective(instance, with: fixed))
        #expect(found["termination"] as? String == "optimal")
        let places = try #require(found["assignment"] as? [Int])
        #expect(Assignment(locations: places).map { instance.allows($0) } == true)
      }
    }
  }

  @Test func theNumberOfRanksChangesNeitherOptimumNorStatus() throws {
    for ranks in [1, 2, 4, 8] {
      let found = try qapMPI(
        ranks: ranks, "solve", bundled("nug15"), "--threads", "1", "--quiet", "--json", "-"
      ).object()
      #expect(found["objective"] as? Int == 1150 && found["bound"] as? Int == 1150)
      #expect(found["termination"] as? String == "optimal" && found["ranks"] as? Int == ranks)
      let nodes = try #require(found["nodes"] as? Int)
      #expect(nodes > 0)
    }
  }

  /// Negated costs, fixed pairs: every rank must see the instance that rank 0 does.
  @Test func ranksSeeTheSameInstance() throws {
    try withFolder { folder in
      let pairs = "\(folder)/pairs.txt"
      try "0 3\n5 1\n".write(toFile: pairs, atomically: true, encoding: .utf8)
      let instance = try InstanceFile.read(bundled("nug12"))
      let fixed = [FixedPair(facility: 0, location: 3), FixedPair(facility: 5, location: 1)]
      let reduction = try ReducedInstance(instance, fixing: fixed)
      let alone = try reduction.instance.solve(with: Exhaustive())
      let found = try qapMPI(
        "solve", bundled("nug12"), "--pairs", pairs, "--threads", "1", "--quiet", "--json", "-"
      ).object()
      #expect(found["objective"] as? Double == alone.incumbent?.objective)
      #expect(found["termination"] as? String == "optimal")
      let most = try qapMPI(
        "solve", bundled("tai10a"), "--maximize", "--threads", "1", "--quiet", "--json", "-"
      ).object()
      #expect(most["sense"] as? String == "max" && most["termination"] as? String == "optimal")
      #expect(most["objective"] as? Double == most["bound"] as? Double)
    }
  }

  @Test func aKilledRankEndsTheJobAndTheCheckpointGoesOn() throws {
    try withFolder { folder in
      let state = "\(folder)/state"
      let arguments = [
        "solve", bundled("tai17a"), "--threads", "1", "--checkpoint", state, "--save-every", "0.1",
      ]
      let run = try Run(ranks: 4, arguments)
      // Until the search is under way.
      for _ in 0..<1200 where run.process.isRunning {
        let text = (try? String(contentsOfFile: state, encoding: .utf8)) ?? ""
        if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("nodes ") }),
          let nodes = Int(line.dropFirst(6)), nodes > 2000
        {
          break
        }
        Thread.sleep(forTimeInterval: 0.05)
      }
      let ranks = run.rankProcesses
      #expect(ranks.count == 4)
      kill(try #require(ranks.last), SIGKILL)
      let killed = try run.finish()
      #expect(killed.status != 0)
      #expect(killed.errors.contains("signal 9"), "\(killed.errors)")
      let instance = try InstanceFile.read(bundled("tai17a"))
      let held = try #require(try FileCheckpoint(path: state).load(instance))
      #expect(held.nodes > 2000 && !held.open.isEmpty)
      // On another number of ranks.
      let resumed = try Run(ranks: 2, arguments + ["--json", "-"]).finish()
      let found = try resumed.object()
      #expect(found["objective"] as? Int == 491812)
      #expect(found["termination"] as? String == "optimal")
      #expect(resumed.errors.contains("resumed from"))
    }
  }

  @Test func limitsEndTheJobWithWhatIsHeld() throws {
    let found = try qapMPI(
      "solve", bundled("nug20"), "--threads", "1", "--quiet", "--json", "-", "--time-limit", "4"
    ).object()
    #expect(found["termination"] as? String == "time")
    let bound = try #require(found["bound"] as? Double)
    #expect(bound > 2000 && bound <= 2570 && found["objective"] as? Int == 2570)
    let seconds = try #require(found["seconds"] as? Double)
    #expect(seconds < 60)
  }

  @Test func seedsDoNotDependOnRanks() throws {
    let arguments = [
      "solve", bundled("tai20a"), "--method", "tabu", "--seeds", "5", "--iterations", "3000",
      "--threads", "1", "--quiet", "--json", "-",
    ]
    let (one, three) = (
      try Run(ranks: 1, arguments).finish().object(),
      try Run(ranks: 3, arguments).finish().object()
    )
    #expect(one["assignment"] as? [Int] == three["assignment"] as? [Int])
    #expect(one["objective"] as? Int == three["objective"] as? Int)
    #expect(one["seeds"] as? Int == 5 && three["iterations"] as? Int == 15000)
  }

  @Test func comparisonsAreSpreadAndTakenUp() throws {
    try withFolder { folder in
      let (csv, state) = ("\(folder)/out.csv", "\(folder)/state")
      let arguments = [
        "compare", bundled("nug12"), bundled("chr12a"), "--methods", "2-opt,gilmore-lawler",
        "--seeds", "3", "--threads", "1", "--time-limit", "5", "--csv", csv, "--state", state,
      ]
      let first = try Run(ranks: 3, arguments).finish()
      #expect(first.status == 0 && first.errors.contains("[12/12] "), "\(first.errors)")
      let rows = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
      #expect(rows.count == 1 + 12)
      let second = try Run(ranks: 2, arguments).finish()
      #expect(second.status == 0 && second.output == first.output)
      #expect(second.errors == "12 of 12 runs are in \(state) already\n", "\(second.errors)")
    }
  }

  /// The program of a batch may be any: here one that makes a file, and fails for some.
  @Test func batchesAreSpreadAndTakenUp() throws {
    try withFolder { folder in
      let (program, batch, state) = ("\(folder)/make file", "\(folder)/batch", "\(folder)/done")
      try "#!/bin/sh\n[ \"$2\" != bad ] || { echo oh dear >&2; exit 3; }\necho \"$2\" >> \"$1\"\n"
        .write(
          toFile: program, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
      let good = (0..<9).map { "'\(folder)/out \($0)' \"two words \($0)\"" }
      try ("# a comment\n\n" + (good + ["x bad"]).joined(separator: "\n")).write(
        toFile: batch, atomically: true, encoding: .utf8)
      for round in 0..<2 {
        let run = try Run(
          ranks: 3, ["batch", batch, "--state", state, "--program", program]
        ).finish()
        #expect(run.status == 1, "round \(round)")
        #expect(run.errors.contains("oh dear") && run.errors.contains("1 of 10 command lines"))
      }
      for index in 0..<9 {
        // Once, not twice.
        let text = try String(contentsOfFile: "\(folder)/out \(index)", encoding: .utf8)
        #expect(text == "two words \(index)\n")
      }
      let kept = try String(contentsOfFile: state, encoding: .utf8).split(separator: "\n")
      #expect(Set(kept.map(String.init)) == Set(good))
    }
  }

  @Test func recordsAreSimulated() throws {
    try withFolder { folder in
      let record = "\(folder)/nug15.subtrees"
      _ = try qapMPI(
        ranks: 2, "solve", bundled("nug15"), "--threads", "1", "--quiet", "--record", record)
      let found = try qapMPI(ranks: 1, "simulate", record, "--ranks", "1,4", "--json", "-").object()
      let runs = try #require(found["runs"] as? [[String: Any]])
      #expect(runs.count == 2)
      let efficiency = try runs.map { try #require($0["efficiency"] as? Double) }
      #expect(efficiency.allSatisfy { $0 > 0 && $0 <= 1 } && efficiency[1] <= efficiency[0])
      let refused = try qapMPI(ranks: 1, "simulate", bundled("nug15"))
      #expect(refused.status == 65 && refused.errors.contains("expected QAPKIT-SUBTREES 1"))
    }
  }

  /// One line from one rank, and the exit status of `qap`.
  @Test func saysWhatIsWrongOnce() throws {
    let missing = try qapMPI("solve", "/nonexistent.dat")
    #expect(missing.status == 66)
    #expect(missing.errors.components(separatedBy: "/nonexistent.dat").count == 2)
    let usage = try qapMPI("solve", bundled("nug12"), "--seeds", "3")
    #expect(usage.status == 64)
    #expect(usage.errors.components(separatedBy: "--seeds").count >= 2)
    let unknown = try qapMPI("solve", bundled("nug12"), "--method", "tabo")
    #expect(unknown.status == 64 && unknown.errors.contains("did you mean tabu?"))
    let help = try qapMPI("--help")
    #expect(help.status == 0 && help.output.components(separatedBy: "OVERVIEW").count == 2)
  }
}

/// Tries all assignments.
private struct Exhaustive: Method {
  static let info = MethodInfo(
    id: "exhaustive", summary: "", paper: "", output: .assignment, iteration: "",
    supportsTensors: true, isRelabelingInvariant: true)

  func run(_ context: SolveContext) throws -> Termination {
    let n = context.instance.size
    guard case .koopmansBeckmann(let flow, let distance) = context.instance.cost else {
      return .stalled
    }
    // Depth first, cut off by what is placed: all costs of these instances are at least 0.
    var best = Double.infinity
    var locations = [Int](repeating: -1, count: n)
    var taken = [Bool](repeating: false, count: n)
    func place(_ i: Int, _ cost: Double) {
      guard cost < best else { return }
      if i == n {
        best = cost
        if let found = Assignment(locations: locations) { context.offer(found) }
        return
      }
      for j in 0..<n where !taken[j] {
        var more = flow[i, i] * distance[j, j] + (context.instance.linear?[i, j] ?? 0)
        for k in 0..<i {
          more += flow[i, k] * distance[j, locations[k]] + flow[k, i] * distance[locations[k], j]
        }
        (locations[i], taken[j]) = (j, true)
        place(i + 1, cost + more)
        taken[j] = false
      }
    }
    place(0, 0)
    return .stalled
  }
}
