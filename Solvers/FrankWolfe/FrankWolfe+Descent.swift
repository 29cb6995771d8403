import QAP
import QAPDenseAlgebra
import QAPPrimitives

extension FrankWolfe {
  /// A descent from a given point with SciPy's conventions.
  public struct Descent: Sendable {
    /// The location of each facility: the permutation nearest to `point`.
    public let locations: [Int]
    /// The last point, doubly stochastic.
    public let point: Matrix<Double>
    /// The steps taken.
    public let iterations: Int
    /// The direction of each step, the location of each facility.
    public let vertices: [[Int]]
    /// The descent stopped before a step whose assignment problem has several optima; `locations`
    /// mean nothing.
    public let isTied: Bool
    /// There are several permutations nearest to `point`.
    public let hasTiedEnd: Bool
  }

  /// Minimizes ⟨A, P·B·Pᵀ⟩ + ⟨C, P⟩ from the point `start` the way
  /// `scipy.optimize.quadratic_assignment` does: the same steps, the same end, and the same choice
  /// where an assignment problem has several optima.
  ///
  /// - Parameters:
  ///   - flow, distance, linear: A, B and C, n × n; finite numbers of usual size.
  ///   - start: doubly stochastic, n × n.
  ///   - gradient: A·P·Bᵀ + Aᵀ·P·B + C at `start`, for callers whose rounding is to decide between
  ///     ties.
  ///   - iterations: the most steps; none for the permutation nearest to `start`.
  ///   - stopsAtTies: stop where rounding would choose between several directions, other than those
  ///     of `gradient`: another order of the same sums might lead elsewhere.
  ///   - tolerance: ends when ‖P − P′‖/√n is less.
  ///   - shouldStop: asked between steps and in long products.
  /// - Returns: the permutation nearest to the last point.
  public static func descend(
    flow: Matrix<Double>, distance: Matrix<Double>, linear: Matrix<Double>? = nil,
    from start: Matrix<Double>, gradient: Matrix<Double>? = nil, iterations: Int = 30,
    tolerance: Double = 0.03, stopsAtTies: Bool = false, shouldStop: () -> Bool = { false }
  ) -> Descent {
    let n = flow.rows
    precondition(
      [flow, distance, start].allSatisfy { $0.rows == n && $0.columns == n }
        && [linear, gradient].allSatisfy { $0 == nil || ($0?.rows == n && $0?.columns == n) },
      "matrices of different sizes")
    var parameters = Parameters(
      iterationsPerStart: iterations, tolerance: tolerance, shufflesTies: false)
    parameters.ordersTies = true
    parameters.stopsAtTies = stopsAtTies
    setDenseAlgebraThreads(1)
    let descent = RelaxedDescent(
      RelaxedProblem(flow: flow, distance: distance, linear: linear), parameters: parameters,
      seed: 0, index: 0)
    descent.begin(at: start, gradient: gradient, isFinal: iterations == 0, unless: shouldStop)
    var vertices: [[Int]] = []
    var isTied = false
    while vertices.count < iterations, !descent.isDone, !shouldStop() {
      descent.iterate(unless: shouldStop)
      isTied = descent.isTied && stopsAtTies
      if isTied { break }
      vertices.append(descent.vertexLocations)
    }
    let locations =
      isTied ? descent.vertexLocations : descent.projection(unless: shouldStop).locations
    return Descent(
      locations: locations,
      point: Matrix(rows: n, columns: n, elements: descent.pointElements),
      iterations: vertices.count, vertices: vertices, isTied: isTied,
      hasTiedEnd: descent.isTied && !isTied)
  }
}
