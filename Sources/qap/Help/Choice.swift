/// A row of the table that recommends methods: a goal, a command, and the expected result. The
/// figures come from a table in BENCHMARKS.md, named by its heading.
struct Choice {
  let situation: String
  let command: String
  let expectation: String
  /// The heading in BENCHMARKS.md that has the figures; nil where none are needed.
  var benchmark: String?

  /// All rows, from the usual to the special.
  static let all = [
    Choice(
      situation: "an assignment with a bound on its distance from optimal",
      command: "qap solve FILE",
      expectation: "the best known value of every bundled instance up to n = 30 in a fraction of "
        + "a second; a bound after some seconds", benchmark: "Bundled instances, default options"),
    Choice(
      situation: "a good assignment of a large instance, no bound",
      command: "qap solve FILE --method memetic --time-limit 60",
      expectation: "the best known value of structured instances up to n = 100 or so; uniformly "
        + "random ones within 0.6 % from n = 50 on",
      benchmark: "Assignments against best known values"),
    Choice(
      situation: "assignments in milliseconds, many times",
      command: "qap solve FILE --method tabu --iterations N",
      expectation: "more than a million swaps a second at n = 30 on one thread",
      benchmark: "Swap costs"),
    Choice(
      situation: "a proven optimum", command: "qap solve FILE --method branch-and-bound",
      expectation:
        "a second up to n = 15, mostly two minutes for n = 18 to 20, structured instances beyond; "
        + "run 'qap estimate FILE' first", benchmark: "Proofs of optimality"),
    Choice(
      situation: "a bound in seconds, n up to 100", command: "qap bound FILE --method hahn-grant",
      expectation: "half a CPU second per round at n = 100",
      benchmark: "Growth with the size"),
    Choice(
      situation: "the level-1 RLT bound", command: "qap bound FILE --method rlt1",
      expectation: "within 0.06 % of the linear program, usually within 0.01 %",
      benchmark: "The value of the relaxation"),
    Choice(
      situation: "the level-1 RLT bound to eight digits, n up to 25",
      command: "qap bound FILE --method rlt1-lp", expectation: "a second or two at n = 12",
      benchmark: "Linear programs"),
    Choice(
      situation: "the strongest bound, n up to 30 or so", command: "qap bound FILE --method dnn",
      expectation: "about 2 % below the optimum on grids (nug18, nug20), exact on had and "
        + "scr15, 4.5 % below on tai20a",
      benchmark: "The doubly nonnegative relaxation"),
    Choice(
      situation: "a bound for hundreds of facilities",
      command: "qap bound FILE --method projection (on a grid) or gilmore-lawler",
      expectation: "O(n³) time in total", benchmark: "Certificates"),
    Choice(
      situation: "a blind match of embeddings, n up to 20 or so",
      command: "qap match V.npy L.npy --standardize",
      expectation: "proven optimal within ten seconds",
      benchmark: "Blind matches of real embeddings"),
    Choice(
      situation: "a match of hundreds of rows, some pairs known",
      command: "qap match V.npy L.npy --metric cka-rbf --stretch --pairs F",
      expectation: "about twenty CPU seconds for 820 rows, 320 of them known",
      benchmark: "Known pairs, and many starts"),
    Choice(
      situation: "a blind match of thousands of rows",
      command: "qap match V.npy L.npy --metric cka",
      expectation: "about a minute of one thread and 0.5 GB for 10,000 rows",
      benchmark: "Blind matches of thousands of rows"),
    Choice(
      situation: "graph matching from many starts",
      command: "qap solve FILE --method faq --starts 500",
      expectation: "a quarter of SciPy's time",
      benchmark: "Frank–Wolfe and 2-opt against SciPy"),
    Choice(
      situation: "ranks of candidates from known pairs",
      command: "qap retrieve A.npy B.npy --base F",
      expectation: "250,000 scores in a fraction of a second",
      benchmark: "Retrieval and alignment"),
    Choice(
      situation: "the items of 100 that cost least together",
      command: "qap subset COST.npy --size N --best K",
      expectation: "proven within seconds", benchmark: "Subset selection"),
  ]
}
