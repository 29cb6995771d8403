import QAP
import QAPPrimitives

/// Certificates of bounds as text, version 1.
///
///     QAPKIT-CERTIFICATE 1
///     instance nug12          a name for people, the rest of the line
///     kind rlt1
///     size 12                 facilities
///     pairs 2                 fixed pairs, then a line "facility location" for each (from 0)
///     3 7
///     5 0
///     forbidden 1             forbidden placements, likewise; absent where there are none
///     4 2
///     threshold 12            cost is the number of terms above this one, for claims about the
///                             largest term; absent for claims about their sum
///     bound 522.89            claim: no assignment with these pairs costs less
///     rounded 524             the claim rounded up to a value that objectives can take
///
/// and then what the kind needs. `rlt1` (see `RLTMultipliers` for what must hold):
///
///     facilities 10           m of the free facilities, the first ones; the others have no costs
///     exponent -30            all numbers below are in units of 2^-30
///     alpha                   one integer for each of the m facilities
///     beta                    one integer for each free location
///     u                       for each facility i and location j a line u[i,j,·] of m integers
///     v                       for each facility i and location j a line v[i,j,·]
///     end
///
/// `projection` (see `ProjectionProof`), where m = free facilities − 1:
///
///     diagonal linear         or "quadratic": where the products of diagonal elements are counted
///     flow-values             m numbers
///     flow-vectors            m lines of m + 1 numbers
///     distance-values         likewise
///     distance-vectors
///     beta                    one number for each free location
///     end
///
/// `tree` (see `TreeProof`): the nodes of a search tree in preorder, each one of
///
///     facility 3              branches on facility 3: a child for each free location follows
///     location 3              branches on location 3: a child for each free facility follows
///     bounded 7               a point of the dual over 7 free facilities, as in `rlt1` from
///                             "facilities" on
///     relaxed 7               a multiplier of the doubly nonnegative relaxation over 7 free
///                             facilities, as in `dnn` from "unit" on
///     listed                  all assignments of the few that are left
///     symmetric locations     the new number of each location; or "facilities"
///     leaders bounded 7       or "leaders relaxed 7", before "facility" or "location": a point as
///                             above, whose leaders bound children of that node
///     implied                 such a child
///
/// `dnn` (see `SemidefiniteProof`), for n free facilities:
///
///     unit -40                Z and its eigenvalue bound are in units of 2^-40
///     eigenvalue              one integer, t
///     corner                  Z[0,0]
///     border                  n² integers Z[0,ij]
///     block                   the lower triangle of Z[ij,kl], row by row
///
/// and then, from "facilities" on, what `rlt1` needs, for the costs with Z.
///
/// `subset` (see `TwoClusterProof`):
///
///     cluster facilities 13   the members of the first cluster; or "locations"
///     0 1 2
///     exponent 0              costs of the subset problem are in units of 2^0
///     tree                    as in `SubsetCertificateFile`
///
/// `cube` (see `CubeProof`):
///
///     labels                  one integer for each free location
///     parts 1                 and then for each part
///     least 58                the bound of the part
///     clusters 2              then a line for each: its size and its members
///     3 0 1 2
///     1 5
///
/// Words and numbers are separated by blanks and line breaks of any kind.
public enum CertificateFile {
  /// The version that is written and read.
  static let version = 1
  /// The first word of every certificate.
  static let magic = "QAPKIT-CERTIFICATE"
  /// Beyond this a certificate of n³ numbers would not fit any file that is read.
  static let maxSize = 5_000

  /// True when `bytes` begin like a certificate, of whatever version.
  public static func isCertificate(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: Array(magic.utf8))
  }

  /// Reads the certificate at `path`.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is no
  ///   certificate.
  public static func read(_ path: String) throws -> Certificate {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Reads a certificate from the contents of `file`. It may still prove nothing: that is for
  /// `Verification` to find out.
  ///
  /// - Throws: `InputError` for anything but a certificate of this version.
  public static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> Certificate {
    var reader = WordReader(TextScanner(bytes, file: file))
    try reader.word(magic)
    let found = try reader.integer("the version")
    guard found == version else {
      throw InputError(
        file, found: "a certificate of version \(found)", expected: "version \(version)")
    }
    try reader.word("instance")
    let name = reader.restOfLine()
    try reader.word("kind")
    let kind = try reader.word(among: ["rlt1", "projection", "tree", "dnn", "subset", "cube"])
    try reader.word("size")
    let size = try reader.integer("the number of facilities", in: 1...maxSize)
    try reader.word("pairs")
    let count = try reader.integer("a number of pairs", in: 0...size)
    func placements(_ count: Int) throws(InputError) -> [FixedPair] {
      var result: [FixedPair] = []
      for _ in 0..<count {
        let facility = try reader.integer("a facility", in: 0...size - 1)
        let location = try reader.integer("a location", in: 0...size - 1)
        result.append(FixedPair(facility: facility, location: location))
      }
      return result
    }
    let pairs = try placements(count)
    var forbidden: [FixedPair] = []
    var threshold: Double?
    var word = try reader.word(among: ["forbidden", "threshold", "bound"])
    if word == "forbidden" {
      forbidden = try placements(
        try reader.integer("a number of placements", in: 0...size * size))
      word = try reader.word(among: ["threshold", "bound"])
    }
    if word == "threshold" {
      threshold = try reader.number()
      try reader.word("bound")
    }
    let bound = try reader.number()
    try reader.word("rounded")
    let rounded = try reader.number()
    let proof: BoundProof =
      switch kind {
      case "projection": .projection(try projection(&reader, free: size - count))
      case "tree": .tree(try tree(&reader, free: size - count))
      case "dnn": .semidefinite(try semidefinite(&reader, free: size - count))
      case "subset": .subset(try subset(&reader, free: size - count))
      case "cube": .cube(try cube(&reader, free: size - count))
      default: .rlt1(try multipliers(&reader, free: size - count))
      }
    try reader.word("end")
    try reader.end()
    var certificate = Certificate(
      instance: name, size: size, pairs: pairs, forbidden: forbidden, bound: bound,
      rounded: rounded, proof: proof)
    certificate.threshold = threshold
    return certificate
  }

  private static func subset(
    _ reader: inout WordReader, free n: Int
  ) throws(InputError) -> TwoClusterProof {
    try reader.word("cluster")
    let side = try reader.word(among: ["facilities", "locations"])
    let count = try reader.integer("a number of members", in: 1...max(1, n))
    var members: [Int] = []
    while members.count < count {
      members.append(try reader.integer("a member", in: 0...max(0, n - 1)))
    }
    try reader.word("exponent")
    let exponent = try reader.integer("an exponent", in: -2000...2000)
    try reader.word("tree")
    return TwoClusterProof(
      ofLocations: side == "locations", members: members, exponent: exponent,
      tree: try SubsetCertificateFile.node(&reader, items: n, free: n, mayBeDual: true))
  }

  private static func cube(
    _ reader: inout WordReader, free n: Int
  ) throws(InputError) -> CubeProof {
    let last = max(0, n - 1)
    func numbers(_ count: Int, _ name: String) throws(InputError) -> [Int] {
      var result: [Int] = []
      while result.count < count { result.append(try reader.integer(name, in: 0...last)) }
      return result
    }
    try reader.word("labels")
    let labels = try numbers(n, "a label")
    try reader.word("parts")
    let count = try reader.integer("a number of parts", in: 0...n)
    var parts: [CubeProof.Part] = []
    while parts.count < count {
      try reader.word("least")
      let least = try reader.integer("the bound of a part", in: 0...1 << 30)
      try reader.word("clusters")
      let count = try reader.integer("a number of clusters", in: 0...n)
      var clusters: [[Int]] = []
      while clusters.count < count {
        let size = try reader.integer("a number of members", in: 1...max(1, n))
        clusters.append(try numbers(size, "a member"))
      }
      parts.append(CubeProof.Part(clusters: clusters, least: least))
    }
    return CubeProof(labels: labels, parts: parts)
  }

  private static func multipliers(
    _ reader: inout WordReader, free n: Int
  ) throws(InputError) -> RLTMultipliers {
    try reader.word("facilities")
    let m = try reader.integer("a number of facilities", in: 0...n)
    try reader.word("exponent")
    let exponent = try reader.integer("an exponent", in: -2000...2000)
    try reader.word("alpha")
    let alpha = try reader.integers(m)
    try reader.word("beta")
    let beta = try reader.integers(n)
    try reader.word("u")
    let u = try reader.integers(m * n * m)
    try reader.word("v")
    let v = try reader.integers(m * n * n)
    return RLTMultipliers(
      exponent: exponent, facilityDuals: alpha, locationDuals: beta, rowMultipliers: u,
      columnMultipliers: v)
  }

  private static func tree(
    _ reader: inout WordReader, free n: Int
  ) throws(InputError) -> TreeProof {
    try reader.word("nodes")
    let count = try reader.integer("a number of nodes")
    var nodes: [TreeProof.Node] = []
    while nodes.count < count {
      let kind = try reader.word(
        among: [
          "facility", "location", "bounded", "relaxed", "listed", "symmetric", "leaders", "implied",
        ])
      switch kind {
      case "facility": nodes.append(.facility(try reader.integer("a facility", in: 0...n)))
      case "location": nodes.append(.location(try reader.integer("a location", in: 0...n)))
      case "listed": nodes.append(.listed)
      case "implied": nodes.append(.implied)
      case "bounded", "relaxed": nodes.append(.bounded(try point(kind, &reader, max: n)))
      case "leaders":
        let kind = try reader.word(among: ["bounded", "relaxed"])
        nodes.append(.leaders(try point(kind, &reader, max: n)))
      default:
        let kind = try reader.word(among: ["facilities", "locations"])
        var images: [Int] = []
        while images.count < n { images.append(try reader.integer("a number", in: 0...n)) }
        nodes.append(.symmetric(kind == "facilities" ? .facilities(images) : .locations(images)))
      }
    }
    return TreeProof(nodes: nodes)
  }

  private static func point(
    _ kind: String, _ reader: inout WordReader, max n: Int
  ) throws(InputError) -> TreeProof.Point {
    let free = try reader.integer("a number of free facilities", in: 0...n)
    return kind == "bounded"
      ? .rlt1(try multipliers(&reader, free: free))
      : .semidefinite(try semidefinite(&reader, free: free))
  }

  private static func semidefinite(
    _ reader: inout WordReader, free n: Int
  ) throws(InputError) -> SemidefiniteProof {
    try reader.word("unit")
    let exponent = try reader.integer("an exponent", in: -2000...2000)
    try reader.word("eigenvalue")
    let eigenvalue = try reader.integers(1)[0]
    try reader.word("corner")
    let corner = try reader.integers(1)[0]
    try reader.word("border")
    let border = try reader.integers(n * n)
    try reader.word("block")
    let block = try reader.integers(n * n * (n * n + 1) / 2)
    return SemidefiniteProof(
      exponent: exponent, eigenvalue: eigenvalue, corner: corner, border: border, block: block,
      multipliers: try multipliers(&reader, free: n))
  }

  private static func projection(
    _ reader: inout WordReader, free n: Int
  ) throws(InputError) -> ProjectionProof {
    let m = max(0, n - 1)
    try reader.word("diagonal")
    let place = try reader.word(among: ["linear", "quadratic"])
    try reader.word("flow-values")
    let flowValues = try reader.numbers(m)
    try reader.word("flow-vectors")
    let flow = try reader.numbers(m * n)
    try reader.word("distance-values")
    let distanceValues = try reader.numbers(m)
    try reader.word("distance-vectors")
    let distance = try reader.numbers(m * n)
    try reader.word("beta")
    return ProjectionProof(
      size: n, movesDiagonal: place == "linear", flowValues: flowValues,
      distanceValues: distanceValues, flowVectors: Matrix(rows: m, columns: n, elements: flow),
      distanceVectors: Matrix(rows: m, columns: n, elements: distance),
      locationDuals: try reader.numbers(n))
  }

  /// Writes `certificate` to `path`, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public static func write(_ certificate: Certificate, to path: String) throws(FileError) {
    try FileAccess.write(format(certificate), to: path)
  }

  /// The certificate as text, which reads back as exactly the same numbers.
  public static func format(_ certificate: Certificate) -> [UInt8] {
    var writer = TextWriter()
    let name = certificate.instance.map { $0.isNewline ? " " : $0 }
    writer.append("\(magic) \(version)\ninstance \(String(name))\n")
    writer.append("kind \(certificate.proof.kind)\nsize \(certificate.size)\n")
    writer.append("pairs \(certificate.pairs.count)\n")
    for pair in certificate.pairs { writer.append("\(pair.facility) \(pair.location)\n") }
    if !certificate.forbidden.isEmpty {
      writer.append("forbidden \(certificate.forbidden.count)\n")
      for pair in certificate.forbidden { writer.append("\(pair.facility) \(pair.location)\n") }
    }
    if let threshold = certificate.threshold {
      writer.append("threshold \(TextWriter.text(of: threshold))\n")
    }
    writer.append("bound \(TextWriter.text(of: certificate.bound))\n")
    writer.append("rounded \(TextWriter.text(of: certificate.rounded))\n")
    switch certificate.proof {
    case .rlt1(let point): append(point, to: &writer)
    case .tree(let proof): append(proof, to: &writer)
    case .projection(let proof):
      func append(_ name: String, _ numbers: [Double]) {
        writer.append(name + "\n")
        if !numbers.isEmpty {
          writer.append(Matrix(rows: 1, columns: numbers.count, elements: numbers))
        }
      }
      writer.append("diagonal \(proof.movesDiagonal ? "linear" : "quadratic")\n")
      append("flow-values", proof.flowValues)
      writer.append("flow-vectors\n")
      writer.append(proof.flowVectors)
      append("distance-values", proof.distanceValues)
      writer.append("distance-vectors\n")
      writer.append(proof.distanceVectors)
      append("beta", proof.locationDuals)
    case .semidefinite(let proof): append(proof, to: &writer)
    case .subset(let proof):
      writer.append("cluster \(proof.ofLocations ? "locations" : "facilities") ")
      writer.append("\(proof.members.count)\n")
      writer.append(proof.members.map(Int64.init), perLine: max(1, proof.members.count))
      writer.append("exponent \(proof.exponent)\ntree\n")
      SubsetCertificateFile.append(proof.tree, to: &writer)
    case .cube(let proof):
      func append(_ numbers: [Int]) {
        writer.append(numbers.map(Int64.init), perLine: max(1, numbers.count))
      }
      writer.append("labels\n")
      append(proof.labels)
      writer.append("parts \(proof.parts.count)\n")
      for part in proof.parts {
        writer.append("least \(part.least)\nclusters \(part.clusters.count)\n")
        for cluster in part.clusters { append([cluster.count] + cluster) }
      }
    }
    writer.append("end\n")
    return writer.bytes
  }

  private static func append(_ point: RLTMultipliers, to writer: inout TextWriter) {
    writer.append("facilities \(point.facilities)\nexponent \(point.exponent)\nalpha\n")
    writer.append(point.facilityDuals, perLine: point.facilities)
    writer.append("beta\n")
    writer.append(point.locationDuals, perLine: point.locations)
    writer.append("u\n")
    writer.append(point.rowMultipliers, perLine: point.facilities)
    writer.append("v\n")
    writer.append(point.columnMultipliers, perLine: point.locations)
  }

  private static func append(_ proof: SemidefiniteProof, to writer: inout TextWriter) {
    writer.append("unit \(proof.exponent)\neigenvalue \(proof.eigenvalue)\n")
    writer.append("corner \(proof.corner)\nborder\n")
    writer.append(proof.border, perLine: max(1, proof.size))
    writer.append("block\n")
    var start = 0
    for length in 1...max(1, proof.size * proof.size) where start < proof.block.count {
      let line = proof.block[start..<min(start + length, proof.block.count)]
      writer.append(Array(line), perLine: line.count)
      start += length
    }
    append(proof.multipliers, to: &writer)
  }

  private static func append(_ point: TreeProof.Point, to writer: inout TextWriter) {
    switch point {
    case .rlt1(let multipliers):
      writer.append("bounded \(multipliers.locations)\n")
      append(multipliers, to: &writer)
    case .semidefinite(let proof):
      writer.append("relaxed \(proof.size)\n")
      append(proof, to: &writer)
    }
  }

  private static func append(_ proof: TreeProof, to writer: inout TextWriter) {
    writer.append("nodes \(proof.nodes.count)\n")
    for node in proof.nodes {
      switch node {
      case .facility(let facility): writer.append("facility \(facility)\n")
      case .location(let location): writer.append("location \(location)\n")
      case .listed: writer.append("listed\n")
      case .bounded(let point): append(point, to: &writer)
      case .leaders(let point):
        writer.append("leaders ")
        append(point, to: &writer)
      case .implied: writer.append("implied\n")
      case .symmetric(.facilities(let images)):
        writer.append("symmetric facilities\n")
        writer.append(images.map(Int64.init), perLine: max(1, images.count))
      case .symmetric(.locations(let images)):
        writer.append("symmetric locations\n")
        writer.append(images.map(Int64.init), perLine: max(1, images.count))
      }
    }
  }
}
