/// A row of the table that says which method suits what: a situation, what to run, and what to expect of
/// it. The figures are those of BENCHMARKS.md, in the table named last.
struct Choice {
  let situation: String
  let command: String
  let expectation: String
  /// The heading in BENCHMARKS.md that has the figures; nil where none are needed.
  var benchmark: String?

  /// All rows, from the usual to the special.
  static let all = [
    Choice(
      situation: "an answer with a proof of how good it is", command: "qap solve FILE",
      expectation: "every bundled instance up to n = 30 at its best known value at once; a "
        + "bound after some seconds", benchmark: "Bundled instances, default options"),
    Choice(
      situation: "a good assignment of a large instance, no bound",
      command: "qap solve FILE --method memetic --time-limit 60",
      expectation: "structured instances at the best known value up to n = 100 or so, uniformly "
        + "random ones within 0.6 % from n = 50 on",
      benchmark: "Assignments against best known values"),
    Choice(
      situation: "an assignment at once, thousands of times",
      command: "qap solve FILE --method tabu --iterations N",
      expectation: "more than a million swaps a second at n = 30 on one thread",
      benchmark: "Swap costs"),
    Choice(
      situation: "the optimum, proven", command: "qap solve FILE --method branch-and-bound",
      expectation:
        "up to n = 15 within a second, n = 18 to 20 mostly within two minutes, structured "
        + "instances beyond; ask 'qap estimate FILE' first", benchmark: "Proofs of optimality"),
    Choice(
      situation: "a bound in seconds, n up to 100", command: "qap bound FILE --method hahn-grant",
      expectation: "half a CPU second a round at n = 100",
      benchmark: "Growth with the size"),
    Choice(
      situation: "the level-1 RLT bound", command: "qap bound FILE --method rlt1",
      expectation: "within 0.06 % of the linear program, most often within 0.01 %",
      benchmark: "The value of the relaxation"),
    Choice(
      situation: "that value to eight digits, n up to 25",
      command: "qap bound FILE --method rlt1-lp", expectation: "a second or two at n = 12",
      benchmark: "Linear programs"),
    Choice(
      situation: "the strongest bound, n up to 30 or so", command: "qap bound FILE --method dnn",
      expectation: "some 2 % below the optimum on grids (nug18, nug20), nothing on had and "
        + "scr15, 4.5 % on tai20a",
      benchmark: "The doubly nonnegative relaxation"),
    Choice(
      situation: "a bound at n in the hundreds",
      command: "qap bound FILE --method projection (on a grid), or gilmore-lawler",
      expectation: "O(n³) time for all of it", benchmark: "Certificates"),
    Choice(
      situation: "a blind match of embeddings, n up to 20 or so",
      command: "qap match V.npy L.npy --standardize",
      expectation: "proven optimal within ten seconds",
      benchmark: "Blind matches of real embeddings"),
    Choice(
      situation: "a match of hundreds of rows, some pairs known",
      command: "qap match V.npy L.npy --metric cka-rbf --stretch --pairs F",
      expectation: "some twenty seconds of CPU time for 820 rows, 320 of them known",
      benchmark: "Known pairs, and many starts"),
    Choice(
      situation: "graph matching from many starts",
      command: "qap solve FILE --method faq --starts 500",
      expectation: "a quarter of the time that SciPy's takes",
      benchmark: "Frank–Wolfe and 2-opt against SciPy"),
    Choice(
      situation: "ranks of candidates from known pairs",
      command: "qap retrieve A.npy B.npy --base F",
      expectation: "a quarter of a million scores in a fraction of a second",
      benchmark: "Retrieval and alignment"),
    Choice(
      situation: "the items of 100 that go together best",
      command: "qap subset COST.npy --size N --best K",
      expectation: "proven within seconds", benchmark: "Subset selection"),
  ]
}
