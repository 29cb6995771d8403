import DualAscent
import Foundation
import Primitives
import QAP

let text = try String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8)
let numbers = text.split(whereSeparator: \.isWhitespace).map { Double($0)! }
let n = Int(numbers[0])
let a = Matrix(rows: n, columns: n, elements: Array(numbers[1..<1 + n * n]))
let b = Matrix(rows: n, columns: n, elements: Array(numbers[1 + n * n..<1 + 2 * n * n]))
let instance = try Instance(flow: a, distance: b)
let rounds = Int(CommandLine.arguments[2])!
let threads = Int(CommandLine.arguments[3])!
let t = ContinuousClock.now
let report = try instance.solve(
  with: HahnGrant(parameters: .init(rounds: rounds, tolerance: 0)),
  options: SolveOptions(threads: threads))
let s = (ContinuousClock.now - t).components
let secs = Double(s.seconds) + Double(s.attoseconds) * 1e-18
for (k, p) in report.trace.enumerated() where p.source == "hahn-grant" && (k < 3) { print(p) }
print(
  report.incumbent!.objective, report.bound!.unrounded, report.iterations, report.termination,
  "ms/round", 1000 * secs / Double(report.iterations))
