/// An ordered partition of points into cells of one color each, made finer by counting.
///
/// The color of a cell is the number of points in the cells before it, so that splitting one cell
/// leaves the colors of the others as they are.
struct Coloring {
  /// The color of each point.
  private(set) var colors: [Int]
  /// The points in the order of their colors.
  private(set) var order: [Int]
  /// A hash of the refinement, the same for colorings that a renumbering maps to each other.
  private(set) var trace: UInt64 = 0

  /// Cells of equal labels, in the order of the labels.
  init(labels: [Int]) {
    order = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
    colors = Array(repeating: 0, count: labels.count)
    for (place, point) in order.enumerated() {
      let isNew = place == 0 || labels[order[place - 1]] != labels[point]
      colors[point] = isNew ? place : colors[order[place - 1]]
    }
  }

  var size: Int { colors.count }

  var isDiscrete: Bool { colors.indices.allSatisfy { colors[order[$0]] == $0 } }

  /// The color of the first of the smallest cells of more than one point; nil when there is none.
  var target: Int? {
    var best: (count: Int, color: Int)?
    var start = 0
    while start < size {
      let count = cell(start).count
      if count > 1, count < best?.count ?? .max { best = (count, start) }
      start += count
    }
    return best?.color
  }

  /// The points of a color.
  func cell(_ color: Int) -> ArraySlice<Int> {
    var end = color
    while end < size, colors[order[end]] == color { end += 1 }
    return order[color..<end]
  }

  /// The coloring in which `point` has a cell by itself, before the rest of its cell.
  func individualized(_ point: Int) -> Coloring {
    var result = self
    let cell = cell(colors[point])
    let rest = cell.filter { $0 != point }
    result.order.replaceSubrange(cell.startIndex..<cell.endIndex, with: [point] + rest)
    for other in rest { result.colors[other] = cell.startIndex + 1 }
    return result
  }

  /// Splits cells until all points of a cell have equal entries with equally many points of each
  /// cell; returns the number of entries looked at.
  mutating func refine(_ pairs: PairCodes) -> Int {
    let n = size
    var keys = [UInt64](repeating: 0, count: n)
    var work = 0
    trace = 0
    while !isDiscrete {
      let salts = colors.map { PairCodes.mixed(UInt64($0)) }
      work += n * n
      for a in 0..<n {
        var key: UInt64 = 0
        for b in 0..<n { key &+= PairCodes.mixed(pairs.codes[a &* n &+ b] &+ salts[b]) }
        // The point itself: its code is the same in all rows.
        keys[a] = key
      }
      let old = colors
      order.sort { (old[$0], keys[$0], $0) < (old[$1], keys[$1], $1) }
      var hasSplit = false
      for (place, point) in order.enumerated() {
        let before = place > 0 ? order[place - 1] : -1
        if place == 0 || old[before] != old[point] {
          colors[point] = old[point]
        } else if keys[before] != keys[point] {
          colors[point] = place
          hasSplit = true
        } else {
          colors[point] = colors[before]
        }
        trace = PairCodes.mixed(trace ^ keys[point] &+ UInt64(colors[point]))
      }
      if !hasSplit { break }
    }
    return work
  }
}
