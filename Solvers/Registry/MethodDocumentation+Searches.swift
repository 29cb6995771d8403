extension MethodDocumentation {
  /// Guides to methods that look for assignments only, by id.
  static let searches: [String: MethodDocumentation] = [
    "2-opt": MethodDocumentation(
      idea:
        "While some swap of two facilities lowers the objective, make the best one; then restart "
        + "from another random assignment, 16 times by default.",
      guarantee: "A local optimum: no single swap improves the answer. No bound.",
      cost: "O(n²) per swap, after O(n³) for the first table of all swaps of a start; O(n²) "
        + "memory per thread.",
      use:
        "For an immediate answer, for very large instances, and as a yardstick. tabu is better "
        + "after the same time almost everywhere.",
      example: "qap solve Instances/qaplib/nug30.dat --method 2-opt"),
    "tabu": MethodDocumentation(
      idea:
        "Each iteration makes the best swap that does not undo a recent one. The costs of all "
        + "n(n − 1)/2 swaps are updated in O(1) each. A walk that stagnates is perturbed by a "
        + "random cycle through some facilities. Eight walks run side by side in lockstep (two "
        + "beyond n = 500).",
      guarantee:
        "An assignment; no bound. The answer depends on the seed and on work limits, never on "
        + "the number of threads.",
      cost:
        "O(n²) time per iteration and O(n²) memory per walk; one thread compares some hundred "
        + "million to a billion swaps a second.",
      use:
        "For small and for uniformly random instances, and for short runs. Up to n = 30 it "
        + "finds every published best known value within a fraction of a second.",
      example: "qap solve Instances/qaplib/tai25a.dat --method tabu --iterations 1000000"),
    "memetic": MethodDocumentation(
      idea:
        "A population of sixteen assignments. A child takes the placements that its parents "
        + "share and the rest from either parent; tabu search improves it, and it replaces the "
        + "worst member. A population that stagnates is replaced by a new one whose children are "
        + "improved twice as long. On structured instances a second lineage shares the work: it "
        + "improves children by swapping whole blocks of facilities, each swap followed by "
        + "a descent, and gets a tenth of the work, or five sixths where it is clearly ahead. On "
        + "sparse instances one member is embedded along the flow graph at least distances.",
      guarantee: "An assignment; no bound. As deterministic as tabu.",
      cost: "That of tabu, which takes nearly all of the time; O(n²) memory per child.",
      use:
        "For structured instances beyond n = 30 and for long runs: it uses all of the time limit.",
      example: "qap solve Instances/qaplib/tai30b.dat --method memetic --time-limit 2"),
    "faq": MethodDocumentation(
      idea:
        "Frank–Wolfe descent of the objective over doubly stochastic matrices: the direction is "
        + "the best permutation for the gradient, the step is exact, and the last matrix is "
        + "projected onto the nearest permutation. The descent starts from the barycenter, from "
        + "--start, or with --starts also from random matrices.",
      guarantee:
        "An assignment; no bound. Ties are broken in random order, so that nothing favors the "
        + "identity. Tensors are declined.",
      cost: "One matrix product (two if no matrix is symmetric) and one assignment problem per "
        + "iteration, O(n³), at most 30 iterations per start; six n × n matrices per start, "
        + "eight starts side by side.",
      use:
        "For graph matching and seeded matching of large dense instances with real costs, and "
        + "as a start for other methods. On QAPLIB instances tabu is better.",
      example: "qap solve Instances/qaplib/nug30.dat --method faq --starts 20"),
  ]
}
