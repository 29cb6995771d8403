import QAP
import QAPInstanceIO
import QAPPrimitives
import Testing

@Suite struct NPYTests {
  static let types =
    ["i1", "u1", "bool"]
    + ["f8", "f4", "f2", "i2", "i4", "i8", "u2", "u4", "u8"].flatMap {
      ["little-" + $0, "big-" + $0]
    }

  @Test(arguments: types)
  func readsWhatNumPyWrites(_ name: String) throws {
    let array = try NPY.read("\(Folder.fixtures)/\(name).npy")
    #expect(array.shape == [2, 3])
    #expect(array.elements == (name == "bool" ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 4, 5]))
  }

  @Test func readsOtherShapes() throws {
    func read(_ name: String) throws -> NumericArray {
      try NPY.read("\(Folder.fixtures)/\(name).npy")
    }
    let cube = try read("fortran-3d")
    #expect(cube.shape == [2, 3, 4] && cube.elements == (0..<24).map(Double.init))
    #expect(try read("scalar") == NumericArray(shape: [], elements: [2.5]))
    #expect(try read("empty") == NumericArray(shape: [0, 3], elements: []))
    #expect(try read("vector") == NumericArray(shape: [5], elements: [0, 1, 2, 3, 4]))
    let special = try read("special").elements
    #expect(special[0].isNaN && special[1] == .infinity && special[2].sign == .minus)
    #expect(special[3] == .leastNonzeroMagnitude)
  }

  @Test func refusesOtherElements() {
    #expect(throws: InputError.self) { try NPY.read("\(Folder.fixtures)/structured.npy") }
    #expect(
      message { try NPY.read("\(Folder.fixtures)/inexact.npy") }
        .hasSuffix(
          "found 9007199254740993 at element 1, expected an integer that a double can hold; "
            + "array.astype('float64') rounds it"))
  }

  /// Our own bytes are NumPy's.
  @Test func writesWhatNumPyWrites() throws {
    for (name, shape) in [("little-f8", [2, 3]), ("scalar", []), ("empty", [0, 3])] {
      let path = "\(Folder.fixtures)/\(name).npy"
      let array = try NPY.read(path)
      #expect(array.shape == shape)
      #expect(NPY.format(array) == (try FileAccess.read(path)), "\(name)")
    }
    let vector = NumericArray(shape: [2], elements: [0.1, .infinity])
    #expect(try NPY.parse(NPY.format(vector), file: "x") == vector)
  }

  /// A version 1 file with any header.
  func file(_ header: String, data: Int = 0) -> [UInt8] {
    let length = header.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  @Test(arguments: [
    "", "{", "{}", "{'descr': '<f8'}", "{'descr': '<f8', 'fortran_order': Maybe, 'shape': ()}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999999, 999999999999999)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 999999999999999, 999999999999999)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (100000, 100000)}",
    "{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '|f8', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': ()} x",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1",
    "{'descr': '<f8', 'fortran_order': False, 'shape': 1}",
    "{'descr: 8",
  ])
  func refusesLyingHeaders(_ header: String) {
    #expect(throws: InputError.self) { try NPY.parse(file(header, data: 8), file: "x.npy") }
  }

  @Test func refusesTruncationEverywhere() throws {
    let whole = try FileAccess.read("\(Folder.fixtures)/little-f4.npy")
    for length in 0..<whole.count {
      #expect(throws: InputError.self) { try NPY.parse(Array(whole[..<length]), file: "x.npy") }
    }
    #expect(throws: InputError.self) { try NPY.parse(whole + [0], file: "x.npy") }
  }
}

@Suite struct NPZTests {
  @Test func readsWhatNumPyWrites() throws {
    func read(_ name: String) throws -> Instance {
      try InstanceFile.read("\(Folder.fixtures)/\(name).npz")
    }
    let flow: [Double] = [0, 3, 1, 3, 0, 2, 1, 2, 0]
    let distance = [0, 1.5, 2, 1.5, 0, 4, 2, 4, 0]
    let stored = try read("stored")
    #expect(stored.name == "stored" && stored.constant == 7.25)
    #expect(stored.linear?.elements == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    for instance in [stored, try read("deflated"), try read("unnamed")] {
      #expect(instance.flow.elements.array == flow && instance.distance.elements.array == distance)
    }
    #expect(
      message { try read("one") }.hasSuffix(
        "found arrays [\"arr_0.npy\"], "
          + "expected flow and distance, A and B, two square ones of one size, or cost"))
  }

  @Test(arguments: 1...100 as ClosedRange<UInt64>, [false, true])
  func roundTrips(seed: UInt64, compressed: Bool) throws {
    let instance = try randomInstance(seed: seed, constant: true)
    let bytes = try NPZ.format(instance, file: "x.npz", compressed: compressed)
    let back = try NPZ.parse(bytes, file: "x.npz")
    #expect(back.hasSameBits(as: instance), "seed \(seed)")
  }

  @Test(arguments: ["stored", "deflated"])
  func refusesTruncation(_ name: String) throws {
    let whole = try FileAccess.read("\(Folder.fixtures)/\(name).npz")
    for length in 0..<whole.count {
      #expect(throws: InputError.self) { try NPZ.parse(Array(whole[..<length]), file: "x.npz") }
    }
  }

  /// Whatever one byte says, the answer is an instance or an error.
  @Test(arguments: ["stored", "deflated", "unnamed"])
  func survivesEveryDamagedByte(_ name: String) throws {
    let whole = try FileAccess.read("\(Folder.fixtures)/\(name).npz")
    var errors = 0
    for index in whole.indices {
      for value in [0, 0x7F, 0xFF, whole[index] ^ 1] as [UInt8] where value != whole[index] {
        var damaged = whole
        damaged[index] = value
        do { _ = try NPZ.parse(damaged, file: "x.npz") } catch { errors += 1 }
      }
    }
    #expect(errors > whole.count)
  }

  /// A deflated gigabyte of zeros that claims to be short is cut off at what it claims.
  @Test func refusesBombs() throws {
    let zeros = Matrix<Double>(rows: 1_000, columns: 1_000, repeating: 0)
    let instance = try Instance(flow: zeros, distance: zeros)
    var bomb = try NPZ.format(instance, file: "x.npz")
    #expect(bomb.count < 50_000)
    // The size in the first directory entry, 24 bytes behind its signature.
    let entry = try #require(
      bomb.indices.first { bomb[$0...].starts(with: [0x50, 0x4B, 0x01, 0x02]) })
    bomb.replaceSubrange(entry + 24..<entry + 28, with: [100, 0, 0, 0])
    #expect(
      message { try NPZ.parse(bomb, file: "x.npz") }
        == "x.npz: found more in \"flow.npy\", expected the 100 bytes the directory states")
    bomb.replaceSubrange(entry + 24..<entry + 28, with: [0, 0, 0, 0xF0])
    #expect(
      message { try NPZ.parse(bomb, file: "x.npz") }
        .hasSuffix("expected the 4026531840 bytes the directory states"))
  }
}
