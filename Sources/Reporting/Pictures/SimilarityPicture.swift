import QAPPrimitives

/// The similarities of both sides of a match as two heatmaps, rows in matched order. Where the
/// match is good, they look alike.
public struct SimilarityPicture: Sendable {
  private let source: Matrix<Double>
  private let target: Matrix<Double>

  /// More rows than this are averaged in blocks.
  private static let maxPixels = 512
  /// Fewer rows are drawn with several pixels each, since not every program draws edges sharply.
  private static let minPixels = 320

  /// Two square matrices of the same order, at least one row; nil for others.
  public init?(source: Matrix<Double>, target: Matrix<Double>) {
    guard source.isSquare, source.rows == target.rows, target.isSquare, source.rows > 0,
      source.elements.allSatisfy(\.isFinite), target.elements.allSatisfy(\.isFinite)
    else { return nil }
    self.source = source
    self.target = target
  }

  /// The correlation of the entries off the diagonals; nil where one side's are all equal.
  var correlation: Double? {
    let n = source.rows
    var sums = (x: 0.0, y: 0.0, xx: 0.0, yy: 0.0, xy: 0.0)
    let count = Double(n * (n - 1))
    for isSecond in [false, true] {
      let (mx, my) = (sums.x / count, sums.y / count)
      for i in 0..<n {
        for k in 0..<n where k != i {
          let (x, y) = (source[i, k], target[i, k])
          if isSecond {
            sums.xx += (x - mx) * (x - mx)
            sums.yy += (y - my) * (y - my)
            sums.xy += (x - mx) * (y - my)
          } else {
            sums.x += x
            sums.y += y
          }
        }
      }
    }
    return sums.xx > 0 && sums.yy > 0 ? sums.xy / (sums.xx * sums.yy).squareRoot() : nil
  }

  /// The picture, a whole SVG file.
  public func svg(style: PictureStyle = PictureStyle()) -> String {
    let (side, gap, left, top) = (300.0, 36.0, 16.0, 30.0)
    let n = source.rows
    let title = "Similarities in matched order, \(n) rows"
    let agreement = correlation.map { "correlation off the diagonal \(Wording.fixed($0, 3))" }
    var text = SVG.head(
      id: "similarities", width: 2 * left + 2 * side + gap, height: top + side + 62, title: title,
      description: "Two heatmaps of \(n) × \(n) similarities. \(agreement ?? "")",
      style: "matrix")
    for (index, one) in [("SOURCE", source), ("TARGET", target)].enumerated() {
      let x = left + Double(index) * (side + gap)
      let name = index == 0 ? style.vertical : style.horizontal
      text += SVG.label(SVG.number(x), SVG.number(top - 9), "start", name ?? one.0)
      text += heatmap(one.1, x: x, y: top, side: side)
    }
    if let agreement {
      text += SVG.label(
        SVG.number(left + side + gap / 2), SVG.number(top + side + 52), "middle",
        "\(n) matched rows, \(agreement)")
    }
    return style.framed(standalone(text + "</svg>"))
  }

  /// One matrix with its scale of colors, which leaves the diagonal out.
  private func heatmap(_ matrix: Matrix<Double>, x: Double, y: Double, side: Double) -> String {
    let n = matrix.rows
    var (low, high) = (Double.infinity, -Double.infinity)
    for i in 0..<n {
      for k in 0..<n where k != i {
        low = min(low, matrix[i, k])
        high = max(high, matrix[i, k])
      }
    }
    if low > high { (low, high) = (matrix[0, 0], matrix[0, 0]) }
    let step = (n + Self.maxPixels - 1) / Self.maxPixels
    let count = (n + step - 1) / step
    let means = Matrix<Double>(rows: count, columns: count) { i, k in
      let (rows, columns) = (i * step..<min(n, (i + 1) * step), k * step..<min(n, (k + 1) * step))
      var sum = 0.0
      for r in rows { for c in columns { sum += matrix[r, c] } }
      return sum / Double(rows.count * columns.count)
    }
    let enlarged = max(1, Self.minPixels / count)
    let pixels = Matrix<Double>(rows: count * enlarged, columns: count * enlarged) {
      means[$0 / enlarged, $1 / enlarged]
    }
    func image(_ image: PixelImage, _ y: Double, height: Double) -> String {
      "<image x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\" width=\"\(SVG.number(side))\" "
        + "height=\"\(SVG.number(height))\" preserveAspectRatio=\"none\" "
        + "style=\"image-rendering:pixelated\" href=\"\(image.dataURI)\"/>"
    }
    let scale = PixelImage((0..<256).map { Double($0) }, width: 256, height: 1, range: 0...255)
    return image(
      PixelImage(
        pixels.elements.array, width: pixels.columns, height: pixels.rows, range: low...high), y,
      height: side)
      + image(scale, y + side + 8, height: 8)
      + SVG.label(SVG.number(x), SVG.number(y + side + 30), "start", Wording.fixed(low, 3))
      + SVG.label(SVG.number(x + side), SVG.number(y + side + 30), "end", Wording.fixed(high, 3))
  }
}
