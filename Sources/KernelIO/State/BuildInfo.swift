import CKernel

/// What this program was built from.
package enum BuildInfo {
  /// "8d90af05c1d2"; nil where it was not told (Package.swift).
  package static let commit: String? = {
    let text = unsafe String(cString: rxtune_commit())
    return text.isEmpty ? nil : text
  }()
}
