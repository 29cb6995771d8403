import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import Testing

/// Files as other programs and people write them: read rightly, or refused with the place.
@Suite struct FilesAsTheyAreTests {
  private func qaplib(_ text: String) throws -> Instance {
    try QAPLIB.parse(Array(text.utf8), file: "x.dat")
  }

  @Test(arguments: [
    "2 10\n0 1\n1 0\n\n0 5\n5 0\n", "2 9.5 10\n0 1\n1 0\n0 5\n5 0\n", "2\n10\n0 1\n1 0\n0 5\n5 0\n",
    "# two\n2 // size\n0 1 # flow\n1 0\n0 5\n5 0 // end", "2\n0,1\n1,0\n0,5\n5,0\n",
    "2\n0, 1,\n1, 0,\n0, 5,\n5, 0\n", "2,10\n0,1\n1,0\n0,5\n5,0\n",
    "2\n0D0 1.0D+00\n10d-1 0\n0 .5D1\n5 0\n", "2 # 7 8\n10 # best\n0 1\n1 0\n0 5\n5 0\n",
  ])
  func readsLayouts(_ text: String) throws {
    let instance = try qaplib(text)
    #expect(instance.flow.elements == [0, 1, 1, 0])
    #expect(instance.distance.elements == [0, 5, 5, 0])
    #expect(instance.linear == nil)
    // The same with a linear term.
    let comma = text.contains("0,1") ? "," : " "
    let more = try qaplib(text + "\n1\(comma)2\n3\(comma)4\n")
    #expect(more.linear?.elements == [1, 2, 3, 4])
  }

  @Test func readsOneFacility() throws {
    #expect(try qaplib("1 12\n3\n4\n").flow.elements == [3])
    #expect(try qaplib("1\n12\n3\n4\n").linear?.elements == [4])
    #expect(try qaplib("1 3 4").distance.elements == [4])
  }

  @Test(arguments: [
    (
      "2 10\n0 1\n1 0\n0 5\n",
      "1:3: found 7 numbers after the size, 1 of them on its line, expected 8 (two 2 × 2 "
        + "matrices), "
        + "perhaps with a best value, or a bound and a best value, on the line of the size"
    ),
    ("2 7 8 9\n0 1\n1 0\n0 5\n5 0\n", "1:3: found 3 numbers behind the size, expected at most two"),
    ("2 best\n0 1\n1 0\n0 5\n5 0\n", "1:3: found best, expected a known value"),
    // Decimal commas.
    ("2\n0 1\n1 0\n0,5 1,5\n1,5 0,5\n", "2:3: found numbers separated by blanks beside commas"),
    ("2\n0\n1\n1\n0\n0,0\n1,5\n1,5\n0,0\n", "2:1: found 1 numbers on a line with commas"),
  ])
  func saysWhichLine(_ text: String, _ expected: String) {
    #expect(
      message { try qaplib(text) }.hasPrefix("x.dat:" + expected), "\(message { try qaplib(text) })"
    )
  }

  @Test func saysThatIntegersAreRounded() throws {
    var notes: [String] = []
    let text = "1\n9007199254740993\n-18014398509481987\n"
    let instance = try QAPLIB.parse(Array(text.utf8), file: "x.dat") { notes.append($0) }
    #expect(instance.flow.elements == [9_007_199_254_740_992])
    #expect(
      notes == [
        "x.dat:2:1: 9007199254740993 is beyond 2^53 and was rounded to a double, as were 1 more"
      ])
    notes = []
    _ = try QAPLIB.parse(Array("1 9007199254740994 1e30".utf8), file: "x") { notes.append($0) }
    #expect(notes.isEmpty)
  }

  @Test(arguments: [
    "1,5;-2\n3;4,25\n", "1,5\t-2\n3\t4,25\n", "1.5;-2;\n3;4.25;\n", "a;b\n1,5;-2\n3;4,25",
    ",a,b\n0,1.5,-2\n1,3,4.25\n", ",0,1\n7,1.5,-2\n8,3,4.25\n", "\ta\tb\n0\t1.5\t-2\n1\t3\t4.25\n",
    "\"\",\"V1\",\"V2\"\n\"1\",1.5,-2\n\"2\",3,4.25\n", ";a;b\na cat;1,5;-2\na 1 2;3;4,25\n",
    "\"V1\" \"V2\"\n\"1\" 1.5 -2\n\"2\" 3 4.25\n", "# one\n# two\n1.5, -2\n# three\n3, 4.25\n",
    "a,b,\n1.5,-2,\n3,4.25,\n", "\t0\t1\n0\t1.5\t-2\n1\t3\t4.25\n", "\t1.5\t-2\n\t3\t4.25\n",
    "name,a,b\npolar bear,1.5,-2\n\"cat, tame\",3,4.25\n", "id;a;b\nx 1;1,5;-2\ny 2;3;4,25\n",
  ])
  func readsTables(_ text: String) throws {
    let found = try EmbeddingFile.parse(Array(text.utf8), file: "x.csv")
    #expect(found == [Matrix(rows: 2, columns: 2, elements: [1.5, -2, 3, 4.25])])
  }

  @Test(arguments: [
    ("1,5;2.5\n", "1:6: found a decimal point in a file with commas and semicolons"),
    ("1,5 2,5\n", "1:5: found numbers separated by blanks in a file with commas"),
    ("1;2\n3,4\n", "2:1: found 1 number in row 1, expected 2"),
    ("1;2\n3,4,5\n", "2:4: found .5, expected a semicolon or the end of the line"),
    ("1,2,\n3,4\n", "2:1: found row 1 without a separator at its end"),
    ("1,2\n3,4,\n", "2:1: found row 1 with a separator at its end"),
    (",1,2\n3,4,5\n", "1:1: found ,1,2, expected a number"),
    ("1,,2\n", "1:3: found ,2, expected a number"),
    ("a,b\ncat,1\n", "2:1: found cat,1, expected a number"),
  ])
  func refusesTables(_ text: String, _ expected: String) {
    let said = message { try EmbeddingFile.parse(Array(text.utf8), file: "x.csv") }
    #expect(said.hasPrefix("x.csv:" + expected), "\(said)")
  }

  @Test func notesCountingRowsAndColumns() throws {
    for (text, what) in [
      ("0,1,2\n5,6,7\n", "the first row"), ("0,9\n1,8\n2,5\n", "the first column"),
    ] {
      var notes: [String] = []
      _ = try EmbeddingFile.parse(Array(text.utf8), file: "x.csv") { notes.append($0) }
      #expect(
        notes == [
          "x.csv:1: \(what) is 0, 1, 2, … and was read as data; "
            + "remove it if it only numbers the others"
        ])
    }
  }

  @Test func readsGzip() throws {
    // printf '1 2 3\n' | gzip -n, twice.
    let member: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 51, 84, 48, 82, 48, 230, 2, 0, 75, 160, 244, 201, 6, 0, 0,
      0,
    ]
    #expect(try FileAccess.unpacked(member, "x") == Array("1 2 3\n".utf8))
    #expect(try FileAccess.unpacked(member + member + [0, 0], "x") == Array("1 2 3\n1 2 3\n".utf8))
    for length in 9..<member.count {
      #expect(throws: FileError.self) { try FileAccess.unpacked(Array(member[..<length]), "x") }
    }
    #expect(throws: FileError.self) { try FileAccess.unpacked(member + [7], "x") }
    try withTemporaryFolder { folder in
      try Data(member).write(to: URL(fileURLWithPath: folder + "/x.dat.gz"))
      let instance = try InstanceFile.read(folder + "/x.dat.gz")
      #expect(instance.name == "x" && instance.distance.elements == [3])
    }
  }

  @Test func unknownMembersAreErrors() throws {
    func json(_ more: String) -> String {
      message {
        try InstanceFile.parse(
          Array("{\"flow\":[[1]],\"distance\":[[2]],\(more)}".utf8), file: "x.json")
      }
    }
    #expect(
      json("\"liner\":[[3]]")
        == "x.json:1:32: found the unknown member \"liner\", expected \"linear\"")
    #expect(json("\"Linear\":[[3]]").hasSuffix("expected \"linear\""))
    #expect(json("\"weights\":1").hasSuffix("or a name that begins with _"))
    #expect(json("\"comment\":[1],\"_x\":{}").hasPrefix("no error"))
    #expect(json("\"sense\":\"max\"").contains("found an instance with the sense max"))
    #expect(json("\"sense\":\"most\"").contains("found \"most\""))
    let stated = try InstanceFile.problem(
      Array("{\"flow\":[[1]],\"distance\":[[2]],\"sense\":\"maximize\"}".utf8), file: "x")
    #expect(stated.sense == .max && stated.instance.flow.elements == [1])
    for bytes in [
      try JSONInstance.format(stated.instance, sense: .max, file: "x"),
      try NPZ.format(stated.instance, sense: .max, file: "x"),
    ] {
      #expect(try InstanceFile.problem(bytes, file: "x").sense == .max)
    }
    #expect(throws: InputError.self) {
      try InstanceFile.write(stated.instance, sense: .max, to: "/nowhere/x.dat")
    }
  }

  @Test func readsEdgeLists() throws {
    func matrix(_ text: String, _ reader: MatrixFile = MatrixFile()) throws -> [Double] {
      try reader.parse(Array(text.utf8), file: "x.txt").dense.elements.array
    }
    #expect(try matrix("0 1 2.5\n1 0 1\n0 1 .5\n1 1 4\n") == [0, 3, 1, 4])
    #expect(try matrix("1 2\n2 1\n1 1\n2 2\n") == [1, 1, 1, 1])
    var reader = MatrixFile()
    reader.size = 3
    reader.isUndirected = true
    // 1 and 2 of three vertices count from 0, 1 and 3 from 1.
    #expect(try matrix("1 2 7\n", reader) == [0, 0, 0, 0, 0, 7, 0, 7, 0])
    #expect(try matrix("1 3 7\n", reader) == [0, 0, 7, 0, 0, 0, 7, 0, 0])
    #expect(message { try matrix("0 3 7\n", reader) }.contains("expected numbers from 0 to 2"))
    #expect(message { try matrix("0 1.5 7\n") }.contains("found 1.5 in row 0 of an edge list"))
    // As many edges as a line has numbers are a matrix, unless the name says otherwise.
    let three = Array("0 1 5\n1 2 6\n2 0 7\n".utf8)
    var notes: [String] = []
    func read(_ file: String) throws -> [Double] {
      try MatrixFile().parse(three, file: file, note: { notes.append($0) }).dense.elements.array
    }
    #expect(try read("x.edges") == [0, 5, 0, 0, 0, 6, 7, 0, 0] && notes.isEmpty)
    #expect(try read("x.txt") == [0, 1, 5, 1, 2, 6, 2, 0, 7])
    #expect(notes.count == 1 && notes[0].contains(".edges"))
  }

  @Test func keepsEdgesSparse() throws {
    var reader = MatrixFile()
    reader.size = 6
    reader.isUndirected = true
    let edges = try reader.parse(Array("0 1 2\n1 0 1\n4 4 1\n4 4 2\n".utf8), file: "x.txt")
    #expect(edges.sparse?.values == [3, 3, 3] && edges.sparse?.columnIndices == [1, 0, 4])
    // An eighth of the matrix and more is dense.
    #expect(
      try reader.parse(Array("0 1 2\n1 2 1\n3 4 1\n0 4 1\n".utf8), file: "x.txt").sparse == nil)
    let instance = try Instance(
      flow: edges, distance: .dense(Matrix(rows: 6, columns: 6) { Double($0 * $1) }))
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID().uuidString).npz"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try NPZ.write(instance, to: path)
    #expect(
      try NPZ.readArrays(path).map(\.name)
        == ["flow_data", "flow_indices", "flow_indptr", "distance", "constant"])
    func read(_ arrays: [(String, [Double])]) throws -> Instance {
      try NPZ.writeArrays(
        arrays.map { ($0.0, NumericArray(shape: [$0.1.count], elements: $0.1)) }
          + [("distance", NumericArray(Matrix<Double>([[0, 1], [1, 0]])))], to: path)
      return try NPZ.read(path)
    }
    let whole = [
      ("flow_data", [7.0]), ("flow_indices", [1.0]), ("flow_indptr", [0.0, 1, 1]),
    ]
    #expect(try read(whole).sparseFlow?[0, 1] == 7)
    for (broken, said) in [
      (Array(whole.dropFirst()), "no array \"flow_data\""),
      ([whole[0], whole[1], ("flow_indptr", [0, 2, 1])], "flow_indptr"),
      ([whole[0], ("flow_indices", [2]), whole[2]], "found 2.0 in \"flow_indices\""),
      (Array(whole.dropLast()), "expected flow and distance"),
      ([whole[0], whole[1], ("flow_indptr", [0, 1])], "flow"),
    ] {
      #expect(message { try read(broken) }.contains(said), "\(broken)")
    }
  }

  @Test(arguments: ["csr", "csc", "coo"])
  func readsSparseMatrices(_ format: String) throws {
    let found = try EmbeddingFile.read("\(Folder.fixtures)/sparse-\(format).npz")
    #expect(found == [Matrix(rows: 2, columns: 3, elements: [0, 1.5, 0, -2, 0, 4])])
    #expect(
      message { try InstanceFile.read("\(Folder.fixtures)/sparse-\(format).npz") }
        .contains("found a sparse matrix of SciPy"))
  }

  @Test func refusesForeignFiles() {
    for (bytes, said) in [
      (Array("\u{89}HDF".unicodeScalars.map { UInt8($0.value) }), "an HDF5 file"),
      ([0x80, 4, 0x95, 0], "a Python pickle"), (Array("MATLAB 5.0 MAT-file".utf8), "a MATLAB file"),
      (Array("PAR1".utf8), "a Parquet or Arrow table"), (Array("BZh9".utf8), "unpack it first"),
    ] {
      #expect(message { try InstanceFile.parse(bytes, file: "x") }.contains(said))
      #expect(message { try EmbeddingFile.parse(bytes, file: "x") }.contains(said))
    }
  }

  @Test func saysHowPairsAreCounted() throws {
    #expect(try readPairs("0 1\n2\n").notes.isEmpty)
    #expect(try readPairs("1 2\n").notes.first?.contains("0 to 2, though 1 to 3") == true)
    #expect(message { try readPairs("3 1\n") }.hasSuffix("from numbers that count from 1"))
    #expect(try readPairs("3 10\n2 0 1\n", "p.sln").pairs == [[0, 1], [2, 0]])
    #expect(try readPairs("0 3 0\n", "p.sln").pairs == [[1, 2]])
    #expect(throws: InputError.self) { try readPairs("2 2 0\n", "p.sln") }
    #expect(throws: InputError.self) { try readPairs("4 0 0\n", "p.sln") }
  }

  private func readPairs(
    _ text: String, _ name: String = "p.txt"
  ) throws -> (pairs: [[Int]], notes: [String]) {
    var (pairs, notes): ([[Int]], [String]) = ([], [])
    try withTemporaryFolder { folder in
      let path = folder + "/" + name
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      pairs = try IndexFile.readPairs(path, below: 3) { notes.append($0) }.map {
        [$0.first, $0.second]
      }
    }
    return (pairs, notes)
  }
}
