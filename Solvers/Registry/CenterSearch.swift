import QAP
import QAPLocalSearch
import QAPPrimitives
import QAPSemidefinite

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The search for an assignment between cluster centers: small dense instances of real data, of
/// which many are solved and none needs a proof.
///
/// Tabu search below 40 centers, memetic search from there on; never Frank–Wolfe, which stops at a
/// vertex far from the best one, since the maximized form is convex.
public struct CenterSearch: Sendable {
  /// Iterations for 80 centers; for others they grow with the power 2.3 of their number.
  public var iterations: Double

  /// A search of `iterations` for 80 centers.
  public init(iterations: Double = 2e5) { self.iterations = iterations }

  /// An assignment of small cost. The same seed gives the same one, unless `shouldStop` stops it.
  ///
  /// - Throws: `MethodError` when the search declines the instance.
  public func callAsFunction(
    _ instance: Instance, seed: UInt64, shouldStop: @escaping @Sendable () -> Bool
  ) throws -> Assignment {
    let n = instance.size
    let planned = max(2_000, Int(iterations * pow(Double(n) / 80, 2.3)))
    let options = SolveOptions(
      limits: Limits(iterations: planned), stop: { _ in shouldStop() ? .interrupted : nil },
      seed: seed)
    let report =
      n < 40
      ? try instance.solve(with: RobustTabu(.init(walks: 4)), options: options)
      // A run has few generations: a small population converges within them.
      : try instance.solve(with: Memetic(.init(population: 8, children: 4)), options: options)
    return report.incumbent?.assignment ?? Assignment(Permutation(identity: n))
  }

  /// A lower bound on the cost of any assignment, by the doubly nonnegative relaxation: for real
  /// sides it mostly equals the least cost. Seconds for 20 centers.
  ///
  /// - Throws: `MethodError` when the relaxation declines the instance.
  public func bound(
    _ instance: Instance, start: Assignment, shouldStop: @escaping @Sendable () -> Bool
  ) throws -> Double {
    let options = SolveOptions(
      stop: { _ in shouldStop() ? .interrupted : nil }, start: start)
    return try instance.solve(with: DoublyNonnegative(.init(steps: 300)), options: options)
      .bound?.value ?? -.infinity
  }
}
