import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives

/// All subsets of `size` items of `problem`, the best first: the slow obvious way.
func allSubsets(of problem: SubsetProblem) -> [Subset] {
  var found: [Subset] = []
  var chosen: [Int] = []
  func extend(from first: Int) {
    if chosen.count == problem.size {
      found.append(Subset(chosen, of: problem))
      return
    }
    for item in first..<max(first, problem.items - (problem.size - chosen.count) + 1) {
      chosen.append(item)
      extend(from: item + 1)
      chosen.removeLast()
    }
  }
  extend(from: 0)
  return found.sorted(by: Subset.precedes)
}

/// A kind of random problem.
enum Family: String, CaseIterable, Sendable {
  /// Losses of pairs of distance matrices: symmetric, not negative, zero diagonal.
  case losses
  /// Small integers with many ties, asymmetric, with a diagonal.
  case integers
  /// Reals of either sign, asymmetric, with a large diagonal.
  case signed
  /// Few nonzero integers.
  case sparse
  /// All the same.
  case constant

  /// A random problem of this kind.
  func problem(items: Int, size: Int, seed: UInt64) throws -> SubsetProblem {
    var random = SeededGenerator(seed: seed, stream: UInt64(items * 100 + size))
    let costs: Matrix<Double>
    switch self {
    case .losses:
      let points = (0..<2).map { _ in (0..<items).map { _ in (random.unit(), random.unit()) } }
      costs = Matrix<Double>(rows: items, columns: items) { i, j in
        let distances = points.map { p in
          let (x, y) = (p[i].0 - p[j].0, p[i].1 - p[j].1)
          return (x * x + y * y).squareRoot()
        }
        return (distances[0] - distances[1]) * (distances[0] - distances[1])
      }
    case .integers:
      costs = Matrix<Double>(rows: items, columns: items) { _, _ in Double(random.below(9)) }
    case .signed:
      costs = Matrix<Double>(rows: items, columns: items) { i, j in
        (random.unit() - 0.5) * (i == j ? 20 : 2)
      }
    case .sparse:
      costs = Matrix<Double>(rows: items, columns: items) { _, _ in
        random.below(8) == 0 ? Double(random.below(7) - 3) * 6 : 0
      }
    case .constant:
      costs = Matrix<Double>(rows: items, columns: items) { _, _ in -1.25 }
    }
    return try SubsetProblem(name: rawValue, costs: costs, size: size)
  }
}

/// Problems of all families and sizes up to `maxSize` items, by seed; the sizes run through
/// everything.
func randomProblems(_ count: Int, maxSize: Int) throws -> [(seed: Int, problem: SubsetProblem)] {
  try (0..<count).map { seed in
    var random = SeededGenerator(seed: UInt64(seed), stream: 77)
    let items = seed < 12 ? 1 + seed / 4 : 2 + random.below(maxSize - 1)
    let family = Family.allCases[seed % Family.allCases.count]
    return (
      seed,
      try family.problem(
        items: items, size: 1 + random.below(items), seed: UInt64(seed))
    )
  }
}

/// The problem of `Tests/Golden`.
func goldenProblem(size: Int) throws -> SubsetProblem {
  let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
  return try SubsetFile.read(tests.appendingPathComponent("Golden/s5_cost.npy").path, size: size)
}
