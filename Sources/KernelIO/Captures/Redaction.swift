package import Netlink
import Notation

extension Capture {
  /// The capture without what names its machine and its peers: link-layer and IP addresses, the
  /// host's name, device aliases, mounts, open files, arguments of processes and of the kernel.
  ///
  /// An address has the same stand-in wherever it occurs (see `AddressMap`). All else stays as
  /// it is to the byte, so a redacted host replays as well as the plain one. A message that does
  /// not decode might hide an address: it stops the redaction.
  package func redacted() throws(DecodeError) -> Capture {
    var redaction = Redaction()
    return try redaction.redact(self)
  }

  /// Moments of one host: an address has the same stand-in in all of them.
  package static func redacted(_ moments: [Capture]) throws(DecodeError) -> [Capture] {
    var redaction = Redaction()
    return try moments.map { (moment) throws(DecodeError) in try redaction.redact(moment) }
  }
}

private struct Redaction {
  private var addresses = AddressMap()

  mutating func redact(_ capture: Capture) throws(DecodeError) -> Capture {
    var result = Capture(capture.host)
    result.host.isRedacted = true
    result.exchanges.reserveCapacity(capture.exchanges.count)
    for exchange in capture.exchanges { result.exchanges.append(try redact(exchange)) }
    return result
  }

  mutating func redact(_ exchange: Capture.Exchange) throws(DecodeError) -> Capture.Exchange {
    var exchange = exchange
    if case .bytes(var bytes) = exchange.answer {
      switch exchange.question {
      case .read(let path): mask(&bytes, contentOf: path)
      case .ethtool: mask(ethtool: &bytes)
      case .list, .readLink, .mode, .netlink: break
      }
      exchange.answer = .bytes(bytes)
    }
    if case .strings(let targets) = exchange.answer, case .readLink(let path) = exchange.question {
      exchange.answer = .strings(targets.map { isOpenFile(path, $0) ? "x" : $0 })
    }
    if case .messages(let messages) = exchange.answer,
      case .netlink(let request) = exchange.question
    {
      var masked: [NetlinkMessage] = []
      for var message in messages {
        try mask(&message, on: request.bus)
        masked.append(message)
      }
      exchange.answer = .messages(masked)
    }
    maskNames(in: &exchange)
    return exchange
  }

  // MARK: - Names

  /// Interfaces named after their address ("enx001122334455") occur everywhere.
  private mutating func maskNames(in exchange: inout Capture.Exchange) {
    switch exchange.question {
    case .read(var path):
      maskNames(&path.relative)
      exchange.question = .read(path)
    case .list(var path):
      maskNames(&path.relative)
      exchange.question = .list(path)
    case .readLink(var path):
      maskNames(&path.relative)
      exchange.question = .readLink(path)
    case .mode(var path):
      maskNames(&path.relative)
      exchange.question = .mode(path)
    case .netlink(var request):
      mask(&request)
      maskNames(&request.payload)
      maskNames(&request.subject)
      exchange.question = .netlink(request)
    case .ethtool(var device, var data):
      maskNames(&device)
      mask(ethtool: &data)
      exchange.question = .ethtool(device: device, data: data)
    }
    switch exchange.answer {
    case .bytes(var bytes):
      maskNames(&bytes)
      exchange.answer = .bytes(bytes)
    case .strings(var strings):
      for index in strings.indices { maskNames(&strings[index]) }
      exchange.answer = .strings(strings)
    case .messages(var messages):
      for index in messages.indices { maskNames(&messages[index].payload) }
      exchange.answer = .messages(messages)
    case .refused, .malformed: break
    }
  }

  private static let namePrefix = Array("enx".utf8)

  private mutating func maskNames(_ bytes: inout [UInt8]) {
    var start = 0
    while start + 15 <= bytes.count {
      if bytes[start] == Self.namePrefix[0],
        bytes[start..<start + 3].elementsEqual(Self.namePrefix),
        bytes[start + 3..<start + 15].allSatisfy({ Hex.digit($0) != nil })
      {
        mask(hexDigits: Array(start + 3..<start + 15), in: &bytes)
        start += 15
      } else {
        start += 1
      }
    }
  }

  private mutating func maskNames(_ string: inout String) {
    guard string.utf8.count >= 15 else { return }
    var bytes = Array(string.utf8)
    maskNames(&bytes)
    string = String(decoding: bytes, as: UTF8.self)
  }

  // MARK: - Files

  private static let addressFiles: Set<String> = [
    "address", "broadcast", "phys_port_id", "phys_switch_id", "perm_hwaddr", "ad_partner_mac",
    "ad_actor_system", "bridge_id", "root_id", "group_addr", "designated_bridge",
    "designated_root",
  ]
  private static let socketTables: Set<String> = [
    "tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6",
  ]

  private mutating func mask(_ bytes: inout [UInt8], contentOf path: KernelPath) {
    let components = path.relative.split(separator: "/")
    guard let name = components.last.map(String.init) else { return }
    let folder = components.dropLast().last ?? ""
    switch path.root {
    case .sys where name == "ifalias": maskText(&bytes)
    case .sys where Self.addressFiles.contains(name) && path.relative.mentions("net/"):
      for run in hexRuns(bytes, separator: UInt8(ascii: ":")) where run.count >= 12 {
        mask(hexDigits: run, in: &bytes)
      }
    case .proc where folder == "net" && Self.socketTables.contains(name):
      for run in hexRuns(bytes) where run.count == 8 || run.count == 32 {
        if run.last.map({ bytes[($0 + 1)...].first }) == UInt8(ascii: ":") {
          maskWords(hexDigits: run, in: &bytes)
        }
      }
    case .proc where path.relative == "cmdline": bytes = kernelArguments(bytes)
    case .proc where name == "cmdline": bytes = Array(bytes.prefix { $0 != 0 })
    case .proc where name == "environ": bytes = []
    case .proc where name == "mounts": bytes = mountsOfProc(bytes)
    case .proc where folder == "kernel" && (name == "hostname" || name == "domainname"):
      bytes = Array("host\n".utf8)
    case .proc, .sys, .dev: break
    }
  }

  /// What a process has open besides sockets, whose owners are sought in /proc/PID/fd.
  private func isOpenFile(_ path: KernelPath, _ target: String) -> Bool {
    path.root == .proc && path.relative.split(separator: "/").dropLast().last == "fd"
      && !target.hasPrefix("socket:[")
  }

  /// The lines of /proc: whether it hides processes is asked, not what else is mounted from where.
  private func mountsOfProc(_ mounts: [UInt8]) -> [UInt8] {
    mounts.split(separator: .newline).flatMap { line -> [UInt8] in
      let place = line.split(separator: .space).dropFirst().first ?? []
      return place.elementsEqual("/proc".utf8) ? line + [.newline] : []
    }
  }

  private func maskText(_ bytes: inout [UInt8]) {
    for index in bytes.indices where bytes[index] > .space { bytes[index] = UInt8(ascii: "x") }
  }

  /// What the receive path depends on is told; where the disk is and such is not.
  private static let toldArguments: Set<String> = [
    "isolcpus", "nohz", "nohz_full", "rcu_nocbs", "irqaffinity", "nosmt", "maxcpus", "nr_cpus",
    "mitigations", "iommu", "intel_iommu", "amd_iommu", "pci", "threadirqs", "idle",
    "intel_idle.max_cstate", "processor.max_cstate", "numa_balancing", "skew_tick", "tsc",
    "default_hugepagesz", "hugepages", "transparent_hugepage",
  ]

  private func kernelArguments(_ bytes: [UInt8]) -> [UInt8] {
    let arguments = bytes.split { $0 <= .space }.map { argument -> [UInt8] in
      let key = argument.prefix { $0 != UInt8(ascii: "=") }
      let isTold = Self.toldArguments.contains(String(decoding: key, as: UTF8.self))
      return key.count == argument.count || isTold ? Array(argument) : key + Array("=x".utf8)
    }
    return Array(arguments.joined(separator: [.space])) + [.newline]
  }

  // MARK: - Hex in text

  /// Positions of the digits of each stretch of hex digits, separators left out.
  private func hexRuns(_ bytes: [UInt8], separator: UInt8? = nil) -> [[Int]] {
    var runs: [[Int]] = []
    var run: [Int] = []
    for (index, byte) in bytes.enumerated() {
      if Hex.digit(byte) != nil {
        run.append(index)
      } else if byte != separator, !run.isEmpty {
        runs.append(run)
        run = []
      }
    }
    return run.isEmpty ? runs : runs + [run]
  }

  private mutating func mask(hexDigits digits: [Int], in bytes: inout [UInt8]) {
    let address = value(ofDigits: digits, in: bytes)
    put(addresses.standIn(for: address), digits, in: &bytes)
  }

  /// /proc/net/tcp and its like print an address as 32-bit words in host byte order.
  private mutating func maskWords(hexDigits digits: [Int], in bytes: inout [UInt8]) {
    let printed = value(ofDigits: digits, in: bytes)
    put(swapped(addresses.standIn(for: swapped(printed))), digits, in: &bytes, inCapitals: true)
  }

  private func swapped(_ words: [UInt8]) -> [UInt8] {
    stride(from: 0, to: words.count - 3, by: 4).flatMap {
      hostBytes(words[$0..<$0 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
  }

  private func value(ofDigits digits: [Int], in bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: digits.count - 1, by: 2).map {
      let high = Hex.digit(bytes[digits[$0]]) ?? 0
      let low = Hex.digit(bytes[digits[$0 + 1]]) ?? 0
      return high << 4 | low
    }
  }

  private func put(
    _ value: [UInt8], _ digits: [Int], in bytes: inout [UInt8], inCapitals: Bool = false
  ) {
    let alphabet = Array((inCapitals ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
    for (index, byte) in value.enumerated() {
      for (half, digit) in [byte >> 4, byte & 15].enumerated() {
        bytes[digits[2 * index + half]] = alphabet[Int(digit)]
      }
    }
  }

  // MARK: - Netlink

  private enum Family {
    static let ipv4: UInt8 = 2
    static let ipv6: UInt8 = 10
  }

  private mutating func mask(_ message: inout NetlinkMessage, on bus: NetlinkProtocol)
    throws(DecodeError)
  {
    switch (bus, message.type) {
    case (.route, LinkMessage.new.rawValue):
      try mask(&message, after: LinkMessage.Header.size, "link", AddressRule.linkAttributes)
    case (.route, 20):  // RTM_NEWADDR behind struct ifaddrmsg
      try mask(&message, after: 8, "address", AddressRule.addressAttributes)
    case (.sockDiag, 20):  // SOCK_DIAG_BY_FAMILY behind struct inet_diag_msg
      guard let family = message.payload.first, [Family.ipv4, Family.ipv6].contains(family)
      else { return }
      try mask(&message, after: 72, "socket", AddressRule.socketAttributes)
      maskSocketID(&message.payload, at: 4, family)
    default: break
    }
  }

  /// A question about one socket (struct inet_diag_req_v2) must still find its answer.
  private mutating func mask(_ request: inout NetlinkRequest) {
    guard request.bus == .sockDiag, request.type == 20, let family = request.payload.first else {
      return
    }
    maskSocketID(&request.payload, at: 8, family)
  }

  /// `struct inet_diag_sockid`: two ports, then source and destination in 16 bytes each.
  private mutating func maskSocketID(_ bytes: inout [UInt8], at offset: Int, _ family: UInt8) {
    let length = family == Family.ipv4 ? 4 : 16
    for start in [offset + 4, offset + 20] { mask(&bytes, start..<start + length) }
  }

  private mutating func mask(
    _ message: inout NetlinkMessage, after headerSize: Int, _ context: String,
    _ rules: [UInt16: AddressRule]
  ) throws(DecodeError) {
    let attributes = try message.attributes(after: headerSize, context)
    try mask(&message.payload, attributes, rules)
  }

  private mutating func mask(
    _ bytes: inout [UInt8], _ attributes: Attributes, _ rules: [UInt16: AddressRule]
  ) throws(DecodeError) {
    for attribute in attributes {
      if let rule = rules[attribute.type] { try mask(&bytes, attribute, rule) }
    }
  }

  /// The attribute's payload is a slice of `bytes` as they were, and so has their indices.
  private mutating func mask(_ bytes: inout [UInt8], _ attribute: Attribute, _ rule: AddressRule)
    throws(DecodeError)
  {
    let range = attribute.payload.indices
    switch rule {
    case .address: mask(&bytes, range)
    case .field(let offset, let count):
      mask(&bytes, range.lowerBound + offset..<range.lowerBound + offset + count, within: range)
    case .socketAddresses:
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 128) {
        let isIPv4 = bytes[start] == Family.ipv4
        mask(&bytes, isIPv4 ? start + 4..<start + 8 : start + 8..<start + 24, within: range)
      }
    case .text:
      for index in range where bytes[index] > .space { bytes[index] = UInt8(ascii: "x") }
    case .secret:
      for index in range { bytes[index] = 0 }
    case .nest(let rules): try mask(&bytes, try attribute.nested(), rules)
    case .each(let rule):
      for member in try attribute.nested() { try mask(&bytes, member, rule) }
    case .linkInformation:
      let fields = try attribute.nested()
      // IFLA_INFO_KIND, DATA, SLAVE_KIND, SLAVE_DATA.
      let rules: [UInt16: AddressRule] = [
        2: .nest(AddressRule.data(ofKind: fields[1 as UInt16]?.string() ?? "")),
        5: .nest(AddressRule.portData(ofKind: fields[4 as UInt16]?.string() ?? "")),
      ]
      try mask(&bytes, fields, rules)
    }
  }

  private mutating func mask(_ bytes: inout [UInt8], _ range: Range<Int>, within: Range<Int>) {
    if range.upperBound <= within.upperBound { mask(&bytes, range) }
  }

  /// One address; left alone where the structure ends before it does.
  private mutating func mask(_ bytes: inout [UInt8], _ range: Range<Int>) {
    guard range.upperBound <= bytes.count else { return }
    bytes.replaceSubrange(range, with: addresses.standIn(for: Array(bytes[range])))
  }

  // MARK: - SIOCETHTOOL

  private mutating func mask(ethtool data: inout [UInt8]) {
    switch ethtoolCommand(data) {
    case 0x20:  // ETHTOOL_GPERMADDR: struct ethtool_perm_addr
      guard data.count >= 8 else { return }
      let size = Int(hostInteger(data[4..<8], as: UInt32.self))
      mask(&data, 8..<8 + min(size, data.count - 8))
    case 0x2f: maskRule(&data)  // ETHTOOL_GRXCLSRULE: struct ethtool_rxnfc
    default: break
    }
  }

  /// An ntuple rule: flow type at 16, then value and mask, each of 52 bytes by flow type and 20
  /// of extension. Masks stay: they are no addresses.
  private mutating func maskRule(_ data: inout [UInt8]) {
    guard data.count >= 20 else { return }
    let flowType = hostInteger(data[16..<20], as: UInt32.self)
    switch flowType & 0xff {
    case 0x01...0x04, 0x09, 0x0a, 0x0d, 0x10:  // IPv4: source, destination
      for start in [20, 24] { mask(&data, start..<start + 4) }
    case 0x05...0x08, 0x0b, 0x0c, 0x0e, 0x11:  // IPv6
      for start in [20, 36] { mask(&data, start..<start + 16) }
    case 0x12:  // ETHER_FLOW: destination, source
      for start in [20, 26] { mask(&data, start..<start + 6) }
    default: break
    }
    // FLOW_MAC_EXT: the destination's link-layer address in the extension.
    if flowType & 0x4000_0000 != 0 { mask(&data, 74..<80) }
  }
}
