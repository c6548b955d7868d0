/// What this release is called, and when its manual was written.
package enum Release {
  package static let version = "0.1.0"
  package static let date = "November 23, 2026"
}
