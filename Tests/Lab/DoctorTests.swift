import Foundation
import TestSupport
import Testing

/// `rxtune doctor` on NICs under load: it finds the fault that was made and nothing else, the fix that
/// it prints is run, and it finds nothing afterwards.
///
/// With RXTUNE_LAB_FIXTURES=FOLDER, two moments of some guests are kept there as Moments/NAME.capture.
@Suite(.lab)
struct DoctorTests {
  /// Every vector of the NIC on one CPU.
  @Test func interruptsOnOneCPU() async throws {
    try await Lab.run(.igb) { guest in
      try guest.waitForLink("eth0")
      let load = Load(Self.manyFlows, on: try guest.tap())
      defer { load.stop() }
      let before = try guest.moveInterrupts(of: "eth0", to: "1")
      let ill = try guest.doctor("eth0", until: ["irq-one-cpu"])
      #expect(ill.found == ["irq-one-cpu"], "\(ill)")
      try guest.recordMoments("igb-one-cpu")
      try guest.run(ill.commands)
      let cured = try guest.doctor("eth0")
      #expect(cured.found == [], "\(cured)")
      try guest.recordMoments("igb-spread")
      // An interrupt stays where it is as long as it may: these are spread now.
      try guest.restoreInterrupts(before)
      try guest.shell("rm -rf /run/rxtune")
    }
  }

  /// Some flows of many make their queue's CPU busy.
  @Test func packetsPileUpInAQueue() async throws {
    try await Lab.run(.igb) { guest in
      let crowded = try guest.landedFlow()
      try guest.makePacketsDear()
      // Three of four packets are of the one flow.
      let flows = Self.manyFlows.flatMap { [$0, crowded.flow, crowded.flow, crowded.flow] }
      let load = Load(flows, on: try guest.tap(), burst: 40, pause: .milliseconds(1))
      defer { load.stop() }
      let ill = try guest.doctor("eth0", until: ["queue-imbalance"])
      try guest.makePacketsCheap()
      #expect(ill.found == ["queue-imbalance"], "\(ill)")
      #expect(ill.places == ["eth0 rx-\(crowded.queue)"])
    }
  }

  /// A NIC with one queue, whose CPU is full, also while it polls elsewhere than its interrupt would
  /// go; then the CPU that RPS gave its packets to.
  @Test func oneQueueAndTheBacklogBehindIt() async throws {
    try await Lab.run(.e1000e) { guest in
      try guest.waitForLink("eth0")
      let before = try guest.moveInterrupts(of: "eth0", to: "1")
      let settings = try guest.shell("cd /proc/sys/net/core; grep '' netdev_budget* netdev_max_b*")
      // So few that each polling cycle ends with some left.
      try guest.shell("echo 8 >/proc/sys/net/core/netdev_budget")
      try guest.makePacketsDear()
      var load = Load(Self.manyFlows, on: try guest.tap(), pause: nil)
      defer { load.stop() }
      let saturated = try guest.doctor("eth0", until: ["one-queue"])
      #expect(saturated.found == ["one-queue"], "\(saturated)")
      #expect(saturated.explained.contains("time-squeeze"), "\(saturated)")
      // It is polled where it was until there is nothing to poll for.
      _ = try guest.moveInterrupts(of: "eth0", to: "2")
      let moved = try guest.doctor("eth0", until: ["one-queue"])
      #expect(moved.found == ["one-queue"], "\(moved)")
      try guest.run(moved.commands)
      let spread = try guest.doctor("eth0")
      #expect(!spread.found.contains("one-queue"), "\(spread)")

      // All of it to one CPU, whose backlog holds what it has no time for.
      _ = try guest.moveInterrupts(of: "eth0", to: "1")
      try guest.shell(
        """
        echo 1000000 >/proc/sys/net/core/netdev_max_backlog
        echo 0 >/proc/sys/net/core/rps_sock_flow_entries
        cd /sys/class/net/eth0/queues/rx-0; echo 0 >rps_flow_cnt; echo 8 >rps_cpus
        """)
      let squeezed = try guest.doctor("eth0", until: ["time-squeeze"])
      #expect(squeezed.found == ["time-squeeze"], "\(squeezed)")
      #expect(squeezed.places == ["cpu3"])
      load.stop()
      try guest.makePacketsCheap()
      try guest.run(squeezed.commands)
      #expect(try guest.shell("cat /proc/sys/net/core/netdev_budget") == "300")

      load = Load(Self.manyFlows, on: try guest.tap())
      try guest.shell("echo 1 >/proc/sys/net/core/netdev_max_backlog")
      let dropping = try guest.doctor("eth0", until: ["backlog-drop"])
      #expect(dropping.found == ["backlog-drop"], "\(dropping)")
      try guest.run(dropping.commands)
      let cured = try guest.doctor("eth0")
      #expect(cured.found == [], "\(cured)")

      try guest.shell(
        """
        rm -rf /run/rxtune
        echo 0 >/sys/class/net/eth0/queues/rx-0/rps_cpus
        """)
      for line in settings.split(separator: "\n") {
        let words = line.split(separator: ":")
        try guest.shell("echo \(words[1]) >/proc/sys/net/core/\(words[0])")
      }
      try guest.restoreInterrupts(before)
    }
  }

  /// Bursts that a ring does not hold; this driver counts them by names of its own.
  @Test func burstsOverrunTheRing() async throws {
    try await Lab.run(.vmxnet3) { guest in
      try guest.waitForLink("eth0")
      let before = try guest.shell("ethtool -g eth0 | awk '$1 == \"RX:\" {print $2}' | tail -n 1")
      try guest.shell("ethtool -G eth0 rx 256")
      let load = Load(
        Self.manyFlows, on: try guest.tap(), burst: 1500, pause: .milliseconds(500))
      defer { load.stop() }
      let ill = try guest.doctor("eth0", for: "2s", until: ["ring-overrun"])
      #expect(ill.found == ["ring-overrun"], "\(ill)")
      try guest.recordMoments("vmxnet3-ring-overrun")
      try guest.run(ill.commands)
      let cured = try guest.doctor("eth0", for: "2s")
      #expect(cured.found == [], "\(cured)")
      try guest.shell("rxtune rollback; rm -rf /run/rxtune; ethtool -G eth0 rx \(before)")
    }
  }

  /// Queues that the RSS table leaves out are wasted, unless they are a traffic class's.
  @Test func queuesOfATrafficClassAreNoGap() async throws {
    try await Lab.run(.igb) { guest in
      try guest.waitForLink("eth0")
      try guest.shell("ethtool -X eth0 equal 2")
      let gap = try guest.doctor("eth0", underLoad: false)
      #expect(gap.found == ["table-gap"], "\(gap)")
      try guest.shell(
        "/bin/tc qdisc add dev eth0 root handle 7: mqprio num_tc 2 "
          + "map 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 queues 2@0 2@2 hw 0")
      let classes = try guest.doctor("eth0", underLoad: false)
      #expect(classes.found == [], "\(classes)")
      try guest.shell("/bin/tc qdisc del dev eth0 root handle 7:")
      try guest.run(gap.commands)
      let cured = try guest.doctor("eth0", underLoad: false)
      #expect(cured.found == [], "\(cured)")
      try guest.shell("rm -rf /run/rxtune")
    }
  }

  /// What no NIC of QEMU does: it has more queues than there are CPUs, misses packets, has the switch
  /// pause, and gets damaged ones.
  @Test func missedPausedAndDamaged() async throws {
    try await Lab.run(.virtual) { guest in
      try guest.renewOwnNIC()
      let load = Load(Self.manyFlows, on: try guest.tap())
      defer { load.stop() }
      let crowded = try guest.doctor("rxlab0", until: ["channels-many"])
      #expect(crowded.found == ["channels-many"], "\(crowded)")
      try guest.run(crowded.commands)
      let fault = "/sys/module/rxlab/parameters"
      try guest.shell("echo 1024 >\(fault)/burst")
      let missing = try guest.doctor("rxlab0", until: ["ring-overrun"])
      #expect(missing.found == ["ring-overrun"], "\(missing)")
      try guest.shell("rxtune set pause.tx=on rxlab0")
      let pausing = try guest.doctor("rxlab0", until: ["pause"])
      #expect(pausing.found == ["pause"], "\(pausing)")
      #expect(pausing.commands == missing.commands)
      try guest.run(pausing.commands)
      let cured = try guest.doctor("rxlab0")
      #expect(cured.found == [], "\(cured)")
      try guest.shell("echo 50 >\(fault)/damage")
      let damaged = try guest.doctor("rxlab0", until: ["link-errors"])
      #expect(damaged.found == ["link-errors"], "\(damaged)")
      try guest.renewOwnNIC()
      try guest.shell("rm -rf /run/rxtune")
    }
  }

  /// To nobody: what a NIC does with a packet is before that.
  private static let manyFlows: [Flow] = {
    var generator = SplitMix(seed: 12)
    return (0..<64).map { _ in .random(.tcp, ipv6: false, using: &generator) }
  }()
}

/// What `doctor --json` printed, as far as it is looked at.
private struct Checkup: CustomStringConvertible {
  private struct Document: Decodable {
    struct Finding: Decodable {
      struct Fix: Decodable { var commands: [[String]] }
      struct Place: Decodable {
        var device: String?
        var queue: Int?
        var cpu: Int?
      }
      var rule: String
      var place: Place
      var fix: Fix
      var explains: [String]?
    }
    var findings: [Finding]
  }

  private let document: Document
  let description: String

  init(_ text: String) throws {
    description = text
    document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
  }

  var found: [String] { document.findings.map(\.rule) }
  var commands: [[String]] { document.findings.flatMap(\.fix.commands) }
  var explained: [String] { document.findings.flatMap { $0.explains ?? [] } }

  /// "eth0 rx-0", "cpu3"
  var places: [String] {
    document.findings.map { finding in
      let place = finding.place
      let words = [place.device, place.queue.map { "rx-\($0)" }, place.cpu.map { "cpu\($0)" }]
      return words.compactMap(\.self).joined(separator: " ")
    }
  }
}

extension Guest {
  /// - Parameters:
  ///   - underLoad: looks again while too little of it got here to judge by, as on a busy machine.
  ///   - ill: looks again until these are found, and no others: a guest that stands still for a moment
  ///     has no load in it.
  fileprivate func doctor(
    _ device: String, for time: String = "1s", underLoad: Bool = true, until ill: [String]? = nil
  ) throws -> Checkup {
    var looks = underLoad ? 8 : 1
    while true {
      let output = try run("sleep 0.5; rxtune doctor \(device) --for \(time) --json")
      let checkup = try Checkup(output.output)
      guard output.status == (checkup.found.isEmpty ? 0 : 2) else {
        throw LabError("doctor: status \(output.status)\n\(output.output)\(output.errors)")
      }
      looks -= 1
      let isSeen = ill.map { $0 == checkup.found } ?? !output.output.contains("too few to judge by")
      if looks == 0 || isSeen { return checkup }
    }
  }

  /// Runs what a finding says to run.
  fileprivate func run(_ commands: [[String]]) throws {
    for command in commands {
      try shell(command.map { "'\($0)'" }.joined(separator: " "))
    }
    // What it changed takes effect, as a link that comes back.
    try waitForLink(topology.device)
  }

  /// - Returns: what `restoreInterrupts` takes.
  fileprivate func moveInterrupts(of device: String, to cpus: String) throws -> String {
    try shell(
      """
      for irq in $(grep \(device) /proc/interrupts | cut -d: -f1); do
        echo $irq $(cat /proc/irq/$irq/smp_affinity_list)
        echo \(cpus) >/proc/irq/$irq/smp_affinity_list
      done
      """)
  }

  fileprivate func restoreInterrupts(_ lines: String) throws {
    for line in lines.split(separator: "\n") {
      let words = line.split(separator: " ")
      try shell("echo \(words[1]) >/proc/irq/\(words[0])/smp_affinity_list")
    }
  }

  /// Makes packets of eth0 cost its CPU many times as much: a device that nobody reads from gets dozens
  /// of copies.
  fileprivate func makePacketsDear() throws {
    try shell(
      """
      modprobe dummy numdummies=0
      /bin/ip link add copies type dummy && /bin/ip link set copies up
      /bin/tc qdisc add dev eth0 ingress
      /bin/tc filter add dev eth0 parent ffff: matchall \
        $(for i in $(seq 30); do echo action mirred egress mirror dev copies; done)
      """)
  }

  fileprivate func makePacketsCheap() throws {
    try shell("/bin/tc qdisc del dev eth0 ingress; /bin/ip link del copies")
  }

  /// Keeps two moments of the guest as it is now.
  fileprivate func recordMoments(_ name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["RXTUNE_LAB_FIXTURES"] else { return }
    try shell("rxtune capture --for 2s /tmp/moments.capture")
    try get("/tmp/moments.capture").write(
      to: URL(filePath: folder).appending(path: "Moments/\(name).capture"))
  }
}
