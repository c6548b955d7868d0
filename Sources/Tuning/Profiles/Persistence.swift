/// The file that makes a profile apply when its device appears, and stay in force.
///
/// udev starts the device's unit where it finds this file; that starts the watch, which restores
/// what link events and other programs change (`SystemUnit`).
package struct Persistence {
  /// Below the root of the file system; an entry is called after its device.
  package static let directory = "etc/rxtune/devices"
  package static func path(_ device: String) -> String { "\(directory)/\(device)" }
  package static func unitName(_ device: String) -> String { "rxtune@\(device).service" }

  private let profile: String
  private let device: String

  /// - Throws: where a name cannot stand in a unit or a rule.
  package init(profile: String, device: String) throws(ProfileError) {
    for name in [profile, device] {
      guard Self.isSafe(name) else {
        throw ProfileError("'\(name)' has characters that a unit or a rule cannot hold")
      }
    }
    self.profile = profile
    self.device = device
  }

  package var path: String { Self.path(device) }

  /// As systemd reads it (EnvironmentFile=), a program that manages hosts can write it too.
  package var text: String {
    """
    # Written by rxtune persist; rxtune unpersist \(device) removes it.
    RXTUNE_PROFILE=\(profile)

    """
  }

  /// Letters that mean nothing to systemd, udev or a shell.
  package static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("-")
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"):
          true
        default: false
        }
      }
  }
}
