/// The output that a method promises.
public enum MethodOutput: String, Sendable {
  /// Assignments without a bound.
  case assignment
  /// A lower bound (and perhaps assignments met on the way).
  case bound
  /// Both.
  case assignmentAndBound
}

/// The description of a method, known before it runs.
public struct MethodInfo: Sendable {
  /// The name on the command line.
  public let id: String
  /// One line for people.
  public let summary: String
  /// Where it comes from.
  public let paper: String
  /// The output of the method.
  public let output: MethodOutput
  /// The unit in which iterations are counted.
  public let iteration: String
  /// True when it accepts cost tensors, not only Koopmans–Beckmann matrices.
  public let supportsTensors: Bool
  /// True when it accepts matrices of which neither is symmetric.
  public let supportsAsymmetry: Bool
  /// The largest size it accepts; nil for no limit but memory.
  public let maxSize: Int?
  /// True when renumbering facilities or locations cannot change the value it returns.
  public let isRelabelingInvariant: Bool
  /// The library that the method needs and this build does not have; nil when it can run.
  public let missingLibrary: String?

  /// The description of a method. `id` is lower case with hyphens, `paper` names authors and year;
  /// `supports(_:)` and `requireSupport(of:alternative:)` use `supportsAsymmetry`, `largestSize`
  /// and `supportsTensors`.
  public init(
    id: String, summary: String, paper: String, output: MethodOutput, iteration: String,
    supportsTensors: Bool, supportsAsymmetry: Bool = true, maxSize: Int? = nil,
    isRelabelingInvariant: Bool, missingLibrary: String? = nil
  ) {
    self.id = id
    self.summary = summary
    self.paper = paper
    self.output = output
    self.iteration = iteration
    self.supportsTensors = supportsTensors
    self.supportsAsymmetry = supportsAsymmetry
    self.maxSize = maxSize
    self.isRelabelingInvariant = isRelabelingInvariant
    self.missingLibrary = missingLibrary
  }
}

extension MethodInfo {
  /// True when the method takes instances of this kind and size.
  public func supports(_ instance: Instance) -> Bool {
    missingLibrary == nil && reasonToDecline(instance) == nil
      && instance.size <= maxSize ?? .max
  }

  fileprivate func reasonToDecline(_ instance: Instance) -> String? {
    if case .tensor = instance.cost {
      return supportsTensors ? nil : "it needs flow and distance matrices, not a cost tensor"
    }
    let properties = instance.properties
    return supportsAsymmetry || properties.flowIsSymmetric || properties.distanceIsSymmetric
      ? nil : "neither the flow nor the distance matrix is symmetric"
  }
}

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
  /// Throws `MethodError` when the method declines the instance or a parameter is out of range.
  func run(_ context: SolveContext) throws -> Termination
}

extension Method {
  /// The description of the method.
  public var info: MethodInfo { Self.info }

  /// Throws `MethodError.tooLarge` when a run needs more memory than it may take.
  func requireMemory(_ context: SolveContext) throws(MethodError) {
    guard let limit = context.memoryLimit else { return }
    let (size, properties) = (context.instance.size, context.instance.properties)
    let needs = bytes(
      size: size, isSymmetric: properties.flowIsSymmetric || properties.distanceIsSymmetric,
      threads: context.threads)
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
