import Testing

@testable import Knobs

@Suite("Knob values") struct KnobValueTests {
  @Test(arguments: [
    ("coalesce.rx-usecs", "25", KnobValue.number(25)),
    ("coalesce.rx-usecs", " 4294967295 ", .number(4_294_967_295)),
    ("features.rx-gro", "on", .flag(true)), ("features.rx-gro", "0", .flag(false)),
    ("irq.smp-affinity", "0-3,8", .cpus(CPUSet([0, 1, 2, 3, 8]))),
    ("queue.rps-cpus", "0", .cpus(CPUSet([0]))), ("queue.rps-cpus", "10", .cpus(CPUSet([10]))),
    ("queue.rps-cpus", "none", .cpus(CPUSet())),
    ("net.ipv4.tcp_rmem", "4096\t131072  6291456", .numbers([4096, 131_072, 6_291_456])),
    ("rss.hash-function", "toeplitz", .word("toeplitz")),
    ("net.core.default_qdisc", "fq_codel", .text("fq_codel")),
    ("rss.indirection", "equal 4", .table(.equal(4))),
    ("rss.indirection", "default", .table(.driver)),
    (
      "rss.indirection", "0,0,1",
      .table(.rows([.init(queue: 0, count: 2), .init(queue: 1, count: 1)]))
    ),
    ("rss.hash-fields", "udp4:sd tcp4:none", .hashFields([.tcp4: [], .udp4: .addresses])),
    ("rss.contexts", "none", .contexts(RSSContextTable([]))),
    (
      "rss.contexts", "new equal 2; 1 equal 3 from 4",
      .contexts(
        RSSContextTable([
          RSSContext(number: 1, table: .equal(3, from: 4)), RSSContext(table: .equal(2)),
        ]))
    ),
    (
      "private-flags", "this,-that",
      .privateFlags(
        PrivateFlags([.init(name: "this", isOn: true), .init(name: "that", isOn: false)]))
    ),
    (
      "coalesce.rx-profile", "1,256,n",
      .profile(ModerationProfile([.init(microseconds: 1, packets: 256, completions: nil)]))
    ),
    ("net.core.netdev_budget", "max", .number(2_147_483_647)),
    ("queue.byte-queue-limits.limit-max", "max", .number(1_879_048_192)),
  ])
  func whatIsTypedIsTaken(id: String, text: String, value: KnobValue) throws {
    let knob = try #require(Knob.named(id))
    #expect(try KnobValue.parse(text, for: knob) == value)
    // What is shown can be typed again.
    #expect(try KnobValue.parse(value.description, for: knob) == value)
  }

  @Test(arguments: [
    (
      "coalesce.rx-usecs", "25us",
      "is not a plain number of microseconds, 0 to 4294967295"
    ),
    ("coalesce.rx-usecs", "0x10", "is not a plain number of microseconds, 0 to 4294967295"),
    (
      "coalesce.rx-usecs", "4294967296",
      "is out of range: it takes a plain number of microseconds, 0 to 4294967295"
    ),
    (
      "coalesce.rx-usecs", "99999999999999999999",
      "is not a plain number of microseconds, 0 to 4294967295"
    ),
    (
      "net.core.netdev_budget", "0",
      "is out of range: it takes a plain number of packets, 1 to 2147483647"
    ),
    ("net.core.netdev_budget", "+1", "is not a plain number of packets, 1 to 2147483647"),
    (
      "queue.rps-flow-cnt", "1073741824",
      "is out of range: it takes a plain number of entries, 0 to 4194304"
    ),
    ("rings.rx", "max", "cannot be resolved: no maximum is known"),
    ("features.rx-gro", "maybe", "is neither on nor off"),
    ("irq.smp-affinity", "0x3", "is a mask: write the list 0-1"),
    ("queue.rps-cpus", "0f", "is a mask: write the list 0-3"),
    ("queue.rps-cpus", "ff", "is a mask: write the list 0-7"),
    ("queue.rps-cpus", "00ff", "is a mask: write the list 0-7"),
    ("queue.rps-cpus", "00000000,000000ff", "is a mask: write the list 0-7"),
    ("queue.rps-cpus", "ffffffff,00000000", "is a mask: write the list 32-63"),
    ("queue.rps-cpus", "0X0F", "is a mask: write the list 0-3"),
    (
      "queue.rps-cpus", "00",
      "reads as a mask by its zeros: write the list none, or if it is one already, 0"
    ),
    (
      "queue.rps-cpus", "03",
      "reads as a mask by its zeros: write the list 0-1, or if it is one already, 3"
    ),
    ("queue.rps-cpus", "01-03", "has zeros in front: write the list 1-3"),
    ("queue.xps-rxqs", "0x5", "is a mask: write the list 0,2"),
    ("queue.rps-cpus", "3-1", "is not a list of CPUs; use a list such as 0-3,8, or none"),
    ("irq.smp-affinity", "", "is not a list of CPUs; use a list such as 0-3,8, or none"),
    ("net.ipv4.tcp_rmem", "1 2", "is not 3 numbers (minimum, default, maximum)"),
    ("net.ipv4.tcp_rmem", "3 2 1", "does not ascend"),
    (
      "net.ipv4.tcp_rmem", "0 1 2",
      "is out of range: each number takes a plain number of bytes, 1 to 2147483647"
    ),
    ("rss.hash-function", "sha1", "is not one of toeplitz, xor, crc32"),
    ("net.core.default_qdisc", "fq\u{1b}[2J", "holds a control character"),
    ("net.core.default_qdisc", "", "is empty"),
    (
      "rss.indirection", "equal",
      "is not a table, as \"equal 4\", \"0*64,1*64\" or \"default\""
    ),
    ("rss.hash-key", "6d:5", "is not a key: hex bytes, as \"6d:5a:56\""),
    ("rss.hash-fields", "tcp4", "names no fields, as \"udp4:sdfn\""),
    ("rss.contexts", "1 equal", "is not a list of contexts: \"equal\" is not a table"),
    (
      "rss.contexts", "none [and others]",
      "is not a list of contexts: a context begins with its number, or new, not \"none\""
    ),
    ("flow-rules", "tcp4 dst-port", "is not a list of rules: \"dst-port\" wants a value behind it"),
    ("private-flags", "a b", "is not a list of flags, as \"this,-that\""),
    (
      "coalesce.rx-profile", "1,2",
      "is not a profile: three numbers a step, as \"1,256,n_8,256,n\""
    ),
  ])
  func whatMakesNoSenseIsRefused(id: String, text: String, problem: String) throws {
    let knob = try #require(Knob.named(id))
    let error = #expect(throws: KnobValueError.self) { try KnobValue.parse(text, for: knob) }
    #expect(error?.problem == problem)
    #expect(error?.description == "\(knob.id): \"\(text)\" \(problem)")
  }

  @Test func reportedMaximaCount() throws {
    let rings = try #require(Knob.named("rings.rx"))
    #expect(try KnobValue.parse("max", for: rings, maximum: 4096) == .number(4096))
    #expect(throws: KnobValueError.self) { try KnobValue.parse("4097", for: rings, maximum: 4096) }
    #expect(throws: KnobValueError.self) { try KnobValue.parse("0", for: rings, maximum: 4096) }
    #expect(try KnobValue.parse("0", for: rings, maximum: 4096, beyondRange: true) == .number(0))
  }

  /// A value that is printed so that it is read as the same, or an error that says whose.
  @Test(arguments: Knob.catalogue)
  func anyTextIsAnsweredByValueOrError(knob: Knob) {
    func expect(_ text: String, maximum: Int64? = nil, beyondRange: Bool = false) {
      func parse(_ text: String) throws(KnobValueError) -> KnobValue {
        try KnobValue.parse(text, for: knob, maximum: maximum, beyondRange: beyondRange)
      }
      do {
        let value = try parse(text)
        let again = try? parse(value.description)
        #expect(again == value, "\(text)")
      } catch {
        #expect(error.description == "\(knob.id): \"\(text)\" \(error.problem)")
        #expect(!error.problem.isEmpty)
      }
    }
    for text in [
      "", " ", "-", "-1", "9223372036854775808", "-9223372036854775809", "0-65536", ",", "é", "\0",
      "1 2 3", "max", "none", "0-", String(repeating: "9", count: 5000),
    ] {
      expect(text)
      expect(text, maximum: .min, beyondRange: true)
    }
  }

  /// Each form has values of its own, and none of another's.
  @Test func aKnobTakesItsOwnForm() throws {
    let samples: [(id: String, value: KnobValue)] = [
      ("coalesce.rx-usecs", .number(1)), ("net.ipv4.tcp_rmem", .numbers([1, 2, 3])),
      ("features.rx-gro", .flag(true)), ("features.rx-gro", .requested(true)),
      ("queue.rps-cpus", .cpus(CPUSet())), ("rss.hash-function", .word("xor")),
      ("net.core.default_qdisc", .text("fq")), ("rss.indirection", .table(.driver)),
      ("rss.hash-key", .key(try #require(HashKey([1])))),
      ("rss.hash-fields", .hashFields([.tcp4: []])),
      ("rss.contexts", .contexts(RSSContextTable([]))),
      ("flow-rules", .rules(FlowRuleTable([]))),
      ("private-flags", .privateFlags(PrivateFlags([]))),
      ("coalesce.rx-profile", .profile(ModerationProfile([]))),
    ]
    for (id, _) in samples {
      let knob = try #require(Knob.named(id))
      for sample in samples {
        #expect(knob.takes(sample.value) == (sample.id == id), "\(id): \(sample.value)")
      }
      #expect(!knob.takes(.unread("x")))
      #expect(!knob.takes(.numbers([1, 2])))
    }
  }

  /// What a record has in words reads back as what it was, beyond the range and of edits too.
  @Test(arguments: [
    ("features.rx-gro", KnobValue.requested(true)), ("features.rx-gro", .requested(false)),
    ("net.ipv4.tcp_rmem", .numbers([9, 1, 0])), ("rss.hash-function", .word("function-8")),
    ("rss.indirection", .table(.driverInRows)), ("rss.indirection", .table(.equal(3, from: 1))),
    (
      "rss.contexts",
      .contexts(
        RSSContextTable([
          RSSContext(number: 1, function: .other(8), transform: InputTransform(rawValue: 4))
        ]))
    ),
  ])
  func recordsAreReadBack(id: String, value: KnobValue) throws {
    let knob = try #require(Knob.named(id))
    #expect(KnobValue(recorded: value.description, for: knob) == value)
  }

  @Test(arguments: [
    ("flow-rules", "none [and others]"),
    ("flow-rules", "@3 tcp4 dst-port 22 queue 0 [and others, without @7 tcp4 drop]"),
    (
      "rss.contexts", "1 equal 2; 2 equal 1 [and others, without 3 equal 4; new equal 2, again 1 2]"
    ),
    ("rss.contexts", "none [and others, again 4]"),
  ])
  func anEditIsReadBackAndNeverTyped(id: String, text: String) throws {
    let knob = try #require(Knob.named(id))
    let value = try #require(KnobValue(recorded: text, for: knob))
    #expect(value.description == text)
    #expect(value.applied(to: value) != nil)
    #expect(throws: KnobValueError.self) { try KnobValue.parse(text, for: knob) }
  }

  @Test(arguments: [
    ("flow-rules", "none", true), ("flow-rules", "@3 tcp4 drop", true),
    ("rss.contexts", "1 equal 2", true), ("flow-rules", "x [and others, what]", false),
    ("rss.contexts", " [and other]", false),
  ])
  func aTableIsNoEdit(id: String, text: String, isTable: Bool) throws {
    let knob = try #require(Knob.named(id))
    let value = KnobValue(recorded: text, for: knob)
    #expect((value != nil) == isTable)
    #expect(value?.applied(to: value ?? .unread("")) == nil)
  }

  /// What hostile numbers would make of a table is refused, or small.
  @Test(arguments: [
    "0*9999999999", "0*1048577", "0*1048576,1", "0*9223372036854775807,1*9223372036854775807",
    "equal 4294967295 from 4294967295",
  ])
  func tablesHaveALimit(_ text: String) { #expect(IndirectionTable(text) == nil) }
}
