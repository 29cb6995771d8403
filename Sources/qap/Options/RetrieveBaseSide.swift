import ArgumentParser
import QAP
import QAPMatching
import QAPPrimitives

/// The side whose rows are clustered to choose a base.
enum RetrieveBaseSide: String, CaseIterable, ExpressibleByArgument {
  case source, target
}
