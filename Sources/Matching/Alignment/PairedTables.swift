import QAPPrimitives

/// Symmetric n × n tables of which only elements off the diagonal count.
enum PairedTables {
  /// Σ x[order[i], order[k]] · y[i, k] over all i ≠ k.
  ///
  /// - Complexity: O(n²).
  static func product(_ x: Matrix<Double>, _ y: Matrix<Double>, order: [Int]) -> Double {
    let n = x.rows
    var sum = CompensatedSum()
    x.withView { x in
      y.withView { y in
        for i in 0..<n {
          let (from, to) = (order[i] &* n, i &* n)
          var line = 0.0
          for k in 0..<n where k != i { line += x[from &+ order[k]] * y[to &+ k] }
          sum.add(line)
        }
      }
    }
    return sum.value
  }

  /// The elements minus their mean; 0 on the diagonal.
  static func centered(_ table: Matrix<Double>) -> Matrix<Double> {
    let n = table.rows
    var sum = CompensatedSum()
    for i in 0..<n {
      for k in 0..<n where k != i { sum.add(table[i, k]) }
    }
    let mean = sum.value / (Double(n) * Double(n - 1))
    return Matrix(rows: n, columns: n) { $0 == $1 ? 0 : table[$0, $1] - mean }
  }

  /// The U-centered table (Székely and Rizzo 2014), whose inner products are n(n − 3) times the
  /// unbiased estimate of the independence criterion; n > 3.
  static func uCentered(_ table: Matrix<Double>) -> Matrix<Double> {
    let n = table.rows
    let sums = (0..<n).map { i in
      var sum = CompensatedSum()
      for k in 0..<n where k != i { sum.add(table[i, k]) }
      return sum.value
    }
    var total = CompensatedSum()
    for sum in sums { total.add(sum) }
    let all = total.value / (Double(n - 1) * Double(n - 2))
    return Matrix(rows: n, columns: n) {
      $0 == $1 ? 0 : table[$0, $1] - (sums[$0] + sums[$1]) / Double(n - 2) + all
    }
  }

  /// The rank of each element among those below the diagonal; equal ones share their mean rank.
  static func ranks(_ table: Matrix<Double>) -> Matrix<Double> {
    let n = table.rows
    var places: [(value: Double, place: Int)] = []
    places.reserveCapacity(n * (n - 1) / 2)
    for i in 0..<n {
      for k in 0..<i { places.append((table[i, k], i * n + k)) }
    }
    places.sort { $0.value < $1.value }
    return Matrix(rows: n, columns: n, startingFrom: 0) { out in
      var first = 0
      while first < places.count {
        var last = first
        while last + 1 < places.count, places[last + 1].value == places[first].value { last += 1 }
        let rank = Double(first + last) / 2
        for index in first...last {
          let place = places[index].place
          out[place] = rank
          out[(place % n) &* n &+ place / n] = rank
        }
        first = last + 1
      }
    }
  }
}
