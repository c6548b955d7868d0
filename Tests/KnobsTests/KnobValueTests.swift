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
    ("net.ipv4.tcp_rmem", "4096\t131072  6291456", .text("4096 131072 6291456")),
    ("rss.hash-function", "toeplitz", .text("toeplitz")),
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
    ("queue.rps-cpus", "3-1", "is no list of CPUs, as \"0-3,8\" or \"none\""),
    ("irq.smp-affinity", "", "is no list of CPUs, as \"0-3,8\" or \"none\""),
    ("net.ipv4.tcp_rmem", "1 2", "is not 3 numbers (minimum, default, maximum)"),
    ("net.ipv4.tcp_rmem", "3 2 1", "does not ascend"),
    (
      "net.ipv4.tcp_rmem", "0 1 2",
      "is out of range: each number takes a plain number of bytes, 1 to 2147483647"
    ),
    ("rss.hash-function", "sha1", "is not one of toeplitz, xor, crc32"),
    ("net.core.default_qdisc", "fq\u{1b}[2J", "holds a control character"),
    ("net.core.default_qdisc", "", "is empty"),
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
}
