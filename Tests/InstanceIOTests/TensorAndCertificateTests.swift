import QAP
import QAPInstanceIO
import QAPPrimitives
import Testing

@Suite struct TensorFileTests {
  @Test func tensorsGoRound() throws {
    let entries = (0..<81).map { Double($0 * 7 % 31) - 3.5 }
    let tensor = DenseCostTensor(size: 3, entries: entries)
    let linear = Matrix<Double>(rows: 3, columns: 3) { Double($0 * $1) }
    let instance = try Instance(cost: .tensor(tensor), linear: linear, constant: 2)
    let bytes = try NPZ.format(instance, file: "x.npz")
    let back = try InstanceFile.parse(bytes, file: "x.npz")
    #expect(back.linear == linear && back.constant == 2)
    guard case .tensor(let other) = back.cost else {
      Issue.record("no tensor")
      return
    }
    #expect(NumericArray(other).elements == entries)
    let array = NPY.format(NumericArray(tensor))
    guard case .tensor = try InstanceFile.parse(array, file: "x").cost else {
      Issue.record("an array of four axes is a tensor, whatever the file is called")
      return
    }
    for shape in [[2, 2, 2, 4], [3, 3], [81]] {
      let wrong = NumericArray(
        shape: shape, elements: Array(repeating: 1, count: shape.reduce(1, *)))
      #expect(throws: InputError.self) {
        try InstanceFile.parse(NPY.format(wrong), file: "x.npy")
      }
    }
    let infinite = NumericArray(shape: [1, 1, 1, 1], elements: [.infinity])
    #expect(throws: InputError.self) { try InstanceFile.parse(NPY.format(infinite), file: "x.npy") }
  }

  @Test func fewerFacilitiesThanLocationsGoRound() throws {
    let flow = Matrix<Double>(rows: 2, columns: 2) { Double($0 + 2 * $1) }
    let distance = Matrix<Double>(rows: 4, columns: 4) { Double($0 * $0 + $1) }
    let linear = Matrix<Double>(rows: 2, columns: 4) { Double($0 - $1) }
    let instance = try Instance(name: "r", flow: flow, distance: distance, linear: linear)
    #expect(instance.facilities == 2 && instance.size == 4)
    for bytes in [
      try NPZ.format(instance, file: "r.npz"), try JSONInstance.format(instance, file: "r.json"),
    ] {
      let back = try InstanceFile.parse(bytes, file: "r")
      #expect(back.facilities == 2 && back.size == 4)
      #expect(back.given?.flow == flow && back.given?.linear == linear)
    }
  }
}

@Suite struct IndexFileTests {
  private func pairs(_ text: String) throws -> [[Int]] {
    try IndexFile.parsePairs(Array(text.utf8), file: "x.txt", below: 10).map {
      [$0.first, $0.second]
    }
  }

  @Test func readsNumbersAndPairs() throws {
    #expect(try pairs("3 4\n5\r\n\n 6\t7 ") == [[3, 4], [5, 5], [6, 7]])
    #expect(try pairs("") == [])
    let two = NPY.format(NumericArray(shape: [2, 2], elements: [1, 2, 3, 4]))
    #expect(try IndexFile.parsePairs(two, file: "x.npy", below: 5).map(\.second) == [2, 4])
    let one = NPY.format(NumericArray(shape: [2], elements: [1, 2]))
    #expect(try IndexFile.parsePairs(one, file: "x.npy", below: 5).map(\.second) == [1, 2])
  }

  @Test(arguments: [
    ("1 2 3", "x.txt:1:5: found 3, expected the end of the line"),
    ("1\n12", "x.txt:2:1: found 12, expected a number from 0 to 9"),
    ("-1", "x.txt:1:1: found -1, expected a number from 0 to 9"),
    ("1.5", "x.txt:1:1: found 1.5, expected a number from 0 to 9"),
    ("1 a", "x.txt:1:3: found a, expected a number from 0 to 9"),
  ])
  func saysWhatIsWrong(_ text: String, _ expected: String) {
    #expect(message { try pairs(text) } == expected)
  }

  @Test func refusesArraysOfOtherThings() {
    for array in [
      NumericArray(shape: [1, 3], elements: [1, 2, 3]), NumericArray(shape: [1], elements: [0.5]),
      NumericArray(shape: [1], elements: [.nan]), NumericArray(shape: [1], elements: [7]),
    ] {
      #expect(throws: InputError.self) {
        try IndexFile.parsePairs(NPY.format(array), file: "x.npy", below: 5)
      }
    }
  }
}

@Suite struct CertificateFileTests {
  static let small = Certificate(
    instance: "two words", size: 2, pairs: [FixedPair(facility: 1, location: 0)], bound: -1.5,
    rounded: -1,
    proof: .rlt1(
      RLTMultipliers(
        exponent: -3, facilityDuals: [.max], locationDuals: [-9], rowMultipliers: [0],
        columnMultipliers: [0])))
  static let eigen = Certificate(
    instance: "", size: 2, bound: 1e-300, rounded: 3,
    proof: .projection(
      ProjectionProof(
        size: 2, movesDiagonal: true, flowValues: [0.1], distanceValues: [-2],
        flowVectors: Matrix(rows: 1, columns: 2, elements: [0.5, -0.5]),
        distanceVectors: Matrix(rows: 1, columns: 2, elements: [1, 2]), locationDuals: [3, 4])))

  @Test(arguments: [small, eigen])
  func goesRound(_ certificate: Certificate) throws {
    let bytes = CertificateFile.format(certificate)
    #expect(CertificateFile.isCertificate(bytes))
    #expect(try CertificateFile.parse(bytes, file: "x.cert") == certificate)
  }

  @Test(arguments: [
    ("QAPKIT-CERTIFICATE 1", "QAPKIT-CERTIFICATE 2", "a certificate of version 2"),
    ("kind rlt1", "kind rlt9", "x.cert:3:6: found rlt9, expected rlt1"),
    ("size 2", "size 0", "x.cert:4:6: found 0, expected the number of facilities from 1"),
    ("pairs 1", "pairs 3", "x.cert:5:7: found 3, expected a number of pairs from 0 to 2"),
    ("1 0", "2 0", "x.cert:6:1: found 2, expected a facility from 0 to 1"),
    ("bound -1.5", "bound nan", "x.cert:7:7: found nan, expected a finite number"),
    ("9223372036854775807", "9223372036854775808", "expected an integer below 2^63"),
    ("end", "ende", "found ende, expected end"),
  ])
  func saysWhatIsWrong(_ part: String, _ other: String, _ expected: String) throws {
    let text = String(decoding: CertificateFile.format(Self.small), as: UTF8.self)
    let damaged = text.replacing(part, with: other, maxReplacements: 1)
    let said = message { try CertificateFile.parse(Array(damaged.utf8), file: "x.cert") }
    #expect(said.contains(expected), "\(said)")
  }

  @Test(arguments: [small, eigen])
  func everyCutAndEveryChangeIsReadOrRefused(_ certificate: Certificate) throws {
    let bytes = CertificateFile.format(certificate)
    for length in 0..<bytes.count - 1 {
      #expect(throws: InputError.self) {
        try CertificateFile.parse(Array(bytes.prefix(length)), file: "x")
      }
    }
    var g = SeededGenerator(seed: 1)
    for _ in 0..<5000 {
      var changed = bytes
      changed[g.below(changed.count)] = UInt8(g.below(256))
      do throws(InputError) {
        let read = try CertificateFile.parse(changed, file: "x")
        let again = try CertificateFile.parse(CertificateFile.format(read), file: "x")
        #expect(again.proof == read.proof && again.bound == read.bound)
      } catch {
        #expect(!error.description.contains("\n"))
      }
    }
  }
}
