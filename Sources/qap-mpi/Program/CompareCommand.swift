import ArgumentParser

/// `qap-mpi compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "compare")
}
/// `qap-mpi simulate`.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "simulate")
}
