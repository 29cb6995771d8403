/// Suggestions for misspelled words.
package enum Spelling {
  /// The choice nearest to a misspelled word, if any is near; letters' case does not count.
  ///
  /// - Complexity: O(letters²) for each choice.
  package static func nearest(to word: String, among choices: [String]) -> String? {
    let word = Array(word.lowercased().prefix(64))
    let ranked = choices.map { (distance(Array($0.lowercased().prefix(64)), word), $0) }
      .min { $0.0 < $1.0 }
    guard let ranked, ranked.0 <= max(min(2, ranked.1.count - 1), word.count / 3) else {
      return nil
    }
    return ranked.1
  }

  /// The number of letters to insert, delete or replace (Levenshtein 1966).
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
