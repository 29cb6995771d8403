import QAP
import QAPInstanceIO
import QAPPrimitives
import QAPRegistry
import QAPVerification
import RandomInstances
import Testing

/// Bounds with their proofs, and proofs that somebody has tampered with.
@Suite struct CertificateTests {
  static let bounds = MethodRegistry.methods.map(\.info).filter { $0.output != .assignment }.map(
    \.id)

  /// A certificate of a small random instance, for odd seeds with some pairs fixed, and, if so
  /// wanted, with placements forbidden.
  static func certificate(
    _ id: String, _ family: Family, seed: UInt64, forbids: Bool = false
  ) throws -> (instance: Instance, report: SolveReport, certificate: Certificate?)? {
    let n = 1 + Int(seed % 7)
    let plain = family.instance(size: n, seed: seed)
    let instance = forbids ? plain.forbiddingSome(seed: seed).instance : plain
    var options = ConformanceTests.options(id)
    options.keepsProof = true
    if seed % 4 > 1 { options.pairs = somePairs(size: n, seed: seed) }
    do {
      let report = try instance.solve(with: ConformanceTests.method(id), options: options)
      return (instance, report, report.certificate)
    } catch MethodError.unsupported {
      return nil
    }
  }

  /// A run whose certificate was checked and holds; nil when the method declines.
  private static func accepted(
    _ id: String, _ instance: Instance
  ) throws -> (report: SolveReport, certificate: Certificate)? {
    var options = ConformanceTests.options(id)
    options.keepsProof = true
    do {
      let report = try instance.solve(with: ConformanceTests.method(id), options: options)
      let certificate = try #require(report.certificate)
      let verdict = check(certificate, of: instance)
      #expect(verdict.holds, "\(id) \(instance.name): \(verdict.fault ?? "")")
      return (report, certificate)
    } catch is MethodError {
      return nil
    }
  }

  @Test(arguments: bounds, Family.allCases)
  func everyBoundIsTrueAndItsCertificateAccepted(_ id: String, _ family: Family) throws {
    var (accepted, forbidding) = (0, 0)
    for seed in 0..<84 as Range<UInt64> {
      guard
        let (instance, report, found) = try Self.certificate(
          id, family, seed: seed, forbids: seed >= 70)
      else { continue }
      let label = "\(id) \(instance.name), \(instance.forbidden.count) forbidden"
      let best = leastObjective(instance, with: report.pairs)
      if best == .infinity {
        #expect(report.termination == .infeasible && found == nil, "\(label)")
        continue
      }
      let slack = family.isIntegral ? 0 : 1e-9 * max(1, abs(best))
      let bound = try #require(report.bound, "\(label)")
      #expect(bound.unrounded <= best + slack, "\(label): bound \(bound.unrounded) of \(best)")
      #expect(bound.value <= best + slack, "\(label): rounded \(bound.value) of \(best)")
      if let incumbent = report.incumbent {
        #expect(
          report.pairs.allSatisfy { incumbent.assignment[$0.facility] == $0.location }, "\(label)")
        #expect(incumbent.objective >= best - slack, "\(label)")
        let check = checkObjective(
          of: incumbent.assignment, in: instance, claimed: incumbent.objective)
        #expect(check.holds, "\(label)")
      }
      let certificate = try #require(found, "\(label): no certificate")
      let bytes = CertificateFile.format(certificate)
      let reread = try CertificateFile.parse(bytes, file: "memory")
      #expect(reread == certificate, "\(label)")
      let verdict = check(reread, of: instance)
      #expect(verdict.holds, "\(label): \(verdict.fault ?? "")")
      accepted += 1
      forbidding += instance.forbidden.isEmpty ? 0 : 1
      // A search of real data writes down a little less than it proves: what rounding can amount
      // to.
      let isSearch = ["auto", "branch-and-bound"].contains(id) && !family.isIntegral
      // So does a proof of costs with a surcharge.
      let loss = instance.forbidden.isEmpty ? (isSearch ? 1e-11 : 0) : 1e-8
      let room = loss * max(1, abs(bound.unrounded))
      #expect(certificate.bound <= bound.unrounded, "\(label)")
      #expect(certificate.bound >= bound.unrounded - room, "\(label)")
      #expect(certificate.rounded >= bound.value - room, "\(label)")
    }
    #expect(accepted < 60 || forbidding >= 5, "\(id), \(family): \(forbidding) of \(accepted)")
  }

  /// Products that underflow, as a whole or in their last bits, and products that are very large.
  @Test(arguments: bounds, [-1070, -1030, -1000, -960, -500, 460])
  func certificatesHoldAtTheEdgesOfDoubles(_ id: String, _ exponent: Int) throws {
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    var checked = 0
    for seed in 0..<12 as Range<UInt64> {
      var g = SeededGenerator(seed: seed)
      let n = 1 + Int(seed % 4)
      var flow = Matrix(rows: n, columns: n) { _, _ in scale * Double(g.below(9)) }
      var distance = Matrix(rows: n, columns: n) { _, _ in Double(g.below(13) - 4) / 3 }
      // Some methods take symmetric matrices only.
      for r in 0..<n where seed % 8 < 4 {
        for c in 0..<r { (flow[r, c], distance[r, c]) = (flow[c, r], distance[c, r]) }
      }
      let plain = try Instance(
        name: "edge-\(seed)-\(exponent)", flow: flow, distance: distance)
      let instance = seed % 4 == 3 ? plain.forbiddingSome(seed: seed).instance : plain
      guard let (_, certificate) = try Self.accepted(id, instance) else { continue }
      // Some last bits of each sum.
      let best = leastObjective(instance)
      let slack = 1e-12 * abs(best) + 100 * .leastNonzeroMagnitude
      #expect(certificate.bound <= best + slack, "\(id) \(instance.name) \(scale)")
      checked += 1
    }
    // Multipliers of dnn have no unit so small.
    #expect(checked >= 3 || id == "dnn" && exponent < -900, "\(id) 2^\(exponent): \(checked)")
  }

  /// Integers are exact up to 2⁵³, and so are the values between which bounds are rounded.
  @Test(arguments: bounds)
  func certificatesHoldUpToTheLargestIntegers(_ id: String) throws {
    var checked = 0
    for seed in 0..<40 as Range<UInt64> {
      let n = 1 + Int(seed % 4)
      var g = SeededGenerator(seed: seed)
      func matrix(_ scale: Double, _ shift: Int) -> Matrix<Double> {
        Matrix(rows: n, columns: n) { _, _ in scale * Double(g.below(9) - shift) }
      }
      // Sums of n² + n terms, the largest that stay below 2⁵³.
      let scale = (0x1p52 / Double(64 * (n * n + n))).rounded(.down)
      let plain = try Instance(
        name: "large-\(seed)", flow: matrix(scale, Int(seed % 3)), distance: matrix(1, 2),
        linear: matrix(scale, 4), constant: seed % 5 == 0 ? 7 : 0)
      let instance = seed % 3 == 2 ? plain.forbiddingSome(seed: seed).instance : plain
      #expect(instance.properties.isIntegral)
      guard let (_, certificate) = try Self.accepted(id, instance) else { continue }
      let best = leastObjective(instance)
      #expect(certificate.rounded <= best && certificate.bound <= best, "\(id) \(instance.name)")
      checked += 1
    }
    #expect(checked >= 10, "\(id): \(checked)")
    let one = try Instance(
      flow: Matrix(rows: 1, columns: 1, repeating: 1e15),
      distance: Matrix(rows: 1, columns: 1, repeating: 7.0),
      linear: Matrix(rows: 1, columns: 1, repeating: 2.0))
    let (report, _) = try #require(try Self.accepted(id, one), "\(id)")
    let bound = try #require(report.bound, "\(id)").value
    #expect(bound <= 7e15 + 2 && bound > 6.9e15, "\(id)")
  }

  /// Costs that are fixed are larger than what the units of the free ones can count in a double.
  @Test(arguments: bounds, [45, 30, -3])
  func certificatesHoldBesideLargeCostsThatAreFixed(_ id: String, _ exponent: Int) throws {
    let scale = Double(sign: .plus, exponent: exponent, significand: exponent < 0 ? 0x1p40 / 3 : 1)
    for seed in 0..<6 as Range<UInt64> {
      var g = SeededGenerator(seed: seed)
      let n = 5
      var flow = Matrix<Double>(rows: n, columns: n) { _, _ in 0 }
      for i in 0..<n {
        for k in 0..<i {
          flow[i, k] = i == 1 ? scale : Double(g.below(9))
          flow[k, i] = flow[i, k]
        }
      }
      let distance = Matrix<Double>(rows: n, columns: n) { r, c in Double(abs(r - c)) }
      let instance = try Instance(name: "scales-\(seed)", flow: flow, distance: distance)
      var options = ConformanceTests.options(id)
      options.keepsProof = true
      options.pairs = [
        FixedPair(facility: 0, location: 2), FixedPair(facility: 1, location: Int(seed % 2)),
      ]
      let report = try instance.solve(with: ConformanceTests.method(id), options: options)
      let certificate = try #require(report.certificate)
      let verdict = check(certificate, of: instance)
      #expect(verdict.holds, "\(id) \(instance.name) \(scale): \(verdict.fault ?? "")")
      let best = leastObjective(instance, with: options.pairs)
      #expect(certificate.bound <= best + 1e-12 * abs(best), "\(id) \(instance.name) \(scale)")
    }
  }

  /// Changes that make another claim of a certificate, or take the ground from under it.
  private static func corrupted(
    _ certificate: Certificate, _ kind: Int, isIntegral: Bool, allowed: Assignment? = nil,
    using g: inout SeededGenerator
  ) -> Certificate? {
    var result = certificate
    guard case .rlt1(var point) = certificate.proof else { return nil }
    let (m, n) = (point.facilities, point.locations)
    // More than anything in these instances costs.
    let huge = Int64(1) << 61
    // Proofs of real data keep some units in reserve, and those with surcharges many.
    let some: Int64 = allowed != nil ? huge : isIntegral ? 1 : 16
    let raised =
      isIntegral
      ? result.bound.nextUp
      : result.bound + Double(sign: .plus, exponent: point.exponent, significand: 16)
    var (i, j) = (g.below(m), g.below(n))
    var (k, l) = (g.below(m), g.below(n))
    // Multipliers of placements that are forbidden may be anything.
    if let allowed { (j, k, l) = (allowed[i], (i + 1) % m, allowed[(i + 1) % m]) }
    switch kind {
    case 0: point.facilityDuals[i] += some
    case 1: point.locationDuals[j] += some
    case 2: point.facilityDuals[i] -= some
    case 3: point.locationDuals[j] -= some
    case 4: point.rowMultipliers[(i * n + j) * m + k] += huge
    case 5: point.rowMultipliers[(i * n + j) * m + k] -= huge
    case 6: point.columnMultipliers[(i * n + j) * n + l] += huge
    case 7: point.columnMultipliers[(i * n + j) * n + l] -= huge
    case 8: result.bound = raised
    case 9: result.rounded += 1
    case 10: result.size += 1
    case 11: result.pairs.append(FixedPair(facility: g.below(result.size), location: 0))
    case 12: point.facilityDuals.removeLast()
    case 13: result.bound = .infinity
    default: result.rounded = result.bound + 1e9
    }
    result.proof = .rlt1(point)
    return result
  }

  @Test(arguments: Family.allCases)
  func corruptedCertificatesAreRejected(_ family: Family) throws {
    var (count, forbidding) = (0, 0)
    for seed in 0..<60 as Range<UInt64> {
      let forbids = seed >= 30
      // Without fixed pairs the numbers of the certificate are those of the instance.
      if forbids && (seed % 4 > 1 || seed % 7 < 2) { continue }
      guard
        let (instance, _, found) = try Self.certificate(
          "hahn-grant", family, seed: seed, forbids: forbids),
        let certificate = found
      else { continue }
      var allowed: Assignment?
      if forbids {
        forEachAssignment(of: instance) { if instance.allows($0) { allowed = $0 } }
      }
      var g = SeededGenerator(seed: seed, stream: 3)
      for kind in 0..<15 {
        guard
          let corrupted = Self.corrupted(
            certificate, kind, isIntegral: family.isIntegral, allowed: allowed, using: &g)
        else { continue }
        let verdict = check(corrupted, of: instance)
        #expect(!verdict.holds, "\(instance.name) kind \(kind)")
        count += 1
        forbidding += forbids ? 1 : 0
      }
    }
    #expect(count >= 400 && forbidding >= 100, "\(count), \(forbidding)")
  }

  @Test(arguments: [Family.symmetric, .halfSymmetric, .sparse, .real])
  func corruptedProjectionsAreRejected(_ family: Family) throws {
    var (rejected, forbidding) = (0, 0)
    for seed in 0..<56 as Range<UInt64> {
      guard
        let (instance, _, found) = try Self.certificate(
          "projection", family, seed: seed, forbids: seed >= 40),
        let certificate = found, case .projection(let proof) = certificate.proof
      else { continue }
      let proven = check(certificate, of: instance).proven ?? -.infinity
      let provesMore = proven > certificate.bound + 1e-6 * abs(certificate.bound)
      var g = SeededGenerator(seed: seed, stream: 5)
      for kind in 0..<8 {
        var changed = certificate
        var corrupted = proof
        let m = proof.size - 1
        if m == 0 && kind < 4 { continue }
        switch kind {
        case 0: corrupted.flowValues[g.below(m)] += 1e-3
        case 1: corrupted.distanceValues[g.below(m)] -= 1e-3
        case 2: corrupted.flowVectors[g.below(m), g.below(m + 1)] += 1e-3
        case 3: corrupted.distanceVectors[g.below(m), g.below(m + 1)] -= 1e-3
        case 4: corrupted.locationDuals[g.below(m + 1)] = .nan
        case 5: corrupted.size += 1
        case 6: changed.bound += 1e-3 * max(1, abs(certificate.bound))
        default: corrupted.flowValues.append(0)
        }
        changed.proof = .projection(corrupted)
        // Where one spectrum is zero the other does not matter, and may say anything.
        let matters = (proof.flowValues + proof.distanceValues).allSatisfy { abs($0) > 0.1 }
        // A surcharge can prove more than the optimum, which is all that is claimed then.
        if [0, 1, 6].contains(kind), provesMore { continue }
        if kind >= 4 || matters {
          #expect(!check(changed, of: instance).holds, "\(instance.name) kind \(kind)")
          rejected += 1
          forbidding += instance.forbidden.isEmpty ? 0 : 1
        }
      }
    }
    #expect(rejected > 150 && forbidding > 30, "\(rejected), \(forbidding)")
  }

  /// A multiplier may be anything as long as the rest fits it: what is changed here no longer does.
  @Test(arguments: Family.allCases)
  func corruptedSemidefiniteProofsAreRejected(_ family: Family) throws {
    var (rejected, forbidding) = (0, 0)
    for seed in 0..<36 as Range<UInt64> {
      guard
        let (instance, _, found) = try Self.certificate(
          "dnn", family, seed: seed, forbids: seed >= 24),
        let certificate = found, case .semidefinite(let proof) = certificate.proof
      else { continue }
      var g = SeededGenerator(seed: seed, stream: 6)
      let n = proof.size
      let huge = Int64(1) << 44
      for kind in 0..<16 {
        var changed = certificate
        var corrupted = proof
        switch kind {
        case 0: corrupted.eigenvalue -= huge
        case 1: corrupted.corner += huge
        case 2: corrupted.border[g.below(n * n)] -= huge
        case 3: corrupted.border[g.below(n * n)] += huge
        case 4:
          let p = g.below(n * n)
          corrupted.block[p * (p + 1) / 2 + p] += huge
        case 5:
          let p = g.below(n * n)
          corrupted.block[p * (p + 1) / 2 + p] -= huge
        case 6 where n > 1:
          // A pair of placements: its cost changes, too.
          corrupted.block[(n + 1) * (n + 2) / 2] -= huge
        case 7: corrupted.eigenvalue = .min
        case 8: corrupted.corner = .max
        case 9: corrupted.block.removeLast()
        case 10: corrupted.border.append(0)
        case 11: corrupted.exponent = 2000
        case 12: changed.bound += 1e-3 * max(1, abs(certificate.bound))
        case 13: corrupted.multipliers.facilityDuals[g.below(n)] += huge
        case 14: corrupted.multipliers.rowMultipliers.removeLast()
        default: changed.rounded = changed.bound + 1e9
        }
        if kind == 6, n == 1 { continue }
        // Multipliers of placements that are forbidden may be anything.
        if (2...6).contains(kind), !instance.forbidden.isEmpty { continue }
        changed.proof = .semidefinite(corrupted)
        #expect(!check(changed, of: instance).holds, "\(instance.name) kind \(kind)")
        rejected += 1
        forbidding += instance.forbidden.isEmpty ? 0 : 1
      }
    }
    #expect(rejected > 300 && forbidding > 30, "\(rejected), \(forbidding)")
  }

  /// Z is free to change; but no change lets a false claim pass.
  @Test(arguments: Family.allCases)
  func noChangedMultiplierMakesAFalseClaimPass(_ family: Family) throws {
    var checked = 0
    for seed in 0..<24 as Range<UInt64> {
      guard
        let (instance, report, found) = try Self.certificate(
          "dnn", family, seed: seed, forbids: seed % 3 == 2),
        let certificate = found, case .semidefinite(let original) = certificate.proof
      else { continue }
      let best = leastObjective(instance, with: report.pairs)
      checked += 1
      var g = SeededGenerator(seed: seed, stream: 9)
      for _ in 0..<30 {
        var proof = original
        func amount() -> Int64 { Int64(1 - 2 * g.below(2)) << Int64(g.below(44)) }
        switch g.below(5) {
        case 0: proof.eigenvalue += amount()
        case 1: proof.corner += amount()
        case 2: proof.border[g.below(proof.border.count)] += amount()
        case 3: proof.block[g.below(proof.block.count)] += amount()
        default: proof.multipliers.facilityDuals[g.below(proof.size)] += amount()
        }
        var changed = certificate
        changed.proof = .semidefinite(proof)
        // Claim what the check says is proven, if it proves anything.
        changed.bound = check(changed, of: instance).proven ?? certificate.bound
        changed.rounded = changed.bound
        if check(changed, of: instance).holds {
          #expect(
            changed.bound <= best + (family.isIntegral ? 0 : 1e-9 * max(1, abs(best))),
            "\(instance.name)")
        }
      }
    }
    #expect(checked >= 12, "\(family): \(checked)")
  }

  /// Whatever is accepted is true, however small the change.
  @Test(arguments: Family.allCases)
  func noChangedNumberMakesAFalseClaimPass(_ family: Family) throws {
    var checked = 0
    for seed in 0..<24 as Range<UInt64> {
      guard
        let (instance, report, found) = try Self.certificate(
          "rlt1", family, seed: seed, forbids: seed % 3 == 2),
        let certificate = found, case .rlt1(let original) = certificate.proof
      else { continue }
      let best = leastObjective(instance, with: report.pairs)
      checked += 1
      var g = SeededGenerator(seed: seed, stream: 4)
      for _ in 0..<30 {
        var point = original
        func change(_ values: inout [Int64]) {
          values[g.below(values.count)] += Int64(1 - 2 * g.below(2)) << Int64(g.below(50))
        }
        switch g.below(4) {
        case 0: change(&point.facilityDuals)
        case 1: change(&point.locationDuals)
        case 2: change(&point.rowMultipliers)
        default: change(&point.columnMultipliers)
        }
        var changed = certificate
        changed.proof = .rlt1(point)
        // Claim as much as the changed numbers seem to say.
        let units = (point.facilityDuals + point.locationDuals).reduce(0, +)
        let gained = units - (original.facilityDuals + original.locationDuals).reduce(0, +)
        changed.bound += Double(sign: .plus, exponent: point.exponent, significand: Double(gained))
        changed.rounded = max(changed.rounded, changed.bound)
        if check(changed, of: instance).holds {
          #expect(
            changed.bound <= best + (family.isIntegral ? 0 : 1e-9 * max(1, abs(best))),
            "\(instance.name)")
        }
      }
    }
    #expect(checked >= 12, "\(family): \(checked)")
  }

  @Test func tinyCostsAreNotRoundedAway() throws {
    let zero = Matrix(rows: 2, columns: 2, repeating: 0.0)
    let instance = try Instance(
      flow: zero, distance: zero, linear: Matrix(rows: 2, columns: 2, repeating: -1e-200))
    let nothing = RLTMultipliers(
      exponent: 600, facilityDuals: [0, 0], locationDuals: [0, 0],
      rowMultipliers: Array(repeating: 0, count: 8),
      columnMultipliers: Array(repeating: 0, count: 8))
    let certificate = Certificate(
      instance: "", size: 2, bound: 0, rounded: 0, proof: .rlt1(nothing))
    #expect(!check(certificate, of: instance).holds)
    let product = try Instance(
      flow: Matrix(rows: 2, columns: 2, elements: [0, 1e-200, 1e-200, 0]),
      distance: Matrix(rows: 2, columns: 2, elements: [0, -1e-200, -1e-200, 0]))
    #expect(!check(certificate, of: product).holds)
  }

  /// Costs between fixed facilities may be real where all others are integers, and constants huge.
  @Test func whatIsLeftOfRealDataIsNotTakenForIntegers() throws {
    for constant in [0.0, 0.25, 0x1p54] {
      for seed in 0..<8 as Range<UInt64> {
        var flow = Matrix(rows: 6, columns: 6, repeating: 0.0)
        var g = SeededGenerator(seed: seed)
        for i in 2..<6 { for k in 2..<i { flow[i, k] = Double(g.below(9)) } }
        flow[0, 1] = constant == 0 ? 0.5 : 3
        let distance = Matrix<Double>(rows: 6, columns: 6) { $0 == $1 ? 0 : Double(g.below(9)) }
        let instance = try Instance(flow: flow, distance: distance, constant: constant)
        var options = ConformanceTests.options("hahn-grant")
        options.keepsProof = true
        options.pairs = [
          FixedPair(facility: 0, location: 0), FixedPair(facility: 1, location: 1),
        ]
        let report = try instance.solve(
          with: ConformanceTests.method("hahn-grant"), options: options)
        let certificate = try #require(report.certificate)
        let verdict = check(certificate, of: instance)
        #expect(verdict.holds, "\(constant) \(seed): \(verdict.fault ?? "")")
        #expect(certificate.rounded <= leastObjective(instance, with: options.pairs) + 1e-9)
      }
    }
  }

  @Test func hugeCostsOfManyPairsAreNoTrap() throws {
    let huge = Matrix(rows: 20, columns: 20, repeating: 1e18)
    let instance = try Instance(flow: huge, distance: huge)
    let pairs = (0..<18).map { FixedPair(facility: $0, location: $0) }
    let nothing = RLTMultipliers(
      exponent: 0, facilityDuals: [0, 0], locationDuals: [0, 0],
      rowMultipliers: Array(repeating: 0, count: 8),
      columnMultipliers: Array(repeating: 0, count: 8))
    let certificate = Certificate(
      instance: "", size: 20, pairs: pairs, bound: 1e39, rounded: 1e39, proof: .rlt1(nothing))
    #expect(!check(certificate, of: instance).holds)
  }

  @Test func fixedPairsAreChecked() throws {
    let instance = Family.symmetric.instance(size: 5, seed: 2)
    func run(_ pairs: [(Int, Int)], start: [Int]? = nil) throws -> SolveReport {
      var options = ConformanceTests.options("auto")
      options.pairs = pairs.map { FixedPair(facility: $0, location: $1) }
      options.start = start.flatMap { Assignment(locations: $0) }
      return try instance.solve(with: ConformanceTests.method("auto"), options: options)
    }
    for impossible in [[(0, 1), (0, 2)], [(0, 1), (2, 1)], [(5, 0)], [(0, -1)]] {
      #expect(throws: MethodError.self) { try run(impossible) }
    }
    #expect(throws: MethodError.self) { try run([(0, 1)], start: [0, 1, 2, 3, 4]) }
    #expect(try run([(0, 1), (0, 1)]).incumbent?.assignment[0] == 1)
    let whole = try run([(0, 1), (1, 0), (2, 4), (3, 3), (4, 2)], start: [1, 0, 4, 3, 2])
    #expect(whole.incumbent?.assignment.locations == [1, 0, 4, 3, 2])
    #expect(whole.isProvenOptimal)
  }
}
