extension MethodDocumentation {
  /// Guides to methods that prove bounds, by id.
  static let bounds: [String: MethodDocumentation] = [
    "gilmore-lawler": MethodDocumentation(
      idea:
        "Facility i at location j must pay at least a leader: its own cost and the cheapest way "
        + "in which all others could be placed around it. With matrices that is the scalar "
        + "product of a flow row, ascending, and a distance row, descending; with a cost "
        + "tensor it is an assignment problem. One assignment problem over the n² leaders "
        + "gives the bound. Where a matrix is not symmetric up to three equivalent versions "
        + "are tried, and the best counts.",
      guarantee:
        "A lower bound, exact for integral data and lowered by its rounding error for real "
        + "ones, and the assignment of the last problem as a candidate. Renumbering changes "
        + "nothing.",
      cost:
        "O(n³) time and O(n²) memory for matrices; O(n²) blocks and assignment problems of "
        + "order n − 1 for a tensor. A certificate takes O(n³) memory besides.",
      use: "For a first bound, at any size, and where nothing else fits into memory. It is "
        + "rarely tight: a few rounds of hahn-grant prove more, up to some hundreds of "
        + "facilities.",
      example: "qap bound Instances/qaplib/nug30.dat --method gilmore-lawler"),
    "projection": MethodDocumentation(
      idea:
        "Assignment matrices are orthogonal and keep the vector of ones. Orthogonal matrices "
        + "that keep it can do no better than to pair the largest eigenvalues of one "
        + "projected matrix with the smallest of the other; what the projection takes away is "
        + "linear, and an assignment problem. Diagonals are tried both ways, in the matrices "
        + "and in the linear part.",
      guarantee: "A lower bound, lowered by a stated bound on all rounding errors. At least one "
        + "matrix must be symmetric; tensors are declined.",
      cost: "O(n³) time for two eigenvalue decompositions and an assignment problem, O(n²) "
        + "memory.",
      use:
        "For large instances whose locations are a grid, where it beats gilmore-lawler by far "
        + "at the same price; on sparse or skewed data it is much worse, and can be below "
        + "zero.",
      example: "qap bound Instances/qaplib/nug30.dat --method projection"),
    "hahn-grant": MethodDocumentation(
      idea: "Coordinate ascent on the dual of the level-1 RLT relaxation. A round visits the "
        + "facilities; for each placement (i, j) it solves the assignment problem over what is "
        + "left of the pair costs, moves the value into the leader of (i, j), the smallest "
        + "leader of the facility into the bound, and spreads the rest again. Three rounds each "
        + "tell whether facilities or locations are better visited. Multipliers are kept, pair "
        + "costs never are.",
      guarantee: "A lower bound that rises from round to round, proven in exact arithmetic "
        + "(with real costs, their rounding errors taken off); every assignment that is met is "
        + "a candidate. The ascent stalls some percent below the value of the relaxation.",
      cost: "n² assignment problems of order n − 1 a round, O(n⁵) at worst and nearer to O(n⁴) "
        + "as measured; about 32·n³ bytes. Facilities are treated in parallel over locations, "
        + "with the same result.",
      use: "For a good bound in seconds up to n = 100 or so, and as the first rounds of "
        + "everything stronger. rlt1 is higher after the same time except in the very first "
        + "moments.",
      example: "qap bound Instances/qaplib/nug20.dat --method hahn-grant --iterations 50"),
    "rlt1": MethodDocumentation(
      idea:
        "The dual of hahn-grant, smoothed by entropy: each update of multipliers is then an "
        + "exact maximizer in closed form, and nothing stalls. The temperature falls "
        + "geometrically. Whenever it has halved, the point is settled by a few Newton steps, "
        + "a copy is made feasible by exact rounds, and that is the bound. A feasible point "
        + "of the primal tells how far the bound can rise at all.",
      guarantee: "A lower bound, proven in exact arithmetic like that of hahn-grant, that "
        + "approaches the value of the level-1 RLT relaxation; the log ends with the most that "
        + "a longer run could gain (relaxation_ceiling in JSON).",
      cost: "A sweep takes n⁴ exponentials, two for each pair; 5,000 sweeps by default, "
        + "and under a time limit the cooling follows the clock. About 64·n³ bytes.",
      use: "For the level-1 RLT bound without a linear program: n = 30 in a quarter of a "
        + "minute, n = 42 in half a one. Where the relaxation itself is too weak, dnn and "
        + "branch-and-bound go on.",
      example: "qap bound Instances/qaplib/nug12.dat --method rlt1 --certificate nug12.cert"),
    "rlt1-lp": MethodDocumentation(
      idea:
        "The level-1 RLT linear program itself, solved by an interior point method that knows "
        + "its structure: most rows of the normal equations are eliminated in small blocks "
        + "before one Cholesky factorization of the rest. Up to n = 6 GLPK's simplex method "
        + "solves the model as it stands.",
      guarantee: "The optimum of the relaxation to a relative gap of 1e-8 (lp_value in JSON), "
        + "and beside it a bound that the duals prove in exact arithmetic. Any unfinished run "
        + "still returns a proven bound.",
      cost: "O(n⁹) time an iteration, some twenty iterations, O(n⁶) memory; refused beyond n = "
        + "25.",
      use: "As a yardstick for rlt1, and for reduced costs: it says how many variables no "
        + "better assignment can use. For the bound alone rlt1 is cheaper from the smallest "
        + "sizes on.",
      example: "qap bound Instances/qaplib/tai10a.dat --method rlt1-lp"),
    "dnn": MethodDocumentation(
      idea:
        "The lifted matrix of an assignment is positive semidefinite, nonnegative, and zero "
        + "where two placements exclude each other. Facial reduction to order (n − 1)² + 1 "
        + "leaves two simple sets, which are projected on in turn; the multiplier of their "
        + "equality, whatever it is, proves a bound: level-1 RLT with the multiplier added to "
        + "the costs, less its largest eigenvalue.",
      guarantee: "A lower bound valid at any step, with the eigenvalue bounded by a Cholesky "
        + "factorization and its rounding error; candidates from every step, improved by "
        + "swaps. Without --certificate it ends as soon as what placements cost beyond the "
        + "bound leaves one assignment.",
      cost:
        "An eigenvalue decomposition of order n² a step, or a part of one from n = 33 on: O(n⁶) "
        + "time, O(n⁴) memory. Some hundred steps; a step takes a core about a seventh of a "
        + "second at n = 40, two or three at n = 60. Refused beyond n = 100.",
      use: "For the strongest bound at the root: often exact when real embeddings are matched, "
        + "about 2 % below the optimum on grids. Not for large sparse instances.",
      example: "qap bound Instances/qaplib/had12.dat --method dnn"),
    "kaufman-broeckx": MethodDocumentation(
      idea:
        "One variable w[i,j] for each placement stands for all quadratic costs that it takes "
        + "part in, and one row says how large it must be when x[i,j] is chosen: 2n² columns "
        + "only. Costs are first made nonnegative, pair by pair. GLPK solves the linear "
        + "program.",
      guarantee:
        "A lower bound: the duals of the program become a point of the level-1 RLT dual and are "
        + "proven like any other. No assignment.",
      cost: "About n⁴ coefficients and the simplex method on top; refused beyond n = 30.",
      use: "As a yardstick, or through 'qap relax --integer' as a small exact program for a "
        + "mixed-integer solver. The bound is weak.",
      example: "qap bound Instances/qaplib/tai10a.dat --method kaufman-broeckx"),
    "xia-yuan": MethodDocumentation(
      idea:
        "The program of kaufman-broeckx with one more row for each placement: w[i,j] is at "
        + "least the leader of (i, j) as Gilmore and Lawler define it.",
      guarantee: "A lower bound, proven like that of kaufman-broeckx, and never below what the "
        + "leaders of the same halved costs prove by themselves. No assignment.",
      cost: "As kaufman-broeckx, with n² more rows; refused beyond n = 30.",
      use: "As a yardstick: the strongest of the small linear programs, and still weak.",
      example: "qap bound Instances/qaplib/tai10a.dat --method xia-yuan"),
    "branch-and-bound": MethodDocumentation(
      idea: "A search tree that places one facility, or fills one location, at a time. Tabu "
        + "search and dual ascent prepare the root; from then on all costs are whole numbers in "
        + "a unit far below the gap, a child inherits the reduced costs of its parent and "
        + "climbs on by a few rounds. The root branches where random walks find the smallest "
        + "tree. Symmetries of both matrices leave one child of each orbit. At the top of a "
        + "large tree nodes have the bound of dnn. Subproblems are searched in batches, so that "
        + "the tree does not depend on the number of threads.",
      guarantee:
        "The optimum, proven, if it ends; before that an assignment and the least bound of all "
        + "open subproblems. Trees that take up to 3,000 bounds to prove become certificates "
        + "that 'qap verify' replays. With --checkpoint a killed run goes on where it was.",
      cost:
        "Exponential: 'qap estimate' tells the size of the tree beforehand. A node costs O(n⁴); "
        + "memory is O(n⁵) a thread at worst, 51 MiB at n = 40.",
      use: "For a proof: up to n = 20 or so in minutes, structured instances (chr, els, esc, "
        + "lipa) well beyond. Give it a whole night and a checkpoint for more.",
      example: "qap solve Instances/qaplib/nug16a.dat --method branch-and-bound --checkpoint "
        + "nug16a.tree"),
    "auto": MethodDocumentation(
      idea:
        "A portfolio that measures. Gilmore–Lawler and projection give bounds at once; Frank–Wolfe "
        + "and tabu search (memetic beyond n = 30) give an assignment, until improvements dry up. "
        + "A short rlt1 says what the level-1 RLT bound is worth, dnn runs as soon as enough of its "
        + "steps fit and while its bounds promise more, and a search tree takes over where a few "
        + "walks do not rule it out. The log says why each method begins and ends.",
      guarantee:
        "An assignment and a bound, each the best of all phases; the run ends as soon as they "
        + "meet. Without a time limit the work depends on the instance alone, and the answer "
        + "on the seed alone.",
      cost: "Seconds for small and for easy instances; without a limit up to twenty minutes of "
        + "one core for an exact search that seems worth it, and five for the bound of dnn "
        + "before it. With --time-limit the first search for assignments takes at most half of the "
        + "time, and all of it when a target is asked for or no bound method fits.",
      use: "Use it by default. At sizes where dual ascent would take too long the bound is that of "
        + "gilmore-lawler or projection, and the log says so.",
      example: "qap solve Instances/qaplib/nug15.dat"),
  ]
}
