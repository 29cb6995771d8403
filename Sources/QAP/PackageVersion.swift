/// The version of the package.
public enum PackageVersion {
  /// The version as text, such as "1.2.0".
  public static let text = "0.1.0"
}
