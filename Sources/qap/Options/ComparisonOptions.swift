import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching

/// Options of a comparison of embeddings, shared by `match` and other commands on two files.
struct ComparisonOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "\(Metric.names.joined(separator: ", ")).", valueName: "name"))
  var metric = "gw"

  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help:
      "Divide rows by their norms first (default: yes for all but cka, cka-rbf and cka-debiased).")
  var normalize: Bool?

  @Flag(name: .long, help: "Divide columns by their standard deviations.")
  var stretch = false

  @Flag(
    name: .long,
    help: "Shift and scale kernels to mean 0 and standard deviation 1; the diagonal is 0.")
  var standardize = false

  /// The metric called for.
  func chosenMetric() throws -> Metric {
    if let metric = Metric(metric) { return metric }
    throw Failure.usage(
      "--metric: unknown metric '\(metric)'; choose one of \(Metric.names.joined(separator: ", "))")
  }

  /// The matching options, without pairs.
  func matching(seed: UInt64, threads: Int) throws -> MatchingOptions {
    MatchingOptions(
      metric: try chosenMetric(), normalizes: normalize, stretches: stretch,
      standardizes: standardize, seed: seed, threads: threads)
  }
}
