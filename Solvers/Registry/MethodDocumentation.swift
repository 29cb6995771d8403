import QAP

/// The description of a method for its users: the text of `qap help ID`, of the manual page and of
/// the frame at the top of the method's article.
///
/// All but the example are one paragraph of plain text each, without line breaks. A method of the
/// catalog without a documentation fails the tests.
public struct MethodDocumentation: Sendable {
  /// The idea of the method, in a few sentences.
  public let idea: String
  /// The guarantees of the method, and their limits.
  public let guarantee: String
  /// Time and memory, for m = n facilities unless it says otherwise.
  public let cost: String
  /// When to choose it, and when another.
  public let use: String
  /// A command that shows it at work within seconds, run in a checkout.
  public let example: String

  init(idea: String, guarantee: String, cost: String, use: String, example: String) {
    self.idea = idea
    self.guarantee = guarantee
    self.cost = cost
    self.use = use
    self.example = example
  }

  /// The paragraphs with their headings, in the order in which they are read.
  public var parts: [(heading: String, text: String)] {
    [("Idea", idea), ("Guarantee", guarantee), ("Cost", cost), ("When to use it", use)]
  }
}

extension RegisteredMethod {
  /// The documentation to the method; nil only for one whose documentation is still to be written.
  public var documentation: MethodDocumentation? {
    MethodDocumentation.bounds[info.id] ?? MethodDocumentation.searches[info.id]
  }
}
