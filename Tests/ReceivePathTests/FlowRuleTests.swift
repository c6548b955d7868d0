import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("Flow rules") struct FlowRuleTests {
  /// A rule of any type, with some of its fields, masks and actions.
  static func random(_ generator: inout SplitMix, location: UInt32? = nil) throws -> FlowRule {
    let types = FlowRule.typeNames + ["type-19"]
    let type = try #require(types.randomElement(using: &generator))
    let number = try #require(FlowRule.number(ofType: type))
    var matches: [FlowRule.Match] = []
    for field in FlowRule.layout(number).fields + FlowRule.extraFields
    where Bool.random(using: &generator) && field.name != "ip-ver" {
      var mask = [UInt8](repeating: 0xff, count: field.range.count)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: for index in mask.indices { mask[index] = .random(in: 0...255, using: &generator) }
      case 1: mask[mask.count - 1] = 0x80
      default: break
      }
      guard mask.contains(where: { $0 != 0 }) else { continue }
      matches.append(
        FlowRule.Match(
          field: field.name, value: mask.map { $0 & .random(in: 0...255, using: &generator) },
          mask: mask))
    }
    let queue = UInt32.random(in: 0...99, using: &generator)
    let actions: [FlowRule.Action] = [
      .queue(queue), .queue(0), .drop, .wake,
      .virtualFunction(.random(in: 0...254, using: &generator), queue: queue),
    ]
    return FlowRule(
      location: location ?? .random(in: 0..<1000, using: &generator), flowType: type,
      matches: matches, action: try #require(actions.randomElement(using: &generator)),
      context: Bool.random(using: &generator) ? .random(in: 0...9, using: &generator) : nil)
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func whatIsWrittenIsWhatIsRead(_ seed: UInt64) throws {
    var generator = SplitMix(seed: seed)
    for _ in 0..<50 {
      let rule = try Self.random(&generator)
      let structure = try #require(rule.structure(command: FlowRule.ruleCommand))
      #expect(structure.bytes.count == 192)
      let decoded = try FlowRule(ByteReader(structure.bytes, "test"))
      #expect(decoded == rule)
      #expect(decoded.structure(command: FlowRule.ruleCommand)?.bytes == structure.bytes)
      #expect(try FlowRule(rule.text) == rule, "\(rule.text)")
      #expect(
        try FlowRule(
          words: (rule.body + " loc \(rule.location)").split(separator: " ").map(String.init))
          == rule)
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func tablesAreReadAsTheyArePrinted(_ seed: UInt64) throws {
    var generator = SplitMix(seed: seed)
    let rules = try (0..<UInt32.random(in: 0...20, using: &generator)).map {
      try Self.random(&generator, location: $0)
    }
    let table = FlowRuleTable(rules)
    #expect(table.rules == rules)
    #expect(try FlowRuleTable(table.description) == table)
  }

  /// The image of `ethtool -N eth0 flow-type tcp4 dst-ip 10.0.0.2 dst-port 80 action 3 loc 7`.
  @Test func theKernelsForm() throws {
    let rule = try FlowRule("tcp4 dst-ip 10.0.0.2 dst-port 80 action 3 loc 7")
    var expected = EthtoolStructure(command: 0x32, size: 192)
    expected.put(UInt32(1), at: 16)
    for (offset, byte) in [(24, 10), (27, 2), (31, 80)] { expected.put(UInt8(byte), at: offset) }
    for offset in 96..<100 { expected.put(UInt8(0xff), at: offset) }
    for offset in 102..<104 { expected.put(UInt8(0xff), at: offset) }
    expected.put(UInt64(3), at: 168)
    expected.put(UInt32(7), at: 176)
    #expect(rule.structure(command: FlowRule.insertCommand)?.bytes == expected.bytes)
  }

  @Test(arguments: [
    ("tcp4 dst-port 80 action 3", "@any tcp4 dst-port 80 queue 3"),
    ("flow-type udp4 src-ip 10.1.2.3/8 action -1 loc 4", "@4 udp4 src-ip 10.0.0.0/8 drop"),
    (
      "@2 udp4 src-ip 10.1.2.3 mask 255.0.255.0 wake",
      "@2 udp4 src-ip 10.0.2.0 mask 255.0.255.0 wake"
    ),
    ("tcp6 src-ip 2001:db8::1/32 context 1", "@any tcp6 src-ip 2001:db8::/32 context 1"),
    ("tcp4 context 1 action 2", "@any tcp4 context 1 queue 2"),
    ("ether proto 0x800 vlan 7 vf 1 queue 2", "@any ether proto 0x0800 vlan 7 vf 1 queue 2"),
    (
      "tcp4 dst-port 1/0x1 user-def 0x10 drop",
      "@any tcp4 dst-port 1 mask 0x0001 user-def 0x0000000000000010 drop"
    ),
  ])
  func theWordsOfEthtool(_ typed: String, _ canonical: String) throws {
    #expect(try FlowRule(typed).text == canonical)
    #expect(try FlowRule(canonical).text == canonical)
  }

  // MARK: - Whether a rule takes a flow

  /// Older i40e told values, and no masks: they may be compared, or not.
  @Test(arguments: [
    ("tcp4 dst-ip 10.0.0.2 unmasked queue 1", true as Bool?),
    ("tcp4 dst-ip 10.9.9.9 unmasked", nil),
    ("tcp4 src-port 7 unmasked", nil), ("tcp4 dst-port 80 unmasked", true), ("ip4 tos 1", nil),
    ("tcp4 dst-ip 10.9.9.9 unmasked dst-port 81", false), ("ip4 l4proto 17 unmasked", nil),
    ("tcp4 dst-ip 10.9.9.9 unmasked dst-port 80", nil), ("tcp4 vlan 7 unmasked", nil),
    ("ether proto 0x806 unmasked", nil), ("ether proto 0x806", false), ("ether proto 0x800", nil),
    ("ether src 02:00:00:00:00:01 unmasked", nil), ("ether", nil), ("type-19", nil),
    ("udp4 dst-ip 10.0.0.2 unmasked", false), ("tcp6", false), ("tcp4", true), ("ip4", true),
    ("tcp4 dst-ip 10.0.0.0/24 src-port 34567", true), ("tcp4 dst-ip 10.0.1.0/24", false),
  ])
  func aValueWithoutAMaskDecidesWhereItAgrees(_ text: String, _ takes: Bool?) throws {
    let rule = try FlowRule(text.contains("queue") ? text : text + " queue 1")
    let flow = try Flow("tcp 10.0.0.1:34567 > 10.0.0.2:80")
    #expect(rule.matches(flow) == takes)
    // As the kernel tells it, and as it is kept in text.
    let structure = try #require(rule.structure(command: FlowRule.ruleCommand))
    let decoded = try FlowRule(ByteReader(structure.bytes, "test"))
    #expect(decoded == rule && decoded.canonical == rule)
    #expect(try FlowRule(rule.text) == rule)
  }

  @Test(arguments: [
    ("", "begin with a flow type"), ("tcp5 action 1", "\"tcp5\" is not a flow type"),
    ("tcp4", "it has no action"), ("tcp4 dst-port", "wants a value"),
    ("tcp4 dst-port 65536 drop", "a number of 16 bits"),
    ("tcp4 dst-port 80 dst-port 81 drop", "twice"), ("tcp4 drop action 1", "two"),
    ("tcp4 dst-ip 2001:db8::1 drop", "IPv4"), ("tcp4 dst-ip 10.0.0.0/33 drop", "no mask"),
    ("tcp4 dst-ip 10.0.0.0/0 drop", "no bit"),
    ("tcp4 dst-ip 0.0.0.0 unmasked drop", "is nothing of"),
    ("tcp4 dst-ip 10.0.0.1 m 0.0.0.255 drop", "ignore"),
    ("tcp4 vf 255 drop", "254"), ("tcp4 action -3", "not a number"), ("tcp4 loc x drop", "not a"),
    ("tcp4 queue", "wants a value"), ("ether src 02:00 drop", "an address such as"),
    ("type-99999999999 drop", "is not a flow type"), ("tcp4 drop wake", "twice"),
    ("@3 tcp4 drop loc 4", "twice"),
  ])
  func whatIsNoRule(_ text: String, _ problem: String) {
    let error = #expect(throws: FlowRuleError.self) { try FlowRule(text) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }

  @Test func oneRuleALocation() throws {
    #expect(throws: FlowRuleError.self) {
      try FlowRuleTable("@1 tcp4 drop; @1 udp4 drop")
    }
    #expect(throws: FlowRuleError.self) { try FlowRuleTable("@1 tcp4 drop;") }
    #expect(try FlowRuleTable("@any tcp4 drop; @any udp4 drop").rules.count == 2)
  }

  // MARK: - On a device

  @Test(arguments: [true, false], 0..<20 as Range<UInt64>)
  func anyTableIsMadeOfAnyOther(_ choosesLocation: Bool, _ seed: UInt64) throws {
    var generator = SplitMix(seed: seed)
    let kernel = RuleKernel(size: 16, choosesLocation: choosesLocation)
    let host = Host(kernel)
    for _ in 0..<10 {
      let before = try host.flowRules("eth0")
      var wanted: [FlowRule] = []
      for location in 0..<16 as Range<UInt32> where Bool.random(using: &generator) {
        let kept = before.first { $0.location == location }
        let isKept = Bool.random(using: &generator)
        wanted.append(
          try isKept
            ? kept ?? Self.random(&generator, location: location)
            : Self.random(&generator, location: location))
      }
      kernel.writes = 0
      try host.setFlowRules("eth0", wanted)
      #expect(try host.flowRules("eth0") == wanted)
      // No rule is touched that stays.
      let kept = Set(before).intersection(wanted).count
      #expect(kernel.writes == before.count - kept + wanted.count - kept)
    }
  }

  @Test(arguments: [(true, 0), (false, 15)])
  func aLocationIsChosen(_ choosesLocation: Bool, _ location: UInt32) throws {
    let kernel = RuleKernel(size: 16, choosesLocation: choosesLocation)
    let host = Host(kernel)
    let rule = try FlowRule("tcp4 dst-port 80 queue 1")
    try host.setFlowRules("eth0", [rule])
    #expect(try host.flowRules("eth0").map(\.location) == [location])
    // The same once more finds it there.
    try host.setFlowRules("eth0", [rule])
    #expect(kernel.writes == 1)
    let second = try FlowRule("tcp4 dst-port 81 queue 1")
    try host.setFlowRules("eth0", [rule, second])
    #expect(try host.flowRules("eth0").count == 2)
  }

  /// The drivers that have no rules, and say so by EINVAL.
  @Test func aRefusedCountMeansNoSupport() throws {
    let kernel = RuleKernel(size: 16, choosesLocation: false)
    kernel.refusals = [0x2e: .invalid]
    let error = #expect(throws: KernelError.self) { try Host(kernel).flowRules("eth0") }
    #expect(error?.kind == .notSupported)
    kernel.refusals = [0x2e: .io]
    #expect(throws: KernelError("SIOCETHTOOL", "GRXCLSRLCNT eth0", .io)) {
      try Host(kernel).flowRules("eth0")
    }
  }

  @Test func aRuleThatCannotBeReadIsAnError() throws {
    let kernel = RuleKernel(size: 16, choosesLocation: false)
    let host = Host(kernel)
    try host.setFlowRules("eth0", [try FlowRule("tcp4 dst-port 80 queue 1")])
    kernel.refusals = [0x2f: .invalid]
    let error = #expect(throws: KernelError.self) { try host.flowRules("eth0") }
    #expect(error.map { Absence($0).reason } == .unreadable)
    // Deleted since it was listed.
    kernel.refusals = [0x2f: .noEntry]
    #expect(try host.flowRules("eth0") == [])
  }

  @Test func aFullTableIsNoSpace() throws {
    let host = Host(RuleKernel(size: 1, choosesLocation: false))
    let error = #expect(throws: KernelError.self) {
      try host.setFlowRules(
        "eth0", [try FlowRule("tcp4 dst-port 1 drop"), try FlowRule("tcp4 dst-port 2 drop")])
    }
    #expect(error?.errno == .noSpace)
  }
}

/// A kernel that knows nothing but the rules of one device.
final class RuleKernel: BareKernel {
  private let size: UInt32
  private let choosesLocation: Bool
  private var rules: [UInt32: [UInt8]] = [:]
  var writes = 0
  /// By command.
  var refusals: [UInt32: Errno] = [:]

  init(size: UInt32, choosesLocation: Bool) {
    self.size = size
    self.choosesLocation = choosesLocation
  }

  func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    var data = data
    func put(_ value: some FixedWidthInteger, _ offset: Int) {
      let bytes = hostBytes(value)
      data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    func refuse(_ errno: Errno) -> KernelError { KernelError("SIOCETHTOOL", device, errno) }
    let location = hostInteger(data[176..<180], as: UInt32.self)
    let command = hostInteger(data[0..<4], as: UInt32.self)
    if let errno = refusals[command] { throw refuse(errno) }
    switch command {
    case 0x2e:
      put(UInt64(size) | (choosesLocation ? 0x8000_0000 : 0), 8)
      put(UInt32(rules.count), 184)
    case 0x2f:
      guard let rule = rules[location] else { throw refuse(.noEntry) }
      data = rule
    case 0x30:
      put(UInt64(size), 8)
      for (index, location) in rules.keys.sorted().enumerated() { put(location, 188 + index * 4) }
      put(UInt32(rules.count), 184)
    case 0x31:
      guard rules.removeValue(forKey: location) != nil else { throw refuse(.noEntry) }
      writes += 1
    case 0x32:
      var place = location
      if choosesLocation, location == .max {
        place = (0..<size).first { rules[$0] == nil } ?? size
      }
      guard place < size, rules[place] == nil else { throw refuse(.invalid) }
      put(place, 176)
      rules[place] = data
      writes += 1
    default: throw refuse(.notSupported)
    }
    return data
  }
}
