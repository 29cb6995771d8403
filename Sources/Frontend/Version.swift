/// The version of the programs and of the package.
public let version = "0.1.0"
