import ArgumentParser
import Foundation
import QAP
import QAPDualAscent
import QAPFrontend
import QAPInstanceIO
import QAPLinearProgramming
import QAPLinearRelaxation
import QAPLocalSearch
import QAPReporting

/// `qap relax`: an instance as a linear or integer program, for other solvers.
struct Relax: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write an instance as a linear or integer program for other solvers.",
    discussion: """
      Formulations:
      \(Formulation.allCases.map { "  \($0.rawValue): \($0.paper)" }.joined(separator: "\n"))

      The extension of the exported file selects the format: .mps (free MPS) or .lp (CPLEX LP). \
      Without --export only the size is printed. In all formulations x_i_j is facility i at \
      location j, from 0.

      --reduce first finds an assignment (tabu) and a bound (rlt1), and leaves out the variables \
      that are 0 in every assignment as good as that one. The exact program keeps its optimum, and \
      the relaxation may become stronger.

      Examples:
        qap relax Instances/qaplib/nug12.dat --formulation rlt1 --export nug12.mps
        qap relax Instances/qaplib/nug12.dat --integer --reduce --export nug12.mps
      """)

  @Argument(help: "The instance.")
  var file: String

  @Option(name: .long, help: ArgumentHelp("The formulation.", valueName: "name"))
  var formulation = Formulation.rlt1.rawValue

  @Flag(name: .long, help: "Export the exact integer program instead of its relaxation.")
  var integer = false

  @Flag(
    name: .long,
    help: "Leave out variables that are 0 in every assignment as good as one found first.")
  var reduce = false

  @Option(name: .long, help: ArgumentHelp("The file to write, .mps or .lp.", valueName: "file"))
  var export: String?

  @OptionGroup var json: JSONOption

  private struct Answer: Encodable {
    let instance: String
    let formulation: String
    let integer: Bool
    let rows: Int
    let columns: Int
    let coefficients: Int
    let reduction: Reduction?
    let export: String?
    let version: String

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(instance, forKey: .instance)
      try container.encode(formulation, forKey: .formulation)
      try container.encode(integer, forKey: .integer)
      try container.encode(rows, forKey: .rows)
      try container.encode(columns, forKey: .columns)
      try container.encode(coefficients, forKey: .coefficients)
      try container.encode(reduction?.removed, forKey: .columnsRemoved)
      try container.encode(reduction?.objective, forKey: .objective)
      try container.encode(reduction?.bound, forKey: .bound)
      try container.encode(export, forKey: .export)
      try container.encode(version, forKey: .version)
    }

    private enum CodingKeys: String, CodingKey {
      case instance, formulation, integer, rows, columns, coefficients, export, version
      case columnsRemoved = "columns_removed"
      case objective, bound
    }
  }

  /// The variables that were left out, and the reason.
  private struct Reduction {
    let removed: Int
    let objective: Double
    let bound: Double
  }

  /// Bytes that building the model may take.
  private static let memoryLimit = 1 << 30

  func run() throws {
    try reportingFailures {
      guard let formulation = Formulation(rawValue: formulation) else {
        let all = Formulation.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure.usage(
          "--formulation: unknown formulation '\(formulation)'; choose one of \(all)")
      }
      let format = try export.map(format)
      try requireOutputs(["--export": export, "--json": json.path], from: [file])
      let instance = try InstanceFile.read(file)
      let bound = formulation.size(of: instance.size)
      guard bound.bytes <= Self.memoryLimit else {
        throw MethodError.tooLarge(
          method: "the formulation \(formulation.rawValue)", size: instance.size,
          needs: "\(bound) (the limit is \(Self.memoryLimit >> 20) MiB)",
          alternative: formulation == .rlt1
            && Formulation.kaufmanBroeckx.size(of: instance.size).bytes <= Self.memoryLimit
            ? "--formulation kaufman-broeckx, or qap bound --method rlt1"
            : "qap bound --method rlt1")
      }
      var model = formulation.model(of: instance, isInteger: integer)
      let reduction = try reduce ? shrink(&model, formulation, instance) : nil
      if let export, let format {
        try FileAccess.write(try model.formatted(as: format), to: export)
      }
      try json.write(
        Answer(
          instance: instance.name, formulation: formulation.rawValue, integer: integer,
          rows: model.size.rows, columns: model.size.columns, coefficients: model.size.nonzeros,
          reduction: reduction, export: export, version: version))
      guard !json.ownsStandardOutput else { return }
      var rows = [
        ("formulation", formulation.rawValue + (integer ? ", integer" : "")),
        ("rows", "\(model.size.rows)"), ("columns", "\(model.size.columns)"),
        ("coefficients", "\(model.size.nonzeros)"),
      ]
      if let reduction {
        rows.append(("left out", "\(reduction.removed) columns"))
        rows.append(("objective", Wording.value(reduction.objective)))
        rows.append(("bound", Wording.value(reduction.bound)))
      }
      if let export { rows.append(("file", export)) }
      try Console.print(aligned(rows))
    }
  }

  /// Leaves out the variables that are 0 in every assignment as good as the best of a tabu search.
  private func shrink(
    _ model: inout LinearModel, _ formulation: Formulation, _ instance: Instance
  ) throws -> Reduction {
    var options = SolveOptions(threads: RunOptions.processors)
    let found = try instance.solve(with: RobustTabu(), options: options)
    options.start = found.incumbent?.assignment
    options.keepsProof = true
    let proven = try instance.solve(with: AnnealedAscent(), options: options)
    guard let objective = proven.incumbent?.objective, let bound = proven.bound,
      let multipliers = bound.proof?.multipliers
    else { throw Failure.verification("internal error: no bound to reduce the model by") }
    let columns = ReducedCostFixing(instance, multipliers: multipliers, objective: objective)
      .excludedColumns(of: formulation)
    model = model.removing(columns: columns)
    return Reduction(removed: columns.count, objective: objective, bound: bound.unrounded)
  }

  private func format(_ path: String) throws -> LinearModel.FileFormat {
    let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
    guard let format = LinearModel.FileFormat(rawValue: ending) else {
      throw Failure.usage("--export: \(path) must end in .mps or .lp")
    }
    return format
  }
}
