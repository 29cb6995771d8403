/// A match as a table of counts: rows of SOURCE, or groups of them, against rows of TARGET.
///
/// Where true pairs are known, columns follow the order of rows, so that correct matches lie on the
/// diagonal.
struct MatchMatrix {
  /// The meaning of a line.
  enum Form {
    /// A row of SOURCE.
    case rows
    /// All rows of one class or of one name.
    case groups
    /// Neighboring rows or groups, too many to draw one by one.
    case blocks
  }

  var form: Form
  var rowLabels: [String]
  var columnLabels: [String]
  /// The number of rows of each line that were matched to each column.
  var counts: [[Int]]
  /// The column in which the true partners of a line lie, when truth is known.
  var diagonal: [Int?]
  /// The number of rows of each line that were matched correctly; exact in blocks as well. Nil
  /// without a truth.
  var right: [Int]?
  /// Lines that were known beforehand.
  var known: Set<Int> = []

  /// More lines than this are put together.
  static let maxLines = 60

  /// As many rows are put together in blocks; fewer are drawn one by one.
  static let maxRows = 500

  /// The table of `match`; nil when nothing was matched.
  init?(_ match: RowMatch) {
    let items = match.matched
    guard !items.isEmpty else { return nil }
    let truth = match.truth
    let hasClasses = truth.map { truth in Set(items.map { truth[$0] }).count < items.count }
    let hasSharedNames =
      match.sourceNames.map { names in Set(items.map { names[$0] }).count < items.count } ?? false
    if let truth, hasClasses == true {
      let classes = Set(items.map { truth[$0] } + items.compactMap { match.assignment[$0] })
      let order = classes.sorted()
      self.init(
        items.map { (truth[$0], match.assignment[$0] ?? -1, truth[$0] == match.assignment[$0]) },
        order: order, labels: order.map { match.targetName($0) })
    } else if let truth, hasSharedNames, let names = match.sourceNames {
      self.init(names: names, match, items, truth)
    } else if items.count < Self.maxRows {
      // Known pairs are shown only where there is room for them.
      let all = match.assignment.indices.filter {
        match.assignment[$0] != nil && match.truth?[$0] != -1
      }
      self.init(match, rows: all.count <= Self.maxLines ? all : items)
    } else {
      self.init(blocks: match, items)
    }
  }

  /// A line a row.
  private init(_ match: RowMatch, rows: [Int]) {
    // True partners first, in the order of the rows, then everything else that was taken.
    var columns = match.truth.map { truth in rows.map { truth[$0] } } ?? []
    let partners = Set(columns)
    columns += rows.compactMap { match.assignment[$0] }.filter { !partners.contains($0) }.sorted()
    let place = Dictionary(
      columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let width = columns.count
    form = .rows
    rowLabels = rows.map { match.sourceName($0) }
    columnLabels = columns.map { match.targetName($0) }
    counts = rows.map { row in
      var line = [Int](repeating: 0, count: width)
      if let column = match.assignment[row].flatMap({ place[$0] }) { line[column] = 1 }
      return line
    }
    diagonal = rows.indices.map { match.truth == nil ? nil : $0 }
    right = match.truth.map { truth in
      rows.map { truth[$0] == match.assignment[$0] ? 1 : 0 }
    }
    let pairs = Set(match.pairs.map { $0[0] })
    known = Set(rows.indices.filter { pairs.contains(rows[$0]) })
  }

  /// A line a name.
  private init(names: [String], _ match: RowMatch, _ items: [Int], _ truth: [Int]) {
    var number: [String: Int] = [:]
    var order: [String] = []
    func place(_ name: String) -> Int {
      if let place = number[name] { return place }
      number[name] = order.count
      order.append(name)
      return order.count - 1
    }
    // A row of TARGET has its own name, or that of the row of SOURCE it belongs to.
    let partners = Dictionary(
      items.map { (truth[$0], names[$0]) }, uniquingKeysWith: { first, _ in first })
    func name(ofTarget row: Int) -> String {
      match.targetNames?[row] ?? partners[row] ?? match.targetName(row)
    }
    let pairs = items.map { row in
      (
        place(names[row]), place(name(ofTarget: match.assignment[row] ?? 0)),
        truth[row] == match.assignment[row]
      )
    }
    self.init(pairs, order: Array(order.indices), labels: order)
  }

  /// A line a block of neighboring rows.
  private init(blocks match: RowMatch, _ items: [Int]) {
    let place: [Int: Int]
    if let truth = match.truth {
      place = Dictionary(
        items.enumerated().map { (truth[$1], $0) }, uniquingKeysWith: { first, _ in first })
    } else {
      place = Dictionary(
        uniqueKeysWithValues: Set(items.compactMap { match.assignment[$0] }).sorted().enumerated()
          .map { ($1, $0) })
    }
    self.init(
      items.enumerated().map { index, row in
        (
          index, match.assignment[row].flatMap { place[$0] } ?? -1,
          match.truth?[row] == match.assignment[row]
        )
      }, order: Array(items.indices), labels: items.map { "\($0)" })
    if match.truth == nil {
      right = nil
      diagonal = diagonal.map { _ in nil }
      // Lines are rows of SOURCE, columns those of TARGET in an order of their own.
      columnLabels = columnLabels.indices.map { "\($0 + 1)" }
    }
  }

  /// Counts of (line, column, whether it is right), lines and columns being members of `order`.
  private init(_ pairs: [(Int, Int, Bool)], order: [Int], labels: [String]) {
    let width = (order.count + Self.maxLines - 1) / Self.maxLines
    // As even as they can be.
    let blocks = (order.count + width - 1) / width
    let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0 / width) })
    form = width == 1 ? .groups : .blocks
    rowLabels = (0..<blocks).map { block in
      let first = block * width
      let last = min(order.count, first + width) - 1
      return width == 1 ? labels[first] : "\(labels[first])–\(labels[last])"
    }
    columnLabels = rowLabels
    counts = Array(repeating: Array(repeating: 0, count: blocks), count: blocks)
    diagonal = Array(0..<blocks)
    var right = [Int](repeating: 0, count: blocks)
    var others = [Int](repeating: 0, count: blocks)
    for (line, column, isRight) in pairs {
      guard let line = place[line] else { continue }
      if let column = place[column] { counts[line][column] += 1 } else { others[line] += 1 }
      if isRight { right[line] += 1 }
    }
    self.right = right
    if others.contains(where: { $0 > 0 }) {
      columnLabels.append("others")
      for line in counts.indices { counts[line].append(others[line]) }
    }
  }

  /// The rows of line `line`.
  func total(_ line: Int) -> Int { counts[line].reduce(0, +) }
}
