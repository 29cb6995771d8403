// The names are those of qapkit.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CQAPKit
import QAPFrankWolfe
import QAPKit
import QAPLinearAssignment
import QAPLocalSearch
import QAPPrimitives

@c @implementation
public func qapkit_linear_assignment(
  _ costs: UnsafePointer<qapkit_matrix>?, _ maximize: Int32,
  _ columns: UnsafeMutablePointer<Int64>?
) -> Int32 {
  guarded {
    let costs = unsafe try required(costs, "costs")
    guard costs.rows <= costs.columns else {
      throw Failure.argument(
        "costs is \(costs.rows) × \(costs.columns); expected at most as many rows as columns")
    }
    guard costs.elements.allSatisfy({ abs($0) < 1e150 }) else {
      throw Failure(
        Int32(QAPKIT_ERROR_DATA), "costs contains NaN, infinity or numbers of 1e150 and more")
    }
    let columns = unsafe try place(columns, "columns")
    let (rows, n) = (costs.rows, costs.columns)
    if rows == 0 { return }
    let solver = LinearAssignmentSolver(capacity: n)
    solver.prepare(size: n)
    let (view, stride, sign) = (solver.costs, solver.stride, maximize == 0 ? 1.0 : -1.0)
    for r in 0..<rows {
      for c in 0..<n { view[r &* stride &+ c] = sign * costs.elements[r &* n &+ c] }
    }
    if rows == n { solver.solve(.cold) } else { solver.solve(rows: rows) }
    for r in 0..<rows { unsafe columns[r] = Int64(solver.columnOfRow[r]) }
  }
}

/// True once the flag is set.
private func isSet(_ flag: UnsafePointer<Int32>?) -> Bool { unsafe flag?.pointee ?? 0 != 0 }

@c @implementation
public func qapkit_faq(
  _ n: Int64, _ a: UnsafePointer<Double>?, _ b: UnsafePointer<Double>?,
  _ c: UnsafePointer<Double>?, _ point: UnsafeMutablePointer<Double>?,
  _ gradient: UnsafePointer<Double>?, _ iterations: Int64, _ tolerance: Double,
  _ maximize: Int32, _ stop: UnsafePointer<Int32>?, _ columns: UnsafeMutablePointer<Int64>?,
  _ performed: UnsafeMutablePointer<Int64>?, _ vertices: UnsafeMutablePointer<Int64>?
) -> Int32 {
  var tie = Int32(QAPKIT_OK)
  let code = guarded {
    guard iterations >= 0, tolerance >= 0, tolerance.isFinite else {
      throw Failure.argument(
        "iterations is \(iterations) and tolerance \(tolerance); expected at least 0")
    }
    let sign = maximize == 0 ? 1.0 : -1.0
    func signed(_ matrix: Matrix<Double>) -> Matrix<Double> {
      sign > 0 ? matrix : matrix.map { 0 - $0 }
    }
    let start = unsafe try squareMatrix(UnsafePointer(place(point, "point")), n, "point")
    let found = unsafe FrankWolfe.descend(
      flow: signed(try squareMatrix(a, n, "a")), distance: try squareMatrix(b, n, "b"),
      linear: c == nil ? nil : signed(try squareMatrix(c, n, "c")), from: start,
      gradient: gradient == nil ? nil : signed(try squareMatrix(gradient, n, "gradient")),
      iterations: Int(iterations), tolerance: tolerance, stopsAtTies: vertices != nil,
      shouldStop: { unsafe isSet(stop) })
    unsafe try copy(found.point.elements.array, to: point, n * n)
    unsafe try copy(found.locations.map(Int64.init), to: columns, n)
    unsafe try place(performed, "performed").pointee = Int64(found.iterations)
    if unsafe vertices != nil {
      let all = found.vertices.joined().map(Int64.init)
      unsafe try copy(all, to: vertices, Int64(all.count))
    }
    if found.hasTiedEnd { tie = Int32(QAPKIT_TIED_END) }
    if found.isTied { tie = Int32(QAPKIT_NEAR_TIE) }
  }
  return code == Int32(QAPKIT_OK) ? tie : code
}

@c @implementation
public func qapkit_two_opt(
  _ n: Int64, _ a: UnsafePointer<Double>?, _ b: UnsafePointer<Double>?,
  _ movable: UnsafePointer<Int64>?, _ count: Int64, _ maximize: Int32,
  _ stop: UnsafePointer<Int32>?, _ columns: UnsafeMutablePointer<Int64>?,
  _ state: UnsafeMutablePointer<Int64>?
) -> Int32 {
  var outcome = OrderedSwaps.Outcome.optimal
  let code = guarded {
    let flow = unsafe try squareMatrix(a, n, "a")
    let columns = unsafe try place(columns, "columns")
    let state = unsafe try place(state, "state")
    let locations = unsafe try numbers(UnsafePointer(columns), n, "columns").map { Int($0) }
    let places = unsafe try numbers(movable, count, "movable").map { Int($0) }
    guard Permutation(locations) != nil else {
      throw Failure.argument("columns is not a permutation of 0 to \(n - 1)")
    }
    guard places.allSatisfy({ (0..<Int(n)).contains($0) }), Set(places).count == places.count
    else { throw Failure.argument("movable: expected different numbers below \(n)") }
    let (i, j, tried) = unsafe (state[0], state[1], state[2])
    guard (0...count).contains(i), (-1...count).contains(j), tried >= 0, tried < 1 << 62 else {
      throw Failure.argument("state is {\(i), \(j), \(tried)}; expected {0, -1, 0} at first")
    }
    var search = OrderedSwaps(
      flow: maximize == 0 ? flow : flow.map { 0 - $0 },
      distance: unsafe try squareMatrix(b, n, "b"), locations: locations, movable: places,
      place: (Int(i), Int(j)), evaluations: Int(tried))
    outcome = search.run { unsafe isSet(stop) }
    unsafe try copy(search.locations.map(Int64.init), to: columns, n)
    unsafe (state[0], state[1], state[2]) = (
      Int64(search.place.0), Int64(search.place.1), Int64(search.evaluations)
    )
  }
  guard code == Int32(QAPKIT_OK) else { return code }
  return switch outcome {
  case .optimal: Int32(QAPKIT_OK)
  case .tied: Int32(QAPKIT_NEAR_TIE)
  case .stopped: Int32(QAPKIT_STOPPED)
  }
}
