import Foundation

/// The commands and options of `qap`, as `--experimental-dump-help` tells them: a new option is
/// fuzzed without a line here.
struct Grammar {
  /// An argument or an option.
  struct Argument {
    /// With its dashes; nil for a positional argument.
    let name: String?
    /// Takes a value.
    let hasValue: Bool
    let isOptional: Bool
    let isRepeating: Bool
    /// What the help calls its value.
    let value: String
    /// The values that are allowed, when they are few.
    let choices: [String]
  }

  struct Command {
    let name: String
    let arguments: [Argument]
  }

  let commands: [Command]

  private struct Dump: Decodable {
    struct Command: Decodable {
      struct Argument: Decodable {
        struct Name: Decodable {
          let kind: String
          let name: String
        }
        let kind: String
        let valueName: String?
        let isOptional: Bool
        let isRepeating: Bool
        let preferredName: Name?
        let allValues: [String]?
      }
      let commandName: String
      let subcommands: [Command]?
      let arguments: [Argument]?
    }
    let command: Command
  }

  /// Reads what the binary printed.
  init(_ json: Data) throws {
    commands = (try JSONDecoder().decode(Dump.self, from: json).command.subcommands ?? []).map {
      Command(
        name: $0.commandName,
        arguments: ($0.arguments ?? []).map { argument in
          Argument(
            name: argument.preferredName.map {
              ($0.kind == "long" ? "--" : "-") + $0.name
            }, hasValue: argument.kind != "flag", isOptional: argument.isOptional,
            isRepeating: argument.isRepeating, value: argument.valueName ?? "",
            choices: argument.allValues ?? [])
        })
    }
  }
}
