// The whole package behind one import. Clients that want less import the modules they need; what
// brings methods of its own and no C library imports `QAP` alone.

@_exported import Automatic
@_exported import BranchAndBound
@_exported import Catalogue
@_exported import DualAscent
@_exported import FrankWolfe
@_exported import Generation
@_exported import GilmoreLawler
@_exported import InstanceIO
@_exported import LinearAssignment
@_exported import LinearProgramming
@_exported import LinearRelaxation
@_exported import LocalSearch
@_exported import Matching
@_exported import Primitives
@_exported import Projection
@_exported import QAP
@_exported import Reporting
@_exported import Semidefinite
@_exported import SubsetSelection
@_exported import Verification
