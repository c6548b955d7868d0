import Commands

/// What the manual says of itself.
enum Release {
  static let version = Rxtune.version
  /// When the manual was last changed in substance.
  static let date = "November 23, 2026"
}
