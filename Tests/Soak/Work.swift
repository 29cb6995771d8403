import Foundation
import QAP
import QAPInstanceIO
import QAPLinearProgramming
import QAPMatching
import QAPPrimitives
import QAPRegistry
import QAPSubsetSelection
import QAPVerification
import RandomInstances

/// What went wrong in a round, apart from memory.
struct SoakError: Error, CustomStringConvertible {
  let description: String
}

/// The work of a soak: everything that the library does, on small problems that differ from round
/// to round.
struct Work {
  /// Where files are written.
  let folder: String
  /// Tasks done, by kind.
  private(set) var done: [String: Int] = [:]

  init(folder: String) { self.folder = folder }

  /// Work limits that keep a task below some tenths of a second.
  private static let iterations = [
    "auto": 3000, "tabu": 2000, "memetic": 2000, "hahn-grant": 8, "rlt1": 40, "rlt1-lp": 12,
    "branch-and-bound": 1500, "dnn": 40,
  ]

  /// One round: every method, formats, matching, subsets and faults.
  mutating func round(_ number: Int) throws {
    let seed = UInt64(number)
    let family = Family.allCases[number % Family.allCases.count]
    for registered in MethodRegistry.methods {
      let size = registered.info.id == "rlt1-lp" ? 5 : 6 + number % 4
      try solve(family.instance(size: size, seed: seed), registered, seed: seed)
    }
    try solveWithLimits(seed: seed)
    try roundTripFiles(family.instance(size: 7, seed: seed))
    try match(seed: seed)
    try subset(seed: seed)
    try fail(seed: seed)
  }

  private mutating func count(_ kind: String) { done[kind, default: 0] += 1 }

  /// Runs a method, keeps the proof of its bound, and checks both.
  private mutating func solve(
    _ instance: Instance, _ registered: RegisteredMethod, seed: UInt64
  ) throws {
    let id = registered.info.id
    let path = "\(folder)/search.ck"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let method = registered.make(
      MethodOptions(
        checkpoint: seed % 2 == 0 ? FileCheckpoint(path: path) : nil))
    let events = EventCount()
    let options = SolveOptions(
      limits: Limits(iterations: Self.iterations[id], nodes: 2000), seed: seed,
      threads: 1 + Int(seed % 2),
      pairs: seed % 3 == 0 ? [FixedPair(facility: 0, location: 1)] : [],
      keepsProof: registered.info.output != .assignment, observer: { _ in events.add() })
    let report: SolveReport
    do {
      report = try instance.solve(with: method, options: options)
    } catch MethodError.unsupported {
      return count("declined")
    }
    count(id)
    if let incumbent = report.incumbent {
      let check = checkObjective(
        of: incumbent.assignment, in: instance, claimed: incumbent.objective)
      guard check.holds else {
        throw SoakError(description: "\(id) \(instance.name): objective")
      }
    }
    guard let certificate = report.certificate else { return }
    let file = "\(folder)/proof.cert"
    try CertificateFile.write(certificate, to: file)
    let back = try CertificateFile.parse(try FileAccess.read(file), file: file)
    if let fault = check(back, of: instance).fault {
      throw SoakError(description: "\(id) \(instance.name): \(fault)")
    }
    count("certificate")
  }

  /// Runs that end early: an interruption from another thread, a time limit.
  private mutating func solveWithLimits(seed: UInt64) throws {
    let instance = Family.symmetric.instance(size: 18, seed: seed)
    for id in ["auto", "branch-and-bound", "hahn-grant", "tabu", "memetic", "faq"] {
      guard let registered = MethodRegistry.method(id) else { continue }
      let interruption = Interruption()
      let other = Thread {
        Thread.sleep(forTimeInterval: 0.05)
        interruption.request()
      }
      other.start()
      _ = try instance.solve(
        with: registered.make(MethodOptions()),
        options: SolveOptions(
          limits: Limits(time: .seconds(0.1)), stop: interruption.criterion, seed: seed, threads: 2)
      )
      count("stopped")
    }
  }

  /// Writes and reads an instance in every format that holds it.
  private mutating func roundTripFiles(_ instance: Instance) throws {
    for name in ["x.dat", "x.json", "x.npz"] {
      do {
        try InstanceFile.write(instance, to: "\(folder)/\(name)")
        _ = try InstanceFile.read("\(folder)/\(name)")
        count("file")
      } catch is InputError {
        continue
      }
    }
  }

  private static func embeddings(_ rows: Int, _ features: Int, seed: UInt64) throws -> Embeddings {
    var g = SeededGenerator(seed: seed, stream: 11)
    return try Embeddings(
      Matrix<Double>(rows: rows, columns: features) { _, _ in g.approximateNormal() })
  }

  /// Matches embeddings, and classifies nothing: the metrics are the work.
  private mutating func match(seed: UInt64) throws {
    let source = try Self.embeddings(12, 6, seed: seed)
    let target = try Self.embeddings(12, 9, seed: seed &+ 1)
    for name in ["gw", "cka", "cka-rbf", "knn:3", "inner", "kl", "correlation"] {
      guard let metric = Metric(name), let faq = MethodRegistry.method("faq") else {
        throw SoakError(description: "no metric \(name)")
      }
      let problem = try MatchingProblem(
        source: source, target: target,
        options: MatchingOptions(
          metric: metric, stretches: seed % 2 == 0,
          standardizes: name != "kl" && seed % 3 == 0, seed: seed, threads: 2))
      let report = try problem.instance.solve(
        with: faq.make(MethodOptions()), options: SolveOptions(seed: seed, threads: 2))
      if let incumbent = report.incumbent { _ = problem.targets(of: incumbent.assignment) }
      count("match")
    }
  }

  /// Chooses subsets, by every kind of bound.
  private mutating func subset(seed: UInt64) throws {
    var g = SeededGenerator(seed: seed, stream: 12)
    let problem = try SubsetProblem(
      name: "soak", costs: Matrix<Double>(rows: 12, columns: 12) { _, _ in Double(g.below(40)) },
      size: 4)
    for bound in SubsetSelection.BoundMethod.allCases
    where bound != .linear || LinearModel.canSolve {
      let selection = SubsetSelection(
        .init(best: 2, bound: bound, moves: 400, rootSteps: 60))
      let report = try selection.solve(
        problem, options: SolveOptions(seed: seed, threads: 2, keepsProof: bound != .none))
      count("subset")
      guard let certificate = report.certificate else { continue }
      let back = try SubsetCertificateFile.parse(
        SubsetCertificateFile.format(certificate), file: "x.cert")
      if let fault = check(back, of: problem).fault {
        throw SoakError(description: "subset, seed \(seed): \(fault)")
      }
      count("certificate")
    }
  }

  /// Data that are refused: errors leave nothing behind either.
  private mutating func fail(seed: UInt64) throws {
    let texts = ["3 1 2", "2 1 x", "{\"flow\": [[1]]", "", "\u{93}NUMPY", "PK\u{3}\u{4}"]
    for (index, text) in texts.enumerated() {
      let extensions = ["dat", "json", "npz", "npy"]
      do {
        let name = "x.\(extensions[(index + Int(seed)) % extensions.count])"
        _ = try InstanceFile.parse(Array(text.utf8), file: name)
        throw SoakError(description: "'\(text)' was read")
      } catch is InputError {
        count("refused")
      }
    }
  }
}

/// Counts events, as an observer that holds on to nothing.
private final class EventCount: @unchecked Sendable {
  private let lock = NSLock()
  private var events = 0
  func add() { lock.withLock { events += 1 } }
}
