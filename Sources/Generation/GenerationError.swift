import QAP
import QAPPrimitives

/// Parameters that no instance of a family has.
public struct GenerationError: Error, Equatable, CustomStringConvertible {
  /// The faulty request and the accepted values.
  public let description: String

  init(_ description: String) { self.description = description }
}
