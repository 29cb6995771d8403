import Foundation
import QAP
import QAPInstanceIO
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

  @Test func quotesKeepCommas() throws {
    let results = try parse(
      "\u{FEFF}\"instance\" , \"method\",bound\n \"a, \"\"b\"\"\" ,faq , \"7\"\n\"\"\"\",,8\n")
    #expect(results.map(\.instance) == ["a, \"b\"", "\""])
    #expect(results[0].method == "faq" && results[0].bound == 7 && results[1].method == nil)
  }

  @Test func linesWithoutASeedAreFurtherSeeds() throws {
    let results = try parse(
      "instance,method,bound,seed\na,x,1,\na,x,1,1\na,x,2,\na,y,3,\nb,x,4,\na,x,5,\n")
    #expect(results.map(\.seed) == [0, 1, 2, 0, 0, 3])
  }

  @Test func faultsNameTheirPlace() {
    for text in [
      "", "instance\nnug12\n", "instance,objective\nnug12\n", "instance,objective\nnug12,inf\n",
      "instance,bound,seed\nnug12,1,-1\n", "instance,bound,seed\nnug12,1,2\nnug12,1,2\n",
      "instance,bound,bound\nnug12,1,1\n", "instance,bound\nnug12,0x10\n", "instance,bound\n,1\n",
      "instance,bound,seconds\nnug12,1,-3\n", "instance,bound,n\nnug12,1,0\n",
      "instance,bound\n\"nug12,1\n", "instance,bound\n\"nug12\"x,1\n",
    ] { #expect(throws: InputError.self, "\(text)") { try parse(text) } }
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
