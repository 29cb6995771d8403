import Foundation
import InstanceIO
import Reporting

/// Writes `value` as JSON to a file, or to standard output for "-".
public func writeJSON(_ value: some Encodable, to path: String?) throws {
  guard let path else { return }
  let text = try jsonText(value)
  if path == "-" {
    try Console.print(text)
  } else {
    try FileAccess.write([UInt8](text), to: path)
  }
}

/// Fails now rather than after an hour's work when one of the files that are asked for cannot be
/// written; nil is none, and "-" is standard output.
public func requireWritable(_ paths: [String?]) throws {
  for case let path? in paths where path != "-" { try requireWritable(path) }
}

/// Fails now rather than after an hour's work when `path` cannot be written.
public func requireWritable(_ path: String) throws {
  let manager = FileManager.default
  var isFolder: ObjCBool = false
  let exists = unsafe manager.fileExists(atPath: path, isDirectory: &isFolder)
  if exists, isFolder.boolValue { throw Failure.output("\(path): is a folder") }
  // Device files are written in place, everything else through a new file beside it.
  if path.hasPrefix("/dev/") { return }
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  guard unsafe manager.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
    throw Failure.output("\(path): there is no folder \(folder)")
  }
  guard manager.isWritableFile(atPath: folder) else {
    throw Failure.output("\(path): the folder \(folder) cannot be written")
  }
}

/// Adds a line, which ends with a line feed, to a file, which is made where there is none. A line that was
/// torn is ended before.
public func appendLine(_ line: Data, to path: String) throws {
  let manager = FileManager.default
  if !manager.fileExists(atPath: path) { try FileAccess.write([], to: path) }
  do {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let end = try file.seekToEnd()
    var text = line
    if end > 0 {
      try file.seek(toOffset: end - 1)
      if try file.read(upToCount: 1) != Data("\n".utf8) { text = Data("\n".utf8) + text }
    }
    try file.write(contentsOf: text)
  } catch {
    throw Failure.output("\(path): cannot be written")
  }
}

/// Lines of `name value`, the values aligned.
public func aligned(_ rows: [(String, String)]) -> String {
  let width = rows.map(\.0.count).max() ?? 0
  return rows.map { name, value in
    name + String(repeating: " ", count: width + 2 - name.count) + value
  }.joined(separator: "\n")
}
