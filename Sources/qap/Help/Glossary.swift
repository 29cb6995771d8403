/// The field's terms as this program uses them: the source of `qap help glossary`, the manual page,
/// and the glossary of the documentation.
struct Glossary {
  /// A term and its meaning, a phrase without a full stop.
  struct Term {
    let word: String
    let meaning: String

    init(_ word: String, _ meaning: String) {
      self.word = word
      self.meaning = meaning
    }
  }

  /// All terms, in alphabetical order.
  static let terms = [
    Term("assignment", "a one-to-one map from facilities to locations"),
    Term(
      "best known value",
      "the smallest published objective of an instance, whether or not it is proven optimal"),
    Term("bound", "a proven limit on the objective of every assignment"),
    Term(
      "branch and bound",
      "an exact search that divides the problem into nodes and prunes every node whose bound shows "
        + "that it contains no better assignment"),
    Term("certificate", "a file that proves a bound and that a separate program can check"),
    Term(
      "cost tensor",
      "the most general costs: C[i,j,k,l] is paid when facility i is at location j and facility k "
        + "at location l (Lawler's form)"),
    Term("distance", "the cost of sending one unit from one location to another"),
    Term(
      "dominance",
      "100 times the standard deviation over the mean of a matrix; high when few entries dominate"),
    Term(
      "doubly nonnegative relaxation",
      "the semidefinite relaxation with nonnegative entries: the strongest bound here"),
    Term("dual", "the problem whose feasible points prove bounds of a relaxation"),
    Term("embedding", "a vector that a network computes from an image, a text or other data"),
    Term("facility", "an item to be placed at a location"),
    Term("flow", "the number of units that one facility sends to another"),
    Term("gap", "the difference between objective and bound, as a fraction of the objective"),
    Term(
      "Gromov–Wasserstein",
      "the sum of squared differences between the distances of matched pairs of rows"),
    Term("incumbent", "the best assignment found so far"),
    Term(
      "kernel", "the matrix of similarities or distances between all rows of a set of embeddings"),
    Term(
      "Koopmans–Beckmann form", "costs as products of a flow and a distance, with a linear part"),
    Term(
      "lattice",
      "the possible objective values of integral data: an offset plus multiples of a step; "
        + "a bound may be rounded up to the next of them"),
    Term("leader", "a lower bound on the cost of a single placement"),
    Term(
      "linear assignment", "the assignment problem with costs of single placements only: easy"),
    Term("location", "a place for one facility"),
    Term(
      "lower bound",
      "a bound of a minimization problem; a maximization problem has an upper bound"),
    Term("multiplier", "a variable of a dual"),
    Term("node", "a subproblem of a branch and bound search"),
    Term("objective", "the cost of an assignment, recomputed from the data before it is printed"),
    Term("open node", "a node that is neither searched nor pruned yet"),
    Term("placement", "one facility at one location"),
    Term("prune", "to discard a node whose bound shows that it contains no better assignment"),
    Term("relaxation", "an easier problem with an optimum at least as good: the source of bounds"),
    Term(
      "RLT, level 1",
      "reformulation and linearization: the linear program with a variable for each pair of "
        + "placements (Adams and Johnson 1994)"),
    Term("seeded matching", "matching with some pairs known in advance"),
    Term("subset problem", "the choice of N of L items that cost least together"),
    Term("swap", "the move of 2-opt and tabu search: two facilities change places"),
    Term("termination", "the reason why a run ended"),
  ]
}
