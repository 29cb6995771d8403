import Foundation
import QAP
import QAPInstanceIO
import Testing

@Suite struct FileTests {
  @Test func convertsBetweenFormats() throws {
    try withTemporaryFolder { folder in
      for seed in 1...20 as ClosedRange<UInt64> {
        let instance = try randomInstance(seed: seed, constant: false)
        for name in ["a.dat", "b.json", "c.npz", "d.txt"] {
          try InstanceFile.write(instance, to: "\(folder)/\(name)")
          let back = try InstanceFile.read("\(folder)/\(name)")
          #expect(back.hasSameBits(as: instance), "seed \(seed), \(name)")
        }
        // Without an extension the contents tell the format.
        for name in ["a.dat", "b.json", "c.npz"] {
          try FileAccess.write(try FileAccess.read("\(folder)/\(name)"), to: "\(folder)/plain")
          let back = try InstanceFile.read("\(folder)/plain")
          #expect(back.hasSameBits(as: instance), "seed \(seed), \(name)")
        }
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(files == ["a.dat", "b.json", "c.npz", "d.txt", "plain"])
    }
  }

  @Test func reportsFilesThatCannotBeUsed() throws {
    try withTemporaryFolder { folder in
      #expect(
        throws: FileError(
          path: "\(folder)/no.dat", kind: .missing, reason: "No such file or directory")
      ) { try InstanceFile.read("\(folder)/no.dat") }
      #expect(throws: FileError(path: folder, kind: .inputOutput, reason: "Is a directory")) {
        try InstanceFile.read(folder)
      }
      let instance = try randomInstance(seed: 1, constant: false)
      #expect(
        throws: FileError(
          path: "\(folder)/no/x.dat", kind: .inputOutput, reason: "No such file or directory")
      ) { try InstanceFile.write(instance, to: "\(folder)/no/x.dat") }
      #expect(
        message { try InstanceFile.write(instance, to: "\(folder)/x.mps") }
          == "\(folder)/x.mps: found the extension .mps, expected .dat, .txt, .json, .npz, .npy or "
          + ".qplib")
    }
  }

  @Test func keepsLinksAndModes() throws {
    try withTemporaryFolder { folder in
      let (file, link) = ("\(folder)/file", "\(folder)/link")
      try FileAccess.write([1], to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
      try FileAccess.write([2, 3], to: link)
      #expect(try FileAccess.read(file) == [2, 3])
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }
}
