/// A permutation of `0..<count`, valid by construction.
public struct Permutation: Hashable, Sendable {
  /// The image of each index: index `i` is sent to `images[i]`.
  public private(set) var images: [Int]

  /// The number of elements permuted.
  public var count: Int { images.count }

  /// Accepts `images` when it is a permutation of `0..<images.count`; nil otherwise.
  public init?(_ images: [Int]) {
    guard Permutation.firstFault(in: images) == nil else { return nil }
    self.images = images
  }

  /// The identity on `0..<count`.
  public init(identity count: Int) { images = Array(0..<count) }

  /// A uniformly random permutation of `0..<count` (Fisher–Yates).
  public init(randomOf count: Int, using generator: inout SeededGenerator) {
    images = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      images.swapAt(last, generator.below(last + 1))
    }
  }

  /// The image of `index`.
  @inlinable public subscript(index: Int) -> Int { images[index] }

  /// The permutation that undoes this one.
  public var inverse: Permutation {
    var result = self
    for (index, image) in images.enumerated() { result.images[image] = index }
    return result
  }

  /// Swaps the images of two indices.
  public mutating func swap(_ r: Int, _ s: Int) { images.swapAt(r, s) }

  /// Where `images` stops being a permutation: the position and the offending value; nil if it is
  /// one.
  public static func firstFault(in images: [Int]) -> (position: Int, value: Int)? {
    var seen = [Bool](repeating: false, count: images.count)
    for (position, value) in images.enumerated() {
      guard value >= 0, value < images.count, !seen[value] else { return (position, value) }
      seen[value] = true
    }
    return nil
  }
}
