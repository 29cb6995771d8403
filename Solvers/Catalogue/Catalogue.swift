import Automatic
import BranchAndBound
import DualAscent
import FrankWolfe
import GilmoreLawler
import LinearRelaxation
import LocalSearch
import Projection
import QAP
import Semidefinite

/// What a caller may ask of a method besides its limits; a method ignores what it has no use for.
public struct MethodOptions: Sendable {
  /// Descents of a method that makes several; nil for its default.
  public var starts: Int?
  /// Where a search is kept, so that it can be taken up again.
  public var checkpoint: (any CheckpointStore)?

  /// False when bounds alone are wanted, and assignments only as far as bounds need them.
  public var seeksAssignments: Bool

  /// Everything is optional: what is nil is left to the method.
  public init(
    starts: Int? = nil, checkpoint: (any CheckpointStore)? = nil, seeksAssignments: Bool = true
  ) {
    self.starts = starts
    self.checkpoint = checkpoint
    self.seeksAssignments = seeksAssignments
  }
}

/// A method with the way to make it.
public struct CatalogueEntry: Sendable {
  /// What is known of it.
  public let card: MethodCard
  /// Makes one with these options and otherwise its defaults.
  public let make: @Sendable (MethodOptions) -> any Method

  /// The entry of a method that `make` makes.
  public init<M: Method>(_ make: @escaping @Sendable (MethodOptions) -> M) {
    card = M.card
    self.make = make
  }
}

/// All methods. A line here gives a method its name on the command line, the conformance tests and a
/// row in `qap methods`.
public enum Catalogue {
  /// Every method there is, in the order of `qap methods`: those with bounds first.
  public static let methods: [CatalogueEntry] = [
    CatalogueEntry { options in
      var parameters = Automatic.Parameters()
      parameters.seeksAssignments = options.seeksAssignments
      return Automatic(parameters, checkpoint: options.checkpoint)
    },
    CatalogueEntry { BranchAndBound(.init(checkpoint: $0.checkpoint)) },
    CatalogueEntry { _ in GilmoreLawler() },
    CatalogueEntry { _ in Projection() },
    CatalogueEntry { _ in HahnGrant() },
    CatalogueEntry { _ in AnnealedAscent() },
    CatalogueEntry { _ in RLTLinearProgram() },
    CatalogueEntry { _ in DoublyNonnegative() },
    CatalogueEntry { _ in KaufmanBroeckx() },
    CatalogueEntry { _ in XiaYuan() },
    CatalogueEntry { _ in TwoOpt() },
    CatalogueEntry { _ in RobustTabu() },
    CatalogueEntry { _ in Memetic() },
    CatalogueEntry { FrankWolfe(.init(starts: $0.starts ?? 1)) },
  ]

  /// The entry of the method called `id`, if there is one.
  public static func entry(_ id: String) -> CatalogueEntry? { methods.first { $0.card.id == id } }

  /// The id nearest to a misspelt one, if any is near.
  public static func nearest(to id: String) -> String? {
    let ranked = methods.map { (distance($0.card.id, id), $0.card.id) }.min { $0.0 < $1.0 }
    guard let ranked, ranked.0 <= max(2, id.count / 3) else { return nil }
    return ranked.1
  }

  /// The number of letters to insert, delete or replace (Levenshtein 1966).
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
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
