import ArgumentParser
import Foundation
import QAPDistribution
import QAPFrontend
import QAPInstanceIO
import QAPReporting

/// `qap-mpi simulate`: how well a recorded search would go on many ranks.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Predict the time of an exact search on many ranks from a recorded run on few.",
    discussion: """
      FILE was written by 'qap-mpi solve --record FILE'. The simulation distributes its subtrees \
      over ranks as the search itself would, with the recorded times, and adds the time of \
      messages. The efficiency is the work over time and threads; 'rank 0' is the share of its \
      time spent on reports: near 100 % it is saturated, and more ranks do not help.

      With hundreds of ranks, runs are longer, so that rank 0 gets fewer reports: record with \
      --run-nodes 32000 for a thousand. A recorded search of a minute has too little work for a \
      thousand ranks. --copies 100 repeats it a hundred times in parallel, like a larger instance \
      with a hundred times as many subtrees.

      Examples:
        qap-mpi solve nug18.dat --threads 1 --record nug18.subtrees
        qap-mpi simulate nug18.subtrees --ranks 1,2,4
        qap-mpi simulate nug18.subtrees --ranks 1,10,100,1000 --copies 1000 --latency 5e-6
      """)

  @Argument(help: "The recorded search.")
  var file: String

  @Option(
    name: .long, help: ArgumentHelp("Numbers of ranks, separated by commas.", valueName: "a,b,c"))
  var ranks = "1,2,4,10,32,100,320,1000"

  @Option(name: .long, help: ArgumentHelp("Threads a rank.", valueName: "n"))
  var threads = 1

  @Option(
    name: .long, help: ArgumentHelp("Seconds per message.", valueName: "seconds"))
  var latency = 20e-6

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Seconds per report at rank 0 (default: as recorded).", valueName: "seconds"))
  var lead: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of cores that all ranks share (default: one per thread).", valueName: "n"))
  var cores: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Number of parallel copies of the recorded search.", valueName: "n"))
  var copies = 1

  @OptionGroup var json: JSONOption

  private struct Row: Encodable {
    let ranks: Int
    let seconds: Double
    let speedup: Double
    let efficiency: Double
    let leader: Double
  }

  private struct Answer: Encodable {
    let instance: String
    let subtrees: Int
    let copies: Int
    let work: Double
    let secondsPerReport: Double
    let saturation: Double?
    let runs: [Row]
    let version: String

    enum CodingKeys: String, CodingKey {
      case instance, subtrees, copies, work
      case secondsPerReport = "seconds_per_report"
      case saturation, runs, version
    }
  }

  func validate() throws {
    try validateThreads(threads)
    for (name, value) in [("latency", latency), ("lead", lead ?? 0)]
    where !(value >= 0 && value.isFinite) {
      throw ValidationError("--\(name) must be at least 0 seconds, not \(value)")
    }
    guard (1...1_000_000).contains(copies) else {
      throw ValidationError("--copies must be between 1 and 1000000, not \(copies)")
    }
    if let cores, cores < 1 {
      throw ValidationError("--cores must be at least 1, not \(cores)")
    }
    _ = try counts()
  }

  private func counts() throws -> [Int] {
    try ranks.split(separator: ",").map { word in
      guard let count = Int(word.trimmingCharacters(in: .whitespaces)),
        (1...100_000).contains(count)
      else {
        throw ValidationError("--ranks: each number must be between 1 and 100000, not '\(word)'")
      }
      return count
    }
  }

  func run() throws {
    try reportingFailures {
      let text = String(decoding: try FileAccess.read(file), as: UTF8.self)
      let recording = try SubtreeRecording(text, file: file)
      let simulation = Simulation(recording)
      let perReport = lead ?? recording.secondsPerReport
      let saturation = simulation.saturation(secondsPerReport: perReport)
      var rows: [Row] = []
      var work = 0.0
      for count in try counts() {
        var settings = Simulation.Settings(ranks: count)
        settings.threads = threads
        settings.latency = latency
        settings.secondsPerReport = lead
        settings.cores = cores
        settings.copies = copies
        let outcome = simulation.run(settings)
        work = outcome.work
        let all = Double(min(count * threads, cores ?? .max))
        rows.append(
          Row(
            ranks: count, seconds: outcome.seconds, speedup: outcome.speedup,
            efficiency: outcome.speedup / all, leader: outcome.coordinatorShare))
      }
      try json.write(
        Answer(
          instance: recording.instance, subtrees: recording.subtrees.count, copies: copies,
          work: work, secondsPerReport: perReport,
          saturation: saturation.isFinite ? saturation : nil, runs: rows, version: version))
      guard !json.ownsStandardOutput else { return }
      try Console.print(
        "\(recording.instance): \(recording.subtrees.count * copies) runs below subproblems, "
          + "\(Wording.fixed(work, 1)) s of work")
      try Console.print("  ranks     seconds    speedup  efficiency   rank 0")
      for row in rows {
        try Console.print(
          padded("\(row.ranks)", 7) + padded(Wording.fixed(row.seconds, 2), 12)
            + padded(Wording.fixed(row.speedup, 1), 11)
            + padded(Wording.fixed(100 * row.efficiency, 1) + " %", 12)
            + padded(Wording.fixed(100 * row.leader, 1) + " %", 9))
      }
      if saturation.isFinite {
        try Console.print(
          "rank 0 is saturated by \(Wording.count(Int(min(1e15, saturation)))) threads: a run "
            + "takes "
            + "\(Wording.fixed(1e3 * saturation * perReport, 2)) ms on average, its report "
            + "\(Wording.fixed(1e6 * perReport, 1)) µs")
      }
    }
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }
}
