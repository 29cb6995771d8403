import ArgumentParser
import Foundation
import Frontend
import InstanceIO
import Reporting

/// `qap plot`: a run as a picture.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a run: incumbent and bound over time, as SVG.",
    discussion: """
      RUN.json is what 'qap solve --json' or 'qap bound --json' wrote.

      Example:
        qap solve Instances/qaplib/nug20.dat --json run.json
        qap plot run.json -o run.svg
      """)

  @Argument(help: "The run.")
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The picture to write (SVG).", valueName: "file"))
  var output: String

  func run() throws {
    try reportingFailures {
      if output != "-" { try requireWritable(output) }
      let bytes = try FileAccess.read(file)
      let run: TracedRun
      do {
        run = try JSONDecoder().decode(TracedRun.self, from: Data(bytes))
      } catch {
        throw DataError(
          file: file, found: "something else", expected: "a run as 'qap solve --json' writes it")
      }
      guard let picture = run.convergencePicture else {
        throw DataError(
          file: file, found: "no assignment and no bound", expected: "a run that found something")
      }
      if output == "-" {
        try Console.print(Data(picture.utf8))
      } else {
        try FileAccess.write([UInt8](picture.utf8), to: output)
      }
    }
  }
}
