import CZlib

/// Raw deflate streams and checksums, through zlib.
enum Deflate {
  /// Compresses `bytes`.
  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    let stream = Stream()
    precondition(stream.startDeflating(), "zlib cannot start")
    return stream.run(bytes[...], limit: .max).output
  }

  /// The first `limit` bytes that `bytes` stand for, and whether the stream ends exactly there; nil
  /// when it is damaged. Memory grows with the actual data, not with a header's claims.
  static func expand(
    _ bytes: ArraySlice<UInt8>, limit: Int
  ) -> (output: [UInt8], isComplete: Bool)? {
    let stream = Stream()
    guard stream.startInflating() else { return nil }
    // One byte more than the limit tells a stream that ends there from one that goes on.
    let (output, status, _) = stream.run(bytes, limit: limit + 1)
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return nil }
    return (Array(output.prefix(limit)), status == Z_STREAM_END && output.count <= limit)
  }

  /// The contents of a gzip file of one or more members, as far as `limit` bytes; nil when it is
  /// damaged or longer.
  static func expandGzip(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var output: [UInt8] = []
    var rest = bytes[...]
    repeat {
      let stream = Stream()
      guard stream.startInflating(isGzip: true) else { return nil }
      let (member, status, end) = stream.run(rest, limit: limit - output.count + 1)
      guard status == Z_STREAM_END, output.count + member.count <= limit else { return nil }
      output += member
      // Tapes and block devices pad with zeros.
      rest = rest[end...].drop { $0 == 0 }
    } while !rest.isEmpty
    return output
  }

  /// The checksum that ZIP keeps.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt = 0
    var start = 0
    // zlib counts in 32 bits.
    while start < bytes.count {
      let end = min(bytes.count, start + (1 << 28))
      sum = unsafe bytes[start..<end].withUnsafeBufferPointer {
        unsafe crc32(sum, $0.baseAddress, UInt32($0.count))
      }
      start = end
    }
    return UInt32(truncatingIfNeeded: sum)
  }

  /// zlib's state. It holds its own address, so it lives on the heap.
  @safe
  private final class Stream {
    private let state: UnsafeMutablePointer<z_stream>
    private var isDeflating = false
    private var isInflating = false

    init() {
      unsafe state = .allocate(capacity: 1)
      unsafe state.initialize(to: z_stream())
    }

    deinit {
      if isDeflating { unsafe deflateEnd(state) }
      if isInflating { unsafe inflateEnd(state) }
      unsafe state.deallocate()
    }

    func startDeflating() -> Bool {
      let size = unsafe Int32(MemoryLayout<z_stream>.size)
      // Negative window bits: no header of zlib's own.
      isDeflating =
        unsafe deflateInit2_(
          state, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
      return isDeflating
    }

    func startInflating(isGzip: Bool = false) -> Bool {
      let size = unsafe Int32(MemoryLayout<z_stream>.size)
      let windowBits: Int32 = isGzip ? 31 : -15
      isInflating = unsafe inflateInit2_(state, windowBits, ZLIB_VERSION, size) == Z_OK
      return isInflating
    }

    /// Feeds all of `input`, or as much as the stream takes, and collects at most `limit` bytes;
    /// `end` is where the rest of the input begins.
    func run(
      _ input: ArraySlice<UInt8>, limit: Int
    ) -> (output: [UInt8], status: Int32, end: Int) {
      var output: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 1 << 18)
      var fed = input.startIndex
      var status = Z_OK
      while status == Z_OK, output.count < limit {
        let room = min(chunk.count, limit - output.count)
        // zlib only reads its input, but its header does not say so: it gets a copy of each piece.
        var piece = Array(input[fed..<min(input.endIndex, fed + (1 << 18))])
        let isLast = fed + piece.count == input.endIndex
        var left = (input: 0, output: 0)
        unsafe piece.withUnsafeMutableBufferPointer { source in
          unsafe chunk.withUnsafeMutableBufferPointer { target in
            unsafe state.pointee.next_in = source.baseAddress
            unsafe state.pointee.avail_in = UInt32(source.count)
            unsafe state.pointee.next_out = target.baseAddress
            unsafe state.pointee.avail_out = UInt32(room)
            status =
              isDeflating
              ? unsafe deflate(state, isLast ? Z_FINISH : Z_NO_FLUSH)
              : unsafe inflate(state, Z_NO_FLUSH)
            left = unsafe (Int(state.pointee.avail_in), Int(state.pointee.avail_out))
          }
        }
        fed += piece.count - left.input
        output.append(contentsOf: chunk[..<(room - left.output)])
      }
      return (output, status, fed)
    }
  }
}
