import QAPPrimitives

/// A number for each variable of the program.
final class Columns {
  let all: BufferView<Double>
  let y: BufferView<Double>
  let x: BufferView<Double>
  /// The number of variables.
  let count: Int
  private let owned: Buffer<Double>
  private let n: Int

  init(_ n: Int) {
    let length = n * (n - 1) / 2 * n * n
    owned = Buffer(count: length + n * n, repeating: 0)
    all = owned.view
    y = all.window(0, length)
    x = all.window(length, n * n)
    count = n * n + n * n * (n - 1) * (n - 1) / 2
    self.n = n
  }

  var indices: Range<Int> { 0..<all.count }

  /// False for the places l = j of y.
  func isVariable(_ index: Int) -> Bool {
    index >= y.count || (index / n) % n != index % n
  }

  var largest: Double {
    var largest = 0.0
    for index in indices where isVariable(index) { largest = max(largest, abs(all[index])) }
    return largest
  }
}

/// A number for each row of the program.
final class Rows {
  let all: BufferView<Double>
  /// R(i,j,k) at (i·n + j)·n + k.
  let u: BufferView<Double>
  /// C(i,j,l) at (i·n + j)·n + l.
  let v: BufferView<Double>
  let alpha: BufferView<Double>
  let beta: BufferView<Double>
  /// A number for each x, for systems that keep x beside the rows.
  let x: BufferView<Double>
  private let owned: Buffer<Double>
  private let n: Int

  init(_ n: Int) {
    let cube = n * n * n
    owned = Buffer(count: 2 * cube + 2 * n + n * n, repeating: 0)
    all = owned.view
    x = all.window(2 * cube + 2 * n, n * n)
    u = all.window(0, cube)
    v = all.window(cube, cube)
    alpha = all.window(2 * cube, n)
    beta = all.window(2 * cube + n, n)
    self.n = n
  }

  var indices: Range<Int> { 0..<all.count }

  /// The program's right-hand sides.
  func setToRightHandSides() {
    all.fill(0)
    alpha.fill(1)
    beta.fill(1)
  }

  var sumOfAssignmentDuals: Double {
    var sum = CompensatedSum()
    for i in 0..<n {
      sum.add(alpha[i])
      sum.add(beta[i])
    }
    return sum.value
  }

  /// The largest entry, places that stand for no row apart.
  var largest: Double {
    var largest = 0.0
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n {
          if k != i { largest = max(largest, abs(u[(i * n + j) * n + k])) }
          if k != j { largest = max(largest, abs(v[(i * n + j) * n + k])) }
        }
      }
      largest = max(largest, abs(alpha[i]), abs(beta[i]))
    }
    return largest
  }
}
