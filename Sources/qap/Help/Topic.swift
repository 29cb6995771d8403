import Catalogue
import Frontend

/// A page of `qap help` that belongs to no single command. The man page holds them all.
enum Topic: String, CaseIterable {
  case methods
  case whichMethod = "which-method"
  case files
  case certificates
  case limits
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
    case .methods: "every method, and what it is good for"
    case .whichMethod: "which method when"
    case .files: "the files that are read and written"
    case .certificates: "what a proof file proves, and to whom"
    case .limits: "how runs end, and when two runs give the same answer"
    case .json: "the keys of --json"
    case .results: "results of other solvers for 'qap compare --external'"
    case .status: "exit status"
    case .glossary: "words of the field"
    }
  }

  /// The page: paragraphs of at most 78 columns.
  var text: String {
    switch self {
    case .methods:
      """
      \(Catalogue.methods.map { MethodPage($0).entry }.joined(separator: "\n"))

      'qap help ID' tells the idea of a method, what it guarantees and what it costs. 'qap methods'
      lists their cards, for programs with '--json -'.

      Tasks have commands of their own: match, retrieve, classify, align, intramodal and prepare for
      embeddings, subset for the items that go together best.
      """
    case .whichMethod:
      """
      An answer to use: 'qap solve FILE'. The method auto runs heuristics first, then bounds
      from the cheapest on, until bound and assignment meet or a limit is reached.

      If you want this, run that, and expect (figures: BENCHMARKS.md):

      \(Choice.all.map(\.text).joined(separator: "\n"))

      Bounds from cheap to strong: gilmore-lawler, projection, hahn-grant, rlt1, dnn. The linear
      programs rlt1-lp, kaufman-broeckx and xia-yuan are yardsticks for small n.

      To see for yourself: 'qap compare FILE… --methods a,b,c --report out.html'.
      """
    case .files:
      """
      Instances
        .dat    QAPLIB: n, then two n × n matrices (flow, then distance), blanks between
        .json   {"flow": [[…]], "distance": [[…]], "linear": [[…]], "constant": c}; 'linear' and
                'constant' may be missing, and there may be fewer rows of flow than of distance
        .npz    arrays 'flow' of shape (m, m), m at most n, and 'distance' of shape (n, n), 'linear'
                and 'constant' if wanted, or 'cost' of shape (n, n, n, n)
        .npy    a cost tensor of shape (n, n, n, n): cost[i, j, k, l] is paid when facility i
                is at location j and facility k at location l
      'qap convert' turns one into another.

      Solutions
        .sln    n and the objective, then the location of each facility, numbered from 1

      Index files (--pairs, --rows, --labels and others)
        text    lines of two numbers from 0, facility and location (row of SOURCE and of TARGET);
                one number i means i at i
        .npy    one-dimensional (i at i) or with two columns

      Embeddings, a row each, or k times rows by features for k embeddings of the same things
        .npy    numbers of any type and byte order, in C or Fortran order
        .npz, .safetensors   archives; FILE:NAME is one array of several
        .csv    numbers between commas, semicolons or blanks, with a line of names or without

      Output files appear whole or not at all: they are written beside their place and renamed.
      """
    case .certificates:
      """
      'qap bound FILE --certificate F.cert' writes a proof of the bound, and
      'qap verify FILE F.cert' checks it against the instance, with code that shares nothing with
      any solver. Where all data are integers the check is exact integer arithmetic; with real
      data every sum is lowered by a stated, rigorous rounding error. The bound that a run
      reports is the one its certificate proves.

      A certificate of kind 'rlt1' holds multipliers of the level-1 RLT dual in whole units of a
      power of two: anyone can check in O(n^4) that no reduced cost is below zero and add up the
      duals. One of kind 'projection' holds eigenvalues and vectors, whose residuals tell
      how wrong they can be. One of kind 'tree' is a search tree with such a proof, or a short list
      of assignments, at each leaf. One of kind 'dnn' adds a matrix to the costs and shows by a
      Cholesky factorisation how much that can change. 'subset-tree' proves a bound of 'qap
      subset'. With --pairs, the claim is about the assignments with those pairs.

      The file is text with a version in its first line. It names the instance, but what counts
      are the data: a certificate of another instance is refused.
      """
    case .limits:
      """
      A run ends when incumbent and bound prove each other optimal, when its method has nothing
      left to do, or at the first of --time-limit, --iterations, --nodes, --gap and --target.
      Whatever ended it, the best assignment and the best bound are returned and both are valid. The
      first Ctrl-C (or SIGTERM) ends a run in the same way; the second ends the program. retrieve,
      align and intramodal have nothing to hand over half-way and end at the first.

      The same seed and the same work limit (--iterations) give the same answer, for any number
      of threads. A time limit is no work limit: a faster machine gets further.
      """
    case .json:
      """
      'solve' and 'bound' always write these keys, null where unknown:
        instance, size, method, seed, threads, sense ("min" or "max")
        objective        of the best assignment
        bound            proven; rounded up to the next value that objectives can take
        bound_unrounded  proven, as it is
        gap              (objective - bound) / |objective| as a fraction
        termination      optimal, gap, target, time, iterations, nodes, memory, stalled or
                         interrupted
        assignment       the location of each facility, numbered from 0
        pairs            [facility, location] of each fixed pair (--pairs)
        seconds, iterations, nodes
        certificate      the file it was written to
        trace            every improvement: {seconds, objective, bound, source}
        tolerance        of real data, what "optimal" allows (--tolerance); null when it is exact
        version
      'match' adds accuracy, metric and constant; its assignment is the row of TARGET for each row
      of SOURCE, null for rows without one, and its size the number of rows matched. pairs (known
      ones: [row of SOURCE, row of TARGET]), truth, source_names and target_names repeat what it was
      told, for 'qap plot' and 'qap compare'.
      'classify' adds to all that accuracy, oracle (the assignment that would be most accurate),
      inertia (of k-means), oracle_accuracy, matching, clusters (of each sample),
      constant, metric, truth and target_names; its assignment is the class of each cluster.
      'retrieve' writes top1, top5, top10 and matching, and 'seeds', these for each seed; 'align'
      measures: an array of {measure, value, shuffled: [{percent, value}]}, with averaging and
      ttest; 'intramodal' original, pca_centred and so on: {hist, mAP}, with fewshot, text_image,
      modality_gap, hist_by_modality, recover_anchors and recover, null where not asked for.
      Methods may add figures of their own, such as lp_value. With '--json -' the object is all
      that is written to standard output.
      """
    case .results:
      """
      'qap compare FILE… --external name=results.csv' sets results of other solvers, or of a paper's
      table, beside its own. The file is text, a result a line, fields between commas; a field in double
      quotes may hold commas. Its first line names the columns, in any order:
        instance     the name that the instance has here: nug12 for nug12.dat
        objective    of the assignment; this or bound must be there
        bound        what is proven about every assignment
        method       which of the solver's methods it was; the report calls it 'name method'
        n            the number of facilities
        seed         results of several seeds are put together; lines without one count as further seeds
        seconds      wall-clock time
        termination  why it ended; optimal counts as proven
      These are claims: one that contradicts what is verified here, another claim, or itself, is named on
      standard error and in the report, and counts for nothing; so is a best known value that is better than
      a proven bound. Where no run proves a bound, gilmore-lawler and projection prove one for the check.
      Empty fields are unknown, other columns are ignored. For example:
        instance,method,objective,seconds
        nug12,faq,596,0.002
      In the sources, Scripts/peers/scipy_qap.py and highs.py write such files, and 'make bench-peers'
      runs them beside the methods here.
      """
    case .status:
      """
        0    a verified answer, whatever the limit that ended the run
        1    an internal failure, or something that does not hold ('qap verify')
        64   the command line is wrong
        65   a file holds something else than it should: the message names file, line and column
        66   there is no such file
        69   refused: too large for the method, or not supported by it; the message names another
        74   a file cannot be read or written
        130  ended by the second Ctrl-C
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
