extension MethodDocumentation {
  /// Guides to methods that look for assignments only, by id.
  static let searches: [String: MethodDocumentation] = [
    "2-opt": MethodDocumentation(
      idea:
        "While some swap of two facilities lowers the objective, carry out the best one; "
        + "then begin again from another random assignment, 16 times unless told otherwise.",
      guarantee: "A local optimum: no single swap improves the answer. No bound.",
      cost: "O(n²) for a swap, after O(n³) for the first table of all swaps of a "
        + "start; O(n²) memory a thread.",
      use:
        "For an answer at once, for very large instances, and as a yardstick. tabu is better "
        + "after the same time almost everywhere.",
      example: "qap solve Instances/qaplib/nug30.dat --method 2-opt"),
    "tabu": MethodDocumentation(
      idea:
        "Each iteration carries out the best swap that does not undo a recent one. The "
        + "costs of all n(n − 1)/2 swaps are kept up to date, O(1) each. A walk that "
        + "improves no more is kicked by a random cycle through some facilities. Eight walks "
        + "go side by side in lockstep (two beyond n = 500).",
      guarantee:
        "An assignment; no bound. The answer depends on the seed and on work limits, never on "
        + "the number of threads.",
      cost:
        "O(n²) an iteration and O(n²) memory a walk; some hundred million to a billion "
        + "swaps are compared a second on one thread.",
      use:
        "For small and for uniformly random instances, and for short runs. Up to n = 30 it "
        + "finds every published best known value within a fraction of a second.",
      example: "qap solve Instances/qaplib/tai25a.dat --method tabu --iterations 1000000"),
    "memetic": MethodDocumentation(
      idea:
        "A population of sixteen assignments. A child takes what its parents have in common and "
        + "the rest from either; tabu search improves it, and it replaces the worst. A "
        + "population that brings nothing new gives way to another whose children are "
        + "improved twice as long.",
      guarantee: "An assignment; no bound. Deterministic as tabu is.",
      cost: "That of tabu, which is nearly all of its work; O(n²) memory a child.",
      use:
        "For structured instances beyond n = 30 and long runs: it uses all the time it is given.",
      example: "qap solve Instances/qaplib/tai30b.dat --method memetic --time-limit 2"),
    "faq": MethodDocumentation(
      idea:
        "Frank–Wolfe descent of the objective over doubly stochastic matrices: the gradient's "
        + "best permutation is the direction, the step is exact, and the last matrix is "
        + "projected onto the nearest permutation. It starts from the barycenter, from "
        + "--start, or with --starts from random matrices as well.",
      guarantee:
        "An assignment; no bound. Ties are broken in a random order, so that nothing favors "
        + "the identity. Tensors are declined.",
      cost: "One matrix product (two where no matrix is symmetric) and an assignment problem an "
        + "iteration, O(n³), at most 30 iterations a start; six n × n matrices a start, eight "
        + "starts side by side.",
      use:
        "For graph matching and seeded matching of large dense instances with real costs, and "
        + "as a start for others. On QAPLIB instances tabu is better.",
      example: "qap solve Instances/qaplib/nug30.dat --method faq --starts 20"),
  ]
}
