import QAP

extension Comparison {
  /// The heads of the columns of `rows`.
  static let columns = [
    "instance", "n", "method", "seeds", "objective", "above best", "bound", "below best", "gap",
    "proven", "seconds",
  ]

  /// A row for each method and instance: medians over the seeds, distances from the best known value.
  var rows: [[String]] {
    instances.flatMap { instance in
      let best = reference(instance)
      return methods.compactMap { method -> [String]? in
        let cell = cell(instance, method)
        let start = [instance, size(instance).map { "\($0)" } ?? "-", method]
        if cell.isDeclined { return start + ["-", "declined", "-", "-", "-", "-", "-", "-"] }
        guard !cell.runs.isEmpty else { return nil }
        return start + [
          "\(cell.runs.count)", Wording.value(cell.objective),
          Wording.gap(excess(cell.objective, over: best)), Wording.value(cell.bound),
          Wording.gap(excess(cell.bound, over: best).map { 0 - $0 }),
          Wording.gap(relativeGap(objective: cell.objective, bound: cell.bound)),
          "\(cell.proven)", cell.seconds.map { Wording.fixed($0, 2) } ?? "-",
        ]
      }
    }
  }

  /// The table for a terminal, numbers to the right.
  public var text: String {
    let lines = [Self.columns] + rows
    let widths = Self.columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      let cells = line.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - line[column].count)
        return column == 0 || column == 2 ? line[column] + space : space + line[column]
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// Every run as a line of comma-separated values, the first line naming the columns. Numbers are
  /// complete; what is unknown is empty.
  public var csv: String {
    let header =
      "instance,n,method,seed,threads,time_limit,objective,bound,gap,best_known,seconds,iterations,"
      + "nodes,termination,origin"
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
        run.origin,
      ]
      return fields.map { field($0) }.joined(separator: ",")
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
  }
}
