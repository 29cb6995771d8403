import ArgumentParser
import QAP
import QAPBranchAndBound
import QAPDistribution
import QAPFrontend
import QAPInstanceIO
import QAPRegistry

/// `qap-mpi solve`: exact search, or a heuristic from many seeds.
struct SolveCommand: DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve",
    abstract: "Solve an instance with all ranks.",
    discussion: """
      The default is an exact search: rank 0 finds an assignment and the root bound, then all \
      ranks search subtrees. Optimum and status are the same for any number of ranks. With \
      --method and --seeds, that method runs from several seeds, spread over the ranks; the best \
      assignment and bound are reported.

      --threads is the number of threads of each rank: use 1 with one rank per core. The log, the \
      JSON and --checkpoint are those of 'qap solve', with additional figures: ranks, tree_seconds \
      (wall time of the search alone), subtree_seconds (processor time of all threads in \
      subtrees), lead_seconds (processor time of distributing work) and reports.

      Examples:
        mpirun -n 4 qap-mpi solve Instances/qaplib/nug18.dat --threads 1
        mpirun -n 64 qap-mpi solve nug24.dat --threads 1 --checkpoint nug24.state --json nug24.json
        mpirun -n 8 qap-mpi solve tai40a.dat --method tabu --seeds 32 --threads 1 --time-limit 60
      """)

  @Argument(help: "The instance.")
  var file: String

  @Option(name: .long, help: ArgumentHelp("The method; see 'qap methods'.", valueName: "id"))
  var method = BranchAndBound.info.id

  @Option(
    name: .long, help: ArgumentHelp("Number of runs, with seeds from --seed on.", valueName: "k"))
  var seeds: Int?

  @OptionGroup var goal: GoalOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the best assignment as a solution file (.sln).", valueName: "file"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Record the cost of every subtree, for 'qap-mpi simulate'.", valueName: "file"))
  var record: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Seconds between two saves of --checkpoint.", valueName: "seconds"))
  var saveEvery = 15.0

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Nodes per run of a rank (default: 2000, more from 64 threads on).",
      valueName: "n"))
  var runNodes: Int?

  @OptionGroup var placements: PlacementOptions

  @OptionGroup var options: RunOptions

  private var isExact: Bool { method == BranchAndBound.info.id }

  func validate() throws {
    if isExact, seeds != nil {
      throw ValidationError("--seeds applies only with a heuristic: set --method")
    }
    if let seeds, !(1...1_000_000).contains(seeds) {
      throw ValidationError("--seeds must be between 1 and 1000000, not \(seeds)")
    }
    guard saveEvery >= 0, saveEvery <= 3600 else {
      throw ValidationError("--save-every must be between 0 and 3600 seconds, not \(saveEvery)")
    }
    if let runNodes, !(1...1_000_000_000).contains(runNodes) {
      throw ValidationError("--run-nodes must be between 1 and 10^9, not \(runNodes)")
    }
    if !isExact {
      for (name, value) in [("--record", record), ("--checkpoint", options.checkpoint)]
      where value != nil {
        throw ValidationError("\(name) applies only to the exact search: leave out --method")
      }
    }
  }

  private var parameters: BranchAndBound.Parameters {
    .init(
      memoryLimit: min(BranchAndBound.Parameters().memoryLimit, RunOptions.memoryLimit),
      checkpoint: options.checkpoint.map(FileCheckpoint.init))
  }

  func coordinate(_ world: World) throws {
    let instance = try placements.apply(to: try InstanceFile.read(file))
    let recorder = record.map { Recorder(path: $0, instance: instance.name) }
    if let record { try requireWritable(record) }
    let registered: RegisteredMethod
    if isExact {
      let search = DistributedSearch(
        parameters, over: world, recorder: recorder, secondsBetweenSaves: saveEvery,
        runNodes: runNodes)
      registered = RegisteredMethod { _ in search }
    } else {
      registered = distributed(try seedMethod(), world)
    }
    let report = try options.run(
      instance, method: method, registered: registered, goal: goal, output: output,
      inputs: [file])
    try options.printAnswer(report, output: output)
  }

  func work(_ world: World) throws {
    let shown = Result {
      try options.shown(try placements.apply(to: try InstanceFile.read(file)))
    }
    let inner = Result { try isExact ? nil : seedMethod() }
    let asked = options.solveOptions(goal, stop: Interruption())
    let sense = options.sense
    Worker(over: world, explain: explain).serve(
      instance: { try shown.get() }, parameters: parameters, tolerance: asked.tolerance,
      threads: asked.threads,
      perform: { index, interruption in
        guard let method = try inner.get() else { return [] }
        var own = asked
        own.limits.target = sense.value(asked.limits.target)
        own.stop = interruption.criterion
        own.seed &+= UInt64(index)
        own.origin = nil
        return try SeedAnswer(try shown.get(), method, own).encoded
      })
  }

  /// The method that runs from several seeds.
  private func seedMethod() throws -> any Method {
    try options.registered(method).make(options.methodOptions)
  }

  private func distributed(_ inner: some Method, _ world: World) -> RegisteredMethod {
    let method = DistributedSeeds(inner, seeds: seeds ?? world.size, over: world)
    return RegisteredMethod { _ in method }
  }
}
