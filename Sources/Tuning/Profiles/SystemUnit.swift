import Notation

/// A file that systemd or udev reads, and that all devices share: `persist` writes it, where it is
/// not installed (`make install`, the packages). Their texts are in Units/.
package struct SystemUnit: Sendable {
  package var name: String
  /// Below the folders in which packages and administrators have such files.
  private var folder: String
  private var template: [UInt8]

  /// Applies the profile of one device; the part behind "@" is its name, as it is.
  package static let device = SystemUnit(
    name: "rxtune@.service", folder: "systemd/system", template: PackageResources.device_service)
  package static let watch = SystemUnit(
    name: "rxtune-watch.service", folder: "systemd/system", template: PackageResources.watch_service
  )
  package static let rule = SystemUnit(
    name: "90-rxtune.rules", folder: "udev/rules.d", template: PackageResources.devices_rules)
  package static let all = [device, watch, rule]

  /// The administrator's, below the root of the file system.
  package var path: String { "etc/\(folder)/\(name)" }

  /// Where a package has it.
  package var packagedPaths: [String] {
    ["usr/local/lib", "usr/lib", "lib"].map { "\($0)/\(folder)/\(name)" }
  }

  /// The first line of what `persist` wrote itself.
  package static let mark = "# Written by rxtune persist; rxtune unpersist --all removes it.\n"

  package func text(program: String) -> String {
    var text = Self.mark + String(decoding: template, as: UTF8.self)
    for (word, value) in [
      ("@program@", program),
      ("@sandbox@\n", String(decoding: PackageResources.sandbox_conf, as: UTF8.self)),
    ] {
      if let range = text.firstOccurrence(of: word) { text.replaceSubrange(range, with: value) }
    }
    return text
  }
}
