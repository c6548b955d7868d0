import Glibc
package import KernelIO
import Notation
import ReceivePath

/// Refuses devices that the one who types depends on: what a backend does to a device may interrupt
/// its link, as a driver does that takes an XDP program.
package enum DeviceCaution {
  package static func check(
    _ name: String, _ kernel: some Kernel, state: String = StateDirectory.standard
  ) throws(BenchError) {
    let device = try PacketDevice(name, kernel, state: state)
    if (try? kernel.text(.proc("net/route"))).map({ isDefault(device.name, in: $0) }) == true
      || (try? kernel.text(.proc("net/ipv6_route"))).map({ isDefault6(device.name, in: $0) })
        == true
    {
      throw BenchError(
        "\(device.name) carries the default route: this host could be cut off",
        hint: "name a device that it can do without")
    }
    if let address = sessionAddress(kernel), device.addresses.contains(address) {
      throw BenchError(
        "\(device.name) has \(address), which your SSH session comes in by",
        hint: "name a device that it can do without")
    }
  }

  /// /proc/net/route: device, destination, gateway, flags, use, metric, mask …, in hexadecimal.
  static func isDefault(_ device: String, in routes: String) -> Bool {
    routes.split(separator: "\n").contains { line in
      let fields = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
      return fields.count > 7 && fields[0] == device && fields[1] == "00000000"
        && fields[7] == "00000000"
    }
  }

  /// /proc/net/ipv6_route: destination, its length, source, its length, gateway, metric, two counts,
  /// flags, device, in hexadecimal.
  static func isDefault6(_ device: String, in routes: String) -> Bool {
    routes.split(separator: "\n").contains { line in
      let fields = line.split(separator: " ")
      return fields.count == 10 && fields[9] == device && fields[1] == "00"
        && fields[0].allSatisfy { $0 == "0" }
    }
  }

  /// This host's address in SSH_CONNECTION of this process or of one above it: sudo(8) clears its
  /// own.
  private static func sessionAddress(_ kernel: some Kernel) -> IPAddress? {
    var process = getpid()
    // Deep enough for any shell in any shell.
    for _ in 0..<32 where process > 1 {
      if let environment = try? kernel.read(.proc("\(process)/environ")),
        let address = address(inEnvironment: environment)
      {
        return address
      }
      let status = (try? kernel.text(.proc("\(process)/status"))) ?? ""
      let parent = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }?
        .split(separator: "\t").last
      process = parent.flatMap { Int32($0) } ?? 0
    }
    return nil
  }

  /// "SSH_CONNECTION=203.0.113.5 50000 192.0.2.7 22" among variables that end in a zero byte.
  static func address(inEnvironment bytes: [UInt8]) -> IPAddress? {
    for variable in bytes.split(separator: 0) {
      let text = String(decoding: variable, as: UTF8.self)
      guard text.hasPrefix("SSH_CONNECTION=") else { continue }
      let words = text.split(separator: " ")
      return words.count == 4 ? IPAddress(words[2]) : nil
    }
    return nil
  }
}
