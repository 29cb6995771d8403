import CLanes
import QAPPrimitives

/// Sixteen costs side by side.
typealias Lanes = SIMD16<Int32>

/// Assignment problems over lines of sixteen or more costs, in integers, and the memory they take.
///
/// Shortest augmenting paths after row and column reduction (Jonker and Volgenant 1987), in place:
/// the costs that are left are reduced costs. A problem whose value reaches `room` is given up at
/// once.
final class AssignmentWorkspace {
  private let columnDuals: BufferView<Int32>
  private let distances: BufferView<Int32>
  private let scannedAt: BufferView<Int32>
  private let predecessors: BufferView<Int32>
  private let laneNumbers: BufferView<Int32>
  private let columnOfRow: BufferView<Int32>
  private let rowOfColumn: BufferView<Int32>
  private let pending: BufferView<Int32>
  private let owned: [Buffer<Int32>]
  private let infinity: Int32

  init(capacity: Int, infinity: Int32) {
    let stride = laneStride(capacity)
    self.infinity = infinity
    owned = (0..<8).map { _ in Buffer(count: stride, repeating: 0) }
    columnDuals = owned[0].view
    distances = owned[1].view
    scannedAt = owned[2].view
    predecessors = owned[3].view
    laneNumbers = owned[4].view
    columnOfRow = owned[5].view
    rowOfColumn = owned[6].view
    pending = owned[7].view
    for l in 0..<stride { laneNumbers[l] = Int32(l) }
  }

  /// Reduces `rows` lines from `start` on over the columns `0..<columns` without `excluded`, as
  /// many as rows, and returns the value; some number of at least `room` as soon as it is known to
  /// reach that.
  @inline(__always)
  func reduce(
    _ costs: BufferView<Int32>, _ start: Int, rows: Int, columns: Int, stride: Int, excluded: Int,
    room: Int32
  ) -> Int32 {
    stride == 16
      ? reduceNarrow(costs, start, rows: rows, columns: columns, excluded: excluded, room: room)
      : reduceWide(
        costs, start, rows: rows, columns: columns, stride: stride, excluded: excluded, room: room)
  }

  /// Up to sixteen columns: everything about columns stays in registers.
  private func reduceNarrow(
    _ costs: BufferView<Int32>, _ start: Int, rows: Int, columns: Int, excluded: Int, room: Int32
  ) -> Int32 {
    let end = start &+ rows &* 16
    let none = Lanes(repeating: infinity)
    var total: Int32 = 0
    var v = none
    var at = start
    while at < end {
      let x = costs.lanes(at)
      let least = lanes_least(x)
      if least >= room { return room }
      total &+= least
      let reduced = x &- Lanes(repeating: least)
      v = lanes_lesser(v, reduced)
      costs.store(reduced, at)
      at &+= 16
    }
    if total >= room { return room }
    var free = (UInt32(1) &<< UInt32(truncatingIfNeeded: columns)) &- 1
    if excluded >= 0 { free &= ~(1 &<< UInt32(truncatingIfNeeded: excluded)) }
    v = lanes_blend(Lanes(repeating: 0), v, free)
    let columnSum = lanes_total(v)
    if columnSum != 0 {
      // A column without a finite cost makes the sum as large.
      total &+= columnSum
      if total >= room { return room }
    }
    // Rows take free columns where they cost nothing.
    var left = 0
    at = start
    for row in 0..<rows {
      let x = costs.lanes(at) &- v
      costs.store(x, at)
      at &+= 16
      let found = lanes_zeros(x) & free
      if found == 0 {
        pending[left] = Int32(truncatingIfNeeded: row)
        left &+= 1
      } else {
        let column = found.trailingZeroBitCount
        free &= ~(found & (0 &- found))
        columnOfRow[row] = Int32(truncatingIfNeeded: column)
        rowOfColumn[column] = Int32(truncatingIfNeeded: row)
      }
    }
    if left == 0 { return total }

    let lanes = laneNumbers.lanes(0)
    var w = Lanes(repeating: 0)
    for index in 0..<left {
      let source = pending[index]
      columnDuals.store(w, 0)
      var open = costs.lanes(start &+ Int(source) &* 16) &- w
      var scanned = Lanes(repeating: 0)
      var met: UInt32 = 0
      var p = Lanes(repeating: source)
      var reach: Int32 = 0
      var column = 0
      while true {
        let nearest = lanes_least((open &<< Lanes(repeating: 4)) | lanes)
        reach = nearest &>> 4
        column = Int(truncatingIfNeeded: nearest & 15)
        if total &+ reach >= room { return room }
        let here = UInt32(1) &<< UInt32(truncatingIfNeeded: column)
        if free & here != 0 { break }
        met |= here
        scanned = lanes_blend(scanned, Lanes(repeating: reach), here)
        let row = rowOfColumn[column]
        let line = start &+ Int(row) &* 16
        let h = costs[line &+ column] &- columnDuals[column] &- reach
        let x = costs.lanes(line) &- w &- Lanes(repeating: h)
        let better = lanes_less(x, open) & ~met
        open = lanes_blend(lanes_lesser(open, x), none, met)
        p = lanes_blend(p, Lanes(repeating: row), better)
      }
      total &+= reach
      w = lanes_blend(w, w &+ scanned &- Lanes(repeating: reach), met)
      predecessors.store(p, 0)
      free &= ~(1 &<< UInt32(truncatingIfNeeded: column))
      var into = column
      while true {
        let row = predecessors[into]
        rowOfColumn[into] = row
        let next = columnOfRow[Int(row)]
        columnOfRow[Int(row)] = Int32(truncatingIfNeeded: into)
        if row == source { break }
        into = Int(next)
      }
    }
    columnDuals.store(w, 0)
    for row in 0..<rows {
      let line = start &+ row &* 16
      let column = Int(columnOfRow[row])
      let u = costs[line &+ column] &- columnDuals[column]
      costs.store(costs.lanes(line) &- w &- Lanes(repeating: u), line)
    }
    return total
  }

  /// Any number of columns.
  private func reduceWide(
    _ costs: BufferView<Int32>, _ start: Int, rows: Int, columns: Int, stride: Int, excluded: Int,
    room: Int32
  ) -> Int32 {
    let bits = Int32(truncatingIfNeeded: Int.bitWidth &- (stride &- 1).leadingZeroBitCount)
    let none = Lanes(repeating: infinity)
    let (v, d, s, p) = (columnDuals, distances, scannedAt, predecessors)
    var total: Int32 = 0
    var j = 0
    while j < stride {
      v.store(none, j)
      j &+= 16
    }
    for row in 0..<rows {
      let line = start &+ row &* stride
      var least = costs.lanes(line)
      j = 16
      while j < stride {
        least = lanes_lesser(least, costs.lanes(line &+ j))
        j &+= 16
      }
      let value = lanes_least(least)
      if value >= room { return room }
      total &+= value
      j = 0
      while j < stride {
        let x = costs.lanes(line &+ j) &- Lanes(repeating: value)
        v.store(lanes_lesser(v.lanes(j), x), j)
        costs.store(x, line &+ j)
        j &+= 16
      }
    }
    if total >= room { return room }
    for l in columns..<stride { v[l] = 0 }
    if excluded >= 0 { v[excluded] = 0 }
    for l in 0..<columns {
      let least = v[l]
      if least >= room { return room }
      total &+= least
      if total >= room { return room }
      rowOfColumn[l] = -1
    }
    if excluded >= 0 { rowOfColumn[excluded] = 0 }
    var left = 0
    // Up to 64 columns the free ones that cost nothing are found by their bits.
    let isShort = stride <= 64
    var free: UInt64 = columns < 64 ? (1 &<< UInt64(columns)) &- 1 : .max
    if excluded >= 0, isShort { free &= ~(1 &<< UInt64(excluded)) }
    for row in 0..<rows {
      let line = start &+ row &* stride
      var zeros: UInt64 = 0
      j = 0
      while j < stride {
        let x = costs.lanes(line &+ j) &- v.lanes(j)
        costs.store(x, line &+ j)
        if isShort { zeros |= UInt64(lanes_zeros(x)) &<< UInt64(j) }
        j &+= 16
      }
      var column = 0
      if isShort {
        let found = zeros & free
        column = found == 0 ? columns : found.trailingZeroBitCount
        free &= ~(found & (0 &- found))
      } else {
        while column < columns, costs[line &+ column] != 0 || rowOfColumn[column] >= 0 {
          column &+= 1
        }
      }
      if column == columns {
        pending[left] = Int32(truncatingIfNeeded: row)
        left &+= 1
      } else {
        columnOfRow[row] = Int32(truncatingIfNeeded: column)
        rowOfColumn[column] = Int32(truncatingIfNeeded: row)
      }
    }
    if left == 0 { return total }
    j = 0
    while j < stride {
      v.store(Lanes(repeating: 0), j)
      j &+= 16
    }
    let unscanned = Lanes(repeating: -1)
    let zero = Lanes(repeating: 0)
    for index in 0..<left {
      let source = pending[index]
      let first = start &+ Int(source) &* stride
      var best = Lanes(repeating: .max)
      j = 0
      while j < stride {
        let x = costs.lanes(first &+ j) &- v.lanes(j)
        d.store(x, j)
        s.store(unscanned, j)
        p.store(Lanes(repeating: source), j)
        best = lanes_lesser(best, (x &<< Lanes(repeating: bits)) | laneNumbers.lanes(j))
        j &+= 16
      }
      var reach: Int32 = 0
      var column = 0
      while true {
        let nearest = lanes_least(best)
        reach = nearest &>> bits
        column = Int(nearest & ((1 &<< bits) &- 1))
        if total &+ reach >= room { return room }
        let row = rowOfColumn[column]
        if row < 0 { break }
        s[column] = reach
        d[column] = infinity
        let line = start &+ Int(row) &* stride
        let h = Lanes(repeating: costs[line &+ column] &- v[column] &- reach)
        best = Lanes(repeating: .max)
        j = 0
        while j < stride {
          let x = costs.lanes(line &+ j) &- v.lanes(j) &- h
          let old = d.lanes(j)
          let better = lanes_less(x, old) & lanes_less(s.lanes(j), zero)
          let now = lanes_blend(old, x, better)
          d.store(now, j)
          p.store(lanes_blend(p.lanes(j), Lanes(repeating: row), better), j)
          best = lanes_lesser(best, (now &<< Lanes(repeating: bits)) | laneNumbers.lanes(j))
          j &+= 16
        }
      }
      total &+= reach
      j = 0
      while j < stride {
        let met = s.lanes(j)
        let old = v.lanes(j)
        let isUnscanned = lanes_less(met, zero)
        v.store(lanes_blend(old &+ met &- Lanes(repeating: reach), old, isUnscanned), j)
        j &+= 16
      }
      var into = column
      while true {
        let row = p[into]
        rowOfColumn[into] = row
        let next = columnOfRow[Int(row)]
        columnOfRow[Int(row)] = Int32(truncatingIfNeeded: into)
        if row == source { break }
        into = Int(next)
      }
    }
    for row in 0..<rows {
      let line = start &+ row &* stride
      let column = Int(columnOfRow[row])
      let u = Lanes(repeating: costs[line &+ column] &- v[column])
      j = 0
      while j < stride {
        costs.store(costs.lanes(line &+ j) &- v.lanes(j) &- u, line &+ j)
        j &+= 16
      }
    }
    return total
  }
}
