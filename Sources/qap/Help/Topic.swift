import QAPFrontend
import QAPRegistry

/// A page of `qap help` that belongs to no single command. The man page holds them all.
enum Topic: String, CaseIterable {
  case methods
  case whichMethod = "which-method"
  case files
  case certificates
  case limits
  case log
  case json
  case results
  case status
  case glossary

  /// The topic called `name`, which may be an older name.
  init?(named name: String) {
    switch name {
    case "choosing": self = .whichMethod
    default: self.init(rawValue: name)
    }
  }

  /// One line for the list of topics.
  var summary: String {
    switch self {
    case .methods: "all methods and their uses"
    case .whichMethod: "recommended methods by goal and size"
    case .files: "file formats"
    case .certificates: "proofs of bounds, and how they are checked"
    case .limits: "limits, interruption and repeatable runs"
    case .log: "the columns and tags of the log"
    case .json: "the keys of --json"
    case .results: "results of other solvers for 'qap compare --external'"
    case .status: "exit status"
    case .glossary: "terms of the field"
    }
  }

  /// The page: paragraphs of at most 78 columns.
  var text: String {
    switch self {
    case .methods:
      """
      \(MethodRegistry.methods.map { MethodPage($0).listing }.joined(separator: "\n"))

      'qap help ID' explains the idea of a method, its guarantees and its cost. 'qap methods'
      lists all methods; add '--json -' for programs.

      Tasks have their own commands: match, retrieve, classify, align, intramodal, translate and
      prepare for embeddings, subset for the items that cost least together.
      """
    case .whichMethod:
      """
      'qap solve FILE' is the usual choice: the method auto runs heuristics first, then bounds
      from the cheapest on, until bound and assignment meet or a limit is reached.

      Goals, commands and expected results (figures: BENCHMARKS.md):

      \(Choice.all.map(\.text).joined(separator: "\n"))

      Bounds from cheap to strong: gilmore-lawler, projection, hahn-grant, rlt1, dnn. The linear
      programs rlt1-lp, kaufman-broeckx and xia-yuan are yardsticks for small n.

      Compare on your own instances: 'qap compare FILE… --methods a,b,c --report out.html'.
      """
    case .files:
      """
      Instances
        .dat    QAPLIB: n, then two n × n matrices (flow, then distance), blanks or commas
                between, comments after # or //; 'n best' or 'n bound best' on the first line
        .json   {"flow": [[…]], "distance": [[…]], "linear": [[…]], "constant": c, "sense":
                "min"}; the last three are optional; flow may have fewer rows than distance;
                a linear cost of null or Infinity forbids a placement
        .npz    arrays 'flow' of shape (m, m), m at most n, and 'distance' of shape (n, n),
                optionally 'linear', 'constant' and 'sense'; or 'cost' of shape (n, n, n, n);
                a sparse flow as 'flow_data', 'flow_indices' and 'flow_indptr', the arrays of
                a CSR matrix of SciPy, and a sparse distance likewise
        .npy    a cost tensor of shape (n, n, n, n): cost[i, j, k, l] is paid when facility i
                is at location j and facility k at location l
        .qplib  a quadratic program in binary variables with the rows of an assignment
        .qubo   a QUBO that 'qap relax --qubo' wrote, with its penalty and constant
      'qap convert' converts between these formats, and makes an instance of two matrices
      (--flow, --distance): tables, arrays, sparse matrices of SciPy (.npz) or edge lists. Those
      of few entries stay sparse in .npz and in memory. Files may be packed by gzip; '-' is
      standard input.

      Solutions
        .sln    n and the objective, then the location of each facility, numbered from 1; for
                --start and --pairs 0 leaves a facility open
        .json   of a run: 'assignment' counts from 0
        .sol    values of the variables of a program of 'qap relax', as HiGHS, GLPK, Gurobi,
                SCIP, CBC and CPLEX write them

      Index files (--pairs, --rows, --labels and others)
        text    lines of two numbers from 0, facility and location (row of SOURCE and of TARGET);
                a single number i pairs i with i
        .npy    one-dimensional (i with i) or with two columns

      Embeddings: rows × features, or k × rows × features for k versions of each row
        .npy    numbers of any type and byte order, in C or Fortran order
        .npz, .safetensors   archives; FILE:NAME selects one of several arrays
        .csv    numbers separated by commas, semicolons, tabs or blanks (with semicolons or tabs
                also with decimal commas), with or without a header line; a first column without
                a name, as pandas writes it, is left out
      match, subset, retrieve, classify, align, intramodal and prepare leave out rows of zeros
      (--drop-zero-rows) and constant columns (--drop-constant-columns); other rows keep their
      numbers.

      Output files are written completely or not at all: a temporary file replaces them.
      """
    case .certificates:
      """
      'qap bound FILE --certificate F.cert' writes a proof of the bound.
      'qap verify FILE F.cert' checks it against the instance, with code that shares nothing with
      any solver. Integral data are checked in exact integer arithmetic; for real data every sum
      is reduced by a rigorous bound on its rounding error. A run reports the bound that its
      certificate proves.

      Kinds of certificates:
        rlt1         multipliers of the level-1 RLT dual in units of a power of two. The check
                     takes O(n^4): no reduced cost is negative, and the duals add up to the bound.
        projection   eigenvalues and eigenvectors, whose residuals bound their errors
        tree         a search tree with a proof, or a short list of assignments, at each leaf
        dnn          a matrix added to the costs; a Cholesky factorization bounds its effect
        subset-tree  the bound of 'qap subset'
        subset       a tree over the places of one of two clusters
        cube         labels of a hypercube's vertices, and sets of facilities with a bound each;
                     the check confirms it by a separate search, in the time of the first one
      With --pairs, the claim concerns the assignments that contain those pairs, and with --forbid
      or --allow those without forbidden placements, which the certificate lists.

      The file is text with a version in its first line. It names the instance, but only the data
      count: a certificate of another instance is rejected.
      """
    case .limits:
      """
      A run ends when the incumbent is proven optimal, when its method can make no progress, or
      at the first of --time-limit, --iterations, --nodes, --gap and --target. It always returns
      the best assignment and the best bound so far, and both are valid. The first Ctrl-C (or
      SIGTERM) ends a run in the same way; the second aborts the program. retrieve, align and
      intramodal have no partial results and end at the first.

      The same seed and the same work limit (--iterations, --nodes) give the same answer for any
      number of threads. A time limit is not a work limit: a faster machine gets further.
      """
    case .log:
      """
      The log goes to standard error. A line appears for every incumbent, when the bound has
      closed a tenth of the gap, and otherwise at intervals; --quiet turns it off, and
      --timeless-log leaves out times and intervals.

        *          a new incumbent
        Src        the method that reports:
                     GL gilmore-lawler   PR projection        HG hahn-grant
                     RL rlt1             LP rlt1-lp           DN dnn
                     KB kaufman-broeckx  XY xia-yuan          2O 2-opt
                     TA tabu             ME memetic           FA faq
                     BAB branch-and-bound                 AU auto
        Nodes      nodes processed by an exact search
        Open       open nodes
        Incumbent  the objective of the best assignment so far
        Bound      the best proven bound so far; a lower bound when minimizing
        Gap        |incumbent - bound| / |incumbent|; a dash while unknown
        Time       seconds since the run began

      Counts are rounded: k thousand, M million, G billion. Lines without a tag are notes of the
      method that runs.
      """
    case .json:
      """
      'solve' and 'bound' always write these keys, null where unknown:
        instance, size, method, seed, threads, sense ("min" or "max")
        locations        their number; size counts facilities
        objective        of the best assignment
        bound            proven, rounded up to the next possible objective value
        bound_unrounded  proven, before rounding
        gap              (objective - bound) / |objective| as a fraction
        termination      optimal, infeasible, gap, target, time, iterations, nodes, memory, stalled
                         or interrupted
        assignment       the location of each facility, numbered from 0
        pairs            [facility, location] of each fixed pair (--pairs)
        seconds, iterations, nodes
        certificate      the path of the certificate
        trace            every improvement: {seconds, objective, bound, source}
        tolerance        for real data, the tolerance of "optimal" (--tolerance); null if exact
        mean_objective   for real data, the mean objective over all assignments
        objective_error  for real data, the rounding error of an objective
        version
      With --best or --unique: best (array of {objective, assignment}), proven (how many of them),
      bound_of_others, distinct, margin and unique, null where not decided.
      'match' adds accuracy, metric and constant; its assignment is the row of TARGET for each row
      of SOURCE, null for unmatched rows, and its size the number of matched rows. pairs (known
      pairs: [row of SOURCE, row of TARGET]), truth, source_names and target_names repeat the
      input for 'qap plot' and 'qap compare'; truth_objective is that of the true pairing, limit
      is metric, search or none; shares, margins and confidence have a number for each row.
      'classify' adds accuracy, oracle (the most accurate assignment), inertia (of k-means),
      oracle_accuracy, matching, clusters and labels (of each sample), truth_objective (of the
      oracle), limit, constant, metric, truth and target_names; its assignment is the class of
      each cluster.
      'retrieve' writes top1, top5, top10 and matching, and 'seeds', the same for each seed;
      'align' measures: an array of {measure, value, shuffled: [{percent, value}]}, with averaging
      and ttest; 'intramodal' original, pca_centred and so on: {hist, mAP}, with fewshot,
      text_image, modality_gap, hist_by_modality, recover_anchors and recover, null where not
      requested; 'translate' agreement, reliable, candidates, epochs, stages and validation.
      Methods may add figures such as lp_value. With '--json -' standard output holds the object
      and nothing else.
      """
    case .results:
      """
      'qap compare FILE… --external name=results.csv' adds results of other solvers, or of a
      table in a paper, to the report. The file is text with one result per line and fields
      separated by commas; a field in double quotes may hold commas. The first line names the
      columns, in any order:
        instance     the name of the instance: nug12 for nug12.dat
        objective    of the assignment; this or bound is required
        bound        the proven bound
        method       the method of that solver; the report calls it 'name method'
        n            the number of facilities
        seed         results of several seeds are combined; lines without one count as further
                     seeds
        seconds      wall-clock time
        termination  why it ended; optimal counts as proven
      Results are claims: a claim that contradicts a verified result, another claim, or itself, is
      reported on standard error and in the report, and is ignored; the same holds for a best known
      value that is better than a proven bound. Where no run proves a bound, gilmore-lawler and
      projection prove one for the check.
      Empty fields are unknown, other columns are ignored. For example:
        instance,method,objective,seconds
        nug12,faq,596,0.002
      Scripts/peers/scipy_qap.py and highs.py write such files; 'make bench-peers' runs them
      beside the methods of this program.
      """
    case .status:
      """
        0    a verified answer, whatever limit ended the run
        1    an internal failure, or a claim that does not hold ('qap verify')
        64   invalid command line
        65   invalid data: the message names file, line and column
        66   no such file
        69   refused: too large for the method, or not supported by it; the message names an
             alternative
        74   a file cannot be read or written
        130  aborted by the second Ctrl-C
      """
    case .glossary:
      Glossary.terms.map { $0.meaning.wrapped(indent: 32, first: "  " + $0.word.padded(to: 30)) }
        .joined(separator: "\n")
    }
  }
}

extension Choice {
  /// Three lines or so of a page.
  fileprivate var text: String {
    situation.wrapped(indent: 2) + "\n"
      + command.wrapped(indent: 6) + "\n" + expectation.wrapped(indent: 6)
  }
}
