import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import QAPRegistry
import QAPReporting
import QAPVerification

/// Everything that reads bytes of strangers, each under the letter that its inputs begin with. What
/// is accepted goes one step further, as the commands take it: a certificate is checked, a run is
/// drawn.
enum Reader: UInt8, CaseIterable {
  case qaplib = 0x64  // d
  case solution = 0x73  // s
  case json = 0x6A  // j
  case npz = 0x7A  // z
  case instance = 0x78  // x: any of the formats, told by its contents
  case npy = 0x6E  // n
  case embeddings = 0x65  // e: any of the formats
  case embeddingArchive = 0x61  // a: .npz
  case safeTensors = 0x74  // t
  case table = 0x76  // v: .csv
  case indices = 0x69  // i
  case certificate = 0x63  // c
  case subsetCosts = 0x6D  // m
  case subsetCertificate = 0x75  // u
  case checkpoint = 0x6B  // k: from the line "nodes" on
  case results = 0x72  // r: --external of `qap compare`
  case state = 0x6C  // l: --state of `qap compare`
  case run = 0x70  // p: `qap plot`
  case gzip = 0x68  // h
  case matrix = 0x62  // b: edge lists and sparse matrices
  case quadraticProgram = 0x71  // q: .qplib
  case qubo = 0x79  // y
  case otherSolution = 0x6F  // o: of programs, and a run's JSON
  case partialAssignment = 0x77  // w
  case methods = 0x67  // g: any instance that is accepted, solved by every method

  /// Reads `bytes` as this reader's format; throws what the reader throws.
  func read(_ bytes: [UInt8]) throws {
    switch self {
    case .qaplib: try roundTrip(try QAPLIB.parse(bytes, file: "x.dat"))
    case .solution: try roundTrip(try SolutionFile.parse(bytes, file: "x.sln"))
    case .json: try roundTrip(try JSONInstance.parse(bytes, file: "x.json"))
    case .npz: try roundTrip(try NPZ.parse(bytes, file: "x.npz"))
    case .instance: examine(try InstanceFile.parse(bytes, file: "x"))
    case .npy:
      let array = try NPY.parse(bytes, file: "x.npy")
      let back = try NPY.parse(NPY.format(array), file: "x.npy")
      check(
        back.shape == array.shape && same(back.elements, array.elements), ".npy changes an array")
    case .embeddings: try checkEmbeddings(bytes, file: "x")
    case .embeddingArchive: try checkEmbeddings(bytes, file: "x.npz")
    case .safeTensors: try checkEmbeddings(bytes, file: "x.safetensors")
    case .table: try checkEmbeddings(bytes, file: "x.csv")
    case .indices: _ = try IndexFile.parsePairs(bytes, file: "x", below: 100)
    case .certificate: try checkCertificate(bytes)
    case .subsetCosts:
      let problem = try SubsetFile.parse(bytes, file: "x.npy", size: 1)
      _ = (problem.lattice, problem.objective(of: [0]), problem.negated)
    case .subsetCertificate: try checkSubsetCertificate(bytes)
    case .checkpoint:
      let instance = Sample.integral[2]
      let state = try CheckpointFile.parse(
        CheckpointFile.sealed(Sample.checkpointHead + bytes), file: "x.ck", instance: instance)
      let back = try CheckpointFile.parse(
        CheckpointFile.format(state, of: instance), file: "x.ck", instance: instance)
      check(back == state, "a checkpoint changes")
    case .results:
      render(
        try ResultsFile.parse(bytes, file: "x.csv").map {
          ComparisonRun(
            instance: $0.instance, size: $0.size, method: "peer", seed: $0.seed,
            objective: $0.objective, bound: $0.bound, termination: $0.termination,
            seconds: $0.seconds, origin: "x.csv")
        })
    case .state:
      let decoder = JSONDecoder()
      render(
        bytes.split(separator: UInt8(ascii: "\n")).compactMap {
          try? decoder.decode(ComparisonRun.self, from: Data($0))
        })
    case .run:
      if let run = try? JSONDecoder().decode(TracedRun.self, from: Data(bytes)) {
        _ = run.convergencePicture()
      }
    case .gzip: _ = try FileAccess.unpacked(bytes, "x.gz")
    case .matrix:
      var reader = MatrixFile()
      reader.size = 40
      reader.isUndirected = true
      let matrix = try reader.parse(bytes, file: "x")
      check(matrix.dense.elements.allSatisfy(\.isFinite), "a matrix with NaN")
    case .qubo: examine(try InstanceFile.problem(bytes, file: "x.qubo").instance)
    case .quadraticProgram:
      let stated = try InstanceFile.problem(bytes, file: "x.qplib")
      examine(stated.instance)
      guard stated.instance.size <= 4 else { return }
      let back = try InstanceFile.problem(
        QuadraticProgram(stated.instance, sense: stated.sense).qplib(), file: "x.qplib")
      check(back.sense == stated.sense, ".qplib changes the sense")
    case .otherSolution:
      let instance = Sample.integral[3]
      let stated = try StatedAssignment.parse(bytes, file: "x.sol", instance: instance)
      if let stated { _ = stated.locations.completed(for: instance) }
    case .partialAssignment:
      let part = try PartialAssignment.parse(bytes, file: "x.sln", size: 4)
      _ = part.completed(for: Sample.integral[3])
    case .methods: try solve(try InstanceFile.parse(bytes, file: "x"))
    }
  }
}

/// Instances that certificates and checkpoints speak of.
private enum Sample {
  /// Of one, two, three and four facilities.
  static let integral = (1...4).map { instance($0, step: 1) }
  static let real = (1...4).map { instance($0, step: 0.3) }
  /// Locations at the vertices of a square, for certificates of kind `cube`.
  static let square = instance(4, step: 1) { Double(($0 ^ $1).nonzeroBitCount) }

  /// The lines of a checkpoint that say which instance it is of: nobody guesses a fingerprint.
  static let checkpointHead: [UInt8] = {
    let state = SearchState(assignment: nil, nodes: 0, open: [])
    let lines = CheckpointFile.format(state, of: integral[2]).split(separator: UInt8(ascii: "\n"))
    return Array(lines.prefix(4).joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
  }()

  private static func instance(
    _ n: Int, step: Double, distance: ((Int, Int) -> Double)? = nil
  ) -> Instance {
    func matrix(_ salt: Int) -> Matrix<Double> {
      Matrix(rows: n, columns: n) { r, c in r == c ? 0 : step * Double((r + c) * salt % 7) }
    }
    do {
      return try Instance(
        name: "s\(n)", flow: matrix(3),
        distance: distance.map { value in Matrix(rows: n, columns: n) { value($0, $1) } }
          ?? matrix(2))
    } catch {
      fatalError("an impossible sample: \(error)")
    }
  }
}

/// What every command asks of an instance.
private func examine(_ instance: Instance) {
  _ = (instance.properties, instance.fingerprint)
  let identity = Assignment(Permutation(identity: instance.size))
  let objective = instance.objective(of: identity)
  check(!objective.isNaN, "an objective that is no number")
  check(
    checkObjective(of: identity, in: instance, claimed: objective).holds,
    "two evaluations of an objective disagree")
}

/// Runs every method for a moment on an instance of few facilities: hostile numbers reach the
/// kernels.
private func solve(_ instance: Instance) throws {
  examine(instance)
  guard instance.size <= 4 else { return }
  for registered in MethodRegistry.methods where registered.info.supports(instance) {
    let report: SolveReport
    do {
      report = try instance.solve(
        with: registered.make(MethodOptions()),
        options: SolveOptions(
          limits: Limits(time: .seconds(0.2), iterations: 20),
          keepsProof: registered.info.output != .assignment))
    } catch is MethodError {
      continue
    }
    if let incumbent = report.incumbent {
      let verdict = QAPVerification.checkObjective(
        of: incumbent.assignment, in: instance, claimed: incumbent.objective)
      check(verdict.holds, "\(registered.info.id): a wrong objective")
      if let bound = report.bound {
        check(
          max(bound.value, bound.unrounded) <= verdict.recomputed + verdict.error,
          "\(registered.info.id): a bound above the objective")
      }
    }
    if let certificate = report.certificate {
      let verdict = QAPVerification.check(certificate, of: instance)
      check(verdict.holds, "\(registered.info.id): \(verdict.fault ?? "")")
    }
  }
}

/// A certificate survives the way to a file and back, and whatever it claims can be checked.
private func checkCertificate(_ bytes: [UInt8]) throws {
  let certificate = try CertificateFile.parse(bytes, file: "x.cert")
  let back = try CertificateFile.parse(CertificateFile.format(certificate), file: "x.cert")
  check(back.proof == certificate.proof, ".cert changes a proof")
  guard (1...4).contains(certificate.size) else { return }
  let samples = [Sample.integral, Sample.real].map { $0[certificate.size - 1] }
  for instance in samples + (certificate.size == 4 ? [Sample.square] : []) {
    let verdict = QAPVerification.check(certificate, of: instance)
    guard verdict.holds else { continue }
    // Then it must be true, whoever made it.
    let best = leastObjective(instance, certificate.pairs)
    check(certificate.bound <= best * (1 + 1e-12), "a false bound is accepted")
  }
}

/// The least objective of all assignments that contain `pairs`.
private func leastObjective(_ instance: Instance, _ pairs: [FixedPair]) -> Double {
  var (best, locations) = (Double.infinity, Array(0..<instance.size))
  func permute(_ index: Int) {
    if index == instance.size {
      if let assignment = Assignment(locations: locations),
        pairs.allSatisfy({ assignment[$0.facility] == $0.location })
      {
        best = min(best, instance.objective(of: assignment))
      }
      return
    }
    for other in index..<instance.size {
      locations.swapAt(index, other)
      permute(index + 1)
      locations.swapAt(index, other)
    }
  }
  permute(0)
  return best
}

/// Likewise for subsets of two to four items.
private func checkSubsetCertificate(_ bytes: [UInt8]) throws {
  let certificate = try SubsetCertificateFile.parse(bytes, file: "x.cert")
  let back = try SubsetCertificateFile.parse(
    SubsetCertificateFile.format(certificate), file: "x.cert")
  check(back.tree == certificate.tree, ".cert changes a tree")
  guard (1...4).contains(certificate.items), (1...certificate.items).contains(certificate.size)
  else { return }
  for step in [1.0, 0.3] {
    let problem = try SubsetProblem(
      name: "s",
      costs: Matrix(rows: certificate.items, columns: certificate.items) { r, c in
        step * Double((r * 3 + c * 2) % 5 - 1)
      }, size: certificate.size)
    guard QAPVerification.check(certificate, of: problem).holds else { continue }
    for mask in 0..<1 << certificate.items where mask.nonzeroBitCount == certificate.size {
      let chosen = (0..<certificate.items).filter { mask >> $0 & 1 == 1 }
      let objective = problem.objective(of: chosen)
      check(certificate.bound <= objective + 1e-12, "a false bound is accepted")
    }
  }
}

/// A comparison as a table, as CSV and as a page.
private func render(_ runs: [ComparisonRun]) {
  let comparison = Comparison(runs)
  _ = (comparison.text, comparison.csv)
  _ = ComparisonPage(comparison, title: "x", remarks: []).html
}

/// Embeddings are finite, there are some, and what is read is read again from an array of it.
private func checkEmbeddings(_ bytes: [UInt8], file: String) throws {
  for matrix in try EmbeddingFile.parse(bytes, file: file) {
    check(
      !matrix.elements.isEmpty && matrix.elements.allSatisfy(\.isFinite), "embeddings of nothing")
    let back = try EmbeddingFile.parse(NPY.format(NumericArray(matrix)), file: "x.npy")
    check(back == [matrix], ".npy changes embeddings")
  }
}

/// Stops with `message`, which a precondition does not show in release builds.
func check(_ holds: Bool, _ message: @autoclosure () -> String) {
  if !holds { fatalError(message()) }
}

private func same(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

/// What is accepted survives a round trip through every format that holds it.
private func roundTrip(_ instance: Instance) throws {
  examine(instance)
  if case .tensor = instance.cost { return }
  let json = try JSONInstance.parse(
    try JSONInstance.format(instance, file: "x.json"), file: "x.json")
  check(same(json, instance), "JSON changes an instance")
  let npz = try NPZ.parse(
    try NPZ.format(instance, file: "x.npz", compressed: false), file: "x.npz")
  check(same(npz, instance), ".npz changes an instance")
  guard instance.constant == 0, instance.facilities == instance.size else { return }
  let dat = try QAPLIB.parse(try QAPLIB.format(instance, file: "x.dat"), file: "x.dat")
  check(same(dat, instance), ".dat changes an instance")
}

private func same(_ a: Instance, _ b: Instance) -> Bool {
  guard case .koopmansBeckmann(let flow, let distance) = a.cost,
    case .koopmansBeckmann(let otherFlow, let otherDistance) = b.cost
  else { return false }
  return flow == otherFlow && distance == otherDistance && a.linear == b.linear
    && a.constant == b.constant
}

private func roundTrip(_ solution: SolutionFile) throws {
  if let size = solution.permutations.first?.count, (1...4).contains(size) {
    _ = try? solution.resolve(against: Sample.integral[size - 1])
  }
  guard let permutation = solution.permutations.first, let claimed = solution.claimed else {
    return
  }
  let bytes = SolutionFile.format(Assignment(permutation), objective: claimed)
  let back = try SolutionFile.parse(bytes, file: "x.sln")
  check(
    back.claimed == claimed && back.permutations == [permutation], ".sln changes a solution")
}
