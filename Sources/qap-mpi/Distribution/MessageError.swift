/// Bytes that are no message.
public struct MessageError: Error, Equatable, CustomStringConvertible {
  /// The faulty content.
  public let description: String
  init(_ description: String) { self.description = description }
}
