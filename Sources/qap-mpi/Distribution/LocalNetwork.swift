import QAP
import Synchronization

/// Ranks that are threads of one process.
public final class LocalNetwork: Sendable {
  private let boxes: [Mailbox]

  /// A network of `size` ranks.
  public init(size: Int) { boxes = (0..<size).map { _ in Mailbox() } }

  /// The transport of one rank, for the thread that plays it.
  public func transport(of rank: Int) -> any Transport { Local(rank: rank, boxes: boxes) }

  private final class Mailbox: Sendable {
    let letters = Mutex<[(bytes: [UInt8], from: Int)]>([])
  }

  private final class Local: Transport {
    let rank: Int
    private let boxes: [Mailbox]
    var size: Int { boxes.count }

    init(rank: Int, boxes: [Mailbox]) {
      self.rank = rank
      self.boxes = boxes
    }

    func send(_ bytes: [UInt8], to other: Int) {
      boxes[other].letters.withLock { $0.append((bytes, rank)) }
    }

    func receive() -> (bytes: [UInt8], from: Int)? {
      boxes[rank].letters.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
  }
}
