import QAPPrimitives

/// The nearest rows of each row of one set, with their inner products.
struct NeighborTable: Sendable {
  /// The neighbors of each row.
  let lists: [[Int]]
  private let values: Matrix<Double>

  /// - Parameter stream: the random order in which equally near rows count; see
  ///   `Alignment.neighborLists`.
  init(_ values: Matrix<Double>, _ count: Int, stream: UInt64, threads: Int) {
    self.values = values
    lists = Alignment.neighborLists(values, count, stream: stream, threads)
  }

  private func product(_ i: Int, _ k: Int) -> Double {
    zip(values.row(i), values.row(k)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The share of rows i of `other` for which i is among the neighbors, here, of i's neighbors
  /// there.
  func cycles(_ other: NeighborTable, order: [Int]) -> Double {
    let hits = other.lists.indices.count { i in
      other.lists[i].contains { lists[order[$0]].contains(order[i]) }
    }
    return Double(hits) / Double(lists.count)
  }

  /// The alignment of both sets' inner products over common neighbors.
  func alignment(_ other: NeighborTable, order: [Int]) -> Double {
    var place = [Int](repeating: 0, count: order.count)
    for (row, of) in order.enumerated() { place[of] = row }
    // Lists of both in the numbers of `other`.
    let mine = order.indices.map { Set(lists[order[$0]].map { place[$0] }) }
    let theirs = other.lists.map { Set($0) }
    func criterion(
      _ mask: (Int) -> Set<Int>, _ a: (Int, Int) -> Double, _ b: (Int, Int) -> Double
    ) -> Double {
      let n = order.count
      var (product, totalA, totalB) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
      var (columnsOfA, rowsOfB) = (
        [Double](repeating: 0, count: n), [Double](repeating: 0, count: n)
      )
      for i in 0..<n {
        for k in mask(i).sorted() {
          let (x, y) = (a(i, k), b(i, k))
          if mask(k).contains(i) { product.add(x * b(k, i)) }
          totalA.add(x)
          totalB.add(y)
          columnsOfA[k] += x
          rowsOfB[i] += y
        }
      }
      var chain = CompensatedSum()
      for k in 0..<n { chain.add(columnsOfA[k] * rowsOfB[k]) }
      let size = Double(n)
      return product.value + totalA.value * totalB.value / ((size - 1) * (size - 2))
        - 2 * chain.value / (size - 2)
    }
    let common = order.indices.map { mine[$0].intersection(theirs[$0]) }
    func first(_ i: Int, _ k: Int) -> Double { product(order[i], order[k]) }
    func second(_ i: Int, _ k: Int) -> Double { other.product(i, k) }
    let scale =
      criterion({ mine[$0] }, first, first) * criterion({ theirs[$0] }, second, second)
    return scale > 0 ? criterion({ common[$0] }, first, second) / scale.squareRoot() : 0
  }
}
