/// A matrix as an image of one pixel an entry: a PNG that an SVG file can hold.
struct PixelImage {
  private let width: Int
  private let height: Int
  private let pixels: [UInt8]

  /// Entries from `range` in 256 colors, dark to light; those beyond take the color of the end.
  ///
  /// - Parameter values: height × width entries, row by row.
  init(_ values: [Double], width: Int, height: Int, range: ClosedRange<Double>) {
    precondition(values.count == width * height, "one entry a pixel")
    self.width = width
    self.height = height
    let span = range.upperBound - range.lowerBound
    pixels = values.map { value in
      guard span > 0, value.isFinite else { return 0 }
      return UInt8(max(0, min(255, ((value - range.lowerBound) / span * 255).rounded())))
    }
  }

  /// Color `index` of 0 to 255 as red, green and blue: from dark violet over green to yellow, its
  /// lightness rising evenly, so that it reads in gray and for the color-blind.
  static func color(_ index: Int) -> [UInt8] {
    let stops: [[Double]] = [
      [58, 12, 92], [58, 75, 138], [33, 120, 140], [41, 168, 122], [140, 206, 70], [253, 231, 50],
    ]
    let place = Double(index) / 255 * Double(stops.count - 1)
    let first = min(Int(place), stops.count - 2)
    let part = place - Double(first)
    return zip(stops[first], stops[first + 1]).map { UInt8(($0 + part * ($1 - $0)).rounded()) }
  }

  /// The image as the value of an `href`.
  var dataURI: String { "data:image/png;base64," + Self.base64(png) }

  /// The image as a PNG file with a palette; its pixels are stored without compression.
  var png: [UInt8] {
    var lines: [UInt8] = []
    for row in 0..<height {
      // No filter.
      lines.append(0)
      lines += pixels[row * width..<(row + 1) * width]
    }
    var stream: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let count = min(65_535, lines.count - start)
      stream.append(start + count == lines.count ? 1 : 0)
      stream += [count & 255, count >> 8, ~count & 255, (~count >> 8) & 255].map { UInt8($0) }
      stream += lines[start..<start + count]
      start += count
    } while start < lines.count
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in lines {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    stream += Self.bytes(b << 16 | a)
    let header = Self.bytes(UInt32(width)) + Self.bytes(UInt32(height)) + [8, 3, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header)
      + Self.chunk("PLTE", (0..<256).flatMap(Self.color)) + Self.chunk("IDAT", stream)
      + Self.chunk("IEND", [])
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + content
    var sum = UInt32.max
    for byte in named { sum = table[Int((sum ^ UInt32(byte)) & 255)] ^ (sum >> 8) }
    return bytes(UInt32(content.count)) + named + bytes(~sum)
  }

  /// The remainders of the checksum CRC-32 for each byte.
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ (value >> 1)
    }
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let three = (0..<3).map { start + $0 < bytes.count ? UInt32(bytes[start + $0]) : 0 }
      let bits = three[0] << 16 | three[1] << 8 | three[2]
      for place in 0..<4 {
        text.append(
          start + place <= bytes.count ? letters[Int(bits >> (18 - 6 * place) & 63)] : 61)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
