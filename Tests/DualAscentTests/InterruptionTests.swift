import QAP
import QAPPrimitives
import Synchronization
import Testing

@testable import QAPDualAscent

/// A clock that shows a second more whenever somebody looks.
private final class CountingClock: Sendable {
  private let looks = Atomic<Int>(0)
  func now() -> Double { Double(looks.add(1, ordering: .relaxed).newValue) }
}

/// Options that end a run when it has looked at the clock `looks` times.
private func ending(after looks: Int, threads: Int = 1, keepsProof: Bool = false) -> SolveOptions {
  let clock = CountingClock()
  return SolveOptions(
    limits: Limits(time: .seconds(Double(looks))), threads: threads, keepsProof: keepsProof,
    clock: { clock.now() })
}

/// Wherever a run ends, it holds a bound.
@Suite struct InterruptionTests {
  @Test(arguments: Kind.allCases)
  func aRunThatEndsEarlyHoldsAValidBound(_ kind: Kind) throws {
    for seed in 0..<24 {
      let instance = try kind.instance(1 + seed % 6, seed: UInt64(seed))
      let best = optimum(instance)
      for looks in [3, 4, 6, 9, 14, 30] {
        for method: any Method in [HahnGrant(), AnnealedAscent(.init(sweeps: 20))] {
          let report = try instance.solve(with: method, options: ending(after: looks))
          // The earliest end comes before anything has been looked at.
          if looks == 3, report.bound == nil { continue }
          let bound = try #require(report.bound, "\(kind) seed \(seed) looks \(looks)")
          #expect(bound.unrounded <= best, "\(kind) seed \(seed) looks \(looks)")
          #expect(bound.value <= best + 1e-9 * abs(best), "\(kind) seed \(seed) looks \(looks)")
        }
      }
    }
  }

  /// What is held before any leaders are there.
  @Test(arguments: Kind.allCases)
  func theBoundOfTheMeansHolds(_ kind: Kind) throws {
    for seed in 0..<60 {
      let instance = try kind.instance(1 + seed % 6, seed: UInt64(seed))
      guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { continue }
      let bound = MeanBound(instance, flow, distance).proven
      #expect(bound <= optimum(instance), "\(kind) seed \(seed)")
      #expect(bound > -1e9, "\(kind) seed \(seed)")
    }
  }

  /// A run under a time limit holds no less than the bound of Gilmore and Lawler.
  @Test func theBoundOfTheLeadersComesFirst() throws {
    let instance = try Kind.symmetric.instance(40, seed: 3)
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { return }
    let leaders = try #require(MatrixLeaders(instance, flow, distance)).leaders
    for method: any Method in [HahnGrant(), AnnealedAscent()] {
      for looks in [5, 60, 200] {
        let report = try instance.solve(with: method, options: ending(after: looks))
        #expect(report.bound!.unrounded >= leaders.bound(constant: 0).proven)
        #expect(report.incumbent != nil)
      }
    }
  }

  /// The schedule follows the clock only where time is short: what is bounded under a limit far
  /// away, like every node of a search, is the same from run to run.
  @Test(arguments: Kind.allCases)
  func aLimitFarAwayChangesNothing(_ kind: Kind) throws {
    let instance = try kind.instance(7, seed: 5)
    for method: any Method in [HahnGrant(), AnnealedAscent(.init(sweeps: 60))] {
      let free = try instance.solve(with: method)
      let limited = try instance.solve(with: method, options: ending(after: 10_000_000))
      #expect(limited.bound == free.bound)
      #expect(limited.iterations == free.iterations)
    }
  }

  /// Where the multipliers are not proven any more, the bound is that of the leaders.
  @Test func aLargeRunThatEndsInItsFirstRoundHoldsTheBoundOfTheLeaders() throws {
    let instance = try Kind.symmetric.instance(152, seed: 1)
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { return }
    let leaders = try #require(MatrixLeaders(instance, flow, distance)).leaders
    let expected = leaders.bound(constant: 0).proven
    #expect(expected > 0)
    for looks in [5, 40] {
      let report = try instance.solve(
        with: HahnGrant(), options: ending(after: looks, threads: 2))
      #expect(report.termination == .time)
      #expect(report.iterations == 0)
      #expect(report.bound?.unrounded == expected)
      #expect(report.incumbent != nil)
    }
  }

  /// An assignment problem over leaders that is broken off still proves something.
  @Test func leadersWhoseAssignmentIsBrokenOffProveABound() {
    var weaker = 0
    for seed in 0..<100 as Range<UInt64> {
      var g = SeededGenerator(seed: seed)
      let n = 1 + g.below(40)
      let isIntegral = seed % 2 == 0
      let costs = Matrix(rows: n, columns: n) { _, _ in
        isIntegral ? Double(g.below(200) - 50) : g.unit() - 0.3
      }
      let leaders = Leaders(costs: costs, error: 0)
      let whole = leaders.bound(constant: 3)
      #expect(whole.assignment != nil)
      for limit in 0..<4 {
        var asked = 0
        let part = leaders.bound(constant: 3) {
          asked += 1
          return asked > limit
        }
        #expect(part.proven <= whole.proven + (isIntegral ? 0 : 1e-12), "seed \(seed)")
        #expect(part.proven > Double(-60 * n), "seed \(seed)")
        if asked > limit {
          #expect(part.assignment == nil, "seed \(seed)")
          weaker += part.proven < whole.proven ? 1 : 0
        } else {
          #expect(part.proven == whole.proven, "seed \(seed)")
          #expect(part.assignment == whole.assignment, "seed \(seed)")
        }
      }
    }
    #expect(weaker > 0)
  }

  /// A proof that was asked for is made nonetheless.
  @Test func aLargeRunThatEndsInItsFirstRoundHoldsItsProof() throws {
    let instance = try Kind.symmetric.instance(152, seed: 1)
    let report = try instance.solve(
      with: HahnGrant(), options: ending(after: 40, threads: 2, keepsProof: true))
    let certificate = try #require(report.certificate)
    #expect(certificate.bound <= report.bound!.unrounded)
  }
}
