import Foundation
import InstanceIO
import Testing

@Suite struct ResultsFileTests {
  private func parse(_ text: String) throws -> [ResultsFile.Result] {
    try ResultsFile.parse(Array(text.utf8), file: "r.csv")
  }

  @Test func columnsComeInAnyOrder() throws {
    let results = try parse(
      "bound,method,extra,instance,seed\r\n5,faq,?,nug12,3\r\n,,,tai12a,\r\n")
    #expect(results.count == 2)
    #expect(results[0].instance == "nug12" && results[0].method == "faq" && results[0].seed == 3)
    #expect(results[0].bound == 5 && results[0].objective == nil)
    #expect(results[1].method == nil && results[1].bound == nil && results[1].seed == 0)
  }

  @Test func faultsNameTheirPlace() {
    for text in [
      "", "instance\nnug12\n", "instance,objective\nnug12\n", "instance,objective\nnug12,inf\n",
      "instance,bound,seed\nnug12,1,-1\n",
    ] { #expect(throws: DataError.self, "\(text)") { try parse(text) } }
  }
}

@Suite struct BestKnownTests {
  @Test func readsTheNearestFile() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let inner = folder.appendingPathComponent("qaplib")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = inner.appendingPathComponent("b.dat").path
    #expect(BestKnown.entries(near: file).isEmpty && BestKnown.values(near: file).isEmpty)
    try "instance,n,value,source\nb,12,578,\"x, y\"\na,?,-1.5\nc,5,unknown\n".write(
      to: folder.appendingPathComponent("best-known.csv"), atomically: true, encoding: .utf8)
    let entries = BestKnown.entries(near: file)
    #expect(entries.map(\.instance) == ["b", "a"] && entries.map(\.size) == [12, nil])
    #expect(BestKnown.values(near: file) == ["a": -1.5, "b": 578])
    // A file beside the instances goes first.
    try "instance,n,value\nd,3,7\n".write(
      to: inner.appendingPathComponent("best-known.csv"), atomically: true, encoding: .utf8)
    #expect(BestKnown.values(near: file) == ["d": 7])
  }
}
