extension GilmoreLawler {
  /// There is nothing to choose.
  public struct Parameters: Sendable {
    /// The only choice.
    public init() {}
  }
}
