import QAP
import QAPRegistry

/// The description of one method, for a terminal and for the documentation, from its card and its
/// guide.
struct MethodPage {
  let info: MethodInfo
  let documentation: MethodDocumentation?

  init(_ registered: RegisteredMethod) {
    info = registered.info
    documentation = registered.documentation
  }

  /// The page of the method called `id`, if there is one.
  init?(_ id: String) {
    guard let registered = MethodRegistry.method(id) else { return nil }
    self.init(registered)
  }

  /// The `MethodInfo` as pairs of a word and what it says.
  private var facts: [(String, String)] {
    let size = info.maxSize.map { "n up to \($0)" } ?? "any n that memory allows"
    let kinds = [
      "flow and distance matrices" + (info.supportsAsymmetry ? "" : ", one of them symmetric"),
      info.supportsTensors ? "cost tensors" : nil,
    ].compactMap(\.self)
    return [
      ("gives", info.output.phrase),
      ("takes", kinds.joined(separator: "; ") + "; \(size)"),
      ("iteration", info.iteration),
      ("paper", info.paper),
    ]
  }

  /// `qap help ID`.
  var text: String {
    let head = "\(info.id): \(info.summary)".wrapped()
    let table = facts.map { $1.wrapped(indent: 13, first: "  " + $0.padded(to: 11)) }
    let parts = (documentation?.parts ?? []).map {
      "\($0.heading.uppercased())\n\($0.text.wrapped())"
    }
    let example = documentation.map { ["EXAMPLE\n\($0.example)"] } ?? []
    return ([head, table.joined(separator: "\n")] + parts + example).joined(separator: "\n\n")
  }

  /// The method's entry in the list of all methods.
  var listing: String {
    "\(info.id): \(info.summary)".wrapped() + "\n"
      + (documentation?.use ?? "").wrapped(indent: 4)
  }

  /// The frame of the method's article, in Markdown.
  var frame: String {
    let rows = facts.map { "| \($0) | \($1) |" }
    let parts = (documentation?.parts ?? []).map {
      "**\($0.heading).** \($0.text)".wrapped(width: 100)
    }
    let table = ["| `\(info.id)` | \(info.summary) |", "| --- | --- |"] + rows
    let example = documentation.map { ["```console\n$ \($0.example)\n```"] } ?? []
    return ([table.joined(separator: "\n")] + parts + example).joined(separator: "\n\n")
  }
}

extension MethodOutput {
  /// The output of a method, in words.
  var phrase: String {
    switch self {
    case .assignment: "an assignment"
    case .bound: "a bound"
    case .assignmentAndBound: "an assignment and a bound"
    }
  }
}
