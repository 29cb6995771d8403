import Foundation
import QAP
import QAPPrimitives
import Testing

@testable import QAPReporting

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct SimilarityPictureTests {
  @Test func imagesArePNGFiles() throws {
    let image = PixelImage([0, 1, 2, 3, 4, .nan], width: 3, height: 2, range: 0...4)
    let png = image.png
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    // The header: a width of 3, a height of 2, eight bits, a palette. Every end has this checksum.
    #expect(Array(png[16..<29]) == [0, 0, 0, 3, 0, 0, 0, 2, 8, 3, 0, 0, 0])
    #expect(png.suffix(4) == [0xAE, 0x42, 0x60, 0x82])
    // Stored pixels: a filter byte before each line, the last value in the last color.
    let pixels: [UInt8] = [0, 0, 64, 128, 0, 191, 255, 0]
    #expect(Data(png).range(of: Data(pixels)) != nil)
    let text = try #require(image.dataURI.split(separator: ",").last)
    #expect(Data(base64Encoded: String(text)) == Data(png))
    #expect(PixelImage([1], width: 1, height: 1, range: 1...1).png.count > 8)
  }

  @Test(arguments: [1, 2, 7, 600]) func picturesShowBothSides(n: Int) throws {
    let source = Matrix<Double>(rows: n, columns: n) { Double(($0 * 7 + $1 * 3) % 5) }
    let target = source.map { 2 * $0 + 1 }
    let picture = try #require(SimilarityPicture(source: source, target: target))
    if n > 2 { #expect(abs((picture.correlation ?? 0) - 1) < 1e-12) }
    let svg = picture.svg(style: PictureStyle(title: "a < b", horizontal: "texts", width: 900))
    #expect(svg.contains("a &lt; b") && svg.contains(">texts<") && svg.contains(">SOURCE<"))
    #expect(svg.contains("width=\"900\""))
    #expect(svg.ranges(of: "<image").count == 4)
    #expect(XMLParser(data: Data(svg.utf8)).parse())
  }

  @Test func othersAreRefused() {
    let square = Matrix<Double>(rows: 2, columns: 2, repeating: 0)
    #expect(
      SimilarityPicture(source: square, target: Matrix(rows: 3, columns: 3, repeating: 0)) == nil)
    #expect(
      SimilarityPicture(source: square, target: Matrix(rows: 2, columns: 3, repeating: 0)) == nil)
    #expect(SimilarityPicture(source: square.map { _ in .nan }, target: square) == nil)
  }

  @Test func stylesChangeChartsAndColors() throws {
    let text = """
      {"measures": [{"measure": "cka", "value": 0.5, "shuffled": [{"percent": 50, "value": 0.25}]}]}
      """
    let study = try JSONDecoder().decode(StudyPicture.self, from: Data(text.utf8))
    let svg = study.svg(
      style: PictureStyle(title: "T", horizontal: "H & h", vertical: "V", width: 800, height: 300))
    for part in [">T<", ">H &amp; h<", ">V<", "viewBox=\"0 -28 800 "] {
      #expect(svg.contains(part), "\(part)")
    }
    #expect(svg.contains("var(--s0,#0072b2)"))
    let plain = PictureStyle.plain(svg)
    #expect(!plain.contains("var(") && plain.contains(".s0{stroke:#0072b2}"))
    #expect(plain.contains(".dot.s0{fill:#0072b2}"))
  }
}
