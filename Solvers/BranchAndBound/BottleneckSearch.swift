import QAP
import QAPPrimitives

/// The bottleneck assignment problem: the largest term of an objective, not their sum, is least.
///
/// Terms are the products flow[i,k] · distance[p(i),p(k)] of all facilities (for a cost tensor its
/// entries) and the linear costs. A threshold is reached by some assignment exactly when a
/// quadratic assignment problem has the objective 0, whose costs are 1 for terms above the
/// threshold and 0 for others. A binary search over the values of terms decides it by exact search,
/// so the bound is proven: every lower threshold has a positive bound. Heuristics decide only that
/// a threshold is reached, bounds only that it is not.
public struct BottleneckSearch: Sendable {
  /// The result of a search.
  public struct Outcome: Sendable {
    /// The best assignment; nil when none is allowed.
    public let assignment: Assignment?
    /// Its largest term.
    public let objective: Double?
    /// No assignment has a smaller largest term.
    public let bound: Double?
    /// The proof that every assignment has a term above the largest threshold below the bound; nil
    /// unless proofs are kept.
    public let certificate: Certificate?
    /// Why it ended.
    public let termination: Termination
    /// Thresholds that were decided.
    public let thresholds: Int
    /// Nodes of all trees.
    public let nodes: Int
  }

  /// The method that decides thresholds.
  private let method: any Method

  /// Different values of terms at most.
  private static let maxValues = 4_000_000

  /// An exact search with `parameters`.
  public init(_ parameters: BranchAndBound.Parameters = .init()) {
    self.init(BranchAndBound(parameters))
  }

  /// A search that decides thresholds by `method`.
  public init(_ method: any Method) { self.method = method }

  /// Searches `instance` within the limits of `options`, of which iterations are those of each
  /// threshold, with its fixed pairs, seed and threads.
  ///
  /// - Returns: the assignment, the bound of the largest term, and the reason why the search ended.
  /// - Throws: `MethodError.tooLarge` for too many different terms, and what exact searches throw.
  public func solve(_ instance: Instance, options: SolveOptions) throws -> Outcome {
    let terms = Terms(instance)
    guard let values = terms.values(atMost: Self.maxValues) else {
      throw MethodError.tooLarge(
        method: "bottleneck", size: instance.size, needs: "more than \(Self.maxValues) terms",
        alternative: "rounded data")
    }
    let output = method.info.output
    var state = State(most: values.count - 1, origin: options.origin ?? options.clock())
    while state.least < state.most || state.best == nil && output != .bound && !state.isInfeasible {
      // The last threshold is met by all.
      let isFirst = state.best == nil && output != .bound
      let middle = isFirst ? values.count - 1 : (state.least + state.most) / 2
      let report = try decide(terms, values[middle], options, &state)
      if let found = report.incumbent, isFirst || found.objective == 0 {
        state.best = found.assignment
        state.most = values.firstIndex { $0 >= terms.largest(of: found.assignment) } ?? middle
      } else if report.bound?.value ?? 0 >= 1 {
        (state.least, state.proven) = (middle + 1, middle + 1)
        state.certificate = report.certificate
        state.certificate?.threshold = values[middle]
      } else if state.isInfeasible {
        break
      } else {
        state.ended = report.termination
        // One of two answers is out of reach of such a method.
        switch output {
        case .bound: state.most = middle
        case .assignment where !isFirst: state.least = middle + 1
        default: return state.outcome(terms, values)
        }
      }
    }
    if options.keepsProof, state.certificate == nil, !state.isInfeasible, output != .assignment {
      // All terms lie above this threshold.
      let below = values[0].nextDown
      state.certificate = try decide(terms, below, options, &state).certificate
      state.certificate?.threshold = below
    }
    return state.outcome(terms, values)
  }

  /// The state of a search between thresholds.
  private struct State {
    /// Thresholds from `least` on, by their index, may be reached; `most` is.
    var least = 0
    var most: Int
    /// Every assignment has a term of at least the value of this index.
    var proven = 0
    var best: Assignment?
    var certificate: Certificate?
    var isInfeasible = false
    /// The end of a run that left its threshold undecided.
    var ended: Termination?
    var thresholds = 0
    var nodes = 0
    let origin: Double

    init(most: Int, origin: Double) { (self.most, self.origin) = (most, origin) }

    func outcome(_ terms: Terms, _ values: [Double]) -> Outcome {
      let objective = best.map { terms.largest(of: $0) }
      let isProven = best != nil && proven >= most
      return Outcome(
        assignment: best, objective: objective,
        bound: isInfeasible ? nil : isProven ? objective : values[proven],
        certificate: certificate,
        termination: isInfeasible ? .infeasible : isProven ? .optimal : ended ?? .stalled,
        thresholds: thresholds, nodes: nodes)
    }
  }

  /// Runs the method on the problem that counts terms above `threshold`, until it is decided.
  private func decide(
    _ terms: Terms, _ threshold: Double, _ options: SolveOptions, _ state: inout State
  ) throws -> SolveReport {
    var inner = options
    inner.observer = nil
    inner.origin = nil
    inner.start = state.best
    inner.limits = Limits(
      iterations: options.limits.iterations,
      nodes: options.limits.nodes.map { max(1, $0 - state.nodes) }, target: 0)
    if let time = options.limits.time {
      inner.limits.time = .seconds(max(0, time.seconds - (options.clock() - state.origin)))
    }
    if !options.keepsProof {
      inner.stop = { status in
        status.bound ?? 0 > 0 ? .target : options.stop?(status)
      }
    }
    let report = try terms.instance(above: threshold).solve(with: method, options: inner)
    state.nodes += report.nodes
    state.thresholds += 1
    state.isInfeasible = report.termination == .infeasible
    return report
  }

  /// The terms of an instance's objective.
  struct Terms {
    private let original: Instance

    init(_ instance: Instance) { original = instance }

    private var m: Int { original.facilities }

    /// The largest cost of a placement by itself.
    fileprivate func single(_ i: Int, _ j: Int) -> Double {
      let linear = original.linear?[i, j] ?? -.infinity
      switch original.cost {
      case .koopmansBeckmann(let flow, let distance):
        return max(linear, flow[i, i] * distance[j, j])
      case .tensor(let tensor): return max(linear, tensor.cost(i, j, i, j))
      }
    }

    fileprivate func pair(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
      switch original.cost {
      case .koopmansBeckmann(let flow, let distance): flow[i, k] * distance[j, l]
      case .tensor(let tensor): tensor.cost(i, j, k, l)
      }
    }

    /// The largest term of an assignment.
    func largest(of p: Assignment) -> Double {
      (0..<m).reduce(-Double.infinity) { most, i in
        (0..<m).reduce(max(most, single(i, p[i]))) {
          $1 == i ? $0 : max($0, pair(i, p[i], $1, p[$1]))
        }
      }
    }

    /// The different values of terms, ascending; nil beyond `limit`.
    func values(atMost limit: Int) -> [Double]? {
      let n = original.size
      var found: Set<Double> = []
      for i in 0..<m { for j in 0..<n { found.insert(single(i, j)) } }
      switch original.cost {
      case .koopmansBeckmann(let flow, let distance):
        func entries(_ matrix: Matrix<Double>, _ count: Int) -> Set<Double> {
          var result: Set<Double> = []
          for r in 0..<count { for c in 0..<count where c != r { result.insert(matrix[r, c]) } }
          return result
        }
        let (a, b) = (entries(flow, m), entries(distance, n))
        guard a.count * b.count <= limit else { return nil }
        for x in a { for y in b { found.insert(x * y) } }
      case .tensor(let tensor):
        guard n * n * n * n <= limit else { return nil }
        for i in 0..<n {
          for j in 0..<n {
            for k in 0..<n where k != i {
              for l in 0..<n where l != j { found.insert(tensor.cost(i, j, k, l)) }
            }
          }
        }
      }
      return found.sorted()
    }

    /// The problem that counts terms above `threshold`.
    func instance(above threshold: Double) throws -> Instance {
      var result = try Instance(
        name: original.name, cost: .tensor(ThresholdTensor(terms: self, threshold: threshold)))
      result = try result.forbidding(original.forbidden)
      return result
    }

    fileprivate var size: Int { original.size }
    fileprivate var facilities: Int { m }
    fileprivate var isSymmetric: Bool {
      original.properties.flowIsSymmetric && original.properties.distanceIsSymmetric
    }
  }
}

/// 1 for the terms above a threshold, 0 for others.
private struct ThresholdTensor: CostTensor {
  let terms: BottleneckSearch.Terms
  let threshold: Double

  var size: Int { terms.size }
  var isIntegral: Bool { true }
  var isSymmetric: Bool { terms.isSymmetric }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    guard i < terms.facilities, k < terms.facilities else { return 0 }
    let term = i == k && j == l ? terms.single(i, j) : terms.pair(i, j, k, l)
    return term > threshold ? 1 : 0
  }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    for k in 0..<size {
      for l in 0..<size where (k == i) == (l == j) { block[k * size + l] = cost(i, j, k, l) }
    }
  }
}
