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
  /// True when it searches a tree, whose nodes can be limited and kept in a checkpoint.
  public let searchesTree: Bool
  /// The library that the method needs and this build does not have; nil when it can run.
  public let missingLibrary: String?

  /// The description of a method. `id` is lower case with hyphens, `paper` names authors and year;
  /// `supports(_:)` and `requireSupport(of:alternative:)` use `supportsAsymmetry`, `largestSize`
  /// and `supportsTensors`.
  public init(
    id: String, summary: String, paper: String, output: MethodOutput, iteration: String,
    supportsTensors: Bool, supportsAsymmetry: Bool = true, maxSize: Int? = nil,
    isRelabelingInvariant: Bool, searchesTree: Bool = false, missingLibrary: String? = nil
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
    self.searchesTree = searchesTree
    self.missingLibrary = missingLibrary
  }
}

extension MethodInfo {
  /// True when the method takes instances of this kind and size.
  public func supports(_ instance: Instance) -> Bool {
    missingLibrary == nil && reasonToDecline(instance) == nil
      && instance.size <= maxSize ?? .max
  }

  func reasonToDecline(_ instance: Instance) -> String? {
    if instance.tensor != nil {
      return supportsTensors ? nil : "it needs flow and distance matrices, not a cost tensor"
    }
    let properties = instance.properties
    return supportsAsymmetry || properties.flowIsSymmetric || properties.distanceIsSymmetric
      ? nil : "neither the flow nor the distance matrix is symmetric"
  }
}
