/// The files that make a profile apply at boot, when its device appears, and stay in force.
///
/// udev starts the device's unit when the device is there; that pulls in the watch, which puts
/// back what link events and other programs change.
package struct Persistence {
  package struct File: Hashable, Sendable {
    /// Below the root of the file system.
    package var path: String
    package var text: String
  }

  package static let unitDirectory = "etc/systemd/system"
  package static let watchName = "rxtune-watch.service"
  package static let watchUnit = "\(unitDirectory)/\(watchName)"
  package static let ruleDirectory = "etc/udev/rules.d"

  private let profile: String
  private let device: String
  private let program: String

  /// - Throws: where a name cannot stand in a unit or a rule.
  package init(profile: String, device: String, program: String) throws(ProfileError) {
    for name in [profile, device, program] {
      guard Self.isSafe(name) else {
        throw ProfileError("'\(name)' has characters that a unit or a rule cannot hold")
      }
    }
    self.profile = profile
    self.device = device
    self.program = program
  }

  package var files: [File] {
    [
      File(path: Self.unitPath(device), text: unit),
      File(path: Self.rulePath(device), text: rule),
      File(path: Self.watchUnit, text: watch),
    ]
  }

  package static func unitPath(_ device: String) -> String {
    "\(unitDirectory)/\(unitName(device))"
  }

  package static func unitName(_ device: String) -> String { "rxtune-\(device).service" }

  package static func rulePath(_ device: String) -> String {
    "\(ruleDirectory)/90-rxtune-\(device).rules"
  }

  private var unit: String {
    let deviceUnit = "sys-subsystem-net-devices-\(Self.escaped(device)).device"
    return """
      # Written by rxtune persist; rxtune unpersist \(device) removes it.
      [Unit]
      Description=rxtune profile \(profile) on \(device)
      After=\(deviceUnit) systemd-sysctl.service irqbalance.service
      BindsTo=\(deviceUnit)
      Wants=\(Self.watchName)
      Before=\(Self.watchName) network-online.target
      StartLimitIntervalSec=60
      StartLimitBurst=5

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=\(program) apply --irqbalance=ignore \(profile) \(device)
      Restart=on-failure
      RestartSec=2

      """
  }

  private var rule: String {
    """
    # Written by rxtune persist; rxtune unpersist \(device) removes it.
    ACTION=="add|move", SUBSYSTEM=="net", NAME=="\(device)", TAG+="systemd", \
    ENV{SYSTEMD_WANTS}+="\(Self.unitName(device))"

    """
  }

  private var watch: String {
    """
    # Written by rxtune persist; the last rxtune unpersist removes it.
    [Unit]
    Description=rxtune restores what link events and other programs change

    [Service]
    ExecStart=\(program) watch --repair
    Restart=on-failure
    RestartSec=5

    """
  }

  /// Letters that mean nothing to systemd, udev or a shell.
  private static func isSafe(_ name: String) -> Bool {
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

  /// As systemd-escape(1): a unit's name takes "-" for "/".
  private static func escaped(_ name: String) -> String {
    name.utf8.reduce(into: "") { text, byte in
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: "@"):
        text += "\\x" + String(byte, radix: 16)
      case UInt8(ascii: "/"): text += "-"
      default: text.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
  }
}
