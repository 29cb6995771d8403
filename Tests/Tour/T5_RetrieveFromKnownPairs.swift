import QAPKit
import Testing

/// Rank images for each text when some pairs are known.
@Suite struct RetrieveFromKnownPairs {
  @Test func ranksTheTruthFarAboveChance() throws {
    let (images, texts) = try bundledEmbeddings()
    let (known, asked) = (Array(0..<60), Array(60..<100))
    let factors = try ScoreFactors(
      .localCKAGaussian,
      source: RetrievalSide(base: texts.selecting(known), asked: texts.selecting(asked)),
      target: RetrievalSide(base: images.selecting(known), asked: images.selecting(asked)),
      threads: 2)
    let quality = factors.quality(truth: Array(0..<asked.count), top: [1, 5])
    // Chance is 1 in 40 for the first place and 1 in 8 for the first five.
    #expect(quality.top[0] > 0.1 && quality.top[1] > 0.3)
  }

  @Test func alignmentFallsWithShuffling() throws {
    let (images, texts) = try bundledEmbeddings()
    let asTheyAre = Array(0..<images.rows)
    let shuffled = shuffledOrders(rows: images.rows, percents: [100], seed: 0)
    let alignment = try Alignment(source: images, target: texts, normalizes: false, threads: 2)
    let values = try alignment.values(.cka, orders: [asTheyAre] + shuffled)
    #expect(values[0] > 1.2 * values[1])
  }
}
