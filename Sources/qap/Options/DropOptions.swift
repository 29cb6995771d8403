import ArgumentParser
import QAPMatching

/// Rows and columns of embeddings to leave out. Rows that stay keep their numbers.
struct DropOptions: ParsableArguments {
  @Flag(name: .long, help: "Leave out rows of zeros; other rows keep their numbers.")
  var dropZeroRows = false

  @Flag(name: .long, help: "Leave out columns that are constant but for rounding.")
  var dropConstantColumns = false

  /// The columns that stay.
  func columns(of side: Embeddings) throws -> Embeddings {
    dropConstantColumns ? try side.droppingConstantColumns() : side
  }

  /// The numbers of the rows that stay on all `sides`, whose rows belong together.
  func rows(of sides: Embeddings...) throws -> [Int] {
    let all = Array(0..<sides[0].rows)
    guard dropZeroRows else { return all }
    let kept = try sides.map { Set(try $0.rowsWithoutZeros()) }
    return all.filter { row in kept.allSatisfy { $0.contains(row) } }
  }
}
