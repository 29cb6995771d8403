import QAP

/// An instance as a file states it.
public struct StatedInstance: Sendable {
  /// The instance, with the numbers of the file.
  public let instance: Instance
  /// The sense of its objective.
  public let sense: Sense

  /// An instance that is to be minimized or maximized.
  public init(instance: Instance, sense: Sense) {
    self.instance = instance
    self.sense = sense
  }

  /// The instance, for callers that minimize.
  ///
  /// - Throws: `InputError` when it is to be maximized.
  func minimized(file: String) throws(InputError) -> Instance {
    guard sense == .min else {
      throw InputError(
        file, found: "an instance with the sense max",
        expected: "min; negate flow, linear and constant, or read it as a StatedInstance")
    }
    return instance
  }
}

extension Sense {
  /// The sense called "min" or "max", or by a longer form of these words.
  init?(named name: String) {
    switch name.lowercased() {
    case "min", "minimize", "minimum": self = .min
    case "max", "maximize", "maximum": self = .max
    default: return nil
    }
  }
}
