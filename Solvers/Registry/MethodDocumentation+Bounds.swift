extension MethodDocumentation {
  /// Guides to methods that prove bounds, by id.
  static let bounds: [String: MethodDocumentation] = [
    "gilmore-lawler": MethodDocumentation(
      idea:
        "A leader is a lower bound on the cost of facility i at location j: its own cost plus the "
        + "cheapest placement of all other facilities around it. For matrices the leader is the "
        + "scalar product of an ascending flow row and a descending distance row; for a cost "
        + "tensor it is an assignment problem. One assignment problem over the n² leaders gives "
        + "the bound. If a matrix is not symmetric, up to three equivalent versions are tried, "
        + "and the best bound is returned.",
      guarantee:
        "A lower bound, exact for integral data and lowered by its rounding error for real data, "
        + "and the assignment of the last problem as a candidate. Renumbering facilities or "
        + "locations does not change the bound.",
      cost:
        "O(n³) time and O(n²) memory for matrices; O(n²) blocks and assignment problems of "
        + "order n − 1 for a tensor. A certificate takes O(n³) memory.",
      use: "For a first bound at any size, and when nothing else fits into memory. The bound is "
        + "rarely tight: a few rounds of hahn-grant prove more, up to some hundreds of "
        + "facilities.",
      example: "qap bound Instances/qaplib/nug30.dat --method gilmore-lawler"),
    "projection": MethodDocumentation(
      idea:
        "Assignment matrices are orthogonal and preserve the vector of ones. Over all orthogonal "
        + "matrices that preserve it, the minimum pairs the largest eigenvalues of one projected "
        + "matrix with the smallest of the other. The part that the projection removes is linear: "
        + "an assignment problem bounds it. Diagonals are tried both in the matrices and in the "
        + "linear part.",
      guarantee: "A lower bound, reduced by a stated bound on all rounding errors. At least one "
        + "matrix must be symmetric; tensors are declined.",
      cost: "O(n³) time for two eigenvalue decompositions and an assignment problem, O(n²) "
        + "memory.",
      use:
        "For large instances whose locations form a grid, where it is much stronger than "
        + "gilmore-lawler at the same cost. On sparse or skewed data it is much weaker and may be "
        + "negative.",
      example: "qap bound Instances/qaplib/nug30.dat --method projection"),
    "hahn-grant": MethodDocumentation(
      idea: "Coordinate ascent on the dual of the level-1 RLT relaxation. A round visits every "
        + "facility. For each placement (i, j) it solves the assignment problem over the reduced "
        + "pair costs, moves the value into the leader of (i, j), moves the smallest leaders of "
        + "the facility into the bound, and spreads the remainder. Three trial rounds in each "
        + "direction decide whether facilities or locations are visited. Only multipliers are "
        + "stored, never pair costs.",
      guarantee: "A lower bound that rises from round to round and is proven in exact arithmetic "
        + "(reduced by rounding errors for real costs). Every assignment that occurs is a "
        + "candidate. The ascent stalls some percent below the value of the relaxation.",
      cost: "n² assignment problems of order n − 1 per round: O(n⁵) in the worst case, close to "
        + "O(n⁴) in measurements; about 32·n³ bytes. The locations of a facility are processed in "
        + "parallel, with the same result.",
      use: "For a good bound in seconds up to n = 100 or so, and as the first rounds of all "
        + "stronger methods. After the same time, rlt1 is higher except in the first moments.",
      example: "qap bound Instances/qaplib/nug20.dat --method hahn-grant --iterations 50"),
    "rlt1": MethodDocumentation(
      idea:
        "The dual of hahn-grant, smoothed by entropy. Each update of multipliers is an exact "
        + "maximizer in closed form, so the ascent does not stall. The temperature falls "
        + "geometrically. Whenever it has halved, a few Newton steps settle the point, and exact "
        + "rounds make a copy feasible, whose value is the bound. A feasible point of the primal "
        + "limits how far the bound can still rise.",
      guarantee: "A lower bound, proven in exact arithmetic like that of hahn-grant, that "
        + "approaches the value of the level-1 RLT relaxation. The log ends with the most that a "
        + "longer run could gain (relaxation_ceiling in JSON).",
      cost: "A sweep takes n⁴ exponentials, two for each pair. The default is 5,000 sweeps; under "
        + "a time limit the cooling follows the clock. About 64·n³ bytes.",
      use: "For the level-1 RLT bound without a linear program: a quarter of a minute at n = 30, "
        + "half a minute at n = 42. Where the relaxation itself is too weak, use dnn or "
        + "branch-and-bound.",
      example: "qap bound Instances/qaplib/nug12.dat --method rlt1 --certificate nug12.cert"),
    "rlt1-lp": MethodDocumentation(
      idea:
        "The level-1 RLT linear program, solved by an interior point method that exploits its "
        + "structure: most rows of the normal equations are eliminated in small blocks before one "
        + "Cholesky factorization of the rest. Up to n = 6, GLPK's simplex method solves the "
        + "model directly.",
      guarantee: "The optimum of the relaxation to a relative gap of 1e-8 (lp_value in JSON), "
        + "and a bound that the duals prove in exact arithmetic. An unfinished run also returns "
        + "a proven bound.",
      cost: "O(n⁹) time per iteration, about twenty iterations, O(n⁶) memory; refused beyond n = "
        + "25.",
      use: "As a yardstick for rlt1, and for reduced costs: the result counts the variables that "
        + "no better assignment can use. For the bound alone, rlt1 is cheaper at every size.",
      example: "qap bound Instances/qaplib/tai10a.dat --method rlt1-lp"),
    "dnn": MethodDocumentation(
      idea:
        "The lifted matrix of an assignment is positive semidefinite, nonnegative, and zero "
        + "where two placements exclude each other. Facial reduction to order (n − 1)² + 1 "
        + "leaves two simple sets, and the method projects onto them in turn. Any multiplier of "
        + "their equality proves a bound: level-1 RLT for the costs plus the multiplier, minus "
        + "the multiplier's largest eigenvalue. Where the incumbent lays two similar matrices on "
        + "each other, as in a match, the method first looks for the multiplier that proves this "
        + "one assignment optimal, which takes far fewer steps. Placements that a bound excludes "
        + "are left out of the later steps. Where the points "
        + "of one side look alike from each of them, as on hypercubes and tori, the relaxation is "
        + "solved in the small space that their symmetry leaves.",
      guarantee: "A lower bound that is valid at every step; a Cholesky factorization and its "
        + "rounding error bound the eigenvalue. Every step yields candidate assignments, improved "
        + "by swaps. Without --certificate the run ends as soon as the costs of placements beyond "
        + "the bound exclude all assignments but one.",
      cost:
        "An eigenvalue decomposition of order n² per step, or a part of one from n = 33 on: O(n⁶) "
        + "time, O(n⁴) memory. A few hundred steps; a step takes one core about a seventh of a "
        + "second at n = 40 and two or three seconds at n = 60. Refused beyond n = 100.",
      use: "For the strongest root bound: often exact for matches of real embeddings, about 2 % "
        + "below the optimum on grids. Not for large sparse instances.",
      example: "qap bound Instances/qaplib/had12.dat --method dnn"),
    "kaufman-broeckx": MethodDocumentation(
      idea:
        "One variable w[i,j] per placement stands for all quadratic costs in which the placement "
        + "takes part, and one row bounds it from below when x[i,j] is chosen: only 2n² columns. "
        + "Costs are first made nonnegative, pair by pair. GLPK solves the linear program.",
      guarantee:
        "A lower bound: the duals of the program become a point of the level-1 RLT dual and are "
        + "proven like any other. No assignment.",
      cost: "About n⁴ coefficients and the simplex method; refused beyond n = 30.",
      use: "As a yardstick, or through 'qap relax --integer' as a small exact program for a "
        + "mixed-integer solver. The bound is weak.",
      example: "qap bound Instances/qaplib/tai10a.dat --method kaufman-broeckx"),
    "xia-yuan": MethodDocumentation(
      idea:
        "The program of kaufman-broeckx with one more row per placement: w[i,j] is at least the "
        + "Gilmore–Lawler leader of (i, j).",
      guarantee: "A lower bound, proven like that of kaufman-broeckx, and never below the bound "
        + "that the leaders of the same halved costs prove by themselves. No assignment.",
      cost: "That of kaufman-broeckx, with n² more rows; refused beyond n = 30.",
      use: "As a yardstick: the strongest of the small linear programs, and still weak.",
      example: "qap bound Instances/qaplib/tai10a.dat --method xia-yuan"),
    "branch-and-bound": MethodDocumentation(
      idea: "A search tree that places one facility, or fills one location, at each node. Tabu "
        + "search and dual ascent prepare the root. From then on all costs are whole numbers in "
        + "a unit far below the gap; a child inherits the reduced costs of its parent and "
        + "continues the ascent for a few rounds. The root branches on the row or column below "
        + "which random walks find the smallest tree. Symmetries of both matrices leave one child "
        + "per orbit. At the top of a large tree, nodes are bounded by dnn. Open nodes are "
        + "searched in batches, so that the tree does not depend on the number of threads. Two "
        + "kinds of integral instances have a special search. If the facilities, or the locations, "
        + "fall into two clusters of interchangeable ones (gray patterns), the places of one "
        + "cluster are a subset problem (see 'qap help subset'). If the locations are the vertices "
        + "of a hypercube and no flow is negative, a distance is a sum over bits: the search "
        + "splits the facilities by one bit after the other, one component of the flow at a time.",
      guarantee:
        "The optimum, proven, if the search ends; otherwise an assignment and the smallest bound "
        + "of all open nodes. Trees proven by up to 3,000 bounds become certificates "
        + "that 'qap verify' replays; that of a search bit by bit has a few hundred bytes, and the "
        + "check searches on its own. With --checkpoint a killed run resumes from its last save.",
      cost:
        "Exponential: 'qap estimate' estimates the size of the tree in advance. A node costs "
        + "O(n⁴); memory is O(n⁵) per thread at worst, 51 MiB at n = 40.",
      use: "For a proof: up to n = 20 or so in minutes, structured instances (chr, els, esc, "
        + "lipa) well beyond. For larger ones, allow a night and use a checkpoint.",
      example: "qap solve Instances/qaplib/nug16a.dat --method branch-and-bound --checkpoint "
        + "nug16a.tree"),
    "auto": MethodDocumentation(
      idea:
        "A portfolio that measures. Gilmore–Lawler and projection give immediate bounds; "
        + "Frank–Wolfe and tabu search (memetic beyond n = 30) find an assignment, until "
        + "improvements dry up. A short run of rlt1 measures the level-1 RLT bound. dnn runs if "
        + "enough of its steps fit, and while its bounds promise more. A search tree takes over "
        + "unless a few random walks rule it out. The log gives the reason why each method "
        + "begins and ends.",
      guarantee:
        "An assignment and a bound, each the best of all phases; the run ends as soon as they "
        + "meet. Without a time limit the work depends on the instance alone, and the answer "
        + "on the seed alone.",
      cost: "Seconds for small and for easy instances. Without a limit, up to twenty minutes of "
        + "one core for an exact search that seems worthwhile, and five for the bound of dnn "
        + "before it. With --time-limit the first search for assignments takes at most half of "
        + "the time, and all of it when a target is set or no bound method fits.",
      use: "Use it by default. At sizes where dual ascent would take too long, the bound is that "
        + "of gilmore-lawler or projection, and the log says so.",
      example: "qap solve Instances/qaplib/nug15.dat"),
  ]
}
