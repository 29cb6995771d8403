import QAP
import QAPPrimitives

extension Comparison {
  /// The heads of the columns of `rows`.
  var columns: [String] {
    let (above, below) =
      runs.contains { $0.isMaximized } ? ("off best", "beyond best") : ("above best", "below best")
    return [
      "instance", "n", "method", "seeds", "objective", above, "bound", below, "gap", "proven",
      "seconds",
    ] + (isMatching ? ["accuracy"] : [])
  }

  /// Some run matched rows.
  var isMatching: Bool { runs.contains { $0.match != nil } }

  /// A row for each method and instance: medians over the seeds, distances from the best known
  /// value.
  var rows: [[String]] {
    instances.flatMap { instance in
      let sense: Sense = isMaximized(instance) ? .max : .min
      return methods.compactMap { method -> [String]? in
        let cell = cell(instance, method)
        let start = [instance, size(instance).map { "\($0)" } ?? "-", method]
        if cell.isDeclined {
          let rest = [String](repeating: "-", count: columns.count - start.count - 2)
          return start + ["-", "declined"] + rest
        }
        guard !cell.runs.isEmpty else { return nil }
        let figures = [
          "\(cell.runs.count)", Wording.value(cell.objective),
          Wording.gap(distance(cell.objective, on: instance)), Wording.value(cell.bound),
          Wording.gap(distance(cell.bound, on: instance).map { 0 - $0 }),
          Wording.gap(
            relativeGap(objective: sense.value(cell.objective), bound: sense.value(cell.bound))),
          "\(cell.proven)", cell.seconds.map { Wording.fixed($0, 2) } ?? "-",
        ]
        let accuracy = cell.accuracy.map { Wording.fixed(100 * $0, 1) + "%" } ?? "-"
        return start + figures + (isMatching ? [accuracy] : [])
      }
    }
  }

  /// The table for a terminal, numbers to the right.
  public var text: String {
    let lines = [columns] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      let cells = line.indices.map { column in
        column == 0 || column == 2
          ? line[column].leftAligned(widths[column]) : line[column].rightAligned(widths[column])
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// Every run as a line of comma-separated values, the first line naming the columns. Numbers are
  /// complete; unknown fields are empty.
  public var csv: String {
    let header =
      "instance,n,method,seed,threads,time_limit,objective,bound,gap,best_known,seconds,iterations,"
      + "nodes,termination,origin,sense,accuracy,reason"
    func field(_ value: Any?) -> String {
      let text = value.map { "\($0)" } ?? ""
      guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
      return "\""
        + text.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
    }
    let lines = runs.map { run -> String in
      let fields: [Any?] = [
        run.instance, run.size, run.method, run.seed, run.threads, run.timeLimit, run.objective,
        run.bound, run.gap, run.bestKnown, run.seconds, run.iterations, run.nodes, run.termination,
        run.origin, run.sense, run.match?.accuracy, run.reason,
      ]
      return fields.map { field($0) }.joined(separator: ",")
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
  }
}
