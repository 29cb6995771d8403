import ArgumentParser
import QAP
import QAPFrontend
import QAPGeneration
import QAPInstanceIO

/// `qap convert`: the same instance in another format.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert an instance between .dat, .json, .npz and .npy.",
    discussion: """
      The extension of OUT selects the format.

      Example: qap convert Instances/qaplib/nug12.dat nug12.npz
      """)

  @Argument(help: "The instance to read.")
  var input: String

  @Argument(help: "The file to write.")
  var output: String

  func run() throws {
    try reportingFailures {
      try requireSeparate(["OUT": output], from: [input])
      try requireWritable(output)
      try InstanceFile.write(try InstanceFile.read(input), to: output)
    }
  }
}
