import QAP

/// A method with the way to make it.
public struct RegisteredMethod: Sendable {
  /// The properties of the method.
  public let info: MethodInfo
  /// Makes one with these options and otherwise its defaults.
  public let make: @Sendable (MethodOptions) -> any Method

  /// Registers the method that `make` makes.
  public init<M: Method>(_ make: @escaping @Sendable (MethodOptions) -> M) {
    info = M.info
    self.make = make
  }
}
