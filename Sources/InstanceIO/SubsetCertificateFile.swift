import QAP
import QAPPrimitives

/// Certificates of subset problems as text, version 1.
///
///     QAPKIT-CERTIFICATE 1
///     instance s5_cost        a name for people, the rest of the line
///     kind subset-tree
///     items 100
///     size 20                 the number of items to choose
///     bound 81.298650         claim: no such subset costs less
///     rounded 81.298650       the claim rounded up to a value that objectives can take
///     exponent -44            costs are in units of 2^-44
///     tree                    the root (see `SubsetProof` for what must hold)
///     end
///
/// A node is one of
///
///     rows                    a leaf, bounded by the rows of the costs at hand
///     original                a leaf, bounded by the rows of the original costs
///     split 17                the nodes without item 17 and with it follow
///     orbit 17 2              the nodes without the orbit of item 17 and with the item follow 2
///                             renumberings, the new number of each item, that generate the orbit
///     dual 8 L T              a dual point in units of 2^8 units, λ and τ; one integer w for each
///                             free item; the lower triangle of Q in rows; then the node below,
///                             which is no other dual
///
/// Words and numbers are separated by blanks and line breaks of any kind.
public enum SubsetCertificateFile {
  /// True when `bytes` begin like a certificate of this kind.
  public static func isCertificate(_ bytes: [UInt8]) -> Bool {
    guard CertificateFile.isCertificate(bytes) else { return false }
    var reader = WordReader(TextScanner(bytes, file: ""))
    do {
      try reader.word(CertificateFile.magic)
      _ = try reader.integer("the version")
      try reader.word("instance")
      _ = reader.restOfLine()
      try reader.word("kind")
      _ = try reader.word(SubsetCertificate.kind)
      return true
    } catch {
      return false
    }
  }

  /// Reads a certificate from the contents of `file`. It may still prove nothing: that is for
  /// `Verification` to find out.
  ///
  /// - Throws: `InputError` for anything but a certificate of this kind and version.
  public static func parse(
    _ bytes: [UInt8], file: String
  ) throws(InputError) -> SubsetCertificate {
    var reader = WordReader(TextScanner(bytes, file: file))
    try reader.word(CertificateFile.magic)
    let found = try reader.integer("the version")
    guard found == CertificateFile.version else {
      throw InputError(
        file, found: "a certificate of version \(found)",
        expected: "version \(CertificateFile.version)")
    }
    try reader.word("instance")
    let name = reader.restOfLine()
    try reader.word("kind")
    try reader.word(SubsetCertificate.kind)
    try reader.word("items")
    let items = try reader.integer(
      "the number of items", in: 1...CertificateFile.maxSize)
    try reader.word("size")
    let size = try reader.integer("the number of items to choose", in: 1...items)
    try reader.word("bound")
    let bound = try reader.number()
    try reader.word("rounded")
    let rounded = try reader.number()
    try reader.word("exponent")
    let exponent = try reader.integer("an exponent", in: -2000...2000)
    try reader.word("tree")
    let tree = try node(&reader, items: items, free: items, mayBeDual: true)
    try reader.word("end")
    try reader.end()
    return SubsetCertificate(
      problem: name, items: items, size: size, bound: bound, rounded: rounded,
      exponent: exponent, tree: tree)
  }

  /// Reads a node with `free` items left: every split takes one, so nothing nests deeper than there
  /// are items.
  static func node(
    _ reader: inout WordReader, items: Int, free: Int, mayBeDual: Bool
  ) throws(InputError) -> SubsetProof {
    var words = ["rows", "original"]
    if free > 0 { words += ["split", "orbit"] }
    if mayBeDual { words.append("dual") }
    switch try reader.word(among: words) {
    case "rows": return .rows
    case "original": return .originalRows
    case "split":
      let item = try reader.integer("an item", in: 0...items - 1)
      let without = try node(&reader, items: items, free: free - 1, mayBeDual: true)
      let with = try node(&reader, items: items, free: free - 1, mayBeDual: true)
      return .split(item: item, without: without, with: with)
    case "orbit":
      let item = try reader.integer("an item", in: 0...items - 1)
      let count = try reader.integer("a number of renumberings", in: 0...items)
      var generators: [[Int]] = []
      while generators.count < count {
        var images: [Int] = []
        while images.count < items {
          images.append(try reader.integer("an item", in: 0...items - 1))
        }
        generators.append(images)
      }
      let orbit = SubsetProof.orbit(of: item, under: generators).count
      let without = try node(
        &reader, items: items, free: max(0, free - orbit), mayBeDual: true)
      let with = try node(&reader, items: items, free: free - 1, mayBeDual: true)
      return .orbit(item: item, generators: generators, without: without, with: with)
    default:
      let shift = try reader.integer("a shift", in: 0...60)
      let numbers = try reader.integers(2 + free + free * (free + 1) / 2)
      let dual = SubsetDual(
        shift: shift, eigenvalue: numbers[0], constant: numbers[1],
        linear: Array(numbers[2..<2 + free]), quadratic: Array(numbers[(2 + free)...]))
      return .dual(dual, try node(&reader, items: items, free: free, mayBeDual: false))
    }
  }

  /// Writes `certificate` to `path`, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public static func write(_ certificate: SubsetCertificate, to path: String) throws(FileError) {
    try FileAccess.write(format(certificate), to: path)
  }

  /// The certificate as text, which reads back as exactly the same numbers.
  public static func format(_ certificate: SubsetCertificate) -> [UInt8] {
    var writer = TextWriter()
    let name = certificate.problem.map { $0.isNewline ? " " : $0 }
    writer.append("\(CertificateFile.magic) \(CertificateFile.version)\n")
    writer.append("instance \(String(name))\nkind \(SubsetCertificate.kind)\n")
    writer.append("items \(certificate.items)\nsize \(certificate.size)\n")
    writer.append("bound \(TextWriter.text(of: certificate.bound))\n")
    writer.append("rounded \(TextWriter.text(of: certificate.rounded))\n")
    writer.append("exponent \(certificate.exponent)\ntree\n")
    append(certificate.tree, to: &writer)
    writer.append("end\n")
    return writer.bytes
  }

  static func append(_ tree: SubsetProof, to writer: inout TextWriter) {
    switch tree {
    case .rows: writer.append("rows\n")
    case .originalRows: writer.append("original\n")
    case .split(let item, let without, let with):
      writer.append("split \(item)\n")
      append(without, to: &writer)
      append(with, to: &writer)
    case .orbit(let item, let generators, let without, let with):
      writer.append("orbit \(item) \(generators.count)\n")
      for images in generators { writer.append(images.map(Int64.init), perLine: images.count) }
      append(without, to: &writer)
      append(with, to: &writer)
    case .dual(let dual, let below):
      writer.append("dual \(dual.shift) \(dual.eigenvalue) \(dual.constant)\n")
      writer.append(dual.linear, perLine: max(1, dual.linear.count))
      var start = 0
      for row in dual.linear.indices {
        writer.append(Array(dual.quadratic[start...start + row]), perLine: row + 1)
        start += row + 1
      }
      append(below, to: &writer)
    }
  }
}
