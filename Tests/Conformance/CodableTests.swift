import Foundation
import QAP
import QAPInstanceIO
import QAPPrimitives
import QAPRegistry
import RandomInstances
import Testing

/// Instances, reports and certificates as values that encoders write and decoders read.
@Suite struct CodableTests {
  private func again<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
  }

  private func ascent() throws -> any Method {
    try #require(MethodRegistry.method("hahn-grant")).make(MethodOptions())
  }

  @Test func instancesReadBack() throws {
    for family in Family.allCases where family.instance(size: 4, seed: 1).given != nil {
      let instance = family.instance(size: 4, seed: 3)
      let data = try JSONEncoder().encode(instance)
      let read = try JSONDecoder().decode(Instance.self, from: data)
      let file = try JSONInstance.parse(Array(data), file: "x.json")
      for other in [read, file] {
        #expect(other.given?.flow == instance.given?.flow)
        #expect(other.given?.distance == instance.given?.distance)
        #expect(other.given?.linear == instance.given?.linear)
        #expect(other.constant == instance.constant && other.name == instance.name)
      }
    }
  }

  @Test(arguments: [
    #"{"flow": [[1, 2], [3]], "distance": [[1]]}"#, #"{"flow": [[1]]}"#,
    #"{"flow": [[1, 2], [3, 4]], "distance": [[1]]}"#,
    #"{"size": 2, "flow": [[1]], "distance": [[1]]}"#,
  ])
  func faultsAreErrors(text: String) {
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(Instance.self, from: Data(text.utf8))
    }
  }

  @Test func reportsReadBack() throws {
    for family in Family.allCases {
      let instance = family.instance(size: 5, seed: 2)
      for sense in [Sense.min, .max] {
        let report = try instance.solve(
          with: ascent(), options: SolveOptions(limits: Limits(iterations: 3))
        ).inSense(sense)
        let read = try again(report)
        #expect(read.sense == sense && read.locations == report.locations)
        #expect(read.incumbent?.objective == report.incumbent?.objective)
        #expect(read.bound?.value == report.bound?.value)
        #expect(read.bound?.unrounded == report.bound?.unrounded)
        #expect(read.gap == report.gap && read.rule == report.rule)
        #expect(read.termination == report.termination && read.trace == report.trace)
        #expect(read.figures == report.figures && read.size == report.size)
      }
    }
  }

  @Test func certificatesReadBack() throws {
    let instance = Family.symmetric.instance(size: 5, seed: 2)
    let report = try instance.solve(
      with: ascent(), options: SolveOptions(keepsProof: true))
    let certificate = try #require(report.certificate)
    #expect(try again(certificate) == certificate)
    #expect(throws: InputError.self) {
      try JSONDecoder().decode(Certificate.self, from: Data(#""QAPKIT-CERTIFICATE 1""#.utf8))
    }
  }
}
