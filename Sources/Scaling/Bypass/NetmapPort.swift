import CKernel
import Notation

/// A port of netmap that is no device of the kernel's: of a VALE switch ("vale0:web"), or an end of a pipe
/// ("vale0:web{1", "eth0}1"). netmap(4) has their names.
enum NetmapPort {
  /// Of what netmap's own programs take, "netmap:eth0}1", as its module has it.
  static func name(_ typed: String) -> String {
    let prefix = "netmap:"
    return typed.hasPrefix(prefix) ? String(typed.dropFirst(prefix.count)) : typed
  }

  static func isName(_ name: String) -> Bool {
    let isOfSwitch = name.hasPrefix("vale") && name.utf8.contains(UInt8(ascii: ":"))
    return isOfSwitch || name.utf8.contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }
  }

  /// The device whose pipe it is an end of; nil of a switch's port and of its pipes.
  static func nic(of name: String) -> String? {
    guard !name.utf8.contains(UInt8(ascii: ":")) else { return nil }
    return name.firstIndex { $0 == "{" || $0 == "}" }.map { String(name[..<$0]) }
  }

  /// Ethernet's: whatever is at the other end is asked for no more.
  private static let mtu: UInt32 = 1500
  /// nr_name of struct nmreq_header, without the zero behind it.
  private static let longestName = 63

  /// What is served there has an address of its own, and a locally administered MAC made of it.
  static func device(_ name: String, address: String?) throws(BenchError) -> PacketDevice {
    guard let address else {
      throw BenchError(
        "\(name) is a port of netmap, which has no address",
        hint: "name one to serve there with --host, which no host has")
    }
    guard name.utf8.count <= longestName else {
      throw BenchError("\(name) is longer than a name of netmap's (\(longestName) bytes)")
    }
    let served = try PacketDevice.address(address)
    return PacketDevice(
      name: name, ifindex: 0, mtu: mtu, mac: [0x02, 0x00] + served.bytes, queues: [0],
      addresses: [served])
  }

  static func put(_ port: PacketDevice, into setup: inout rxtune_packet_setup) {
    unsafe withUnsafeMutableBytes(of: &setup.name) { name in
      unsafe name.copyBytes(from: port.name.utf8.prefix(longestName))
    }
    unsafe withUnsafeMutableBytes(of: &setup.mac) { unsafe $0.copyBytes(from: port.mac.prefix(6)) }
  }
}
