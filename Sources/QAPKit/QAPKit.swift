// The whole package behind one import. Clients that want less import the modules they need; what
// brings methods of its own and no C library imports `QAP` alone.

@_exported import QAP
@_exported import QAPAutomatic
@_exported import QAPBranchAndBound
@_exported import QAPDualAscent
@_exported import QAPFrankWolfe
@_exported import QAPGeneration
@_exported import QAPGilmoreLawler
@_exported import QAPInstanceIO
@_exported import QAPLinearAssignment
@_exported import QAPLinearProgramming
@_exported import QAPLinearRelaxation
@_exported import QAPLocalSearch
@_exported import QAPMatching
@_exported import QAPPrimitives
@_exported import QAPProjection
@_exported import QAPRegistry
@_exported import QAPReporting
@_exported import QAPSemidefinite
@_exported import QAPSubsetSelection
@_exported import QAPVerification
