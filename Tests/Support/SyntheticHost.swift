package import KernelIO
package import Netlink

/// A host of any size, computed instead of recorded: so many CPUs, multi-queue NICs whose queues,
/// NAPI instances and IRQs are joined by the kernel, and listeners.
///
/// Answers the questions that a full read asks, in the formats of Linux 6.12; everything else is
/// absent. Wrap it in a `Recorder` to get a capture of such a host.
package final class SyntheticHost: Kernel {
  package struct Shape: Sendable {
    package var cpus: Int
    package var nodes: Int
    package var devices: Int
    package var queues: Int
    package var listeners: Int
    /// IRQs of other devices, which /proc/interrupts lists too.
    package var otherIRQs: Int
    /// Sockets of each SO_REUSEPORT group.
    package var groupSize: Int
    /// Threaded NAPI: nil where it was never on; false where it was, and the threads are left over.
    package var threaded: Bool?
    package var driver: String

    package init(
      cpus: Int, nodes: Int = 2, devices: Int = 1, queues: Int, listeners: Int = 0,
      otherIRQs: Int = 0, groupSize: Int = 4, threaded: Bool? = nil, driver: String = "ice"
    ) {
      self.cpus = cpus
      self.nodes = nodes
      self.devices = devices
      self.queues = queues
      self.listeners = listeners
      self.otherIRQs = otherIRQs
      self.groupSize = groupSize
      self.threaded = threaded
      self.driver = driver
    }
  }

  private let shape: Shape
  private static let ethtool = GenericFamily(
    name: "ethtool", id: 21, operations: [2, 4, 6, 11, 13, 15, 17, 19, 21, 38],
    groups: ["monitor": 5])
  private static let netdev = GenericFamily(name: "netdev", id: 20, operations: [10, 11, 12, 14])

  package init(_ shape: Shape) {
    self.shape = shape
  }

  // MARK: - Numbering

  private func firstIRQ(_ device: Int) -> Int { 32 + device * shape.queues }
  private func firstNAPI(_ device: Int) -> Int { 300 + device * shape.queues }
  private func node(ofCPU cpu: Int) -> Int { cpu * shape.nodes / shape.cpus }
  private func cpus(ofNode node: Int) -> String {
    let size = shape.cpus / shape.nodes
    return "\(node * size)-\((node + 1) * size - 1)"
  }
  private var interruptCount: Int { shape.devices * shape.queues }
  private func device(_ name: Substring) -> Int? {
    guard name.hasPrefix("eth"), let number = Int(name.dropFirst(3)),
      (0..<shape.devices).contains(number)
    else { return nil }
    return number
  }

  private func absent(_ operation: String, _ place: String) -> KernelError {
    KernelError(operation, place, .noEntry)
  }

  // MARK: - Files

  package func read(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    guard let text = text(path) else { throw absent("read", path.description) }
    return Array((text + "\n").utf8)
  }

  private func text(_ path: KernelPath) -> String? {
    let parts = path.relative.split(separator: "/")
    switch (path.root, parts.first) {
    case (.proc, "interrupts"): return interrupts()
    case (.proc, "net"): return path.relative == "net/softnet_stat" ? softnetStat() : nil
    case (.proc, "irq"):
      guard parts.count == 3, let irq = Int(parts[1]), (32..<32 + interruptCount).contains(irq)
      else { return nil }
      let cpu = (irq - 32) % shape.cpus
      switch parts[2] {
      case "smp_affinity_list", "effective_affinity_list": return "\(cpu)"
      case "node": return "\(node(ofCPU: cpu))"
      default: return nil
      }
    case (.proc, "sys"):
      switch path.relative {
      case "sys/net/core/rps_sock_flow_entries": return "0"
      case "sys/net/core/netdev_budget": return "300"
      case "sys/kernel/osrelease": return "6.12.0-synthetic"
      default: return nil
      }
    case (.sys, "devices"):
      switch path.relative {
      case "devices/system/cpu/online", "devices/system/cpu/possible", "devices/system/cpu/present":
        return "0-\(shape.cpus - 1)"
      case "devices/system/cpu/isolated": return ""
      case "devices/system/node/online": return "0-\(shape.nodes - 1)"
      default: break
      }
      guard parts.count == 5, parts[2] == "node", parts[3].hasPrefix("node"),
        let node = Int(parts[3].dropFirst(4)), node < shape.nodes
      else { return nil }
      if parts[4] == "cpulist" { return cpus(ofNode: node) }
      if parts[4] == "distance" {
        return (0..<shape.nodes).map { $0 == node ? "10" : "21" }.joined(separator: " ")
      }
      return nil
    case (.proc, let pid?):
      guard parts.count == 2, parts[1] == "status", let pid = Int(pid), pid > 10_000 else {
        return nil
      }
      return "Name:\tnapi/eth0-\(pid - 10_000)\nCpus_allowed_list:\t2-3"
    case (.sys, "class"): return deviceFile(parts)
    default: return nil
    }
  }

  private func deviceFile(_ parts: [Substring]) -> String? {
    guard parts.count >= 4, let device = device(parts[2]) else { return nil }
    switch parts[3...].joined(separator: "/") {
    case "ifindex": return "\(device + 2)"
    case "address": return "02:00:00:00:00:" + hex(device)
    case "device/numa_node": return "\(device % shape.nodes)"
    case "napi_defer_hard_irqs", "gro_flush_timeout": return "0"
    case "threaded": return shape.threaded == true ? "1" : "0"
    default: break
    }
    guard parts.count == 6, parts[3] == "queues" else { return nil }
    switch parts[5] {
    case "rps_cpus", "xps_cpus", "xps_rxqs":
      return (0..<(shape.cpus + 31) / 32).map { _ in "00000000" }.joined(separator: ",")
    case "rps_flow_cnt": return "0"
    default: return nil
    }
  }

  private func hex(_ value: Int) -> String {
    let digits = String(value & 0xff, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }

  private func interrupts() -> String {
    var text = "           "
    for cpu in 0..<shape.cpus { text += "CPU\(cpu) " }
    for device in 0..<shape.devices {
      for queue in 0..<shape.queues {
        let irq = firstIRQ(device) + queue
        text += "\n \(irq): "
        for cpu in 0..<shape.cpus { text += cpu == (irq - 32) % shape.cpus ? "123456 " : "0 " }
        text += "PCI-MSIX-0000:\(hex(device)):00.0 \(queue)-edge eth\(device)-TxRx-\(queue)"
      }
    }
    for other in 0..<shape.otherIRQs {
      text += "\n \(32 + interruptCount + other): "
      for cpu in 0..<shape.cpus { text += cpu == other % shape.cpus ? "4711 " : "0 " }
      text += "PCI-MSIX-0001:00:00.0 \(other)-edge nvme0q\(other)"
    }
    return text
  }

  private func softnetStat() -> String {
    (0..<shape.cpus).map { cpu in
      let number = String(cpu, radix: 16)
      let column = String(repeating: "0", count: 8 - number.count) + number
      return "000f4240 00000000 00000003" + String(repeating: " 00000000", count: 9) + " " + column
        + " 00000000 00000000"
    }.joined(separator: "\n")
  }

  package func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    throw KernelError("write", path.description, .accessDenied)
  }

  package func list(_ path: KernelPath) throws(KernelError) -> [String] {
    let parts = path.relative.split(separator: "/")
    if path == .sys("class/net") {
      return (0..<shape.devices).map { "eth\($0)" }.sorted()
    }
    guard parts.count >= 4, parts[0] == "class", let device = device(parts[2]) else {
      throw absent("list", path.description)
    }
    switch parts[3...].joined(separator: "/") {
    case "queues":
      return (0..<shape.queues).flatMap { ["rx-\($0)", "tx-\($0)"] }.sorted()
    case "device/msi_irqs":
      return (0..<shape.queues).map { String(firstIRQ(device) + $0) }.sorted()
    default: throw absent("list", path.description)
    }
  }

  package func readLink(_ path: KernelPath) throws(KernelError) -> String {
    let parts = path.relative.split(separator: "/")
    guard parts.count == 4, parts[3] == "device", let device = device(parts[2]) else {
      throw absent("readlink", path.description)
    }
    return "../../../0000:\(hex(device)):00.0"
  }

  package func mode(_ path: KernelPath) throws(KernelError) -> UInt16 {
    _ = try read(path)
    return 0o644
  }

  // MARK: - Netlink

  package func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    switch request.bus {
    case .route: return links(request)
    case .sockDiag: return sockets(request)
    case .generic: return try generic(request)
    }
  }

  private func links(_ request: NetlinkRequest) -> [NetlinkMessage] {
    (0..<shape.devices).filter { device in
      request.flags.contains(.dump) || asks(request, for: "eth\(device)", header: 16)
    }.map { device in
      var writer = AttributeWriter(
        header: [0, 0, 1, 0] + hostBytes(Int32(device + 2)) + hostBytes(UInt32(0x11043))
          + hostBytes(UInt32(0)))
      writer.put(1, bytes: [2, 0, 0, 0, 0, UInt8(truncatingIfNeeded: device)])
      writer.put(3, "eth\(device)")
      writer.put(4, UInt32(1500))
      writer.put(16, UInt8(6))
      writer.put(31, UInt32(shape.queues))
      writer.put(32, UInt32(shape.queues))
      writer.put(33, UInt8(1))
      writer.put(56, "0000:\(hex(device)):00.0")
      writer.put(57, "pci")
      return NetlinkMessage(type: 16, payload: writer.bytes)
    }
  }

  /// Whether an attribute of the request holds `name`.
  private func asks(_ request: NetlinkRequest, for name: String, header: Int) -> Bool {
    guard let attributes = try? Attributes(request.payload.dropFirst(header), "request") else {
      return false
    }
    return attributes.contains { attribute in
      attribute.string() == name
        || ((try? attribute.nested())?.contains { $0.string() == name } ?? false)
    }
  }

  private func generic(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    for family in [Self.ethtool, Self.netdev] {
      if request == GenericFamily.request(named: family.name) { return [announce(family)] }
    }
    guard let command = request.payload.first else {
      throw KernelError("netlink", request.subject, .invalid)
    }
    if request.type == Self.netdev.id {
      let attributes = try? Attributes(request.payload.dropFirst(4), "request")
      let index = (try? attributes?[1]?.u32()) ?? (try? attributes?[2]?.u32()) ?? 0
      return netdev(command, device: Int(index) - 2)
    }
    guard
      let device = (0..<shape.devices).first(where: {
        asks(request, for: "eth\($0)", header: 4)
      })
    else { throw KernelError("netlink", request.subject, .noDevice) }
    guard let reply = ethtoolReply(command, device: device) else {
      throw KernelError("netlink", request.subject, .notSupported)
    }
    return request.flags.contains(.dump) ? [] : [reply]
  }

  private func announce(_ family: GenericFamily) -> NetlinkMessage {
    var writer = AttributeWriter(header: [1, 2, 0, 0])
    writer.put(2, family.name)
    writer.put(1, family.id)
    writer.put(3, UInt32(1))
    writer.nest(6) { list in
      for operation in family.operations.sorted() {
        list.nest(UInt16(operation)) { $0.put(1, UInt32(operation)) }
      }
    }
    return NetlinkMessage(type: GenericFamily.controllerID, payload: writer.bytes)
  }

  private func netdev(_ command: UInt8, device: Int) -> [NetlinkMessage] {
    guard (0..<shape.devices).contains(device) else { return [] }
    func message(_ fill: (inout AttributeWriter) -> Void) -> NetlinkMessage {
      var writer = AttributeWriter(header: [command, 1, 0, 0])
      fill(&writer)
      return NetlinkMessage(type: Self.netdev.id, payload: writer.bytes)
    }
    let queues = 0..<shape.queues
    let index = UInt32(device + 2)
    switch command {
    case 10:
      return (0..<2).flatMap { type in
        queues.map { queue in
          message {
            $0.put(1, UInt32(queue))
            $0.put(3, UInt32(type))
            $0.put(4, UInt32(firstNAPI(device) + queue))
            $0.put(2, index)
          }
        }
      }
    case 11:
      return queues.reversed().map { queue in
        message {
          $0.put(2, UInt32(firstNAPI(device) + queue))
          $0.put(1, index)
          $0.put(3, UInt32(firstIRQ(device) + queue))
          if shape.threaded != nil { $0.put(4, UInt32(10_000 + firstNAPI(device) + queue)) }
          $0.put(5, UInt32(0))
          $0.put(6, UInt32(0))
        }
      }
    case 12:
      return queues.map { queue in
        message {
          $0.put(1, index)
          $0.put(2, UInt32(0))
          $0.put(3, UInt32(queue))
          $0.put(8, UInt64(1_000_000 + queue))
          $0.put(9, UInt64(64_000_000))
          $0.put(13, UInt64(0))
        }
      }
    default: return []
    }
  }

  private func ethtoolReply(_ command: UInt8, device: Int) -> NetlinkMessage? {
    var writer = AttributeWriter(header: [command, 1, 0, 0])
    let queues = UInt32(shape.queues)
    switch command {
    case 4:
      writer.put(5, UInt32(100_000))
      writer.put(6, UInt8(1))
    case 11:
      writer.nest(2) { set in
        set.nest(3) { list in
          for (index, name) in ["rx-gro", "rx-checksum", "rx-hashing"].enumerated() {
            list.nest(1) {
              $0.put(1, UInt32(index))
              $0.put(2, name)
              $0.put(3, flag: true)
            }
          }
        }
      }
    case 15:
      for attribute: UInt16 in [2, 5] { writer.put(attribute, UInt32(8192)) }
      for attribute: UInt16 in [6, 9] { writer.put(attribute, UInt32(1024)) }
    case 17:
      writer.put(5, queues)
      writer.put(9, queues)
    case 19:
      writer.put(2, UInt32(8))
      writer.put(11, UInt8(1))
    case 38:
      writer.put(3, UInt32(1))
      writer.put(4, bytes: (0..<512).flatMap { hostBytes(UInt32($0 % shape.queues)) })
      writer.put(5, bytes: (0..<40).map { UInt8($0) })
      writer.nest(8) { fields in
        for type: UInt16 in [4, 5, 6, 7] { fields.put(type, UInt32(0xf0)) }
      }
    default: return nil
    }
    return NetlinkMessage(type: Self.ethtool.id, payload: writer.bytes)
  }

  package func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    guard let number = self.device(Substring(device)) else {
      throw KernelError("SIOCETHTOOL", device, .noDevice)
    }
    guard data.first == 0x03, data.count == 196 else {
      throw KernelError("SIOCETHTOOL", device, .notSupported)
    }
    var answer = data
    func put(_ text: String, at offset: Int) {
      answer.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put(shape.driver, at: 4)
    put("6.12.0", at: 36)
    put("0000:\(hex(number)):00.0", at: 132)
    return answer
  }

  // MARK: - Sockets

  /// inet_diag_msg of IPv4 listeners; every other family and protocol has none.
  private func sockets(_ request: NetlinkRequest) -> [NetlinkMessage] {
    guard request.payload.count >= 2, request.payload[0] == 2, request.payload[1] == 6 else {
      return []
    }
    return (0..<shape.listeners).map { socket in
      let port = UInt16(truncatingIfNeeded: 1024 + socket / shape.groupSize)
      var header: [UInt8] = [2, 10, 0, 0]
      header += [UInt8(port >> 8), UInt8(truncatingIfNeeded: port), 0, 0]
      header += [UInt8](repeating: 0, count: 16) + [UInt8](repeating: 0, count: 16)
      header += hostBytes(UInt32(0)) + hostBytes(UInt64(socket + 1))
      header += hostBytes(UInt32(0)) + hostBytes(UInt32(0)) + hostBytes(UInt32(4096))
      header += hostBytes(UInt32(0)) + hostBytes(UInt32(100_000 + socket))
      var writer = AttributeWriter(header: header)
      writer.put(7, bytes: (0..<9).flatMap { _ in hostBytes(UInt32(0)) })
      return NetlinkMessage(type: 20, payload: writer.bytes)
    }
  }
}
