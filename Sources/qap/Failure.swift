import ArgumentParser
import Foundation
import Generation
import InstanceIO
import Matching
import QAP

/// An end of the program with one line for the user and a documented exit status.
struct Failure: Error {
  let message: String
  let status: Int32

  /// A wrong or missing option.
  static func usage(_ message: String) -> Failure { Failure(message: message, status: 64) }
  /// A file that cannot be written.
  static func output(_ message: String) -> Failure { Failure(message: message, status: 74) }
  /// Something that should never happen.
  static func verification(_ message: String) -> Failure { Failure(message: message, status: 1) }
}

/// Runs a command's body; turns every error into one line on standard error and the exit status that
/// the help promises.
func reportingFailures(_ body: () throws -> Void) throws {
  let failure: Failure
  do {
    return try body()
  } catch let error as Failure {
    failure = error
  } catch let error as DataError {
    failure = Failure(message: error.description, status: 65)
  } catch let error as EmbeddingError {
    failure = Failure(message: error.description, status: 65)
  } catch let error as InstanceError {
    failure = Failure(message: error.description, status: 65)
  } catch let error as FileError {
    let status: Int32 =
      switch error.kind {
      case .missing: 66
      case .inputOutput: 74
      case .tooLarge: 69
      }
    failure = Failure(message: error.description, status: status)
  } catch let error as GenerationError {
    failure = .usage(error.description)
  } catch MethodError.parameter(let name, let found, let expected) {
    failure = .usage("\(name): found \(found), expected \(expected)")
  } catch let error as MethodError {
    failure = Failure(message: error.description, status: 69)
  } catch let error as ExitCode {
    throw error
  } catch {
    failure = .verification("internal error: \(error)")
  }
  // A name of the user's may hold a line break; the message stays one line.
  let line = failure.message.map { $0.isNewline ? "\\n" : String($0) }.joined()
  Console.error("qap: \(line)")
  throw ExitCode(failure.status)
}
