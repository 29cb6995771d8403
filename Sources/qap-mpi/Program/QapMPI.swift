import ArgumentParser
import Foundation
import QAPDistribution
import QAPFrontend

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The `qap-mpi` command.
struct QapMPI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qap-mpi",
    abstract: "QAPKit over several machines: exact search and sweeps under MPI.",
    discussion: """
      Examples:
        mpirun -n 64 qap-mpi solve nug24.dat --threads 1 --checkpoint nug24.state
        mpirun -n 64 qap-mpi solve tai50a.dat --method tabu --seeds 64 --threads 1 --time-limit 600
        mpirun -n 64 qap-mpi compare *.dat --methods tabu,faq --seeds 20 --threads 1 --state runs
        mpirun -n 64 qap-mpi batch sweep.txt --state sweep.done
        qap-mpi simulate nug24.subtrees --ranks 1,10,100,1000

      Start one rank per core with --threads 1, or one per node with as many threads as cores. \
      Every rank reads FILE itself. Results go to rank 0's standard output, the log to its \
      standard error.

      When a rank or a node dies, mpirun ends the job. The checkpoint then holds the search as of \
      some seconds before, including the nodes that ranks worked on. The same command resumes from \
      it, with any number of ranks, and so does 'qap solve --method branch-and-bound \
      --checkpoint'.

      Exit status: that of qap.
      """,
    version: version,
    subcommands: [
      SolveCommand.self, CompareCommand.self, BatchCommand.self, SimulateCommand.self,
    ])
}

/// A command that ranks carry out together.
protocol DistributedCommand: ParsableCommand {
  /// Does the work of rank 0.
  func coordinate(_ world: World) throws
  /// Does the work of the other ranks, until rank 0 ends it.
  func work(_ world: World) throws
}

/// Parses the command line on every rank; only rank 0 speaks to the user.
@main
enum Program {
  static func main() {
    Console.turnSignalsIntoErrors()
    let world = World()
    if world.rank > 0 {
      // The coordinator decides what an interruption means; mpirun kills who does not listen.
      signal(SIGINT, SIG_IGN)
      signal(SIGTERM, SIG_IGN)
      let command = try? QapMPI.parseAsRoot() as? any DistributedCommand
      try? command?.work(world)
      world.send(.farewell, to: 0)
      world.finish()
      exit(0)
    }
    var status: Int32 = 0
    do {
      var command = try QapMPI.parseAsRoot()
      if let command = command as? any DistributedCommand {
        try reportingFailures { try coordinate(command, world) }
      } else {
        try command.run()
      }
    } catch {
      status = QapMPI.exitCode(for: error).rawValue
      if !(error is ExitCode) {
        let text = QapMPI.fullMessage(for: error)
        if !text.isEmpty {
          if status == 0 { try? Console.print(text) } else { Console.error(text) }
        }
      }
    }
    if !world.dismiss(within: 20) {
      Console.error("qap: some ranks do not answer; aborting the job")
      world.abort(status == 0 ? 1 : status)
    }
    world.finish()
    exit(status)
  }

  /// Coordinates; ends all ranks when one of them cannot go on.
  private static func coordinate(_ command: some DistributedCommand, _ world: World) throws {
    do {
      try command.coordinate(world)
    } catch let error as DistributionError {
      Console.error("qap: \(error)")
      var status: Int32 = 1
      if case .failed(_, _, let given) = error { status = given }
      world.abort(status)
    }
  }
}

/// The message about an error for rank 0.
func explain(_ error: any Error) -> (String, Int32) {
  let failure = Failure(of: error)
  return (failure.message, failure.status)
}
