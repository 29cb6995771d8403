import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import Testing

/// Files of embeddings in every format, and what is said of those that are none.
@Suite struct EmbeddingFileTests {
  static let types = [
    "F64", "F32", "F16", "BF16", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64", "BOOL",
  ]

  @Test(arguments: types)
  func readsWhatSafetensorsWrites(_ name: String) throws {
    let found = try EmbeddingFile.read("\(Folder.fixtures)/types.safetensors:\(name)")
    let expected: [Double] = name == "BOOL" ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 4, 5]
    #expect(found == [Matrix(rows: 2, columns: 3, elements: expected)])
  }

  @Test func readsTheOnlyArray() throws {
    let found = try EmbeddingFile.read("\(Folder.fixtures)/one.safetensors")
    #expect(found.count == 1)
    #expect(found[0].elements == [0.5, -1.5, 2, Double(Float(1e-3))])
    #expect(
      try SafeTensors.names(FileAccess.read("\(Folder.fixtures)/types.safetensors"), file: "x")
        .count
        == EmbeddingFileTests.types.count)
  }

  @Test func readsArchives() throws {
    let file = "\(Folder.fixtures)/embeddings.npz"
    #expect(try EmbeddingFile.read("\(file):images").first?.elements[4] == 1)
    let captions = try EmbeddingFile.read("\(file):captions")
    #expect(captions.map(\.elements) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]])
    #expect(captions.allSatisfy { $0.rows == 3 && $0.columns == 2 })
    #expect(
      message { try EmbeddingFile.read(file) }.hasSuffix(
        "found 2 arrays (images, captions), expected one, or its name after a colon, as in "
          + "FILE:NAME"
      ))
    #expect(
      message { try EmbeddingFile.read("\(file):texts") }.hasSuffix(
        "found no array \"texts\", expected one of images, captions"))
  }

  /// Types, byte orders and orders of axes alike.
  @Test(arguments: NPYTests.types)
  func readsArrays(_ name: String) throws {
    let found = try EmbeddingFile.read("\(Folder.fixtures)/\(name).npy")
    #expect(found.count == 1 && found[0].rows == 2 && found[0].columns == 3)
  }

  @Test(arguments: [
    "1,2\n3,4\n", "a,b\n1,2\n3,4", "1;2\r\n3;4\r\n", "1 2\n\n3\t4\n",
    "\u{FEFF}\"a\",\"b\"\n1, 2\n3, 4",
    "# a, b\n1,2\n3,4", "_,1\n+1.0,2e0\n 3 ,.4e1 \n",
  ])
  func readsTables(_ text: String) throws {
    let found = try EmbeddingFile.parse(Array(text.utf8), file: "x.csv")
    #expect(found == [Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4])])
  }

  @Test(arguments: [
    ("1,2\n3\n", "x.csv:2:1: found 1 number in row 1, expected 2, as in row 0"),
    ("1,2\n3,x\n", "x.csv:2:3: found x, expected a number"),
    ("1,,2\n", "x.csv:1:3: found ,2, expected a number"),
    ("1,2 a\n", "x.csv:1:5: found a, expected a comma or the end of the line"),
    ("1,2\n3,nan\n", "x.csv: found nan in row 1, column 1, expected a finite number"),
    ("-inf\n", "x.csv: found -inf in row 0, column 0, expected a finite number"),
    ("1e999\n", "x.csv: found inf in row 0, column 0, expected a finite number"),
    ("", "x.csv: found an array of shape [0, 0], expected at least one row and column"),
    ("a,b\n", "x.csv: found an array of shape [0, 0], expected at least one row and column"),
  ])
  func saysWhatIsWrongWithATable(_ text: String, _ expected: String) {
    #expect(message { try EmbeddingFile.parse(Array(text.utf8), file: "x.csv") } == expected)
  }

  /// A `.safetensors` file with any header.
  private func tensors(_ header: String, data: Int = 0, length: Int? = nil) -> [UInt8] {
    let size = UInt64(truncatingIfNeeded: length ?? header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * UInt64($0))) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  @Test func saysWhatIsWrongWithTensors() throws {
    func said(_ header: String, _ data: Int = 8, length: Int? = nil) -> String {
      message {
        try EmbeddingFile.parse(
          tensors(header, data: data, length: length), file: "x.safetensors")
      }
    }
    func one(_ type: String, _ shape: String, _ offsets: String) -> String {
      "{\"a\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
    }
    #expect(said(one("F32", "[1,2]", "[0,8]")).hasPrefix("no error"))
    for (header, expected) in [
      (one("F8", "[1,2]", "[0,8]"), "found the type 'F8' for \"a\""),
      (
        one("F32", "[1,3]", "[0,8]"),
        "found 8 bytes for \"a\", expected as many as the shape [1, 3]"
      ),
      (one("F32", "[1,2]", "[4,12]"), "two inside the 8 bytes of data"),
      (one("F32", "[1,2]", "[8,0]"), "two inside the 8 bytes of data"),
      (one("F32", "[1,2]", "[0]"), "two inside the 8 bytes of data"),
      (one("F32", "[-1,2]", "[0,8]"), "expected a count"),
      (one("F32", "[1.5,2]", "[0,8]"), "expected a count"),
      (one("F32", "[4503599627370496,4503599627370496]", "[0,8]"), "found 8 bytes"),
      (one("F32", "[2]", "[0,8]"), "found an array of shape [2]"),
      (one("F32", "[0,2]", "[0,0]"), "at least one row and column"),
      ("{}", "found 0 arrays"), ("{\"a\":1}", "expected {"), ("[]", "expected {"),
      ("{\"a\":{}}", "found no type for \"a\""),
      (one("F32", "[1,2]", "[0,8]") + "x", "the end of the file"),
    ] {
      #expect(said(header).contains(expected), "\(header)")
    }
    // Other tensors may have any type.
    let beside = one("F32", "[1,2]", "[0,8]").dropLast()
    #expect(
      message {
        try EmbeddingFile.parse(
          tensors(
            beside + ",\"b\":{\"dtype\":\"F8\",\"shape\":[9],\"data_offsets\":[0,1]}}", data: 8),
          array: "a", file: "x.safetensors")
      }.hasPrefix("no error"))
    #expect(said("{}", 0, length: 1 << 40).contains("found a header of 1099511627776 bytes in 10"))
    #expect(said("{}", 0, length: -1).contains("found a header of"))
    #expect(message { try EmbeddingFile.parse([1, 2], file: "x.safetensors") }.contains("in 2"))
  }

  @Test func otherShapesAreRefused() {
    #expect(
      message { try EmbeddingFile.read("\(Folder.fixtures)/vector.npy") }
        .hasSuffix("found an array of shape [5], expected rows × features, or several of these"))
    #expect(message { try EmbeddingFile.read("\(Folder.fixtures)/empty.npy") }.contains("[0, 3]"))
    #expect(throws: FileError.self) { try EmbeddingFile.read("/nonexistent/x.npy") }
    #expect(throws: FileError.self) { try EmbeddingFile.read("/nonexistent/x.npz:a") }
    #expect(throws: InputError.self) { try EmbeddingFile.parse([], array: "a", file: "x.csv") }
    let cube = NumericArray(shape: [2, 2, 2], elements: [0, 1, 2, 3, 4, 5, .nan, 7])
    #expect(
      message { try EmbeddingFile.parse(NPY.format(cube), file: "x") }
        == "x: found nan in row 1, column 0 of array 1, expected a finite number")
  }

  /// Damaged at random, every file is embeddings or an error of one line.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func neverTraps(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let seeds: [(name: String, bytes: [UInt8])] =
      try [
        "one.safetensors", "types.safetensors", "embeddings.npz", "little-f2.npy", "fortran-3d.npy",
      ].map { ($0, try FileAccess.read("\(Folder.fixtures)/\($0)")) }
      + [("x.csv", Array("a,b\n1,2\n-3e2,inf\n".utf8))]
    var accepted = 0
    for _ in 0..<6_000 {
      var (name, bytes) = seeds[generator.below(seeds.count)]
      for _ in 0...generator.below(4) {
        let start = generator.below(bytes.count + 1)
        let end = min(bytes.count, start + generator.below(5))
        switch generator.below(4) {
        case 0: bytes.removeSubrange(start..<end)
        case 1 where start < bytes.count: bytes[start] = UInt8(generator.below(256))
        case 2: bytes.insert(contentsOf: Array("-9e3,\n\"".utf8).prefix(end - start), at: start)
        default: bytes.insert(contentsOf: bytes[start..<end], at: generator.below(bytes.count + 1))
        }
      }
      do throws(InputError) {
        let array = name.hasSuffix("z") ? "images" : name.hasPrefix("types") ? "BF16" : nil
        let found = try EmbeddingFile.parse(bytes, array: array, file: name)
        #expect(found.allSatisfy { $0.elements.allSatisfy(\.isFinite) && !$0.elements.isEmpty })
        accepted += 1
      } catch {
        #expect(!error.description.contains("\n"), "seed \(seed): \(bytes)")
      }
    }
    #expect(accepted > 300, "seed \(seed)")
  }

  @Test func readsSingleIndices() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/labels.txt"
      try "0\n2\n1\n".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try IndexFile.readIndices(path, below: 3) == [0, 2, 1])
      #expect(throws: InputError.self) { try IndexFile.readIndices(path, below: 2) }
      try "0\n2 1\n".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(
        message { try IndexFile.readIndices(path, below: 3) }
          == "\(path): found the pair 2, 1 at place 1, expected single numbers")
    }
  }

  @Test func readsPairsAsTheyAreWritten() throws {
    try withTemporaryFolder { folder in
      let (text, array) = (folder + "/pairs.csv", folder + "/pairs.npy")
      try "source,target,value,margin\n4,0,1.5,\n2,3,-1e-3,0.25\n"
        .write(toFile: text, atomically: true, encoding: .utf8)
      try IndexFile.writeArray([(4, 0), (2, 3)], to: array)
      for path in [text, array] {
        let table = try IndexFile.readTable(path, below: 5)
        #expect(table.isPaired && table.pairs.map(\.first) == [4, 2])
        #expect(table.pairs.map(\.second) == [0, 3])
      }
      #expect(
        message { try IndexFile.readPairs(text, below: 4) }
          .hasPrefix("\(text):2:1: found "))
      for plain in ["4,0\n2,3\n", "4, 0\r\n2; 3", "facility,location\n4,0\n2,3,x\n"] {
        try plain.write(toFile: text, atomically: true, encoding: .utf8)
        #expect(
          try IndexFile.readPairs(text, below: 5).map { [$0.first, $0.second] } == [
            [4, 0], [2, 3],
          ])
      }
      for fault in ["4,,0\n", "4,0,1\n", ",4\n", "4,\n"] {
        try fault.write(toFile: text, atomically: true, encoding: .utf8)
        #expect(throws: InputError.self) { try IndexFile.readTable(text, below: 5) }
      }
      try IndexFile.write([2, 0], to: array)
      #expect(try !IndexFile.readTable(array, below: 3).isPaired)
      #expect(try IndexFile.readIndices(array, below: 3) == [2, 0])
    }
  }
}
