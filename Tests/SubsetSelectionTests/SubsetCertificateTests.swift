import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import QAPSubsetSelection
import QAPVerification
import Testing

/// Certificates: true ones hold, corrupted ones do not prove too much.
@Suite struct SubsetCertificateTests {
  private func certificate(
    _ problem: SubsetProblem, nodes: Int? = nil, rootSteps: Int? = nil
  ) throws -> SubsetCertificate {
    let report = try SubsetSelection(.init(rootSteps: rootSteps)).solve(
      problem, options: SolveOptions(limits: Limits(nodes: nodes), keepsProof: true))
    return try #require(report.certificate)
  }

  @Test func holdAndReadBack() throws {
    for (seed, problem) in try randomProblems(120, maxSize: 22) {
      for nodes in [nil, 1, 4] {
        let certificate = try certificate(problem, nodes: nodes, rootSteps: nodes.map { _ in 30 })
        let check = check(certificate, of: problem)
        #expect(check.holds, "seed \(seed), \(problem.name): \(check.fault ?? "")")
        let text = SubsetCertificateFile.format(certificate)
        #expect(SubsetCertificateFile.isCertificate(text))
        #expect(try SubsetCertificateFile.parse(text, file: "a.cert") == certificate)
      }
    }
  }

  @Test func theReportedBoundIsTheCertifiedOne() throws {
    let problem = try Family.losses.problem(items: 30, size: 8, seed: 4)
    let report = try SubsetSelection().solve(
      problem, options: SolveOptions(limits: Limits(nodes: 5), keepsProof: true))
    let check = check(try #require(report.certificate), of: problem)
    #expect(check.holds && check.claimed == report.boundUnrounded)
  }

  /// Whatever is changed in the text, what passes is true: no claim above the optimum is accepted.
  @Test func mutationsProveNothingFalse() throws {
    var random = SeededGenerator(seed: 12)
    var (rejected, harmless) = (0, 0)
    for seed in 0..<12 {
      let family: Family = [.losses, .integers, .signed, .sparse][seed % 4]
      let problem = try family.problem(items: 11, size: 5, seed: UInt64(seed))
      let best = allSubsets(of: problem)[0].objective
      let text = String(
        decoding: SubsetCertificateFile.format(try certificate(problem)), as: UTF8.self)
      for _ in 0..<150 {
        var words = text.split(separator: " ", omittingEmptySubsequences: false).flatMap {
          $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        let at = random.below(words.count)
        if let number = Int64(words[at]) {
          let changed = [0 &- number, number &+ 1, number / 2, number &* 3, 0]
          words[at] = "\(changed[random.below(5)])"
        } else if ["rows", "original"].contains(words[at]) {
          words[at] = words[at] == "rows" ? "original" : "rows"
        } else if random.below(2) == 0 {
          words.remove(at: at)
        } else {
          words.insert(words[random.below(words.count)], at: at)
        }
        let bytes = Array(words.joined(separator: "\n").utf8)
        guard let mutant = try? SubsetCertificateFile.parse(bytes, file: "m") else {
          rejected += 1
          continue
        }
        let check = check(mutant, of: problem)
        if check.holds {
          harmless += 1
          #expect(max(mutant.bound, mutant.rounded) <= best + 1e-9 * max(1, abs(best)))
        } else {
          rejected += 1
        }
      }
    }
    #expect(rejected > 600, "\(rejected) rejected, \(harmless) harmless")
  }

  /// Changes that make a proof worthless are all noticed.
  @Test func corruptionsAreNamed() throws {
    let problem = try Family.losses.problem(items: 24, size: 8, seed: 3)
    let good = try certificate(problem)
    #expect(check(good, of: problem).holds)
    func fault(_ change: (inout SubsetCertificate) -> Void) -> String? {
      var bad = good
      change(&bad)
      return check(bad, of: problem).fault
    }
    #expect(fault { $0.bound += 1e-3 }?.contains("claims the bound") == true)
    #expect(fault { $0.rounded += 1 }?.contains("rounded up") == true)
    #expect(fault { $0.bound = .nan }?.contains("not a number") == true)
    #expect(fault { $0.size = 7 }?.contains("is for 7 of") == true)
    #expect(fault { $0.exponent = 2000 }?.contains("exponent") == true)
    #expect(fault { $0.tree = .rows }?.contains("claims the bound") == true)
    #expect(
      fault { $0.tree = .split(item: 3, without: .rows, with: $0.tree) }?.isEmpty == false)
    #expect(
      fault {
        $0.tree = .split(
          item: 3, without: .split(item: 3, without: .rows, with: .rows), with: .rows)
      }?.contains("decided twice") == true)
    guard case .dual(var dual, let below) = good.tree else {
      Issue.record("the root has no dual point")
      return
    }
    dual.eigenvalue -= max(1, dual.eigenvalue / 1000)
    #expect(fault { $0.tree = .dual(dual, below) }?.contains("eigenvalue") == true)
    dual.linear.removeLast()
    #expect(fault { $0.tree = .dual(dual, below) }?.contains("another number") == true)
  }

  @Test func badFilesAreBadData() throws {
    let problem = try Family.losses.problem(items: 6, size: 3, seed: 3)
    let text = String(
      decoding: SubsetCertificateFile.format(try certificate(problem)), as: UTF8.self)
    for (old, new) in [
      ("CERTIFICATE 1", "CERTIFICATE 2"), ("size 3", "size 7"), ("items 6", "items 0"),
      ("tree", "trees"), ("end", "end end"), ("exponent ", "exponent x"),
    ] {
      #expect(throws: InputError.self, "\(new)") {
        try SubsetCertificateFile.parse(
          Array(text.replacingOccurrences(of: old, with: new).utf8), file: "bad")
      }
    }
    let deep = text.replacingOccurrences(
      of: "tree\n", with: "tree\n" + String(repeating: "split 0\n", count: 100_000))
    #expect(throws: InputError.self) {
      try SubsetCertificateFile.parse(Array(deep.utf8), file: "deep")
    }
  }
}
