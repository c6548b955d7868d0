import Knobs
import Notation
import Testing

@testable import ReceivePath

@Suite("Flows") struct FlowTests {
  /// The key and the vectors of Microsoft's "Verifying the RSS Hash Calculation".
  static let key: [UInt8] = [
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
    0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
    0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
  ]

  @Test(arguments: [
    ("66.9.149.187:2794 > 161.142.100.80:1766", 0x323e_8fc2, 0x51cc_c178),
    ("199.92.111.2:14230 > 65.69.140.83:4739", 0xd718_262a, 0xc626_b0ea),
    ("24.19.198.95:12898 > 12.22.207.184:38024", 0xd2d0_a5de, 0x5c2b_394a),
    ("38.27.205.30:48228 > 209.142.163.6:2217", 0x8298_9176, 0xafc7_327f),
    ("153.39.163.191:44251 > 202.188.127.2:1303", 0x5d18_09c5, 0x10e8_28a2),
    (
      "[3ffe:2501:200:1fff::7]:2794 > [3ffe:2501:200:3::1]:1766", 0x2cc1_8cd5, 0x4020_7d3d
    ),
    ("[3ffe:501:8:0:260:97ff:fe40:efab]:14230 > [ff02::1]:4739", 0x0f0c_461c, 0xdde5_1bbf),
    (
      "[3ffe:1900:4545:3:200:f8ff:fe21:67cf]:44251 > [fe80::200:f8ff:fe21:67cf]:38024",
      0x4b61_e985, 0x02d1_feef
    ),
  ])
  func publishedVerificationVectors(text: String, addresses: Int, ports: Int) throws {
    let flow = try Flow("tcp " + text)
    #expect(flow.description == "tcp " + text)
    let short = try flow.hashInput(fields: .addresses, transform: []).get()
    #expect(Toeplitz.hash(key: Self.key, short) == UInt32(addresses))
    let long = try flow.hashInput(fields: [.addresses, .ports], transform: []).get()
    #expect(Toeplitz.hash(key: Self.key, long) == UInt32(ports))
  }

  /// Hashes computed from the words of uapi/linux/ethtool.h, RXH_XFRM_SYM_*, by another program.
  @Test(arguments: [
    (InputTransform.symmetricXor, 0xf243_96b4), (.symmetricOrXor, 0xff4a_3ff0),
  ])
  func symmetricTransformsHashBothDirectionsAlike(
    transform: InputTransform, hash: Int
  ) throws {
    let there = try Flow("udp 10.0.0.1:1000 > 10.9.8.7:53")
    let back = try Flow("udp 10.9.8.7:53 > 10.0.0.1:1000")
    let fields: HashFields = [.addresses, .ports]
    let inputs = try [there, back].map {
      try $0.hashInput(fields: fields, transform: transform).get()
    }
    #expect(inputs[0] == inputs[1])
    #expect(Toeplitz.hash(key: Self.key, inputs[0]) == UInt32(hash))
  }

  @Test func aShortKeyGivesNoHash() {
    #expect(Toeplitz.hash(key: Array(Self.key[..<15]), [UInt8](repeating: 1, count: 12)) == nil)
    #expect(Toeplitz.hash(key: Array(Self.key[..<16]), [UInt8](repeating: 1, count: 12)) != nil)
  }

  @Test(arguments: [HashFields.source, [.addresses, .sourcePort], [.addresses, .vlan], []])
  func inputsThatDriversOrderAsTheyLikeAreUnknown(fields: HashFields) throws {
    let flow = try Flow("tcp 1.2.3.4:5 > 6.7.8.9:10")
    #expect(throws: UnknownReason.self) { try flow.hashInput(fields: fields, transform: []).get() }
  }

  @Test(arguments: [
    "", "tcp", "tcp 1.2.3.4:5", "icmp 1.2.3.4:5 > 1.2.3.4:5", "tcp 1.2.3.4 > 1.2.3.4:5",
    "tcp 1.2.3.4:70000 > 1.2.3.4:5", "tcp 1.2.3.4:-1 > 1.2.3.4:5", "tcp 1.2.3.256:1 > 1.2.3.4:5",
    "tcp 1.2.3.04:1 > 1.2.3.4:5", "tcp ::1:1 > ::1:2", "tcp [::1]:1 > 1.2.3.4:5",
    "tcp [1.2.3.4]:1 > [1.2.3.4]:5", "tcp [::1:1 > [::1]:2", "tcp 1.2.3.4:1 > > 1.2.3.4:5",
    "tcp [1:2:3:4:5:6:7:8:9]:1 > [::]:2", "tcp [1::2::3]:1 > [::]:2", "tcp [:::]:1 > [::]:2",
    "tcp [::ffff:1.2.3.4]:1 > [::1]:2", "tcp [fe80::1]%:1 > [::1]:2", "tcp [fe80::1%]:1 > [::1]:2",
    "tcp 1.2.3.4%:1 > 1.2.3.4:5", "tcp [fe80::1]%a]:1 > [::1]:2", "tcp fe80::1%a:1 > [::1]:2",
    "tcp %a:1 > 1.2.3.4:5",
  ])
  func malformedFlowsAreRefusedWithTheForm(text: String) {
    let error = #expect(throws: Flow.Malformed.self) { try Flow(text) }
    #expect(error?.description.contains("a flow reads") == true)
  }

  /// As ss(8) writes sockets of both families, and those that are bound to a device.
  @Test(arguments: [
    ("tcp [::ffff:10.0.0.9]:34567 > [::ffff:a00:1]:80", "tcp 10.0.0.9:34567 > 10.0.0.1:80"),
    ("tcp [::ffff:10.0.0.9]%eth0:1 > 10.0.0.1%vrf0:80", "tcp 10.0.0.9:1 > 10.0.0.1:80"),
    ("udp [fe80::1]%eth0:22 > [fe80::2%e-1.5]:1", "udp [fe80::1]:22 > [fe80::2]:1"),
    ("tcp [::fffe:1.2.3.4]:1 > [::1.2.3.4]:2", "tcp [::fffe:102:304]:1 > [::102:304]:2"),
  ])
  func addressesBecomeThoseOnTheWire(text: String, wire: String) throws {
    #expect(try Flow(text).description == wire)
    #expect(try Flow(text) == Flow(wire))
  }

  @Test(arguments: [
    ("::", "::"), ("::1", "::1"), ("2001:DB8::0:1", "2001:db8::1"),
    ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
    ("::ffff:1.2.3.4", "::ffff:102:304"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
    ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("fe80::", "fe80::"),
  ])
  func addressesAreWrittenAsRFC5952Wants(text: String, canonical: String) {
    #expect(IPAddress(text)?.description == canonical)
  }
}

@Suite("Flow predictions") struct FlowPredictionTests {
  /// A flow whose published hash, 0xc626b0ea, is 77 % of the way through the 32-bit numbers.
  static let text = "tcp 199.92.111.2:14230 > 65.69.140.83:4739"

  /// What a device with eight queues and its plain hash over ports is like; `change` makes it
  /// another one.
  private func prediction(
    _ text: String = text, driver: String = "virtio_net",
    _ change: (inout FlowPrediction.Inputs) -> Void = { _ in }
  ) throws -> FlowPrediction {
    let flow = try Flow(text)
    let main = RSS(
      context: 0, hashFunction: .toeplitz, key: FlowTests.key, table: [0, 1], inputTransform: [],
      fields: [flow.type: [.addresses, .ports]])
    let paths = (0..<8).map {
      QueuePath(
        queue: $0, join: .unknown, affinity: .value(CPUSet([3])), rpsCPUs: .value(CPUSet([])),
        rpsFlowCount: .value(0))
    }
    var inputs = FlowPrediction.Inputs(
      driver: driver, rss: .value(main), contexts: [], rules: .value([]),
      features: ["rx-hashing"], rpsSockFlowEntries: .value(0), systemKey: [], paths: paths)
    change(&inputs)
    return FlowPrediction(flow, inputs)
  }

  private func prediction(driver: String, rpsCPUs: CPUSet) throws -> FlowPrediction {
    try prediction(driver: driver) { inputs in
      for queue in inputs.paths.indices { inputs.paths[queue].rpsCPUs = .value(rpsCPUs) }
    }
  }

  private func reason<Value>(_ step: FlowPrediction.Step<Value>?) -> String? {
    if case .failure(let reason) = step { reason.description } else { nil }
  }

  /// get_rps_cpu scales the hash to the length of the map (net/core/dev.c).
  @Test func rpsTakesTheCPUAtTheScaledHash() throws {
    let prediction = try prediction(driver: "virtio_net", rpsCPUs: CPUSet([1, 5, 6]))
    #expect(try prediction.rpsCPU?.get() == 6)
  }

  /// igb calls its hash one of addresses: the kernel makes another, with a key that nobody sees.
  @Test func rpsBehindAHashThatTheKernelDoesNotTakeIsUnknown() throws {
    let several = try prediction(driver: "igb", rpsCPUs: CPUSet([1, 5, 6]))
    #expect(throws: UnknownReason.self) { try several.rpsCPU?.get() }
    let one = try prediction(driver: "igb", rpsCPUs: CPUSet([5]))
    #expect(try one.rpsCPU?.get() == 5)
  }

  /// RFS is tried before the map, and without one (get_rps_cpu).
  @Test(arguments: [CPUSet([]), CPUSet([5]), CPUSet([1, 5, 6])])
  func rfsGoesBeforeTheMap(rpsCPUs: CPUSet) throws {
    func rps(flows: Int, entries: Reading<Int>) throws -> FlowPrediction.Step<Int>? {
      try prediction { inputs in
        inputs.rpsSockFlowEntries = entries
        for queue in inputs.paths.indices {
          inputs.paths[queue].rpsCPUs = .value(rpsCPUs)
          inputs.paths[queue].rpsFlowCount = .value(flows)
        }
      }.rpsCPU
    }
    let map = try prediction(driver: "virtio_net", rpsCPUs: rpsCPUs).rpsCPU
    #expect((map == nil) == rpsCPUs.isEmpty)
    #expect(try reason(rps(flows: 256, entries: .value(32768)))?.hasPrefix("RFS is on") == true)
    #expect(try rps(flows: 256, entries: .value(0)) == map)
    #expect(try rps(flows: 0, entries: .value(32768)) == map)
    let hidden = Absence(.notInNamespace)
    #expect(
      try reason(rps(flows: 256, entries: .absent(hidden)))?.contains("not in this namespace")
        == true)
    #expect(try rps(flows: 0, entries: .absent(hidden)) == map)
  }

  /// mlx5_core sets rx_hash_symmetric whatever it tells.
  @Test func aTransformThatMlx5DoesNotTellIsNotTakenForNone() throws {
    let untold = try prediction(driver: "mlx5_core")
    #expect(reason(untold.queue)?.contains("mlx5_core hashes symmetrically") == true)
    let told = try prediction(driver: "mlx5_core") { inputs in
      inputs.rss = inputs.rss.map { rss in
        var rss = rss
        rss.inputTransform = .symmetricOrXor
        return rss
      }
    }
    #expect(try told.queue.get() == 1)
    #expect(try told.hash.get() == 0x69d9_c235)
    let other = try prediction(driver: "mlx5_core") { inputs in
      inputs.rss = inputs.rss.map { rss in
        var rss = rss
        rss.hashFunction = .xor
        return rss
      }
    }
    #expect(reason(other.queue)?.contains("xor, not toeplitz") == true)
    #expect(try prediction(driver: "ice").queue.get() == 0)
  }

  @Test(
    arguments: [
      ("i40e", ["flow-director-atr"], [], true), ("i40e", nil, [], true),
      ("i40e", ["-flow-director-atr"], [], false), ("ixgbe", nil, [], true),
      ("ixgbe", nil, ["rx-ntuple-filter"], false), ("ixgbe", nil, ["hw-tc-offload"], false),
      ("ice", nil, [], false),
    ] as [(String, [String]?, [String], Bool)])
  func whatIntelsATRMovesHasACaveat(
    driver: String, flags: [String]?, features: [String], expected: Bool
  ) throws {
    func caveat(_ text: String, queues: Int = 8) throws -> FlowPrediction {
      try prediction(text, driver: driver) { inputs in
        inputs.privateFlags = flags.flatMap { PrivateFlags($0.joined(separator: ",")) }
        inputs.features = features
        inputs.paths.removeLast(8 - queues)
      }
    }
    let tcp = try caveat(Self.text)
    #expect((tcp.caveat != nil) == expected)
    #expect(try tcp.queue.get() == 0)
    #expect(tcp.caveat?.description.contains(driver) ?? !expected)
    #expect(try caveat(Self.text.replacing("tcp", with: "udp")).caveat == nil)
    #expect(try caveat(Self.text, queues: 1).caveat == nil)
  }

  /// All of CONFIG_RFS_ACCEL's conditions that can be seen from outside.
  @Test func whatAcceleratedRFSMovesHasACaveat() throws {
    func caveat(
      _ features: [String], flows: Int, entries: Int, rule: FlowRule? = nil
    ) throws -> UnknownReason? {
      try prediction(driver: "ice") { inputs in
        inputs.features = features
        inputs.rpsSockFlowEntries = .value(entries)
        inputs.rules = .value(rule.map { [$0] } ?? [])
        for queue in inputs.paths.indices { inputs.paths[queue].rpsFlowCount = .value(flows) }
      }.caveat
    }
    let filter = ["rx-ntuple-filter"]
    #expect(try caveat(filter, flows: 1, entries: 1)?.description.contains("RFS") == true)
    #expect(try caveat([], flows: 1, entries: 1) == nil)
    #expect(try caveat(filter, flows: 0, entries: 1) == nil)
    #expect(try caveat(filter, flows: 1, entries: 0) == nil)
    let rule = FlowRule(location: 1, flowType: "tcp4", matches: [], action: .queue(3))
    #expect(try caveat(filter, flows: 1, entries: 1, rule: rule) == nil)
  }

  @Test func aThreadsCPUsGoBeforeTheInterrupts() throws {
    func cpus(_ thread: Reading<NAPIThread>?) throws -> FlowPrediction {
      try prediction { $0.paths[0].thread = thread }
    }
    #expect(try cpus(nil).cpus.get() == CPUSet([3]))
    let thread = NAPIThread(pid: 261, name: "napi/eth0-8193", allowedCPUs: CPUSet([1, 2]))
    let threaded = try cpus(.value(thread))
    #expect(try threaded.cpus.get() == CPUSet([1, 2]))
    #expect(threaded.thread == .value(thread))
    #expect(try reason(cpus(.value(NAPIThread(pid: 261, name: ""))).cpus)?.contains("261") == true)
    #expect(
      try reason(cpus(.absent(Absence(.needsPrivilege))).cpus)?.contains("needs privilege") == true)
  }

  @Test(arguments: [
    (Absence.Reason.unreadable, false), (.needsPrivilege, false), (.gone, false),
    (.notSupported, true), (.notRecorded, true),
  ])
  func rulesThatCannotBeReadAreNotNone(_ why: Absence.Reason, isKnown: Bool) throws {
    let prediction = try prediction { $0.rules = .absent(Absence(why)) }
    #expect(reason(prediction.queue) == (isKnown ? nil : "rules: \(why.words)"))
  }
}
