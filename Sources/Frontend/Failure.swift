import ArgumentParser
import Foundation
import QAP
import QAPGeneration
import QAPInstanceIO
import QAPMatching
import QAPRegistry

/// An end of the program with one line for the user and a documented exit status.
public struct Failure: Error {
  /// The text after the program's name.
  public let message: String
  /// The exit status.
  public let status: Int32

  public init(message: String, status: Int32) {
    self.message = message
    self.status = status
  }

  /// A wrong or missing option.
  public static func usage(_ message: String) -> Failure { Failure(message: message, status: 64) }
  /// A file that cannot be written.
  public static func output(_ message: String) -> Failure { Failure(message: message, status: 74) }
  /// Something that should never happen.
  public static func verification(_ message: String) -> Failure {
    Failure(message: message, status: 1)
  }
}

extension Failure {
  /// The message for `error`.
  public init(of error: any Error) {
    func failed(_ message: String, _ status: Int32) -> Failure {
      Failure(message: message, status: status)
    }
    self =
      switch error {
      case let error as Failure: error
      case let error as InputError:
        switch error.kind {
        case .data: failed(error.description, 65)
        case .memory: failed(error.description, 69)
        case .argument: .usage(error.description)
        }
      case let error as FileError:
        switch error.kind {
        case .missing: failed(error.description, 66)
        case .inputOutput: failed(error.description, 74)
        case .tooLarge: failed(error.description, 69)
        }
      case let error as VerificationFailure: .verification(error.description)
      case MethodError.parameter(let name, let found, let expected):
        .usage("\(name): found \(found), expected \(expected)")
      case let error as MethodError: failed(error.description, 69)
      default: .verification("internal error: \(error)")
      }
  }
}

/// Runs a command's body; turns every error into one line on standard error and the exit status
/// that the help promises.
///
/// - Throws: `ExitCode`, once the error is printed.
public func reportingFailures(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as ExitCode {
    throw error
  } catch {
    let failure = Failure(of: error)
    // A name of the user's may hold a line break; the message stays one line.
    let line = failure.message.map { $0.isNewline ? "\\n" : String($0) }.joined()
    Console.error("qap: \(line)")
    throw ExitCode(failure.status)
  }
}
