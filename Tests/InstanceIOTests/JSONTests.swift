import QAP
import QAPInstanceIO
import Testing

@Suite struct JSONTests {
  func parse(_ text: String) throws -> Instance {
    try JSONInstance.parse(Array(text.utf8), file: "x.json")
  }

  @Test func readsMembersInAnyOrder() throws {
    let instance = try parse(
      """
      {"_extra": [1, {"a": null, "b": [true, false, "\\u00e4\\ud83d\\ude00"]}, -1e3], "constant": \
      -2.5,
       "distance": [[0, 5], [5, 0]], "linear": null,
       "flow": [ [0,1] , [1.5e0,0] ], "name": "a \\"b\\"\\n", "size": 2}
      """)
    #expect(instance.name == "a \"b\"\n")
    #expect(instance.flow.elements == [0, 1, 1.5, 0])
    #expect(instance.constant == -2.5)
    #expect(instance.linear == nil)
    #expect(try parse("{\"flow\":[[1]],\"distance\":[[2]]}").name == "x")
  }

  @Test(arguments: [
    ("", "1:1: found end of file, expected {"),
    (
      "{\"_\\n\u{2028}\": 1, \"_\\n\u{2028}\": 1}",
      "1:13: found member \"_\\n\\u{2028}\" again, expected each member once"
    ),
    ("[]", "1:1: found [, expected {"),
    ("{", "1:2: found end of file, expected a string"),
    ("{\"flow\" 1}", "1:9: found 1, expected :"),
    ("{\"flow\": [[1]]}", " found no member \"distance\", expected one"),
    ("{\"distance\": [[1]]}", " found no member \"flow\", expected one"),
    (
      "{\"flow\": [[1]],\n \"flow\": [[1]]}",
      "2:2: found member \"flow\" again, expected each member once"
    ),
    (
      "{\"flow\": [[1, 2], [3]]}", "1:19: found a row of 1 numbers, expected 2, as in the first row"
    ),
    ("{\"flow\": [[1, 2] [3]]}", "1:18: found [3, expected , or ]"),
    ("{\"flow\": [[1, NaN]]}", "1:15: found NaN, expected a finite number"),
    ("{\"flow\": [[1, 1e999]]}", "1:15: found 1e999, expected a finite number"),
    ("{\"flow\": [[1, ]]}", "1:15: found ]]}, expected a finite number"),
    ("{\"flow\": [[1, \"2\"]]}", "1:15: found \"2\", expected a finite number"),
    (
      "{\"flow\": [[1]], \"distance\": [[1]], \"size\": 2}",
      "1:44: found 2}, expected 1, the number of rows of the flow"
    ),
    ("{\"flow\": [[1]], \"distance\": [[1]]} x", "1:36: found x, expected the end of the file"),
    ("{\"flow\": [[1]], \"distance\": [[1, 2]]}", " distance: found 1 × 2, expected 1 × 1"),
    ("{\"flow\": [], \"distance\": []}", " found 0 facilities, expected at least 1"),
    ("{\"name\": \"abc", "1:10: found a string without an end, expected a closing quote"),
    ("{\"name\": \"a\\x\"}", "1:12: found \\x\"}, expected one of JSON's escapes"),
    ("{\"name\": \"a\\u12\"}", "1:12: found \\u12\"}, expected one of JSON's escapes"),
    ("{\"name\": \"a\\", "1:12: found \\, expected one of JSON's escapes"),
    ("{\"_\": tru}", "1:7: found tru, expected a finite number"),
  ])
  func refuses(_ text: String, _ expected: String) {
    #expect(message { try parse(text) } == "x.json:" + expected)
  }

  @Test func refusesDeepNesting() {
    let deep = "{\"_\":" + String(repeating: "[", count: 1_000_000)
    #expect(message { try parse(deep) }.contains("found values nested 64 deep"))
    let objects = String(repeating: "{\"_\":", count: 1_000_000)
    #expect(message { try parse(objects) }.contains("found values nested 64 deep"))
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func roundTrips(seed: UInt64) throws {
    let instance = try randomInstance(seed: seed, constant: true)
    let back = try JSONInstance.parse(
      try JSONInstance.format(instance, file: "x.json"), file: "x.json")
    #expect(back.hasSameBits(as: instance) && back.name == instance.name, "seed \(seed)")
  }
}
