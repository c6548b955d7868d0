import KernelIO
import Knobs
import Netlink
import Notation
import TestSupport
import Testing

@testable import ReceivePath

/// What no device of a test machine accepts: the bytes that would be sent, and their way back.
@Suite("Knob mechanisms") struct KnobMechanismTests {
  // MARK: RSS

  @Test(arguments: [
    ([0, 1, 2, 3, 0, 1, 2, 3], "equal 4"), ([0, 0, 0, 0], "equal 1"),
    ([0, 0, 0, 1, 1, 3], "0*3,1*2,3"), ([2, 0], "2,0"), ([0, 1, 2, 3, 0, 1], "equal 4"),
  ])
  func tablesAreSpelledAndReadBack(table: [UInt32], text: String) {
    #expect(IndirectionTable(entries: table)?.description == text)
    #expect(IndirectionTable(text)?.entries(size: table.count) == table)
  }

  @Test(arguments: [
    "", "equal 0", "equal", "equal -1", "0*3", "0*5", "0*99999999999999999999", "0*0,1*4", "0,1,2,",
    "a", "4294967296,0,0,0", "0*2*2,1,1", "-1*4",
  ])
  func textsThatAreNoTableAreRefused(text: String) {
    #expect(IndirectionTable(text)?.entries(size: 4) == nil)
  }

  @Test func theDefaultTableIsAnEmptyOne() {
    #expect(IndirectionTable("default")?.entries(size: 128) == [])
  }

  @Test func keysAndFieldsAreSpelledAsEthtoolDoes() {
    #expect(Hex.text([0, 0x6d, 0xff], separator: ":") == "00:6d:ff")
    #expect(HashKey([0, 0x6d, 0xff])?.description == "00:6d:ff")
    #expect(HashKey("00:6d:fF")?.bytes == [0, 0x6d, 0xff])
    for text in ["", "0:1", "00:", "zz", "00:6d:1ff", "00 6d", "0é"] {
      #expect(Hex.bytes(text, separator: ":") == nil)
      #expect(HashKey(text) == nil)
    }
    let fields = FlowHash("udp4:sd tcp4:sdfn")
    #expect(fields == [.tcp4: [.addresses, .ports], .udp4: [.addresses]])
    #expect(fields?.description == "tcp4:sdfn udp4:sd")
    #expect(FlowHash("tcp4:none") == [.tcp4: []])
    for text in ["", "tcp4", "tcp9:sd", "tcp4:sx", "tcp4:s:d"] {
      #expect(FlowHash(text) == nil)
    }
  }

  /// A kernel before 6.17: no RSS_SET, so the structures of the ioctl are what counts.
  @Test func rssIsSetByIoctlWhereNetlinkCannot() throws {
    let kernel = IoctlKernel { data in
      var answer = data
      switch data.first {
      case 0x46 where data.count == 24:  // ETHTOOL_GRSSH asks for sizes.
        answer.replaceSubrange(8..<16, with: hostBytes(UInt32(4)) + hostBytes(UInt32(2)))
      case 0x46:
        answer.replaceSubrange(16..<18, with: [1, 0])
        answer.replaceSubrange(
          24..<42, with: [0, 1, 0, 1].flatMap { hostBytes(UInt32($0)) } + [0xaa, 0xbb])
      default: break
      }
      return answer
    }
    let host = Host(kernel)
    let indirection = try #require(Knob.named("rss.indirection"))
    #expect(try host.read(indirection, at: .device("eth0")).value == .table(.equal(2)))
    let key = try #require(Knob.named("rss.hash-key"))
    #expect(
      try host.read(key, at: .device("eth0")).value == .key(try #require(HashKey([0xaa, 0xbb]))))

    kernel.calls = []
    try host.write(indirection, try KnobValue.parse("0*3,1", for: indirection), at: .device("eth0"))
    let set = try #require(kernel.calls.last)
    // {cmd, context, indir_size, key_size, hfunc, input_xfrm, reserved…, table}
    #expect(
      set == hostBytes(UInt32(0x47)) + hostBytes(UInt32(0)) + hostBytes(UInt32(4))
        + hostBytes(UInt32(0)) + [0, 0, 0, 0, 0, 0, 0, 0]
        + [0, 0, 0, 1].flatMap { hostBytes(UInt32($0)) })

    try host.write(key, try KnobValue.parse("01:02", for: key), at: .device("eth0"))
    let setKey = try #require(kernel.calls.last)
    #expect(Array(setKey[8..<16]) == hostBytes(RSS.noChange) + hostBytes(UInt32(2)))
    #expect(Array(setKey[24...]) == [1, 2])

    try host.write(
      try #require(Knob.named("rss.hash-fields")), .hashFields([.udp4: [.addresses, .ports]]),
      at: .device("eth0"))
    let fields = try #require(kernel.calls.last)
    #expect(
      Array(fields[0..<16]) == hostBytes(UInt32(0x2a)) + hostBytes(UInt32(2))
        + hostBytes(UInt64(0xf0)))

    // igb refuses ip4:sd, which it reports itself: what is so already is not written.
    kernel.calls = []
    try host.write(
      try #require(Knob.named("rss.hash-fields")),
      .hashFields([.ip4: [], .udp4: [.addresses, .ports]]),
      at: .device("eth0"))
    #expect(kernel.calls.filter { $0.first == 0x2a } == [fields])

    #expect(throws: KernelError.self) {
      try host.write(indirection, try KnobValue.parse("0*3", for: indirection), at: .device("eth0"))
    }
  }

  // MARK: Coalescing

  @Test func oneQueueIsChangedAndTheRestOfItKept() throws {
    let kernel = IoctlKernel { data in
      var answer = data
      // rx-usecs 50, rx-frames 8 of the queue, behind the mask.
      answer.replaceSubrange(520 + 4..<520 + 12, with: hostBytes(UInt32(50)) + hostBytes(UInt32(8)))
      return answer
    }
    let host = Host(kernel)
    let knob = try #require(Knob.named("queue.coalesce.rx-usecs"))
    let target = Place.queue(device: "eth0", .rx, 33)
    #expect(try host.read(knob, at: target).value == .number(50))
    try host.write(knob, .number(7), at: target)
    let set = try #require(kernel.calls.last)
    #expect(Array(set[0..<8]) == hostBytes(UInt32(0x4b)) + hostBytes(UInt32(0x0f)))
    // Queue 33 is bit 1 of the second word of the mask.
    #expect(Array(set[8..<16]) == hostBytes(UInt32(0)) + hostBytes(UInt32(2)))
    #expect(
      Array(set[520..<532]) == hostBytes(UInt32(0x0f)) + hostBytes(UInt32(7)) + hostBytes(UInt32(8))
    )
    #expect(throws: KernelError.self) {
      try host.read(knob, at: .queue(device: "eth0", .rx, 4096))
    }
    #expect(throws: KernelError.self) { try host.read(knob, at: .queue(device: "eth0", .rx, -1)) }
  }

  @Test func moderationProfilesGoThereAndBack() throws {
    let text = "1,256,n_8,256,n_64,n,4"
    let profile = try #require(ModerationProfile(text))
    #expect(profile.description == text)
    var writer = AttributeWriter()
    profile.put(29, into: &writer)
    let attributes = try Attributes(writer.bytes, "profile")
    #expect(try ModerationProfile(try #require(attributes[29])) == profile)
    for bad in ["", "1", "1,2", "1,2,x", "1,2,3_", "1,2,-3", "1,2,4294967296"] {
      #expect(ModerationProfile(bad) == nil)
    }
  }

  // MARK: Others

  @Test func tunablesAreOneWord() throws {
    let kernel = IoctlKernel { data in
      Array(data.dropLast(4)) + hostBytes(UInt32(256))
    }
    let knob = try #require(Knob.named("tunable.rx-copybreak"))
    let host = Host(kernel)
    #expect(try host.read(knob, at: .device("eth0")).value == .number(256))
    try host.write(knob, .number(128), at: .device("eth0"))
    #expect(
      kernel.calls.last
        == [0x49, 1, 3, 4, 128].flatMap { hostBytes(UInt32($0)) })
  }

  @Test func privateFlagsNameWhatIsOff() throws {
    let flags = try #require(PrivateFlags("legacy-rx,-vf-ipsec"))
    #expect(
      flags.flags == [.init(name: "legacy-rx", isOn: true), .init(name: "vf-ipsec", isOn: false)])
    #expect(flags.description == "legacy-rx,-vf-ipsec")
    let changes = try #require(PrivateFlags("vf-ipsec,unheard-of"))
    #expect(flags.changed(by: changes).description == "legacy-rx,vf-ipsec")
    for bad in ["", "-", "a,,b", "a b"] { #expect(PrivateFlags(bad) == nil) }
  }

  @Test func interruptsTakeListsAndMasksByFile() throws {
    let kernel = ScriptedKernel([
      "/proc/irq/39/smp_affinity_list": "0-3\n",
      "/proc/irq/39/affinity_hint": "00000000,00000005\n",
      "/proc/irq/default_smp_affinity": "f\n",
    ])
    let host = Host(kernel)
    let affinity = try #require(Knob.named("irq.smp-affinity"))
    #expect(try host.read(affinity, at: .irq(39)).value == .cpus(CPUSet(0...3)))
    let hint = try #require(Knob.named("irq.affinity-hint"))
    #expect(try host.read(hint, at: .irq(39)).value == .cpus(CPUSet([0, 2])))
    try host.write(affinity, .cpus(CPUSet([1, 2, 5])), at: .irq(39))
    #expect(kernel["/proc/irq/39/smp_affinity_list"] == "1-2,5")
    try host.write(
      try #require(Knob.named("irq.default-smp-affinity")), .cpus(CPUSet([4])), at: .host)
    #expect(kernel["/proc/irq/default_smp_affinity"] == "10")
    #expect(throws: KernelError.self) { try host.write(hint, .cpus(CPUSet([1])), at: .irq(39)) }
  }

  /// Permission bits tell it, also on a record of the host; a record from before says nothing.
  @Test func aManagedInterruptIsKnownBeforeItRefuses() throws {
    let affinity = try #require(Knob.named("irq.smp-affinity"))
    let kernel = ScriptedKernel([
      "/proc/irq/36/smp_affinity_list": "0\n", "/proc/irq/39/smp_affinity_list": "0-3\n",
    ])
    kernel.modes[.proc("irq/36/smp_affinity_list")] = 0o444
    let recorder = Recorder(kernel, host: .current(rxtuneVersion: "0.1.0"))
    for number in [36, 39, 40] { _ = Host(recorder).isReadOnly(affinity, at: .irq(number)) }
    let capture = try Capture.parse(recorder.capture.write())
    for kernel in [kernel, ReplayKernel(capture)] as [any Kernel] {
      #expect(Host(kernel).isReadOnly(affinity, at: .irq(36)))
      #expect(!Host(kernel).isReadOnly(affinity, at: .irq(39)))
      #expect(!Host(kernel).isReadOnly(affinity, at: .irq(40)))
    }
    #expect(!Host(ReplayKernel(Capture(capture.host))).isReadOnly(affinity, at: .irq(36)))
  }

  /// Whoever has a virtio disk has one: its request queues.
  @Test func managedInterruptsOfThisMachine() throws {
    let host = Host(LiveKernel())
    let affinity = try #require(Knob.named("irq.smp-affinity"))
    for row in try host.interruptTable().interrupts {
      guard let mode = try? Shell.run("stat -c %a /proc/irq/\(row.number)/smp_affinity_list")
      else { continue }
      let isReadOnly = host.isReadOnly(affinity, at: .irq(row.number))
      #expect(isReadOnly == mode.hasPrefix("444"))
      if row.actions.contains(where: { $0.hasPrefix("virtio") && $0.contains("-req.") }) {
        #expect(isReadOnly)
      }
    }
  }

  @Test func aManagedInterruptSaysWhyItRefuses() throws {
    let kernel = ScriptedKernel(["/proc/irq/36/smp_affinity_list": "0"])
    kernel.failures["/proc/irq/36/smp_affinity_list"] = .notPermitted
    let knob = try #require(Knob.named("irq.smp-affinity"))
    let error = #expect(throws: KernelError.self) {
      try Host(kernel).write(knob, .cpus(CPUSet([1])), at: .irq(36))
    }
    #expect(
      error.flatMap(knob.advice(on:))
        == "The kernel manages this interrupt: its CPUs follow from the number of queues")
  }

  @Test func idleStatesAreWrittenOneByOneAndOnlyWhereTheyDiffer() throws {
    let folder = "/sys/devices/system/cpu/cpu2/cpuidle/state"
    let kernel = ScriptedKernel([
      folder + "0/disable": "0", folder + "1/disable": "1", folder + "2/disable": "0",
    ])
    let host = Host(kernel)
    let knob = try #require(Knob.named("cpuidle.disable"))
    #expect(try host.read(knob, at: .cpu(2)).value == .cpus(CPUSet([1])))
    try host.write(knob, .cpus(CPUSet([1, 2])), at: .cpu(2))
    #expect(kernel.writes.map(\.text) == ["1"])
    #expect(kernel[folder + "2/disable"] == "1")
    #expect(throws: KernelError.self) { try host.write(knob, .cpus(CPUSet([3])), at: .cpu(2)) }
    #expect(kernel.writes.count == 1)
  }

  /// Hostile text in a file: an error that names it, never a trap.
  @Test(arguments: [
    ("net.core.netdev_budget", ""), ("net.core.netdev_budget", "99999999999999999999"),
    ("net.core.netdev_budget", "0x12c"), ("net.ipv4.tcp_rmem", "1 2"),
    ("net.ipv4.tcp_rmem", "1 2 x"), ("net.ipv4.tcp_migrate_req", "2"),
    ("net.core.rps_default_mask", "0x3"), ("net.core.flow_limit_cpu_bitmap", ""),
  ])
  func filesThatMakeNoSenseAreErrors(id: String, text: String) throws {
    let knob = try #require(Knob.named(id))
    let path = try #require(Host.file(of: knob, at: .host))
    let error = #expect(throws: KernelError.self) {
      try Host(ScriptedKernel([path.description: text])).read(knob, at: .host)
    }
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains(path.description) == true)
  }

  // MARK: Sharing

  @Test func aGroupAsksTheKernelOnce() throws {
    let kernel = CountingKernel()
    let host = Host(kernel)
    let answers = SharedAnswers()
    for group in ["coalesce.", "rings.", "channels.", "features.", "link."] {
      for knob in Knob.matching(group) {
        _ = host.reading(of: knob, at: .device("lo"), sharing: answers)
      }
    }
    // The family once, four messages of it, and the link.
    #expect(kernel.requests == 6)
    answers.forget()
    _ = host.reading(of: try #require(Knob.named("rings.rx")), at: .device("lo"), sharing: answers)
    #expect(kernel.requests == 7)
  }
}

/// A kernel with nothing but SIOCETHTOOL, which answers by a closure and keeps what it was told.
private final class IoctlKernel: BareKernel {
  var calls: [[UInt8]] = []
  private let answer: ([UInt8]) -> [UInt8]

  init(_ answer: @escaping ([UInt8]) -> [UInt8]) { self.answer = answer }

  func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    calls.append(data)
    return answer(data)
  }
}

/// The live kernel, with its netlink requests counted.
private final class CountingKernel: LayeredKernel {
  let kernel: any Kernel = LiveKernel()
  private(set) var requests = 0

  func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    requests += 1
    return try kernel.netlink(request)
  }
  func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    throw KernelError("write", path.description, .notPermitted)
  }
}
