import KernelIO
import Notation
import ReceivePath

/// The device that packets are served on, or a port that takes the place of one.
struct PacketDevice {
  let name: String
  /// 0 of what is no device of the kernel's.
  let ifindex: Int32
  let mtu: UInt32
  /// Of Ethernet; empty where the device has none.
  let mac: [UInt8]
  /// Receive queues in use, ascending.
  let queues: [Int]
  /// Its IPv4 addresses, the primary one first.
  let addresses: [IPAddress]
}

extension PacketDevice {
  /// - Parameter state: where it may be on record that the device was taken.
  init(
    _ name: String, _ kernel: some Kernel, state: String = StateDirectory.standard
  ) throws(BenchError) {
    let host = Host(kernel)
    let link: Link
    do { link = try host.link(name) } catch {
      if error.errno == .noDevice,
        let taken = TakenDevice.all(in: state, kernel).first(where: { $0.name == name })
      {
        throw BenchError(
          taken.isHeld(kernel)
            ? "\(name) is taken by another rxtune bench serve (pid \(taken.holder))"
            : "\(name) was taken by an rxtune bench serve that was killed",
          hint: taken.isHeld(kernel) ? "end that first" : "rxtune rollback gives it back")
      }
      throw error.errno == .noDevice
        ? BenchError("no device '\(name)' here", hint: "rxtune show lists them")
        : BenchError("\(name): \(error)")
    }
    guard link.isUp else {
      throw BenchError("\(link.name) is down", hint: "ip link set \(link.name) up")
    }
    self.name = link.name
    ifindex = link.index
    mtu = link.mtu
    mac = link.address
    do {
      queues = try host.queueNumbers(link.name).rx
      addresses = try host.ipv4Addresses().filter { $0.ifindex == link.index }.map(\.address)
    } catch { throw BenchError("\(name): \(error)") }
  }

  /// The address to serve: the one that was asked for, or its primary one.
  func address(_ wanted: String?) throws(BenchError) -> IPAddress {
    guard let wanted else {
      guard let first = addresses.first else {
        throw BenchError(
          "\(name) has no IPv4 address", hint: "add one, or name one of the host's with --host")
      }
      return first
    }
    return try Self.address(wanted)
  }

  static func address(_ text: String) throws(BenchError) -> IPAddress {
    guard let address = IPAddress(text) else {
      throw BenchError("\"\(text)\" is no IPv4 address")
    }
    guard !address.isIPv6 else { throw BenchError("\(text): packet backends serve IPv4 only") }
    return address
  }

  /// The queues to serve: those that were asked for, or all.
  func queues(_ wanted: [Int]?) throws(BenchError) -> [Int] {
    guard let wanted else { return queues }
    for queue in wanted where !queues.contains(queue) {
      let last = queues.last.map { "rx-0 to rx-\($0)" } ?? "none"
      throw BenchError("\(name) has no queue rx-\(queue): it has \(last)")
    }
    return wanted
  }
}
