import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

/// Kernels without the ethtool family, or without some of its messages: the ioctls beside them.
@Suite("Ethtool by ioctl") struct EthtoolIoctlTests {
  private static let device = Place.device("eth0")

  private static func knob(_ id: String) throws -> Knob { try #require(Knob.named(id)) }

  private static func words(_ numbers: UInt32...) -> [UInt8] { numbers.flatMap { hostBytes($0) } }

  /// struct ethtool_channels of a NIC of 8 combined channels at most.
  private static let channels = words(0, 0, 0, 1, 8, 0, 0, 1, 4)
  /// struct ethtool_ringparam.
  private static let rings = words(0, 4096, 0, 0, 4096, 512, 0, 0, 256)

  @Test func channelsAndRingsHaveTheirMaxima() throws {
    let kernel = OldDriver([0x3c: Self.channels, 0x10: Self.rings])
    let host = Host(kernel)
    #expect(
      try host.channels("eth0").parameters.parameters == [
        .init(name: "other", value: .number(1), maximum: 1),
        .init(name: "combined", value: .number(4), maximum: 8),
      ])
    #expect(try host.channels("eth0").receiving == 4)
    let rx = try host.read(try Self.knob("rings.rx"), at: Self.device)
    #expect(rx == KnobReading(.number(512), maximum: 4096, origin: "ioctl ETHTOOL_GRINGPARAM"))
    for missing in ["rings.rx-mini", "rings.tcp-data-split", "channels.rx"] {
      let reading = host.reading(of: try Self.knob(missing), at: Self.device)
      #expect(reading.absence?.reason == .notSupported, "\(missing)")
    }
  }

  /// One write of the whole structure: what is not named goes back as it was.
  @Test func whatIsSetIsPutIntoWhatWasRead() throws {
    let kernel = OldDriver([
      0x3c: Self.channels, 0x10: Self.rings, 0x12: Self.words(0, 1, 1, 0),
    ])
    let host = Host(kernel)
    try host.write(try Self.knob("channels.combined"), .number(2), at: Self.device)
    #expect(kernel.written == [Self.words(0x3d, 0, 0, 1, 8, 0, 0, 1, 2)])
    try host.write(
      [(try Self.knob("rings.rx"), .number(4096)), (try Self.knob("rings.tx"), .number(1024))],
      at: Self.device)
    #expect(kernel.written.last == Self.words(0x11, 4096, 0, 0, 4096, 4096, 0, 0, 1024))
    try host.write(try Self.knob("pause.tx"), .flag(true), at: Self.device)
    #expect(kernel.written.last == Self.words(0x13, 1, 1, 1))
    #expect(try host.read(try Self.knob("pause.tx"), at: Self.device).value == .flag(true))

    let count = kernel.written.count
    let error = #expect(throws: KernelError.self) {
      try host.write(try Self.knob("rings.tcp-data-split"), .word("on"), at: Self.device)
    }
    #expect(error?.kind == .notSupported && kernel.written.count == count)
  }

  /// The ioctl has a 0 for what the driver never heard of.
  @Test func aZeroOfCoalescingMayBeAbsent() throws {
    var structure = [UInt8](repeating: 0, count: 23 * 4)
    structure.replaceSubrange(4..<12, with: Self.words(50, 8))
    structure.replaceSubrange(40..<44, with: Self.words(1))
    let kernel = OldDriver([0x0e: structure])
    let host = Host(kernel)
    let found = try host.coalescing("eth0").parameters
    #expect(
      found.parameters.filter { !$0.mayBeAbsent }.map { "\($0.name) \($0.value.description)" }
        == ["rx-usecs 50", "rx-frames 8", "adaptive-rx on"])
    // All of the structure, and nothing that came after it.
    #expect(found.parameters.count == 22 && found["cqe-mode-rx"] == nil)
    let tx = try host.read(try Self.knob("coalesce.tx-usecs"), at: Self.device)
    #expect(tx.value == .number(0) && tx.mayBeAbsent)
    try host.write(
      [
        (try Self.knob("coalesce.rx-usecs"), .number(20)),
        (try Self.knob("coalesce.adaptive-rx"), .flag(false)),
      ], at: Self.device)
    structure.replaceSubrange(0..<12, with: Self.words(0x0f, 20, 8))
    structure.replaceSubrange(40..<44, with: Self.words(0))
    #expect(kernel.written == [structure])
    #expect(throws: KernelError.self) {
      try host.write(
        try Self.knob("coalesce.rx-profile"), .profile(try #require(ModerationProfile("1,2,n"))),
        at: Self.device)
    }
  }

  @Test func privateFlagsAreBitsWithNames() throws {
    let kernel = OldDriver([0x27: Self.words(0, 0b101)])
    kernel.strings[2] = ["legacy-rx", "", "vf-ipsec"]
    let host = Host(kernel)
    #expect(try host.privateFlags("eth0").description == "legacy-rx,vf-ipsec")
    try host.write(
      try Self.knob("private-flags"), .privateFlags(try #require(PrivateFlags("-vf-ipsec"))),
      at: Self.device)
    #expect(kernel.written == [Self.words(0x28, 1)])
    #expect(throws: KernelError.self) {
      try host.write(
        try Self.knob("private-flags"), .privateFlags(try #require(PrivateFlags("unheard-of"))),
        at: Self.device)
    }
    kernel.strings = [:]
    let none = host.reading(of: try Self.knob("private-flags"), at: Self.device)
    #expect(none.absence?.reason == .notSupported)
  }

  @Test func featuresAreBitsWithNamesAndBlocks() throws {
    // Bits 0 and 33: {available, requested, active, never_changed}, twice.
    let kernel = OldDriver([0x3a: Self.words(0, 2, 1, 1, 0, 0, 2, 0, 2, 0)])
    var names = (0..<40).map { "feature-\($0)" }
    names[34] = ""
    kernel.strings[4] = names
    let host = Host(kernel)
    let offloads = try host.offloads("eth0")
    #expect(offloads.features.count == 39)
    #expect(
      offloads["feature-0"]
        == .init(name: "feature-0", isActive: false, isWanted: true, isChangeable: true))
    #expect(
      offloads["feature-33"]
        == .init(name: "feature-33", isActive: true, isWanted: false, isChangeable: true))
    #expect(offloads["feature-1"]?.isChangeable == false)
    // {valid, requested} a block; this driver takes no notice, as some do without an error.
    let error = #expect(throws: KernelError.self) {
      try host.setFeatures(
        "eth0", [FeatureChange("feature-33", isOn: false), FeatureChange("feature-0", isOn: false)])
    }
    // Then what was wanted before is wanted again: feature-0.
    #expect(kernel.written == [Self.words(0x3b, 2, 1, 0, 2, 0), Self.words(0x3b, 2, 1, 1, 2, 0)])
    #expect(error?.extendedAck?.message == "acknowledged, and refused: feature-33")
  }

  /// The kernel first says how many words it has; drivers before 4.6 know struct ethtool_cmd.
  @Test func speedAndDuplex() throws {
    var settings = [UInt8](repeating: 0, count: 48 + 9 * 4)
    settings.replaceSubrange(4..<9, with: Self.words(25_000) + [1])
    settings[11] = 1
    let mode = try Host(OldDriver([0x4c: settings])).linkMode("eth0")
    #expect(mode.speed == 25_000 && mode.duplex == .full && mode.autonegotiation == true)

    var command = [UInt8](repeating: 0, count: 44)
    command.replaceSubrange(12..<15, with: hostBytes(UInt16(100_000 & 0xffff)) + [1])
    command[28] = 1
    let old = try Host(OldDriver([0x01: command])).linkMode("eth0")
    #expect(old.speed == 100_000 && old.duplex == .full && old.autonegotiation == false)
    command.replaceSubrange(12..<15, with: [0xff, 0xff, 0xff])
    command[28] = 0
    let down = try Host(OldDriver([0x01: command])).linkMode("eth0")
    #expect(down.speed == nil && down.duplex == .unknown)
    #expect(throws: KernelError.self) { try Host(OldDriver([:])).linkMode("eth0") }
  }

  /// 5.6 had the family, and neither rings nor channels in it: asked is what the kernel lists.
  @Test func aFamilyWithoutTheMessageIsNotAskedForIt() throws {
    let kernel = OldDriver([0x10: Self.rings])
    var family = AttributeWriter(header: [1, 2, 0, 0])
    family.put(2, "ethtool")
    family.put(1, UInt16(21))
    family.nest(6) { list in
      for operation: UInt32 in [2, 4, 6] { list.nest(UInt16(operation)) { $0.put(1, operation) } }
    }
    kernel.family = NetlinkMessage(type: GenericFamily.controllerID, payload: family.bytes)
    #expect(try Host(kernel).ethtoolParameters(.rings, "eth0").number("rx") == 512)
    #expect(throws: KernelError.self) { try Host(kernel).linkMode("eth0") }
  }

  /// A record that was made before these ioctls were asked says that it has them not; the driver
  /// may.
  @Test func whatWasNotRecordedIsNotUnsupported() throws {
    let recorder = Recorder(OldDriver([:]), host: .current(rxtuneVersion: "0.1.0"))
    _ = try? Host(recorder).family("ethtool")
    let host = Host(ReplayKernel(recorder.capture))
    for id in ["rings.rx", "channels.combined", "features.rx-gro", "private-flags", "pause.rx"] {
      let reading = host.reading(of: try Self.knob(id), at: Self.device)
      #expect(reading.absence?.reason == .notRecorded, "\(id)")
    }
    let mode = Reading { () throws(KernelError) in try host.linkMode("eth0") }
    #expect(mode.absence?.reason == .notRecorded)
  }

  /// Every prefix of an answer is an error or a part of it, never a trap.
  @Test func cutAnswersAreErrors() throws {
    for length in 0..<Self.channels.count {
      let kernel = OldDriver([
        0x3c: Array(Self.channels.prefix(length)), 0x3a: Self.words(0, 2, 1, 1, 0, 0, 2, 0, 2, 0),
        0x27: Self.words(0, 1), 0x4c: [UInt8](repeating: 0xff, count: 48),
      ])
      kernel.strings = [4: (0..<40).map { "feature-\($0)" }, 2: ["a"]]
      kernel.cut = length
      let host = Host(kernel)
      #expect(throws: KernelError.self) { try host.channels("eth0") }
      _ = try? host.offloads("eth0")
      _ = try? host.privateFlags("eth0")
      _ = try? host.linkMode("eth0")
    }
  }

  // MARK: - The live kernel, which has both

  /// What netlink tells, the ioctls tell too; where netlink tells nothing, they do not either, or
  /// have a 0 that may be absent.
  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func bothTellTheSame() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 && ip link set v0 up
        ip tuntap add t0 mode tap multi_queue && ip link add br0 type bridge
        ethtool -K v0 gro on tso off && ethtool -C t0 rx-frames 16 && ethtool -L v0 rx 3
        """)
      let (new, old) = (Host(LiveKernel()), Host(OlderKernel(LiveKernel(), without: ["ethtool"])))
      var (told, alike) = (0, 0)
      for device in ["v0", "v1", "t0", "br0", "lo"] {
        for knob in Knob.catalogue where knob.isOfEthtool {
          let target = Place.device(device)
          let (there, here) = (
            new.reading(of: knob, at: target), old.reading(of: knob, at: target)
          )
          let place = "\(device) \(knob.id)"
          switch (there, here) {
          case (.value(let there), .value(let here)):
            #expect(there.value == here.value && there.maximum == here.maximum, "\(place)")
            #expect(there.isFixed == here.isFixed && here.origin.hasPrefix("ioctl "), "\(place)")
            told += 1
          case (.absent(let there), .absent(let here)):
            #expect(there.reason == here.reason, "\(place)")
            alike += 1
          case (.absent, .value(let here)): #expect(here.mayBeAbsent, "\(place)")
          case (.value, .absent): Issue.record("\(place): not told by ioctl")
          }
        }
        let modes = [new, old].map { host in
          Reading { () throws(KernelError) in try host.linkMode(device) }.value
        }
        #expect(modes[0] == modes[1], "\(device)")
      }
      #expect(told > 30 && alike > 50)
    }
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func whatIsSetByIoctlIsReadByNetlink() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 && ip link set v0 up
        ip tuntap add t0 mode tap multi_queue
        """)
      let (new, old) = (Host(LiveKernel()), Host(OlderKernel(LiveKernel())))
      for (device, id, value) in [
        ("v0", "channels.rx", KnobValue.number(2)), ("v0", "features.rx-gro-list", .flag(true)),
        ("v0", "features.tx-checksum-ip-generic", .flag(false)),
        ("t0", "coalesce.rx-frames", .number(32)),
      ] {
        guard let knob = Knob.named(id) else { continue }
        let target = Place.device(device)
        let before = try new.read(knob, at: target).value
        #expect(before != value)
        try old.write(knob, value, at: target)
        #expect(try new.read(knob, at: target).value == value, "\(id)")
        #expect(try old.read(knob, at: target).value == value, "\(id)")
        try old.write(knob, before, at: target)
        #expect(try new.read(knob, at: target).value == before, "\(id)")
      }
      let error = #expect(throws: KernelError.self) {
        try old.write(try Self.knob("features.rx-lro"), .flag(true), at: .device("v0"))
      }
      #expect(error?.extendedAck?.message == "acknowledged, and refused: rx-lro")
      #expect(throws: KernelError.self) {
        try old.write(try Self.knob("channels.rx"), .number(5), at: .device("v0"))
      }
      #expect(try new.channels("v0").receiving == 4)
    }
  }
}

extension Knob {
  fileprivate var isOfEthtool: Bool {
    switch access {
    case .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .privateFlags: true
    default: false
    }
  }
}

/// A kernel of before 5.6 with one device: structures by the command that reads them.
private final class OldDriver: BareKernel {
  private var structures: [UInt32: [UInt8]]
  /// Names by string set.
  var strings: [UInt32: [String]] = [:]
  /// Of generic netlink; nil where it has no ethtool.
  var family: NetlinkMessage?
  private(set) var written: [[UInt8]] = []
  /// Bytes of each answer, at most.
  var cut = Int.max

  /// Setting commands, by the ones that read.
  private static let setters: [UInt32: UInt32] = [
    0x0f: 0x0e, 0x11: 0x10, 0x13: 0x12, 0x3d: 0x3c, 0x28: 0x27, 0x3b: 0x3a,
  ]

  init(_ structures: [UInt32: [UInt8]]) { self.structures = structures }

  func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    Array(try answer(device, data).prefix(cut))
  }

  private func answer(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    var command: UInt32 { hostInteger(data[0..<4]) }
    func word(_ offset: Int) -> UInt32 { hostInteger(data[offset..<offset + 4]) }
    var reply = data
    switch command {
    case 0x37:  // GSSET_INFO: sset_mask and a count.
      let set = UInt32(word(8).trailingZeroBitCount)
      guard let names = strings[set] else {
        return Array(data[..<8]) + [UInt8](repeating: 0, count: 12)
      }
      reply.replaceSubrange(16..<20, with: hostBytes(UInt32(names.count)))
      return reply
    case 0x1b:  // GSTRINGS
      for (index, name) in (strings[word(4)] ?? []).enumerated() {
        reply.replaceSubrange(
          12 + index * 32..<12 + index * 32 + name.utf8.count, with: Array(name.utf8))
      }
      return reply
    case 0x4c where data[15] == 0:  // GLINKSETTINGS: three words of each mask.
      guard structures[command] != nil else { break }
      reply[15] = UInt8(bitPattern: -3)
      return reply
    case let command where Self.setters[command] != nil:
      written.append(data)
      if command != 0x3b, let get = Self.setters[command] { structures[get] = data }
      return data
    default: break
    }
    guard let structure = structures[command] else {
      throw KernelError("SIOCETHTOOL", device, .notSupported)
    }
    return hostBytes(command) + structure.dropFirst(4)
  }

  func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    guard request == GenericFamily.request(named: "ethtool"), let family else {
      throw KernelError("netlink", request.subject, .noEntry)
    }
    return [family]
  }
}
