import QAP
import QAPBranchAndBound

extension Message {
  /// Reads what `rank` tells the coordinator; that it has failed is thrown.
  init(_ bytes: [UInt8], from rank: Int) throws(DistributionError) {
    do {
      self = try Message(bytes)
    } catch {
      throw .nonsense(rank: rank, text: error.description)
    }
    if case .failure(let text, let status) = self {
      throw .failed(rank: rank, text: text, status: status)
    }
  }
}

/// Branch and bound over several ranks: the search of `BranchAndBound`, with the subproblems of its
/// list searched by any rank that asks for work.
///
/// Rank 0 coordinates: it runs heuristics and the root's bound, sends everybody what the search
/// begins with (`SearchBasis`), and keeps the list. A rank gets single subproblems, spends a number
/// of nodes on each, and gives back the open nodes, so that no rank holds for more than some tenths
/// of a second what others could search, and whatever the subtrees' sizes, all ranks are at work
/// until the list is empty. Better assignments go to all ranks immediately. The list with the
/// work at ranks is a checkpoint at any time; a rank that dies takes nothing with it but its last
/// tenths of a second.
///
/// Rank 0 searches too, with the same threads as the others. Which subproblem is searched with
/// which incumbent depends on the order in which messages arrive, so the number of nodes varies a
/// little; optimum and termination do not, without a limit of time or nodes.
public struct DistributedSearch: Method {
  public static let info = BranchAndBound.info

  /// The options of the search.
  public var parameters: BranchAndBound.Parameters
  /// Where finished items are written down, for the simulation.
  public var recorder: Recorder?
  /// The maximum number of seconds of work that a killed job loses.
  public var secondsBetweenSaves: Double
  /// Nodes to spend on a subproblem before its open nodes go back to the list; nil for some
  /// thousands, and more with many ranks.
  public var runNodes: Int?
  private let carrier: Carrier

  /// The search as rank 0 runs it; `transport` must belong to the thread that does.
  public init(
    _ parameters: BranchAndBound.Parameters, over transport: any Transport,
    recorder: Recorder? = nil, secondsBetweenSaves: Double = 15,
    runNodes: Int? = nil
  ) {
    self.runNodes = runNodes
    self.secondsBetweenSaves = secondsBetweenSaves
    self.parameters = parameters
    self.recorder = recorder
    carrier = Carrier(transport: transport)
  }

  /// Methods travel between threads; this one must run on the transport's.
  private final class Carrier: @unchecked Sendable {
    let transport: any Transport
    init(transport: any Transport) { self.transport = transport }
  }

  public func run(_ context: SolveContext) throws -> Termination {
    let instance = context.instance
    let resumed = try parameters.checkpoint?.load(instance)
    if let resumed {
      context.note(
        "resumed from checkpoint: \(resumed.nodes) nodes done, \(resumed.open.count) open")
      if let assignment = resumed.assignment { context.offer(assignment) }
      context.count(nodes: resumed.nodes, open: resumed.open.count)
    }
    context.report(Double(carrier.transport.size), as: "ranks")
    switch try BranchAndBound(parameters).preparation(context) {
    case .ended(let reason): return reason
    case .search(let basis):
      carrier.transport.broadcast(.begin(basis, fingerprint: instance.fingerprint))
      let workers = try SearchWorkers(
        instance, basis: basis, parameters: parameters, rule: context.rule,
        threads: context.threads)
      defer { workers.end() }
      let coordinator = TreeCoordinator(
        context, over: carrier.transport, workers: workers, parameters: parameters,
        recorder: recorder,
        secondsBetweenSaves: secondsBetweenSaves, runNodes: runNodes)
      return try coordinator.run(from: resumed)
    }
  }
}
