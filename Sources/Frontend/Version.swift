import QAP

/// The version of the programs and of the package.
public let version = PackageVersion.text
