/// Why a method declines an instance.
public enum MethodError: Error, Equatable, CustomStringConvertible {
  /// The method cannot treat such an instance at all.
  case unsupported(method: String, reason: String, alternative: String)
  /// The instance is too large for the method.
  case tooLarge(method: String, size: Int, needs: String, alternative: String)
  /// The build lacks a library that the method needs.
  case unavailable(method: String, library: String, alternative: String)
  /// A parameter is out of range.
  case parameter(name: String, found: String, expected: String)

  /// A computation at `size` that needs `bytes` bytes of memory where no more than `available` may
  /// be used.
  package static func memory(
    _ method: String, size: Int, bytes: Double, available: Int, alternative: String
  ) -> MethodError {
    .tooLarge(
      method: method, size: size,
      needs: "\(mebibytes(bytes)) of memory, of which \(mebibytes(Double(available))) may be used",
      alternative: alternative)
  }

  /// An amount of memory in words.
  package static func mebibytes(_ bytes: Double) -> String {
    "\(Int((bytes / 0x1p20).rounded(.up))) MiB"
  }

  public var description: String {
    switch self {
    case .unsupported(let method, let reason, let alternative):
      "\(method) does not support this instance: \(reason); try \(alternative)"
    case .tooLarge(let method, let size, let needs, let alternative):
      "\(method) does not support size \(size): it needs \(needs); try \(alternative)"
    case .unavailable(let method, let library, let alternative):
      "\(method) needs \(library), which this build does not have; try \(alternative)"
    case .parameter(let name, let found, let expected):
      "\(name): found \(found), expected \(expected)"
    }
  }
}
