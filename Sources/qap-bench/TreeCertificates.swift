import ArgumentParser
import Foundation
import QAP
import QAPInstanceIO

/// Search trees that are written down.
struct TreeCertificates: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trees",
    abstract: "Search trees as certificates: what they hold, and what writing them takes.")

  @OptionGroup var options: BenchOptions

  @Option(help: "The largest number of facilities.")
  var maxSize = 16

  @Option(help: "Seconds for each run.")
  var timeLimit = 1200.0

  private static let instances = [
    "nug12", "had12", "scr12", "rou12", "tai12a", "nug14", "had14", "nug15", "rou15", "scr15",
    "chr15a", "tai15a", "nug16a", "nug16b", "had16", "esc16a", "esc16b", "nug17", "tai17a",
    "nug18", "had18", "chr18a", "nug20", "had20", "scr20",
  ]

  func run() throws {
    var table = MarkdownTable(
      name: "trees",
      header: [
        "instance", "optimum", "nodes of the search", "s", "proven", "rlt1", "dnn", "implied",
        "symmetric", "listed", "MB", "with certificate s", "verify s",
      ],
      command: "qap solve FILE --method branch-and-bound --certificate F; qap verify FILE F "
        + "(qap-bench trees)")
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("trees.cert").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for name in Self.instances {
      let file = options.path(name)
      guard FileManager.default.fileExists(atPath: file),
        try InstanceFile.read(file).size <= maxSize
      else { continue }
      let arguments = [
        "solve", file, "--method", "branch-and-bound", "--time-limit", "\(timeLimit)",
      ]
      let (plain, _) = try runQap(arguments)
      let (result, _) = try runQap(arguments + ["--certificate", path])
      let verified = try measure(qapExecutable(), ["verify", file, path])
      guard verified.status == 0 else {
        throw MeasurementError(description: "the certificate of \(name) does not hold")
      }
      let certificate = try CertificateFile.read(path)
      let counts = TreeCounts(certificate.proof)
      let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      table.rows.append(
        [
          name, decimals(result.objective ?? .nan, 0), "\(plain.nodes)",
          decimals(plain.seconds, 1), decimals(certificate.rounded, 0),
        ]
          + [counts.ascents, counts.relaxations, counts.implied, counts.symmetric, counts.listed]
          .map { "\($0)" }
          + [
            decimals(Double(bytes) / 1e6, 1), decimals(result.seconds, 1),
            decimals(verified.wall, 2),
          ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}

/// The number of nodes of each kind in a proof. A proof that is no tree is a single point.
private struct TreeCounts {
  var (ascents, relaxations, implied, symmetric, listed) = (0, 0, 0, 0, 0)

  init(_ proof: BoundProof) {
    switch proof {
    case .tree(let tree):
      for node in tree.nodes {
        switch node {
        case .bounded(.rlt1), .leaders(.rlt1): ascents += 1
        case .bounded(.semidefinite), .leaders(.semidefinite): relaxations += 1
        case .implied: implied += 1
        case .symmetric: symmetric += 1
        case .listed: listed += 1
        case .facility, .location: break
        }
      }
    case .rlt1: ascents = 1
    case .semidefinite: relaxations = 1
    case .projection, .subset, .cube: break
    }
  }
}
