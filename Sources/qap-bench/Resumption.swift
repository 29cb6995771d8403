import ArgumentParser
import Foundation

/// The loss after a kill in the middle of an exact search.
struct Resumption: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Exact searches that are killed in the middle and go on from their checkpoint.",
    discussion: """
      Each instance is searched once as it is; then again with a checkpoint, until SIGKILL at a \
      share of the search's time; and then from the checkpoint to the end.

      Example: qap-bench resume --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "The instances, separated by commas.")
  var only = "nug18,nug20"

  @Option(help: "When to kill, as a share of the time that the whole search takes.")
  var share = 0.6

  @Option(help: "Threads of a run.")
  var threads = 1

  func run() throws {
    var table = MarkdownTable(
      name: "resume",
      header: [
        "instance", "optimum", "nodes", "wall s", "killed at s", "saved s before",
        "then found", "ended", "nodes in all", "wall s in all",
      ],
      command:
        "timeout -s KILL S qap solve FILE --method branch-and-bound --threads \(threads) "
        + "--checkpoint F, "
        + "and once more without the timeout (qap-bench resume)")
    for instance in only.split(separator: ",").map(String.init) {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let arguments = [
        "solve", options.path(instance), "--method", "branch-and-bound", "--threads", "\(threads)",
      ]
      let (whole, measured) = try runQap(arguments)
      let checkpoint = folder.appendingPathComponent("search.ck").path
      let resumable = arguments + ["--checkpoint", checkpoint]
      let seconds = decimals(share * measured.wall, 1)
      let killed = try measure(
        "timeout", ["-s", "KILL", seconds, qapExecutable()] + resumable + ["--quiet"])
      let now = Date()
      guard killed.status == 137 else {
        throw MeasurementError(
          description: "\(instance): exit \(killed.status) after \(seconds) s, expected a kill")
      }
      let saved =
        try FileManager.default.attributesOfItem(atPath: checkpoint)[.modificationDate] as? Date
      let (resumed, rest) = try runQap(resumable)
      table.rows.append([
        instance, decimals(whole.objective ?? .nan, 0), "\(whole.nodes)",
        decimals(measured.wall, 1),
        decimals(killed.wall, 1), decimals(now.timeIntervalSince(saved ?? .distantPast), 1),
        decimals(resumed.objective ?? .nan, 0), resumed.termination, "\(resumed.nodes)",
        decimals(killed.wall + rest.wall, 1),
      ])
      print("\(instance): resumed to \(resumed.termination)")
    }
    try table.publish(in: options.fill)
  }
}
