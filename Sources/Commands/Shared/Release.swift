import KernelIO
import Rendering

/// What this release is called, and when its manual was written.
package enum Release {
  package static let version = "0.1.0"
  /// "rxtune 0.1.0 (8d90af05c1d2), schema 2".
  static let summary =
    "rxtune \(version)\(BuildInfo.commit.map { " (\($0))" } ?? ""), schema \(JSONSchema.version)"
  package static let date = "November 23, 2026"
}
