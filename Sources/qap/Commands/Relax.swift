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
      location j, from 0. With --maximize the program minimizes the negative.

      --quadratic exports the exact program with its quadratic objective, as .lp or .qplib. --qubo \
      exports one without constraints, as .qubo (the coordinate format of qbsolv) or .npy (the \
      upper triangle of Q): its minimum plus the constant that is printed is the optimum. \
      'qap verify' and --start of 'qap solve' read the solutions of other solvers.

      --reduce first finds an assignment (tabu) and a bound (rlt1), and leaves out the variables \
      that are 0 in every assignment as good as that one. The exact program keeps its optimum, and \
      the relaxation may become stronger.

      Examples:
        qap relax Instances/qaplib/nug12.dat --formulation rlt1 --export nug12.mps
        qap relax Instances/qaplib/nug12.dat --integer --reduce --export nug12.mps
        qap relax Instances/qaplib/nug12.dat --quadratic --export nug12.lp
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

  @Flag(name: .long, help: "Export the program with a quadratic objective.")
  var quadratic = false

  @Flag(name: .long, help: "Export a quadratic program without constraints, with penalties.")
  var qubo = false

  @Flag(name: .long, help: "Maximize the objective.")
  var maximize = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Facilities fixed at locations: lines of two numbers from 0, .npy, or a solution (.sln), "
        + "which counts from 1.", valueName: "file"))
  var pairs: String?

  @OptionGroup var placements: PlacementOptions

  @Option(
    name: .long,
    help: ArgumentHelp("The file to write: .mps, .lp, .qplib, .qubo or .npy.", valueName: "file"))
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

  func validate() throws {
    guard !quadratic || !qubo else {
      throw ValidationError("--quadratic and --qubo exclude each other")
    }
    if quadratic || qubo, integer || reduce {
      throw ValidationError("--integer and --reduce apply to linear programs only")
    }
    if reduce, pairs != nil { throw ValidationError("--reduce does not apply with --pairs") }
  }

  func run() throws {
    try reportingFailures {
      if quadratic || qubo { return try exportQuadratic() }
      guard let formulation = Formulation(rawValue: formulation) else {
        let all = Formulation.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure.usage(
          "--formulation: unknown formulation '\(formulation)'; choose one of \(all)")
      }
      let format = try export.map(format)
      try requireOutputs(["--export": export, "--json": json.path], from: [file])
      let stated = try readInstance(file)
      let isMaximized = maximize || stated.sense == .max
      let given = try placements.apply(to: stated.instance)
      // What is forbidden has a surcharge, for --reduce, and the value 0.
      let instance = try (isMaximized ? given.negated : given).withoutForbidden().instance
      let known = try fixedPairs(instance)
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
      for pair in known {
        model.setBounds(
          column: pair.facility * instance.size + pair.location, lower: 1, upper: 1)
      }
      for pair in instance.forbidden {
        model.setBounds(
          column: pair.facility * instance.size + pair.location, lower: 0, upper: 0)
      }
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

  private func fixedPairs(_ instance: Instance) throws -> [FixedPair] {
    guard let pairs else { return [] }
    let known = try IndexFile.readPairs(pairs, below: instance.size, note: Console.note).map {
      FixedPair(facility: $0.first, location: $0.second)
    }
    // Contradictions are errors here, not in another solver.
    return try ReducedInstance(instance, fixing: known).pairs.count == known.count
      ? known : Array(Set(known)).sorted { $0.facility < $1.facility }
  }

  /// Writes the program with a quadratic objective, with or without constraints.
  private func exportQuadratic() throws {
    let endings = qubo ? ["qubo", "npy"] : ["lp", "qplib"]
    let ending = export.map { URL(fileURLWithPath: $0).pathExtension.lowercased() }
    if let export, let ending, !endings.contains(ending) {
      throw Failure.usage(
        "--export: \(export) must end in .\(endings[0]) or .\(endings[1]) with "
          + (qubo ? "--qubo" : "--quadratic"))
    }
    try requireOutputs(["--export": export, "--json": json.path], from: [file])
    let stated = try readInstance(file)
    let sense: Sense = maximize ? .max : stated.sense
    let instance = try placements.apply(to: stated.instance)
    let known = try fixedPairs(instance)
    var figures: [(String, String)]
    var answer = QuadraticAnswer(
      instance: instance.name, form: qubo ? "qubo" : "quadratic", sense: sense,
      export: export)
    if qubo {
      let minimized = sense == .max ? instance.negated : instance
      let rest =
        known.isEmpty ? minimized : try ReducedInstance(minimized, fixing: known).instance
      let found = try rest.solve(with: TwoOpt(), options: SolveOptions())
      let problem = try QUBO(
        minimizing: minimized, pairs: known, sense: sense, incumbent: found.incumbent?.assignment)
      if let export {
        try FileAccess.write(
          ending == "npy" ? NPY.format(NumericArray(problem.matrix)) : problem.format(), to: export)
      }
      (answer.variables, answer.penalty) = (problem.variables.count, problem.penalty)
      answer.constant = problem.constant
      figures = [
        ("variables", "\(problem.variables.count)"), ("penalty", Wording.value(problem.penalty)),
        ("constant", Wording.value(problem.constant)),
        ("objective", sense == .min ? "value + constant" : "-(value + constant)"),
      ]
    } else {
      let program = QuadraticProgram(instance, sense: sense, pairs: known)
      try AvailableMemory.require(
        program.bytes, for: "the quadratic program", size: instance.size,
        alternative: "--formulation kaufman-broeckx")
      if let export {
        try FileAccess.write(ending == "lp" ? program.lp() : program.qplib(), to: export)
      }
      (answer.variables, answer.products) = (program.variables, program.products)
      figures = [
        ("variables", "\(program.variables)"), ("products", "\(program.products)"),
        ("sense", sense.rawValue),
      ]
    }
    try json.write(answer)
    if json.ownsStandardOutput { return }
    if let export { figures.append(("file", export)) }
    try Console.print(aligned(figures))
  }

  /// The JSON of a quadratic export.
  private struct QuadraticAnswer: Encodable {
    let instance: String
    let form: String
    let sense: String
    let export: String?
    var variables = 0
    var products: Int?
    var penalty: Double?
    var constant: Double?
    let version = QAPFrontend.version

    init(instance: String, form: String, sense: Sense, export: String?) {
      (self.instance, self.form, self.sense) = (instance, form, sense.rawValue)
      self.export = export
    }
  }

  private func format(_ path: String) throws -> LinearModel.FileFormat {
    let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
    guard let format = LinearModel.FileFormat(rawValue: ending) else {
      throw Failure.usage("--export: \(path) must end in .mps or .lp")
    }
    return format
  }
}
