/// A pair of embeddings with the rows to match, as subsets.json of a folder of pairs lists them.
struct EmbeddingPair: Decodable {
  let vision: String
  let language: String
  let size: Int
  let rows: [Int]

  enum CodingKeys: String, CodingKey {
    case vision, language, rows
    case size = "N"
  }
}
