import QAP

extension BranchAndBound {
  /// The options of the search.
  public struct Parameters: Sendable {
    /// Rounds of ascent at a node at most.
    public var rounds: Int
    /// Rounds at a node that comes from the list, without the multipliers of its parents.
    public var startRounds: Int
    /// Rounds at the root, after the annealed ascent.
    public var rootRounds: Int
    /// Sweeps of the annealed ascent at the root at most.
    public var rootSweeps: Int
    /// A node has another round while this number of gains like the last one would prune it.
    public var patience: Double
    /// Subproblems of a batch, after which incumbents are exchanged. The answer depends on their
    /// number, never on the number of threads.
    public var batch: Int
    /// Nodes of one subproblem before its open nodes go back to the list.
    public var nodesPerSubproblem: Int
    /// Costs looked at by its ascents, likewise: some tenths of a second.
    public var workPerSubproblem: Int
    /// Nodes that wait before the deepest are taken first, which lets the list grow no further.
    public var maxOpen: Int
    /// The work that the estimated tree may take; nil to search whatever the estimate says.
    public var budget: Budget?
    /// Walks that estimate the size of the tree.
    public var probes: Int
    /// Iterations of the tabu search before the tree; nil for as many as the size deserves.
    public var tabuIterations: Int?
    /// An incumbent that the run holds already is taken as it is, without a search for a better
    /// one.
    public var trustsIncumbent: Bool
    /// A bound that the run holds already, with its multipliers, is taken as the root's.
    public var trustsBound: Bool
    /// Points of a proof that is written down for a certificate at most.
    public var maxLeaves: Int
    /// Points of a first attempt at it, which has ascents alone; 0 to have doubly nonnegative
    /// bounds immediately.
    public var ascentLeaves: Int
    /// Free facilities from which on a node of a proof is worth a doubly nonnegative bound.
    public var minRelaxedSize: Int
    /// Bytes that the search may take.
    public var memoryLimit: Int
    /// The top of the tree has doubly nonnegative bounds when the tree seems to take as long as so
    /// many of them; infinite for never.
    public var relaxationGain: Double
    /// The time for which a node of the top is searched first, as a multiple of the estimated time
    /// of its relaxation.
    public var relaxationTrial: Double
    /// Nodes near the root have an annealed ascent each while that seems to take at most this share
    /// of the work that is left; 0 for never, infinite for always.
    public var annealedShare: Double
    /// The checkpoint from which the search can resume.
    public var checkpoint: (any CheckpointStore)?

    /// The defaults, each replaceable by name. They are checked when the search runs: counts are at
    /// least 1, or it throws `MethodError.parameter`.
    public init(
      rounds: Int = 3, startRounds: Int = 8, rootRounds: Int = 10, rootSweeps: Int = 1000,
      patience: Double = 4, batch: Int = 32, nodesPerSubproblem: Int = 2000,
      workPerSubproblem: Int = 100_000_000,
      maxOpen: Int = 200_000, budget: Budget? = nil, probes: Int = 64,
      tabuIterations: Int? = nil, trustsIncumbent: Bool = false,
      trustsBound: Bool = false, maxLeaves: Int = 3000, ascentLeaves: Int = 200,
      minRelaxedSize: Int = 10, memoryLimit: Int = 4 << 30,
      relaxationGain: Double = 400, relaxationTrial: Double = 0.5, annealedShare: Double = 0.05,
      checkpoint: (any CheckpointStore)? = nil
    ) {
      self.rounds = rounds
      self.startRounds = startRounds
      self.rootRounds = rootRounds
      self.rootSweeps = rootSweeps
      self.patience = patience
      self.batch = batch
      self.nodesPerSubproblem = nodesPerSubproblem
      self.workPerSubproblem = workPerSubproblem
      self.maxOpen = maxOpen
      self.budget = budget
      self.probes = probes
      self.tabuIterations = tabuIterations
      self.trustsIncumbent = trustsIncumbent
      self.trustsBound = trustsBound
      self.maxLeaves = maxLeaves
      self.ascentLeaves = ascentLeaves
      self.minRelaxedSize = minRelaxedSize
      self.memoryLimit = memoryLimit
      self.relaxationGain = relaxationGain
      self.relaxationTrial = relaxationTrial
      self.annealedShare = annealedShare
      self.checkpoint = checkpoint
    }

    func validate() throws(MethodError) {
      let counts = [
        ("rounds", rounds), ("startRounds", startRounds), ("rootRounds", rootRounds),
        ("rootSweeps", rootSweeps), ("batch", batch), ("nodesPerSubproblem", nodesPerSubproblem),
        ("workPerSubproblem", workPerSubproblem),
        ("maxOpen", maxOpen), ("probes", probes), ("maxLeaves", maxLeaves),
        ("minRelaxedSize", minRelaxedSize),
      ]
      for (name, value) in counts { try require(value >= 1, name, value, "at least 1") }
      if let tabuIterations {
        try require(tabuIterations >= 1, "tabuIterations", tabuIterations, "at least 1")
      }
      try require(ascentLeaves >= 0, "ascentLeaves", ascentLeaves, "at least 0")
      try require(patience >= 0, "patience", patience, "at least 0")
      try require(relaxationGain >= 0, "relaxationGain", relaxationGain, "at least 0")
      try require(
        annealedShare >= 0, "annealedShare", annealedShare, "at least 0")
      try require(
        relaxationTrial >= 0 && relaxationTrial.isFinite, "relaxationTrial", relaxationTrial,
        "at least 0")
    }
  }
}
