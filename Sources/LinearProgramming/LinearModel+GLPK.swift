#if GLPK
  import CGLPK
  import Dispatch

  // The one file that talks to GLPK, and the one with unsafe code.
  //
  // A problem is created, used and freed inside one synchronous call: GLPK keeps its memory in the
  // thread's own storage, and freeing a problem on another thread ends the process. That storage is
  // given back at the end of every call, so threads that come and go leave nothing behind. The
  // library ends the process on input it does not like, so a model is validated before a single
  // number is handed over, and its remaining assertions jump back (see shim.h).

  extension LinearModel {
    /// Solves a model that is valid and has both rows and columns.
    func glpkSolution(_ options: LinearOptions) -> LinearSolution {
      withEnvironment(log: options.log) {
        let loaded = unsafe load(roundingIntegers: options.algorithm == .branchAndCut)
        guard let problem = unsafe loaded else { return LinearSolution(ending: .numericalFailure) }
        let run = unsafe GLPKRun(model: self, problem: problem, options: options)
        let solution = run.solve()
        // After a jump the environment as a whole is freed, not the problem.
        if !run.isAbandoned { unsafe glp_delete_prob(problem) }
        return solution
      }
    }

    /// Runs `body` with GLPK's words going to `log`, and frees what the thread's GLPK holds.
    private func withEnvironment<Result>(
      log: (@Sendable (String) -> Void)?, _ body: () -> Result
    ) -> Result {
      func run() -> Result {
        // 0: there was none. An environment that somebody else on this thread uses is left alone.
        let isOwn = glp_init_env() == 0
        let listener = LineListener(log)
        if log == nil {
          glp_term_out(GLP_OFF)
        } else {
          unsafe glp_term_hook(
            { info, text in
              guard let info = unsafe info, let text = unsafe text else { return 1 }
              let listener = unsafe Unmanaged<LineListener>.fromOpaque(info).takeUnretainedValue()
              unsafe listener.take(String(cString: text))
              return 1
            }, Unmanaged.passUnretained(listener).toOpaque())
        }
        let result = withExtendedLifetime(listener, body)
        if isOwn {
          glp_free_env()
        } else {
          glp_term_hook(nil, nil)
          glp_term_out(GLP_ON)
        }
        return result
      }
      // A library built without thread-local storage serves one thread at a time.
      if isThreadSafe { return run() }
      gate.wait()
      defer { gate.signal() }
      return run()
    }

    /// The model as GLPK's problem; nil when it gave up. Branch and cut wants integers as the
    /// bounds of integer columns.
    private func load(roundingIntegers: Bool) -> OpaquePointer? {
      guard let problem = unsafe glp_create_prob() else { return nil }
      unsafe glp_set_prob_name(problem, name)
      unsafe glp_set_obj_dir(problem, GLP_MIN)
      unsafe glp_set_obj_coef(problem, 0, constant)
      if !rows.isEmpty { unsafe glp_add_rows(problem, Int32(rows.count)) }
      if !columns.isEmpty { unsafe glp_add_cols(problem, Int32(columns.count)) }
      for (index, row) in rows.enumerated() {
        let number = Int32(index + 1)
        unsafe glp_set_row_bnds(problem, number, kind(row.lower, row.upper), row.lower, row.upper)
        if !row.name.isEmpty { unsafe glp_set_row_name(problem, number, row.name) }
      }
      for (index, column) in columns.enumerated() {
        let number = Int32(index + 1)
        var (lower, upper) = (column.lower, column.upper)
        if column.isInteger {
          unsafe glp_set_col_kind(problem, number, GLP_IV)
          if roundingIntegers { (lower, upper) = (lower.rounded(.up), upper.rounded(.down)) }
        }
        unsafe glp_set_col_bnds(problem, number, kind(lower, upper), lower, upper)
        unsafe glp_set_obj_coef(problem, number, column.cost)
        if !column.name.isEmpty { unsafe glp_set_col_name(problem, number, column.name) }
      }
      // Numbered from 1: element 0 is not looked at.
      let ia = [0] + entries.map { Int32($0.row + 1) }
      let ja = [0] + entries.map { Int32($0.column + 1) }
      let values = [0] + entries.map(\.value)
      guard unsafe qap_glpk_load(problem, Int32(entries.count), ia, ja, values) == 0 else {
        return nil
      }
      return unsafe problem
    }

    private func kind(_ lower: Double, _ upper: Double) -> Int32 {
      switch (lower.isFinite, upper.isFinite) {
      case (false, false): GLP_FR
      case (true, false): GLP_LO
      case (false, true): GLP_UP
      case (true, true): lower == upper ? GLP_FX : GLP_DB
      }
    }
  }

  /// True when GLPK keeps its state in the thread's own storage.
  private let isThreadSafe = unsafe glp_config("TLS") != nil
  private let gate = DispatchSemaphore(value: 1)

  /// Puts GLPK's fragments of text together to lines.
  private final class LineListener {
    private let log: (@Sendable (String) -> Void)?
    private var pending = ""

    init(_ log: (@Sendable (String) -> Void)?) { self.log = log }

    func take(_ text: String) {
      pending += text
      while let end = pending.firstIndex(of: "\n") {
        log?(String(pending[..<end]))
        pending.removeSubrange(...end)
      }
    }
  }

  /// One solve of one loaded problem.
  @safe
  private final class GLPKRun {
    private let model: LinearModel
    private let problem: OpaquePointer
    private let options: LinearOptions
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    /// GLPK jumped out of a call: nothing but its environment may be touched.
    private(set) var isAbandoned = false
    private var bestBound: Double?
    private var wasInterrupted = false

    init(model: LinearModel, problem: OpaquePointer, options: LinearOptions) {
      self.model = model
      unsafe self.problem = unsafe problem
      self.options = options
      began = clock.now
    }

    func solve() -> LinearSolution {
      switch options.algorithm {
      case .primalSimplex: simplexSolution(simplex(GLP_PRIMAL))
      case .dualSimplex: dualSimplex()
      case .interiorPoint: interior()
      case .branchAndCut: branchAndCut()
      }
    }

    /// The primal method decides what the dual one leaves open.
    private func dualSimplex() -> LinearSolution {
      let status = simplex(GLP_DUALP)
      return simplexSolution(status == .infeasibleOrUnbounded ? simplex(GLP_PRIMAL) : status)
    }

    /// Milliseconds left, at least one; nil without a limit.
    private var millisecondsLeft: Int32? {
      guard let limit = options.timeLimit else { return nil }
      let (seconds, attoseconds) = (clock.now - began).components
      let spent = Double(seconds) + Double(attoseconds) * 1e-18
      let left = 1000 * (limit - spent)
      return left < 1 ? 1 : left < 2e9 ? Int32(left) : Int32.max
    }

    private var isTimeUp: Bool { (millisecondsLeft ?? .max) <= 1 }

    private func simplex(_ method: Int32) -> LinearStatus {
      guard unsafe qap_glpk_begin(problem) == 0 else {
        isAbandoned = true
        return .numericalFailure
      }
      var parameters = glp_smcp()
      unsafe glp_init_smcp(&parameters)
      parameters.msg_lev = options.log == nil ? GLP_MSG_OFF : GLP_MSG_ALL
      parameters.meth = method
      parameters.presolve = options.presolves ? GLP_ON : GLP_OFF
      let first = unsafe Int(glp_get_it_cnt(problem))
      // Slices, after each of which the caller is asked. The basis stays; presolving would lose it.
      // They are counted in iterations, not in seconds: the path to the optimum depends on where
      // they end, and must be the same on a busy machine.
      let slices = options.shouldStop != nil && !options.presolves
      var slice: Int32 = 250
      while true {
        if options.shouldStop?() == true { return .interrupted }
        parameters.tm_lim = millisecondsLeft ?? .max
        parameters.it_lim = slices ? slice : .max
        let done = unsafe Int(glp_get_it_cnt(problem)) - first
        if let limit = options.iterationLimit {
          guard done < limit else { return .iterationLimit }
          parameters.it_lim = min(parameters.it_lim, Int32(clamping: limit - done))
        }
        let code = unsafe qap_glpk_simplex(problem, &parameters)
        switch code {
        case 0: return simplexStatus()
        case GLP_EBOUND, GLP_ENOPFS: return .infeasible
        case GLP_ENODFS: return .infeasibleOrUnbounded
        case GLP_ETMLIM: return .timeLimit
        case GLP_EITLIM:
          guard slices else { return .iterationLimit }
          if isTimeUp { return .timeLimit }
          slice = slice < 1 << 24 ? slice + slice / 4 : slice
        case Int32(QAP_GLPK_ABANDONED):
          isAbandoned = true
          return .numericalFailure
        default: return .numericalFailure
        }
      }
    }

    private func simplexStatus() -> LinearStatus {
      switch unsafe glp_get_status(problem) {
      case GLP_OPT: return satisfiesOptimality(GLP_SOL) ? .optimal : .numericalFailure
      case GLP_NOFEAS: return .infeasible
      case GLP_UNBND: return .unbounded
      default:
        // The dual simplex may end without a primal point.
        return unsafe glp_get_dual_stat(problem) == GLP_NOFEAS
          ? .infeasibleOrUnbounded : .numericalFailure
      }
    }

    /// The conditions of Karush, Kuhn and Tucker, to a relative 10⁻⁵.
    private func satisfiesOptimality(_ kind: Int32) -> Bool {
      [GLP_KKT_PE, GLP_KKT_PB, GLP_KKT_DE, GLP_KKT_DB].allSatisfy { condition in
        var (absolute, relative) = (0.0, 0.0)
        var (absoluteAt, relativeAt): (Int32, Int32) = (0, 0)
        unsafe glp_check_kkt(
          problem, kind, condition, &absolute, &absoluteAt, &relative, &relativeAt)
        return relative <= 1e-5
      }
    }

    private func simplexSolution(_ status: LinearStatus) -> LinearSolution {
      guard !isAbandoned, status != .infeasible, status != .infeasibleOrUnbounded,
        unsafe glp_get_prim_stat(problem) == GLP_FEAS
      else { return LinearSolution(ending: status) }
      let (rows, columns) = (model.rows.indices, model.columns.indices)
      return unsafe LinearSolution(
        status: status, objective: glp_get_obj_val(problem),
        values: columns.map { unsafe glp_get_col_prim(problem, Int32($0 + 1)) },
        rowDuals: rows.map { unsafe glp_get_row_dual(problem, Int32($0 + 1)) },
        reducedCosts: columns.map { unsafe glp_get_col_dual(problem, Int32($0 + 1)) },
        bestBound: nil)
    }

    private func interior() -> LinearSolution {
      var parameters = glp_iptcp()
      unsafe glp_init_iptcp(&parameters)
      parameters.msg_lev = options.log == nil ? GLP_MSG_OFF : GLP_MSG_ALL
      let code = unsafe qap_glpk_interior(problem, &parameters)
      guard code == 0 else {
        isAbandoned = code == Int32(QAP_GLPK_ABANDONED)
        return LinearSolution(ending: .numericalFailure)
      }
      switch unsafe glp_ipt_status(problem) {
      case GLP_OPT:
        guard satisfiesOptimality(GLP_IPT) else { return LinearSolution(ending: .numericalFailure) }
      // GLPK's words for this: no feasible primal or no feasible dual point.
      case GLP_NOFEAS, GLP_INFEAS: return LinearSolution(ending: .infeasibleOrUnbounded)
      default: return LinearSolution(ending: .numericalFailure)
      }
      let (rows, columns) = (model.rows.indices, model.columns.indices)
      return unsafe LinearSolution(
        status: .optimal, objective: glp_ipt_obj_val(problem),
        values: columns.map { unsafe glp_ipt_col_prim(problem, Int32($0 + 1)) },
        rowDuals: rows.map { unsafe glp_ipt_row_dual(problem, Int32($0 + 1)) },
        reducedCosts: columns.map { unsafe glp_ipt_col_dual(problem, Int32($0 + 1)) },
        bestBound: nil)
    }

    private func branchAndCut() -> LinearSolution {
      let relaxation = simplex(GLP_PRIMAL)
      guard relaxation == .optimal else {
        // An unbounded relaxation says little of the integer points.
        return LinearSolution(
          ending: relaxation == .unbounded ? .infeasibleOrUnbounded : relaxation)
      }
      bestBound = unsafe glp_get_obj_val(problem)
      var parameters = unsafe glp_iocp()
      unsafe glp_init_iocp(&parameters)
      unsafe parameters.msg_lev = options.log == nil ? GLP_MSG_OFF : GLP_MSG_ALL
      unsafe parameters.tm_lim = millisecondsLeft ?? .max
      unsafe parameters.cb_func = { tree, info in
        guard let info = unsafe info else { return }
        let run = unsafe Unmanaged<GLPKRun>.fromOpaque(info).takeUnretainedValue()
        unsafe run.look(at: tree)
      }
      unsafe parameters.cb_info = unsafe Unmanaged.passUnretained(self).toOpaque()
      let code = unsafe qap_glpk_intopt(problem, &parameters)
      switch code {
      case 0, GLP_EMIPGAP, GLP_ETMLIM, GLP_ESTOP: break
      case Int32(QAP_GLPK_ABANDONED):
        isAbandoned = true
        return LinearSolution(ending: .numericalFailure)
      default: return LinearSolution(ending: .numericalFailure)
      }
      let stopped: LinearStatus? =
        code == GLP_ETMLIM ? .timeLimit : code == GLP_ESTOP ? .interrupted : nil
      let found = unsafe glp_mip_status(problem)
      guard found == GLP_OPT || found == GLP_FEAS else {
        return LinearSolution(
          ending: stopped ?? (found == GLP_NOFEAS ? .infeasible : .numericalFailure))
      }
      let objective = unsafe glp_mip_obj_val(problem)
      return LinearSolution(
        status: stopped ?? (found == GLP_OPT ? .optimal : .numericalFailure), objective: objective,
        values: model.columns.indices.map { unsafe glp_mip_col_val(problem, Int32($0 + 1)) },
        rowDuals: [], reducedCosts: [], bestBound: stopped == nil ? objective : bestBound)
    }

    /// Called at every node of the search.
    fileprivate func look(at tree: OpaquePointer?) {
      let best = unsafe glp_ios_best_node(tree)
      if best != 0 { bestBound = unsafe glp_ios_node_bound(tree, best) }
      if !wasInterrupted, options.shouldStop?() == true {
        wasInterrupted = true
        unsafe glp_ios_terminate(tree)
      }
    }
  }
#endif
