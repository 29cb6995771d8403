import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import Testing

/// Folders of the checkout, found from where this file was compiled.
enum Folder {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  static let instances = root + "/Instances/qaplib"
  static let fixtures = root + "/Tests/InstanceIOTests/Fixtures"
  /// The whole of QAPLIB, where it stands beside the checkout.
  static let library = root + "/../shared/qaplib"
  static let hasLibrary = FileManager.default.fileExists(atPath: library + "/nug12.dat")

  /// The names of the files with one extension in a folder, sorted.
  static func names(in folder: String, extension suffix: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix("." + suffix) }.map { String($0.dropLast(suffix.count + 1)) }
      .sorted()
  }
}

extension Instance {
  /// The two matrices; tests have no tensors here.
  var flow: Matrix<Double> {
    guard case .koopmansBeckmann(let flow, _) = cost else { fatalError("a tensor") }
    return flow
  }
  var distance: Matrix<Double> {
    guard case .koopmansBeckmann(_, let distance) = cost else { fatalError("a tensor") }
    return distance
  }

  /// True when every number has the same bits, so that −0 differs from 0.
  func hasSameBits(as other: Instance) -> Bool {
    func bits(_ matrix: Matrix<Double>?) -> [UInt64]? { matrix?.elements.map(\.bitPattern) }
    return bits(flow) == bits(other.flow) && bits(distance) == bits(other.distance)
      && bits(linear) == bits(other.linear)
      && constant.bitPattern == other.constant.bitPattern
  }
}

/// The error that `body` throws, as the line a user would see.
func message(_ body: () throws -> some Any) -> String {
  do {
    let value = try body()
    return "no error, but \(value)"
  } catch { return "\(error)" }
}

/// A random instance: small or huge numbers, integers or reals, with or without a linear term.
func randomInstance(seed: UInt64, constant: Bool) throws -> Instance {
  var generator = SeededGenerator(seed: seed)
  let n = 1 + generator.below(9)
  let isInteger = generator.below(2) == 0
  func number() -> Double {
    let sign = generator.below(2) == 0 ? 1.0 : -1.0
    if isInteger { return sign * Double(generator.below(1 << (1 + generator.below(52)))) }
    let bits = generator.next() & 0x7FFF_FFFF_FFFF_FFFF
    let value = Double(bitPattern: bits)
    switch generator.below(3) {
    // Products of two such numbers can still be summed and squared.
    case 0: return abs(value.exponent) < 235 ? sign * value : 0.1
    case 1: return sign * generator.unit()
    default: return sign * Double(generator.below(10_000)) / 100
    }
  }
  let flow = Matrix<Double>(rows: n, columns: n) { _, _ in number() }
  let distance = Matrix<Double>(rows: n, columns: n) { _, _ in number() }
  let linear =
    generator.below(2) == 0 ? Matrix<Double>(rows: n, columns: n) { _, _ in number() } : nil
  return try Instance(
    name: "random \"\(seed)\"", flow: flow, distance: distance, linear: linear,
    constant: constant ? number() : 0)
}

/// A folder of its own for a test that writes, removed afterward.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = NSTemporaryDirectory() + "/qapkit-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}
