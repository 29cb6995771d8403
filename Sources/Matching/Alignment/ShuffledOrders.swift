import QAPPrimitives

/// Orders of `rows` rows in which a share of them, drawn at random, have been put in random order
/// among themselves, the others staying where they are: one for each of `percents`, from one seed.
///
/// The rows moved for a smaller percentage are among those for a larger one.
public func shuffledOrders(rows: Int, percents: [Double], seed: UInt64) -> [[Int]] {
  var generator = SeededGenerator(seed: seed)
  let drawn = Array(0..<rows).shuffled(using: &generator)
  return percents.map { percent in
    precondition(percent >= 0 && percent <= 100, "a percentage")
    let count = Int((Double(rows) * percent / 100).rounded())
    let chosen = Array(drawn.prefix(count))
    let moved = chosen.shuffled(using: &generator)
    var order = Array(0..<rows)
    for (to, from) in zip(chosen, moved) { order[to] = from }
    return order
  }
}
