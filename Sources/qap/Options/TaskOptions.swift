import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// Options shared by the commands on embeddings that solve no assignment problem.
struct TaskOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of random seeds, from 0, or the seeds themselves with commas (7, is seed 7); results "
        + "are averages.", valueName: "n"))
  var seeds = "1"

  @OptionGroup var threads: ThreadOptions

  @OptionGroup var json: JSONOption

  @Flag(name: .long, help: "No log.")
  var quiet = false

  func validate() throws { _ = try seedList() }

  /// The seeds asked for.
  func seedList() throws -> [UInt64] {
    if seeds.contains(",") {
      let text = seeds.hasSuffix(",") ? String(seeds.dropLast()) : seeds
      return try list(text, "--seeds", "seeds from 0 on") { UInt64($0) }
    }
    guard let count = Int(seeds), (1...10_000).contains(count) else {
      throw ValidationError(
        "--seeds: '\(seeds)' is invalid; give a number of seeds from 1, or seeds with commas")
    }
    return (0..<UInt64(count)).map { $0 }
  }

  /// The threads to use.
  var threadCount: Int { threads.threadCount }

  /// The log of a run that begins now.
  func log() -> StepLog { StepLog(isQuiet: quiet) }
}

/// The elements of `text` between commas, each as `parse` reads it.
func list<Element>(
  _ text: String, _ option: String, _ expected: String, _ parse: (Substring) -> Element?
) throws -> [Element] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map {
    guard let element = parse($0) else {
      throw ValidationError("\(option): '\($0)' is invalid; give \(expected), separated by commas")
    }
    return element
  }
}

extension Embeddings {
  /// These rows and then those of `other`, which has the same features.
  func followed(by other: Embeddings) throws -> Embeddings {
    guard features == other.features else {
      throw InputError(
        other.name, found: "\(other.features) features", expected: "\(features), as in \(name)")
    }
    return try Embeddings(
      Matrix(
        rows: rows + other.rows, columns: features,
        elements: values.elements.array + other.values.elements.array), name: name)
  }
}

/// A share as a percentage.
func percent(_ share: Double?) -> String {
  guard let share else { return "-" }
  return String(format: "%.1f%%", 100 * share)
}

/// A figure with six digits.
func figure(_ value: Double?) -> String {
  guard let value else { return "-" }
  return String(format: "%.6g", value)
}

/// The mean; nil when something is unknown, or nothing there.
func mean(_ values: [Double?]) -> Double? {
  let known = values.compactMap(\.self)
  return known.isEmpty || known.count < values.count
    ? nil : known.reduce(0, +) / Double(known.count)
}
