import QAP
import QAPBranchAndBound

/// A message between ranks. Rank 0 leads; the others follow and talk to it alone.
public enum Message: Equatable, Sendable {
  // From the coordinator:
  /// A search begins, over the instance of this fingerprint.
  case begin(SearchBasis, fingerprint: UInt64)
  /// Items to search.
  case work([WorkItem])
  /// The incumbent's objective.
  case incumbent(Double)
  /// All items are to be given back, as far as they have been searched.
  case recall
  /// A job of a list that every rank has.
  case job(Int)
  /// Nothing more will come.
  case finish

  // To the coordinator:
  /// The number of items, or jobs, that the rank can process at a time.
  case ready(Int)
  /// Items are done.
  case report([FinishedItem])
  /// A job is done, with its answer.
  case answer(Int, [UInt8])
  /// The rank is at work.
  case alive
  /// The rank cannot go on: the message for the user, and the exit status.
  case failure(String, status: Int32)
  /// The rank has finished; it sends nothing more.
  case farewell
}

extension Message {
  /// The message as bytes.
  public var encoded: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .begin(let basis, let fingerprint):
      writer.append(byte: 0)
      writer.append(fingerprint)
      writer.append(basis.objective)
      let point = basis.multipliers
      writer.append(Int64(point.exponent))
      for list in [
        point.facilityDuals, point.locationDuals, point.rowMultipliers, point.columnMultipliers,
      ] {
        writer.append(list)
      }
    case .work(let items):
      writer.append(byte: 1)
      writer.append(UInt32(items.count))
      for item in items {
        writer.append(Int64(item.id))
        writer.append(Int64(item.budget))
        writer.append(item.subproblem)
      }
    case .incumbent(let objective):
      writer.append(byte: 2)
      writer.append(objective)
    case .recall: writer.append(byte: 3)
    case .job(let index):
      writer.append(byte: 4)
      writer.append(Int64(index))
    case .finish: writer.append(byte: 5)
    case .ready(let count):
      writer.append(byte: 6)
      writer.append(Int64(count))
    case .report(let items):
      writer.append(byte: 7)
      writer.append(UInt32(items.count))
      for item in items { writer.append(item) }
    case .answer(let index, let bytes):
      writer.append(byte: 8)
      writer.append(Int64(index))
      writer.append(bytes)
    case .alive: writer.append(byte: 9)
    case .failure(let text, let status):
      writer.append(byte: 10)
      writer.append(status)
      writer.append(Array(text.utf8))
    case .farewell: writer.append(byte: 11)
    }
    return writer.bytes
  }

  /// Reads a message.
  public init(_ bytes: [UInt8]) throws(MessageError) {
    var reader = ByteReader(bytes)
    let kind = try reader.byte()
    switch kind {
    case 0:
      let fingerprint = try reader.integer(UInt64.self)
      let objective = try reader.number()
      let exponent = Int(try reader.integer(Int64.self))
      let point = RLTMultipliers(
        exponent: exponent, facilityDuals: try reader.integers(),
        locationDuals: try reader.integers(), rowMultipliers: try reader.integers(),
        columnMultipliers: try reader.integers())
      guard point.isWellFormed(point.facilities, point.locations) else {
        throw MessageError("multipliers of the wrong number")
      }
      self = .begin(
        SearchBasis(multipliers: point, objective: objective), fingerprint: fingerprint)
    case 1:
      var items: [WorkItem] = []
      for _ in 0..<(try reader.count(width: 26)) {
        let id = Int(try reader.integer(Int64.self))
        let budget = Int(try reader.integer(Int64.self))
        items.append(WorkItem(id: id, subproblem: try reader.subproblem(), budget: budget))
      }
      self = .work(items)
    case 2: self = .incumbent(try reader.number())
    case 3: self = .recall
    case 4: self = .job(Int(try reader.integer(Int64.self)))
    case 5: self = .finish
    case 6: self = .ready(Int(try reader.integer(Int64.self)))
    case 7:
      var items: [FinishedItem] = []
      for _ in 0..<(try reader.count(width: 30)) { items.append(try reader.finishedItem()) }
      self = .report(items)
    case 8: self = .answer(Int(try reader.integer(Int64.self)), try reader.blob())
    case 9: self = .alive
    case 10:
      let status = try reader.integer(Int32.self)
      self = .failure(String(decoding: try reader.blob(), as: UTF8.self), status: status)
    case 11: self = .farewell
    default: throw MessageError("a message of kind \(kind)")
    }
    try reader.end()
  }
}

extension ByteWriter {
  fileprivate mutating func append(_ subproblem: Subproblem) {
    append(subproblem.bound)
    append(UInt16(subproblem.pairs.count))
    for pair in subproblem.pairs {
      append(UInt16(pair.facility))
      append(UInt16(pair.location))
    }
  }

  fileprivate mutating func append(_ item: FinishedItem) {
    append(Int64(item.id))
    append(Int64(item.nodes))
    append(item.seconds)
    append(UInt32(item.left.count))
    for subproblem in item.left { append(subproblem) }
    append(UInt16(item.assignment?.locations.count ?? 0))
    for location in item.assignment?.locations ?? [] { append(UInt16(location)) }
  }
}

extension ByteReader {
  fileprivate mutating func subproblem() throws(MessageError) -> Subproblem {
    let bound = try number()
    var pairs: [FixedPair] = []
    for _ in 0..<(try integer(UInt16.self)) {
      pairs.append(
        FixedPair(
          facility: Int(try integer(UInt16.self)), location: Int(try integer(UInt16.self))))
    }
    return Subproblem(pairs: pairs, bound: bound)
  }

  fileprivate mutating func finishedItem() throws(MessageError) -> FinishedItem {
    let id = Int(try integer(Int64.self))
    let nodes = Int(try integer(Int64.self))
    let seconds = try number()
    var left: [Subproblem] = []
    for _ in 0..<(try count(width: 10)) { left.append(try subproblem()) }
    var locations: [Int] = []
    for _ in 0..<(try integer(UInt16.self)) { locations.append(Int(try integer(UInt16.self))) }
    var assignment: Assignment?
    if !locations.isEmpty {
      guard let found = Assignment(locations: locations) else {
        throw MessageError("an assignment with a location twice")
      }
      assignment = found
    }
    return FinishedItem(
      id: id, nodes: nodes, seconds: seconds, left: left, assignment: assignment)
  }
}
