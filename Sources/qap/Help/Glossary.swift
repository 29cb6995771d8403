/// The words of the field as this program uses them: `qap help glossary`, the manual page, and the
/// glossary of the documentation.
struct Glossary {
  /// One word and what it means, a phrase without a full stop.
  struct Term {
    let word: String
    let meaning: String

    init(_ word: String, _ meaning: String) {
      self.word = word
      self.meaning = meaning
    }
  }

  /// All of them, in the order of the alphabet.
  static let terms = [
    Term("assignment", "a one-to-one map from facilities to locations"),
    Term(
      "best known value",
      "the least objective that anybody has published for an instance, proven optimal or not"),
    Term("bound", "a value that no assignment is better than, proven"),
    Term(
      "branch and bound",
      "a search over cases that leaves out those whose bound shows that nothing better is in them"),
    Term("certificate", "a proof of a bound, as a file that others can check"),
    Term(
      "cost tensor",
      "the most general costs: C[i,j,k,l] is paid when facility i is at location j and facility k "
        + "at location l (Lawler's form)"),
    Term("distance", "what it costs to send a unit from one location to another"),
    Term(
      "dominance",
      "100 times the standard deviation over the mean of a matrix; high where few entries matter"),
    Term(
      "doubly nonnegative relaxation",
      "the semidefinite relaxation with nonnegative entries: the strongest bound here"),
    Term("dual", "numbers that prove a bound of a relaxation"),
    Term("embedding", "a row of numbers that a network made of an image, a text or anything else"),
    Term("facility", "what is to be placed, one at each location"),
    Term("flow", "the units that one facility sends to another"),
    Term("gap", "how far objective and bound are apart, as a part of the objective"),
    Term(
      "Gromov–Wasserstein",
      "the sum of squared differences of distances that a match puts in one place"),
    Term("incumbent", "the best assignment found so far"),
    Term(
      "kernel", "the matrix of similarities, or distances, of all rows of a set of embeddings"),
    Term(
      "Koopmans–Beckmann form", "costs as products of a flow and a distance, with a linear part"),
    Term(
      "lattice",
      "the values that objectives of integral data can take: an offset and all multiples of a step; "
        + "a bound may be rounded up to the next of them"),
    Term("leader", "what a single placement must cost at least, by some bound"),
    Term("linear assignment", "the problem with costs of single placements only: easy"),
    Term("location", "where a facility can be placed, one at a time"),
    Term(
      "lower bound",
      "a bound of a minimization; where something is maximized the bound is an upper one"),
    Term("multiplier", "one of the numbers of a dual"),
    Term("node", "one case of a branch and bound search"),
    Term("objective", "what an assignment costs, recomputed from the data before it is told"),
    Term("relaxation", "an easier problem whose optimum is no worse: the source of bounds"),
    Term(
      "RLT, level 1",
      "reformulation and linearization: the linear program with a variable for each pair of "
        + "placements (Adams and Johnson 1994)"),
    Term("seeded matching", "matching with some pairs known beforehand"),
    Term("subset problem", "the choice of N of L items that cost least together"),
    Term("termination", "why a run ended"),
  ]
}
