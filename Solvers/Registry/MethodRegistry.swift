import QAP
import QAPAutomatic
import QAPBranchAndBound
import QAPDualAscent
import QAPFrankWolfe
import QAPGilmoreLawler
import QAPLinearRelaxation
import QAPLocalSearch
import QAPProjection
import QAPSemidefinite

/// The list of all methods. A line here gives a method its name on the command line, the
/// conformance tests and a row in `qap methods`.
public enum MethodRegistry {
  /// Every method there is, in the order of `qap methods`: those with bounds first.
  public static let methods: [RegisteredMethod] = [
    RegisteredMethod { options in
      var parameters = Automatic.Parameters()
      parameters.seeksAssignments = options.seeksAssignments
      return Automatic(parameters, checkpoint: options.checkpoint)
    },
    RegisteredMethod { BranchAndBound(.init(checkpoint: $0.checkpoint)) },
    RegisteredMethod { _ in GilmoreLawler() },
    RegisteredMethod { _ in Projection() },
    RegisteredMethod { _ in HahnGrant() },
    RegisteredMethod { _ in AnnealedAscent() },
    RegisteredMethod { _ in RLTLinearProgram() },
    RegisteredMethod { _ in DoublyNonnegative() },
    RegisteredMethod { _ in KaufmanBroeckx() },
    RegisteredMethod { _ in XiaYuan() },
    RegisteredMethod { _ in TwoOpt() },
    RegisteredMethod { _ in RobustTabu() },
    RegisteredMethod { _ in Memetic() },
    RegisteredMethod { FrankWolfe(.init(starts: $0.starts ?? 1)) },
  ]

  /// The entry of the method called `id`, if there is one.
  public static func method(_ id: String) -> RegisteredMethod? {
    methods.first { $0.info.id == id }
  }

  /// The ids to choose from, for a message about an unknown `id`: "auto, …, faq; did you mean
  /// tabu?".
  public static func choices(insteadOf id: String) -> String {
    methods.map(\.info.id).joined(separator: ", ")
      + (nearest(to: id).map { "; did you mean \($0)?" } ?? "")
  }

  /// The id nearest to a misspelled one, if any is near.
  public static func nearest(to id: String) -> String? {
    Spelling.nearest(to: id, among: methods.map(\.info.id))
  }
}
