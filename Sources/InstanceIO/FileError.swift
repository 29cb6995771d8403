import QAP

/// A file that cannot be opened, read or written, whatever its contents.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// The kind of fault, which decides the exit code.
  public enum Kind: Sendable {
    /// There is no such file (exit 66).
    case missing
    /// It could not be read or written (exit 74).
    case inputOutput
    /// There is too little memory for it (exit 69).
    case tooLarge
  }

  /// The file as the caller named it.
  public let path: String
  /// The kind of fault.
  public let kind: Kind
  /// The system's reason.
  public let reason: String

  /// An error about `path`.
  public init(path: String, kind: Kind, reason: String) {
    self.path = path
    self.kind = kind
    self.reason = reason
  }

  /// `path: reason`.
  public var description: String { "\(path): \(reason)" }
}
