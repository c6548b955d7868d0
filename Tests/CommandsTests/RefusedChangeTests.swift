import TestSupport
import TestTraits
import Testing

@testable import Commands

/// What a refused change says: what there is instead, or what to try.
@Suite(
  "Refused changes", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
struct RefusedChangeTests {
  /// Runs the program on a veth of four queues; what it printed, and its status.
  private func refusal(
    _ arguments: String, after preparation: String = "true", in wrapper: String = ""
  ) throws -> (output: String, status: Int32) {
    let scratch = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(scratch)'") }
    return try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        ip link add v0 numrxqueues 4 numtxqueues 4 type veth \
        peer name v1 numrxqueues 4 numtxqueues 4 && ip link set v0 up && ip link set v1 up && \
        ip link add one numrxqueues 1 numtxqueues 1 type veth \
        peer name other numrxqueues 1 numtxqueues 1 && cd '\(scratch)' && \(preparation)
        """)
      let result = try Shell.result(
        "\(wrapper) \(Program.rxtune) \(arguments) --state-dir '\(scratch)/s'")
      return (result.output, result.status)
    }
  }

  struct Case: Sendable, CustomStringConvertible {
    var arguments: String
    var says: String
    var description: String { arguments }
  }

  @Test(arguments: [
    Case(
      arguments: "channels v0 combined=2",
      says: "error: v0 channels.combined: v0 has rx and tx channels, not combined."),
    Case(arguments: "channels v0 other=1", says: "v0 has rx and tx channels, not other."),
    Case(
      arguments: "set queue.rps-cpus=1 v0 rx-9",
      says: "error: v0 queue.rps-cpus: v0 has 4 receive queues, rx-0 to rx-3."),
    Case(
      arguments: "set queue.xps-cpus=1 v0 tx-4",
      says: "v0 has 4 transmit queues, tx-0 to tx-3."),
    Case(
      arguments: "set queue.rps-cpus=1 one rx-1", says: "one has one receive queue, rx-0."),
    Case(
      arguments: "set queue.xps-cpus=1 one",
      says: "error: one tx-0 queue.xps-cpus: one has one transmit queue: XPS needs two."),
    Case(
      arguments: "set irq.smp-affinity=1 v0",
      says: "v0 is a virtual device: its queues have no interrupts."),
    Case(
      arguments: "set coalesce.rx-usecs=8 v0", says: "the driver does not support it (EOPNOTSUPP)."),
    Case(
      arguments: "set napi.threaded=1 one", says: "one has no NAPI instances now."),
    Case(
      arguments: "set net.core.netdev_budget=400",
      says: """
        error: host net.core.netdev_budget: exists only in the host's network namespace (ENOENT). \
        Nothing was changed. Run rxtune there.
        """),
    Case(
      arguments: "set queue.rps-cpus=1 queue.rps-cpus=0 v0 rx-0",
      says: "error: v0 rx-0 queue.rps-cpus: given twice: 1 and 0."),
    Case(
      arguments: "set net.core.somaxconn=100 net.core.somaxconn=100",
      says: "error: netns net.core.somaxconn: given twice: 100 and 100."),
    Case(
      arguments: "set queue.rps-cpus=0f v0",
      says: "error: v0 rx-0 to rx-3 queue.rps-cpus: \"0f\" is a mask: write the list 0-3."),
    Case(
      arguments: "set queue.rps-cpus=01 v0",
      says: "\"01\" reads as a mask by its zeros: write the list 0, or if it is one already, 1."),
    Case(arguments: "irq v0 rx-0=0x3", says: "v0 is a virtual device"),
  ])
  func saysWhatThereIsInstead(_ row: Case) throws {
    let (output, status) = try refusal(row.arguments)
    #expect(output.contains(row.says), "\(output)")
    #expect(output.contains("Nothing was changed."))
    #expect(status == 1)
  }

  @Test func tellsSysfsOfAnotherNamespace() throws {
    // unshare(1) alone leaves /sys as it is: that of the namespace around.
    let scratch = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(scratch)'") }
    let result = try Shell.result(
      """
      unshare -n sh -c "ip link add v0 type veth peer name v1 && \
      \(Program.rxtune) set queue.rps-cpus=1 v0 --state-dir '\(scratch)/s'"
      """)
    #expect(
      result.output.contains(
        "v0 queue.rps-cpus: sysfs here belongs to another network namespace. Nothing was changed. "
          + "Mount one of this namespace: mount -t sysfs sysfs /sys"), "\(result.output)")
    #expect(result.status == 1)
  }

  @Test func callsTheNamespacesOwnNetns() throws {
    let (plan, _) = try refusal("set net.core.somaxconn=1234 --dry-run")
    #expect(plan.contains("\nnetns  net.core.somaxconn  "), "\(plan)")
    let (json, _) = try refusal("set net.core.somaxconn=1234 --dry-run --json")
    #expect(json.filter { !$0.isWhitespace }.contains("\"place\":{\"netns\":true}"), "\(json)")
    try NetworkNamespace.run { _ in
      let read = try Shell.result("\(Program.rxtune) get net.core.somaxconn")
      #expect(read.output.contains("netns  net.core.somaxconn  "), "\(read.output)")
    }
  }

  @Test(arguments: [
    Case(
      arguments: "set device.napi-defer-hard-irqs=10 v0",
      says: "note: v0 device.napi-defer-hard-irqs: does nothing while "
        + "device.gro-flush-timeout is 0."),
    Case(
      arguments: "set device.gro-flush-timeout=20000 v0",
      says: "note: v0 device.gro-flush-timeout: defers no interrupt while "
        + "device.napi-defer-hard-irqs is 0."),
    Case(
      arguments: "set features.rx-gro=off mv0",
      says: "note: mv0 features.rx-gro: below it, v0 still merges packets. "
        + "Turn it off there as well: rxtune set features.rx-gro=off v0"),
    Case(
      arguments: "set features.rx-gro=off br0",
      says: "note: br0 features.rx-gro: below it, v1 still merges packets."),
  ])
  func saysWhatIsForNothing(_ row: Case) throws {
    let (output, status) = try refusal(
      row.arguments + " --dry-run",
      after: """
        ethtool -K v0 gro on && ethtool -K v1 gro on && ip link add link v0 name mv0 type macvlan \
        && ip link add br0 type bridge && ip link set v1 master br0
        """)
    #expect(output.contains(row.says), "\(output)")
    #expect(status == 2)
  }

  /// Both together say nothing.
  @Test func saysNothingOfAPair() throws {
    let (output, _) = try refusal(
      "set device.napi-defer-hard-irqs=10 device.gro-flush-timeout=20000 v0 --dry-run")
    #expect(!output.contains("note:"), "\(output)")
  }

  private static let clang = try? Shell.run(
    "PATH=$PATH:$(dirname $(readlink -f $(command -v swift))) command -v clang"
  ).filter { $0 != "\n" }

  /// A veth with a program needs as many receive queues as its peer sends on.
  @Test(.enabled(if: clang != nil, "needs clang, for an XDP program"))
  func namesXDPWhereChannelsShrink() throws {
    let attach = """
      printf '__attribute__((section("xdp"),used)) int pass(void *c) { return 2; }' | \
      \(Self.clang ?? "clang") -O2 -target bpf -c -x c - -o pass.o && \
      ip link set v0 xdpdrv obj pass.o sec xdp
      """
    let (output, status) = try refusal("channels v0 rx=1", after: attach)
    #expect(
      output.contains(
        "error: v0 channels.rx: an XDP program is attached, and needs a receive queue for each of "
          + "v1's 4 transmit queues. Nothing was changed. Fewer there first: rxtune channels v1 tx=1; "
          + "or detach it: ip link set v0 xdp off"), "\(output)")
    #expect(status == 1)
    let (both, done) = try refusal(
      "channels v0 rx=1", after: attach + " && ethtool -L v1 tx 1")
    #expect(done == 0, "\(both)")
    #expect(both.contains("note: v0 channels.rx: an XDP program is attached"), "\(both)")
    // As it must not grow at the other end.
    let (more, refused) = try refusal(
      "channels v1 tx=4", after: attach + " && ethtool -L v1 tx 1 && ethtool -L v0 rx 1")
    #expect(
      more.contains("an XDP program is attached to v0, which has 1 receive queue for it"),
      "\(more)")
    #expect(refused == 1)
  }
}
