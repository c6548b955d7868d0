import Netlink
import TestSupport
import Testing

@testable import KernelIO

@Suite("Redaction") struct RedactionTests {
  static let mac: [UInt8] = [0x3c, 0xfd, 0xfe, 0x12, 0x34, 0x56]
  static let standInMAC: [UInt8] = [0x02, 0, 0, 0, 0, 1]

  private func redacted(_ exchanges: Capture.Exchange...) throws -> [Capture.Exchange] {
    let result = try Capture(RecorderTests.host, exchanges: exchanges).redacted()
    #expect(result.host.isRedacted)
    #expect(result.exchanges.count == exchanges.count)
    return result.exchanges
  }

  private func redacted(file path: KernelPath, _ text: String) throws -> String {
    let result = try redacted(.init(.read(path), .bytes(Array(text.utf8))))
    guard case .bytes(let bytes) = result[0].answer else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func exchange(
    _ bus: NetlinkProtocol, _ type: UInt16, _ payloads: [UInt8]...
  ) -> Capture.Exchange {
    .init(
      .netlink(NetlinkRequest(bus, type: type, flags: .dump, payload: [0], subject: "")),
      .messages(payloads.map { NetlinkMessage(type: type == 18 ? 16 : type, payload: $0) }))
  }

  private func payloads(_ exchange: Capture.Exchange) -> [[UInt8]] {
    if case .messages(let messages) = exchange.answer { messages.map(\.payload) } else { [] }
  }

  // MARK: - Links

  /// An RTM_NEWLINK message; the header's bytes are told apart from attributes by their value.
  private func link(_ fill: (inout AttributeWriter) -> Void) -> [UInt8] {
    var writer = AttributeWriter(header: [UInt8](repeating: 0x77, count: 16))
    fill(&writer)
    return writer.bytes
  }

  /// A link as drivers of many kinds describe it, with that address and that alias in all places.
  private func link(address: [UInt8], alias: String, ipv4: [UInt8]) -> [UInt8] {
    link { writer in
      writer.put(3, "eth0")
      writer.put(1, bytes: address)
      writer.put(2, bytes: [UInt8](repeating: 0xff, count: 6))
      writer.put(4, UInt32(1500))
      writer.put(31, UInt32(8))
      writer.put(34, bytes: address)
      writer.put(54, bytes: address)
      writer.put(20, alias)
      writer.nest(22) { list in
        list.nest(1) { function in
          function.put(1, bytes: hostBytes(UInt32(3)) + address + [UInt8](repeating: 0, count: 26))
          function.put(2, bytes: [UInt8](repeating: 9, count: 12))
        }
      }
      writer.nest(18) { info in
        info.put(1, "bond")
        info.nest(2) { data in
          data.put(1, UInt8(4))
          data.nest(8) { targets in targets.put(0, bytes: ipv4) }
          data.nest(23) { aggregator in aggregator.put(5, bytes: address) }
        }
        info.put(4, "bridge")
        info.nest(5) { port in port.put(13, bytes: [0x80, 0] + address) }
      }
    }
  }

  @Test func allAddressesOfALinkAreMasked() throws {
    let plain = link(address: Self.mac, alias: "uplink to rack 7", ipv4: [192, 0, 2, 9])
    let masked = link(address: Self.standInMAC, alias: "xxxxxx xx xxxx x", ipv4: [10, 0, 0, 1])
    let result = try redacted(exchange(.route, 18, plain))
    #expect(payloads(result[0]) == [masked])
  }

  @Test(arguments: [("gre", 6 as UInt16, 7 as UInt16), ("amt", 5, 6), ("amt", 5, 7)])
  func addressesOfTunnelsAreMaskedAsWhatTheyAre(
    kind: String, localType: UInt16, remoteType: UInt16
  ) throws {
    func tunnel(_ local: [UInt8], _ remote: [UInt8]) -> [UInt8] {
      link { writer in
        writer.put(1, bytes: local)
        writer.put(2, bytes: remote)
        writer.nest(18) { info in
          info.put(1, kind)
          info.nest(2) { data in
            data.put(localType, bytes: local)
            data.put(remoteType, bytes: remote)
            data.put(4, bytes: local)  // IFLA_GRE_IKEY, IFLA_AMT_LINK: no address
          }
        }
      }
    }
    let result = try redacted(exchange(.route, 18, tunnel([198, 51, 100, 1], [0, 0, 0, 0])))
    var expected = tunnel([10, 0, 0, 1], [0, 0, 0, 0])
    expected.replaceSubrange(expected.count - 4..<expected.count, with: [198, 51, 100, 1])
    #expect(payloads(result[0]) == [expected])
  }

  @Test func theAddressInAMACsecChannelIsMasked() throws {
    func channel(_ address: [UInt8]) -> [UInt8] {
      link { writer in
        writer.nest(18) { info in
          info.put(1, "macsec")
          info.nest(2) { data in
            data.put(1, bytes: address + [0, 1])
            data.put(5, UInt8(1))
          }
        }
      }
    }
    let result = try redacted(exchange(.route, 18, channel(Self.mac)))
    #expect(payloads(result[0]) == [channel(Self.standInMAC)])
  }

  @Test func aLinkThatDoesNotDecodeStopsTheRedaction() {
    var broken = link { $0.put(1, bytes: Self.mac) }
    broken[16] = 200
    #expect(throws: DecodeError.self) { try redacted(exchange(.route, 18, broken)) }
  }

  @Test func aLiveHostReplaysRedacted() throws {
    let recorder = Recorder(LiveKernel(), host: RecorderTests.host)
    let dump = NetlinkRequest(
      .route, type: 18, flags: .dump, payload: [UInt8](repeating: 0, count: 16), subject: "links")
    let plain = try recorder.netlink(dump)
    var files: [KernelPath: [UInt8]] = [:]
    for name in try recorder.list(.sys("class/net")) {
      for file in ["address", "broadcast", "mtu", "ifalias"] {
        let path = KernelPath.sys("class/net/\(name)/\(file)")
        files[path] = try? recorder.read(path)
      }
    }
    let replay = ReplayKernel(try Capture.parse(recorder.capture.redacted().write()))
    let masked = try replay.netlink(dump)
    #expect(masked.map(\.payload.count) == plain.map(\.payload.count))
    var standIns: [String: [UInt8]] = [:]
    for (before, after) in zip(plain, masked) {
      let old = try before.attributes(after: 16, "link")
      let new = try after.attributes(after: 16, "link")
      let address = old[1 as UInt16].map { Array($0.payload) } ?? []
      for (old, new) in zip(old, new) {
        #expect(old.type == new.type)
        if [1, 54].contains(old.type), old.payload.contains(where: { $0 != 0 }) {
          #expect(old.payload != new.payload)
        } else if ![2, 18, 20, 22, 26, 34, 36].contains(old.type) {
          #expect(old.payload == new.payload)
        }
      }
      if let name = old[3 as UInt16]?.string(), !address.isEmpty {
        standIns[name] = try Array(#require(new[1 as UInt16]).payload)
      }
    }
    for (path, content) in files {
      let replayed = try replay.read(path)
      #expect(replayed.count == content.count)
      if path.relative.hasSuffix("mtu") { #expect(replayed == content) }
      let name = String(path.relative.split(separator: "/")[2])
      if path.relative.hasSuffix("/address"), let standIn = standIns[name] {
        let hex = standIn.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        #expect(String(decoding: replayed, as: UTF8.self) == hex.joined(separator: ":") + "\n")
      }
    }
  }

  // MARK: - Sockets

  /// `struct inet_diag_msg` and attributes, every byte that is no address told apart.
  private func socket(_ family: UInt8, _ source: [UInt8], _ destination: [UInt8]) -> [UInt8] {
    func padded(_ address: [UInt8]) -> [UInt8] {
      address + [UInt8](repeating: 0, count: 16 - address.count)
    }
    var header: [UInt8] = [family, 10, 0, 0, 0x00, 0x50, 0xc0, 0x01]
    header += padded(source) + padded(destination) + (48..<80)
    var writer = AttributeWriter(header: Array(header[..<72]))
    writer.put(2, bytes: [192, 0, 2, 1])
    return writer.bytes
  }

  @Test func peersOfSocketsAreMaskedAndStayTheSamePeers() throws {
    let ipv4Mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
    let global: [UInt8] = [0x2a, 1] + [UInt8](repeating: 7, count: 14)
    let linkLocal: [UInt8] = [0xfe, 0x80] + [UInt8](repeating: 7, count: 14)
    let loopback = [UInt8](repeating: 0, count: 15) + [1]
    let none = [UInt8](repeating: 0, count: 16)
    func number(_ prefix: [UInt8], _ number: UInt8) -> [UInt8] {
      prefix + [UInt8](repeating: 0, count: 15 - prefix.count) + [number]
    }
    let documentation: [UInt8] = [0x20, 0x01, 0x0d, 0xb8]
    let result = try redacted(
      exchange(
        .sockDiag, 20,
        socket(2, [0, 0, 0, 0], [0, 0, 0, 0]),
        socket(2, [192, 0, 2, 1], [203, 0, 113, 5]),
        socket(2, [127, 0, 0, 53], [203, 0, 113, 6]),
        socket(10, ipv4Mapped + [203, 0, 113, 5], none),
        socket(10, global, loopback),
        socket(10, linkLocal, global)))
    #expect(
      payloads(result[0]) == [
        socket(2, [0, 0, 0, 0], [0, 0, 0, 0]),
        socket(2, [10, 0, 0, 1], [10, 0, 0, 2]),
        socket(2, [127, 0, 0, 53], [10, 0, 0, 3]),
        socket(10, ipv4Mapped + [10, 0, 0, 2], none),
        socket(10, number(documentation, 1), loopback),
        socket(10, number([0xfe, 0x80], 1), number(documentation, 1)),
      ])
  }

  @Test func aQuestionAboutOneSocketFindsItsAnswerByTheStandIn() throws {
    func request(_ source: [UInt8]) -> NetlinkRequest {
      NetlinkRequest(
        .sockDiag, type: 20,
        payload: [2, 6, 0, 0, 0xff, 0xff, 0, 0, 0, 80, 0, 81] + source
          + [UInt8](repeating: 0, count: 36), subject: "one socket")
    }
    let capture = Capture(
      RecorderTests.host,
      exchanges: [
        exchange(.sockDiag, 20, socket(2, [192, 0, 2, 1], [0, 0, 0, 0])),
        .init(.netlink(request([192, 0, 2, 1])), .messages([])),
      ])
    let replay = ReplayKernel(try capture.redacted())
    #expect(try replay.netlink(request([10, 0, 0, 1])).isEmpty)
    #expect(throws: KernelError.self) { try replay.netlink(request([192, 0, 2, 1])) }
  }

  // MARK: - ntuple rules

  /// `struct ethtool_rxnfc` of that flow type, with `value` and a full mask.
  private func rule(_ flowType: UInt32, _ value: [UInt8], extension mac: [UInt8]? = nil) -> [UInt8]
  {
    var data = [UInt8](repeating: 0, count: 192)
    data.replaceSubrange(0..<4, with: hostBytes(UInt32(0x2f)))
    data.replaceSubrange(16..<20, with: hostBytes(flowType))
    data.replaceSubrange(20..<20 + value.count, with: value)
    data.replaceSubrange(92..<92 + value.count, with: repeatElement(0xff, count: value.count))
    if let mac { data.replaceSubrange(74..<80, with: mac) }
    return data
  }

  private static let zeros = [UInt8](repeating: 0, count: 16)
  private static let ipv6 = [0x2a] + [UInt8](repeating: 7, count: 15)
  private static let standInIPv6 = [0x20, 0x01, 0x0d, 0xb8] + zeros[..<11] + [1]
  private static let group: [UInt8] = [1, 0, 0x5e, 0, 0, 1]
  private static let standInGroup: [UInt8] = [3, 0, 0, 0, 0, 1]

  /// Flow type, then what follows it, plain and masked.
  private static let rules: [(UInt32, [UInt8], [UInt8])] = [
    (1, [192, 0, 2, 1, 0, 0, 0, 0], [10, 0, 0, 1, 0, 0, 0, 0]),
    (0x10, [192, 0, 2, 1, 192, 0, 2, 1], [10, 0, 0, 1, 10, 0, 0, 1]),
    (0x8000_0006, ipv6 + zeros, standInIPv6 + zeros),
    (0x12, mac + group, standInMAC + standInGroup),
  ]

  @Test(arguments: rules)
  func addressesOfARuleAreMasked(flowType: UInt32, plain: [UInt8], masked: [UInt8]) throws {
    let question = Capture.Question.ethtool(device: "eth0", data: rule(0, []))
    let result = try redacted(.init(question, .bytes(rule(flowType, plain))))
    #expect(result == [.init(question, .bytes(rule(flowType, masked)))])
  }

  @Test func theExtensionOfARuleIsMasked() throws {
    let question = Capture.Question.ethtool(device: "eth0", data: rule(0, []))
    let result = try redacted(
      .init(question, .bytes(rule(0x4000_0001, [], extension: Self.mac))))
    #expect(
      result == [.init(question, .bytes(rule(0x4000_0001, [], extension: Self.standInMAC)))])
  }

  @Test(arguments: 0..<200) func aShortStructureIsMaskedAsFarAsItGoes(count: Int) throws {
    let data = Array(rule(0xe000_0012, Self.mac + Self.mac, extension: Self.mac).prefix(count))
    let permanent = Array(
      (hostBytes(UInt32(0x20)) + hostBytes(UInt32.max) + Self.mac).prefix(count))
    for data in [data, permanent] {
      let result = try redacted(.init(.ethtool(device: "x", data: data), .bytes(data)))
      guard case .bytes(let bytes) = result[0].answer else {
        Issue.record("\(result[0].answer)")
        continue
      }
      #expect(bytes.count == data.count)
      #expect(bytes.firstRange(of: Self.mac) == nil)
    }
  }

  // MARK: - Files and names

  private static let files: [(KernelPath, String, String)] = [
    (.sys("class/net/eth0/address"), "3c:fd:fe:12:34:56\n", "02:00:00:00:00:01\n"),
    (.sys("class/net/lo/address"), "00:00:00:00:00:00\n", "00:00:00:00:00:00\n"),
    (.sys("class/net/eth0/broadcast"), "ff:ff:ff:ff:ff:ff\n", "ff:ff:ff:ff:ff:ff\n"),
    (.sys("class/net/eth0/phys_switch_id"), "3cfdfe123456\n", "020000000001\n"),
    (.sys("class/net/br0/bridge/bridge_id"), "8000.3cfdfe123456\n", "8000.020000000001\n"),
    (.sys("class/net/eth0/ifalias"), "to rack 7\n", "xx xxxx x\n"),
    (.sys("class/net/eth0/mtu"), "1500\n", "1500\n"),
    (.sys("bus/pci/devices/0000:00:01.0/address"), "3cfdfe123456\n", "3cfdfe123456\n"),
    (.proc("sys/kernel/hostname"), "db7.example.org\n", "host\n"),
    (
      .proc("self/net/tcp"), " 0: 0100007F:0050 010200C0:C001 0A",
      " 0: 0100007F:0050 0100000A:C001 0A"
    ),
    (
      .proc("net/udp6"), " 0: 000000002A010000000000000A0B0C0D:0050 00000000:00000000",
      " 0: B80D0120000000000000000001000000:0050 00000000:00000000"
    ),
    (.proc("cmdline"), "root=UUID=1-2 isolcpus=2-3 quiet\n", "root=x isolcpus=2-3 quiet\n"),
    (
      .proc("self/mounts"),
      "db.example.org:/home /home nfs rw 0 0\nproc /proc proc rw,hidepid=2 0 0\n"
        + "//nas/a /mnt cifs rw,username=ada 0 0\n",
      "proc /proc proc rw,hidepid=2 0 0\n"
    ),
    (.proc("17/cmdline"), "nginx\0--token=s3cret\0", "nginx"),
    (.proc("interrupts"), " 0: 7 enx3cfdfe123456-rx-0\n", " 0: 7 enx020000000001-rx-0\n"),
    (.proc("interrupts"), " 0: 7 enxact enx3cfdfe\n", " 0: 7 enxact enx3cfdfe\n"),
  ]

  @Test(arguments: files)
  func filesTellNoAddress(path: KernelPath, plain: String, masked: String) throws {
    #expect(try redacted(file: path, plain) == masked)
  }

  @Test(arguments: [
    ("17/fd/3", "socket:[4711]", "socket:[4711]"), ("17/fd/4", "/home/ada/secret", "x"),
    ("17/fd/5", "anon_inode:[eventpoll]", "x"), ("self/ns/net", "net:[4026531840]", nil),
  ])
  func openFilesTellNoName(path: String, plain: String, masked: String?) throws {
    let question = Capture.Question.readLink(.proc(path))
    let result = try redacted(.init(question, .strings([plain])))
    #expect(result == [.init(question, .strings([masked ?? plain]))])
  }

  @Test func aDeviceNamedAfterItsAddressKeepsOneNameEverywhere() throws {
    let name = "enx3cfdfe123456"
    let message = link {
      $0.put(1, bytes: Self.mac)
      $0.put(3, name)
    }
    let result = try redacted(
      .init(.list(.sys("class/net")), .strings([name, "lo"])),
      .init(.read(.sys("class/net/\(name)/mtu")), .bytes([0x31])),
      .init(.ethtool(device: name, data: [3, 0, 0, 0]), .bytes([3, 0, 0, 0])),
      exchange(.route, 18, message))
    let standIn = "enx020000000001"
    #expect(
      result == [
        .init(.list(.sys("class/net")), .strings([standIn, "lo"])),
        .init(.read(.sys("class/net/\(standIn)/mtu")), .bytes([0x31])),
        .init(.ethtool(device: standIn, data: [3, 0, 0, 0]), .bytes([3, 0, 0, 0])),
        exchange(
          .route, 18,
          link {
            $0.put(1, bytes: Self.standInMAC)
            $0.put(3, standIn)
          }),
      ])
  }

  // MARK: - Stand-ins

  @Test(arguments: [1, 2, 4, 6, 8, 16, 20])
  func distinctStaysDistinct(length: Int) {
    var map = AddressMap()
    var generator = SplitMix(seed: UInt64(length))
    var standIns: [[UInt8]: [UInt8]] = [:]
    for _ in 0..<3_000 {
      let address = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      let standIn = map.standIn(for: address)
      #expect(standIn.count == length)
      #expect(map.standIn(for: address) == standIn)
      standIns[address] = standIn
    }
    // One or two bytes have no room for a prefix and all numbers.
    if length >= 4 { #expect(Set(standIns.values).count == standIns.count) }
  }
}
