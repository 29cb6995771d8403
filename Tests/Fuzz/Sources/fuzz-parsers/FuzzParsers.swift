import Foundation
import InstanceIO
import QAP

/// What libFuzzer calls. The first byte chooses the parser, the rest is the file; every file must be
/// accepted or refused with a one-line error, and what is accepted must survive a round trip.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe UnsafeBufferPointer(start: start, count: count)
  guard let choice = unsafe input.first else { return 0 }
  let bytes = unsafe Array(input.dropFirst())
  do {
    switch choice {
    case UInt8(ascii: "d"): try roundTrip(try QAPLIB.parse(bytes, file: "x.dat"))
    case UInt8(ascii: "s"): try roundTrip(try SolutionFile.parse(bytes, file: "x.sln"))
    case UInt8(ascii: "j"): try roundTrip(try JSONInstance.parse(bytes, file: "x.json"))
    case UInt8(ascii: "n"):
      let array = try NPY.parse(bytes, file: "x.npy")
      let back = try NPY.parse(NPY.format(array), file: "x.npy")
      check(
        back.shape == array.shape && same(back.elements, array.elements), ".npy changes an array")
    case UInt8(ascii: "z"): try roundTrip(try NPZ.parse(bytes, file: "x.npz"))
    case UInt8(ascii: "c"):
      let certificate = try CertificateFile.parse(bytes, file: "x.cert")
      let back = try CertificateFile.parse(CertificateFile.format(certificate), file: "x.cert")
      check(back.proof == certificate.proof, ".cert changes a proof")
    case UInt8(ascii: "k"):
      let instance = try QAPLIB.parse(
        Array("3 0 1 2 1 0 3 2 3 0 0 4 5 4 0 6 5 6 0".utf8), file: "x")
      let state = try CheckpointFile.parse(bytes, file: "x.ck", instance: instance)
      let back = try CheckpointFile.parse(
        CheckpointFile.format(state, of: instance), file: "x.ck", instance: instance)
      check(back == state, "a checkpoint changes")
    case UInt8(ascii: "t"): try checkEmbeddings(bytes, file: "x.safetensors")
    case UInt8(ascii: "a"): try checkEmbeddings(bytes, file: "x.npz")
    case UInt8(ascii: "v"): try checkEmbeddings(bytes, file: "x.csv")
    case UInt8(ascii: "e"): try checkEmbeddings(bytes, file: "x")
    case UInt8(ascii: "u"):
      let certificate = try SubsetCertificateFile.parse(bytes, file: "x.cert")
      let back = try SubsetCertificateFile.parse(
        SubsetCertificateFile.format(certificate), file: "x.cert")
      check(back.tree == certificate.tree, ".cert changes a tree")
    case UInt8(ascii: "i"): _ = try IndexFile.parsePairs(bytes, file: "x", below: 100)
    default: _ = try InstanceFile.parse(bytes, file: "x")
    }
  } catch {
    check(error is DataError, "an error of another kind: \(error)")
    check(!"\(error)".contains { $0.isNewline }, "an error of several lines: \(error)")
  }
  return 0
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
private func check(_ holds: Bool, _ message: @autoclosure () -> String) {
  if !holds { fatalError(message()) }
}

private func same(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

private func roundTrip(_ instance: Instance) throws {
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
  guard let permutation = solution.permutations.first, let claimed = solution.claimed else {
    return
  }
  let bytes = SolutionFile.format(Assignment(permutation), objective: claimed)
  let back = try SolutionFile.parse(bytes, file: "x.sln")
  check(
    back.claimed == claimed && back.permutations == [permutation], ".sln changes a solution")
}

/// libFuzzer's own entry, for programs that have a main function.
@_extern(c, "LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main
struct FuzzParsers {
  static func main() {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
      unsafe CommandLine.unsafeArgv
    exit(unsafe runDriver(&count, &arguments) { unsafe fuzzOneInput($0, $1) })
  }
}
