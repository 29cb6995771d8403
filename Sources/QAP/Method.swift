/// Throws `MethodError.parameter` unless `holds`: the checks of parameters.
package func require(
  _ holds: Bool, _ name: String, _ found: Any, _ expected: String
) throws(MethodError) {
  if !holds { throw .parameter(name: name, found: "\(found)", expected: expected) }
}

/// A way to find assignments, prove bounds, or both.
public protocol Method: Sendable {
  /// The description of the method.
  static var info: MethodInfo { get }

  /// The most bytes that a run on `threads` threads allocates for an instance of matrices of this
  /// size, at least one of them symmetric or not; the instance itself is not counted. Zero for a
  /// method that checks its need itself.
  func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double

  /// Works on `context.instance` until it is done or `context.stopReason()` says to stop, offering
  /// assignments and bounds to the context as it finds them. Returns why it ended.
  ///
  /// - Throws: `MethodError` when the method declines the instance or a parameter is out of range.
  func run(_ context: SolveContext) throws -> Termination
}

extension Method {
  /// The description of the method.
  public var info: MethodInfo { Self.info }

  /// Throws `MethodError.tooLarge` when a run needs more memory than it may take.
  func requireMemory(_ context: SolveContext) throws(MethodError) {
    guard let limit = context.memoryLimit else { return }
    let (size, properties) = (context.instance.size, context.instance.properties)
    // Sparse matrices get their zeros when a method looks at them.
    let sparse = [context.instance.sparseFlow, context.instance.sparseDistance].count { $0 != nil }
    let needs =
      bytes(
        size: size, isSymmetric: properties.flowIsSymmetric || properties.distanceIsSymmetric,
        threads: context.threads) + 8 * Double(sparse) * Double(size) * Double(size)
    guard needs > Double(limit) else { return }
    throw .memory(
      info.id, size: size, bytes: needs, available: limit,
      alternative: "a smaller instance or more memory")
  }

  /// Zero: the method checks its need itself.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double { 0 }

  /// Throws `MethodError.unsupported` when the method takes no instance of this kind.
  public func requireSupport(of instance: Instance, alternative: String) throws {
    guard let reason = Self.info.reasonToDecline(instance) else { return }
    throw MethodError.unsupported(method: Self.info.id, reason: reason, alternative: alternative)
  }
}
