import Foundation
import QAP

/// A transport of bytes between ranks. Messages between two ranks arrive whole and in order. All
/// calls come from one thread.
public protocol Transport: AnyObject {
  /// This rank, from 0.
  var rank: Int { get }
  /// The number of ranks.
  var size: Int { get }
  /// Sends without waiting for the receiver.
  func send(_ bytes: [UInt8], to rank: Int)
  /// The next message, if one has come.
  func receive() -> (bytes: [UInt8], from: Int)?
}

extension Transport {
  /// Sends a message.
  public func send(_ message: Message, to rank: Int) { send(message.encoded, to: rank) }

  /// Sends a message to all other ranks.
  public func broadcast(_ message: Message) {
    let bytes = message.encoded
    for other in 0..<size where other != rank { send(bytes, to: other) }
  }

  /// Tells all other ranks to finish, and takes in what they still had to say; false when some have
  /// not taken their leave within `seconds`.
  public func dismiss(within seconds: Double) -> Bool {
    broadcast(.finish)
    let clock = SolveOptions.monotonicClock()
    var left = size - 1
    while left > 0, clock() < seconds {
      guard let (bytes, _) = receive() else {
        Thread.sleep(forTimeInterval: Worker.nap)
        continue
      }
      if case .farewell? = try? Message(bytes) { left -= 1 }
    }
    return left == 0
  }
}
