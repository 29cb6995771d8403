import Foundation
import QAPInstanceIO
import QAPPrimitives
import QAPReporting

/// Writes `value` as JSON to a file, or to standard output for "-".
///
/// - Throws: `FileError` or `Failure` when it cannot be written.
public func writeJSON(_ value: some Encodable, to path: String?) throws {
  try writeOutput(try jsonText(value), to: path)
}

/// Writes `data`, which is made only if it is asked for, to a file, or to standard output for "-";
/// nil stands for no file.
///
/// - Throws: `FileError` or `Failure` when it cannot be written, and the errors of making `data`.
public func writeOutput(_ data: @autoclosure () throws -> Data, to path: String?) throws {
  guard let path else { return }
  if path == "-" {
    try Console.print(try data())
  } else {
    try FileAccess.write([UInt8](try data()), to: path)
  }
}

/// Fails now rather than after an hour's work when one of the files that are asked for cannot be
/// written, or would take the place of another or of an input (see `requireSeparate`).
///
/// - Throws: `Failure`.
public func requireOutputs(
  _ outputs: KeyValuePairs<String, String?>, from inputs: [String]
) throws {
  try requireSeparate(outputs, from: inputs)
  try requireWritable(outputs.map(\.value))
}

/// The file that `path` leads to: two names of one file are the same place.
func place(of path: String) -> String {
  URL(fileURLWithPath: path).resolvingSymlinksInPath().path
}

/// Fails now rather than after an hour's work when one of the files that are asked for cannot be
/// written; nil stands for no file, and "-" is standard output.
///
/// - Throws: `Failure`.
public func requireWritable(_ paths: [String?]) throws {
  for case let path? in paths where path != "-" { try requireWritable(path) }
}

/// Fails now rather than after an hour's work when `path` cannot be written.
///
/// - Throws: `Failure`.
public func requireWritable(_ path: String) throws {
  guard !path.isEmpty else { throw Failure.usage("the file name is empty") }
  let manager = FileManager.default
  var isFolder: ObjCBool = false
  let exists = unsafe manager.fileExists(atPath: path, isDirectory: &isFolder)
  if exists, isFolder.boolValue { throw Failure.output("\(path): is a folder") }
  // Device files are written in place, everything else through a new file beside it.
  if path.hasPrefix("/dev/") { return }
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  guard unsafe manager.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
    throw Failure.output("\(path): the folder \(folder) does not exist")
  }
  guard manager.isWritableFile(atPath: folder) else {
    throw Failure.output("\(path): the folder \(folder) cannot be written")
  }
}

/// Fails where two of the files to be written are one, or one of them is read as well: what the
/// first held would be lost. Devices are no files here.
///
/// - Parameters:
///   - outputs: options and what they name; nil stands for no file, and "-" is standard output,
///     which takes one as well.
///   - inputs: files that are read.
/// - Throws: `Failure`.
public func requireSeparate(
  _ outputs: KeyValuePairs<String, String?>, from inputs: [String]
) throws {
  var owners: [String: String] = [:]
  for input in inputs { owners[place(of: input)] = "is read" }
  for case (let option, let path?) in outputs where !path.hasPrefix("/dev/") {
    let place = path == "-" ? path : place(of: path)
    if let owner = owners[place] {
      throw Failure.usage(
        "\(option): '\(path)', which \(owner), cannot be the output; choose another file")
    }
    owners[place] = "\(option) writes"
  }
}

/// Adds a line, which ends with a line feed, to a file, which is made where there is none. A last
/// line without an end was torn by a kill: it is ended, or dropped if the caller knows that it is
/// not text of this program.
///
/// - Throws: `Failure` when it cannot be written.
public func appendLine(_ line: Data, to path: String, dropsTornLine: Bool = false) throws {
  let manager = FileManager.default
  if !manager.fileExists(atPath: path) { try FileAccess.write([], to: path) }
  do {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    var text = line
    let end = try file.seekToEnd()
    if end > 0 {
      try file.seek(toOffset: end - 1)
      if try file.read(upToCount: 1) != Data("\n".utf8) {
        if dropsTornLine {
          try file.seek(toOffset: 0)
          let whole = [UInt8](try file.readToEnd() ?? Data())
          try file.truncate(
            atOffset: UInt64(whole.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0))
          try file.seekToEnd()
        } else {
          text = Data("\n".utf8) + line
        }
      }
    }
    try file.write(contentsOf: text)
  } catch {
    throw Failure.output("\(path): cannot be written")
  }
}

/// Reads an instance and its sense; notes about how it was read go to standard error.
public func readInstance(_ path: String) throws -> StatedInstance {
  try InstanceFile.problem(path, note: Console.note)
}

/// Lines of `name value`, the values aligned.
public func aligned(_ rows: [(String, String)]) -> String {
  let width = rows.map(\.0.count).max() ?? 0
  return rows.map { name, value in
    name.leftAligned(width + 2) + value
  }.joined(separator: "\n")
}
