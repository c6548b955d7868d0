import Foundation
import Testing

/// `rss`, `channels`, `rings` and `irq` on real drivers: ethtool and /proc see what was asked for,
/// and a rollback puts all of it back.
@Suite(.lab)
struct StructuredChangeTests {
  struct NIC: CustomTestStringConvertible, Sendable {
    let topology: Topology
    let device: String
    /// The names of a queue's interrupts in /proc/irq, %d its number.
    let interrupts: String

    var testDescription: String { "\(topology.rawValue) \(device)" }
  }

  static let nics = [
    NIC(topology: .igb, device: "eth0", interrupts: "eth0-rx-%d"),
    NIC(topology: .virtio, device: "eth1", interrupts: "virtio2-input.%d"),
    NIC(topology: .igbNewest, device: "eth0", interrupts: "eth0-rx-%d"),
    NIC(topology: .virtioNewest, device: "eth1", interrupts: "virtio2-input.%d"),
  ].filter(\.topology.isOffered)

  @Test(arguments: nics)
  func appliesAndRollsBack(_ nic: NIC) async throws {
    try await Lab.run(nic.topology) { guest in
      let device = nic.device
      try guest.prepareStates()
      try guest.waitForLink(device)
      let found = try guest.contents(of: "/proc/irq/*/smp_affinity_list")
      // virtio_net spreads its interrupts by itself.
      let pattern = nic.interrupts.replacing("%d", with: "*")
      try guest.shell(
        """
        ethtool -K \(device) rxhash on; ethtool -X \(device) equal 3
        for action in /proc/irq/*/\(pattern); do echo 0-3 >${action%/*}/smp_affinity_list; done
        """)
      let size = try guest.table(of: device).count
      let wants: [(command: String, isSeen: () throws -> Bool)] = [
        ("rss \(device) --equal 2", { try Set(guest.table(of: device)) == [0, 1] }),
        (
          "rss \(device) --weights 4,1,2,1",
          {
            let table = try guest.table(of: device)
            let parts = (0..<4).map { queue in table.count { $0 == queue } }
            return parts == [4, 1, 2, 1].map { $0 * size / 8 }
          }
        ),
        ("rss \(device) --default", { try Set(guest.table(of: device)) == [0, 1, 2, 3] }),
        (
          // The kernel refuses the channels while the table leads to queue 2.
          "set channels.combined=2 rss.indirection='equal 2' \(device)",
          {
            try guest.current("ethtool -l \(device)", "Combined") == ["2"]
              && Set(guest.table(of: device)) == [0, 1]
          }
        ),
        (
          "rings \(device) rx=512 tx=128",
          { try guest.current("ethtool -g \(device)", "RX", "TX") == ["512", "128"] }
        ),
        (
          "irq \(device) spread",
          {
            let cpus = try (0..<4).map { try guest.affinity(of: $0, nic) }
            return Set(cpus) == ["0", "1", "2", "3"]
          }
        ),
        (
          "irq \(device) rx-1=2-3",
          { try guest.affinity(of: 1, nic) == "2-3" }
        ),
      ]
      for want in wants {
        let before = try guest.state(device)
        try guest.shell("rxtune \(want.command)")
        let isSeen = try want.isSeen()
        #expect(isSeen, "\(want.command) is not what ethtool and /proc show")
        let isChanged = try guest.state(device) != before
        #expect(isChanged, "\(want.command)")
        try guest.shell("rxtune rollback")
        let after = try guest.state(device)
        #expect(after == before, "\(want.command): \(before.differences(from: after))")
      }
      print("\(nic.testDescription): \(wants.count) structured changes applied, seen, rolled back")
      try guest.shell("ethtool -X \(device) default")
      try guest.restore(found)
    }
  }

  /// RPS masks of the queues that remain stay as they were; XPS masks and affinities are the
  /// driver's to lay out anew for another number of queues. A rollback puts back those of all.
  @Test(arguments: nics)
  func keepsMasksOverAChannelChange(_ nic: NIC) async throws {
    try await Lab.run(nic.topology) { guest in
      let device = nic.device
      try guest.prepareStates()
      try guest.waitForLink(device)
      try guest.shell(
        """
        ethtool -X \(device) default
        rxtune set queue.rps-cpus=2-3 \(device) rx-0
        rxtune set queue.rps-cpus=0,3 \(device) rx-1
        rxtune set queue.rps-cpus=1 \(device) rx-3
        rxtune set queue.xps-cpus=3 \(device) tx-0
        rxtune set queue.xps-cpus=1-2 \(device) tx-1
        rxtune irq \(device) rx-0=3 rx-1=0-1 rx-2=2 rx-3=1
        """)
      let before = try guest.state(device)
      try guest.shell("rxtune channels \(device) combined=2")
      let channels = try guest.current("ethtool -l \(device)", "Combined")
      #expect(channels == ["2"])
      let masks = try guest.shell(
        "cd /sys/class/net/\(device)/queues; cat rx-0/rps_cpus rx-1/rps_cpus")
      #expect(masks == "c\n9")
      try guest.shell("rxtune rollback")
      let after = try guest.state(device)
      #expect(after == before, "\(before.differences(from: after))")
      for _ in 0..<6 { try guest.shell("rxtune rollback") }
      print(
        "\(nic.testDescription): RPS masks kept from 4 channels to 2, all masks and affinities back after a rollback"
      )
    }
  }
}

extension Guest {
  /// The queues in `device`'s indirection table, as ethtool shows them.
  fileprivate func table(of device: String) throws -> [Int] {
    try shell("ethtool -x \(device) | sed -n 's/^ *[0-9]*: //p'").split(
      whereSeparator: \.isWhitespace
    )
    .compactMap { Int($0) }
  }

  /// What ethtool shows under `names` in its second half, the current values.
  fileprivate func current(_ command: String, _ names: String...) throws -> [String] {
    let lines = try shell("\(command) | sed '1,/Current/d'").split(separator: "\n")
    return names.compactMap { name in
      lines.first { $0.hasPrefix("\(name):") }?.split(whereSeparator: \.isWhitespace).last
        .map(String.init)
    }
  }

  fileprivate func affinity(of queue: Int, _ nic: StructuredChangeTests.NIC) throws -> String {
    let action = String(format: nic.interrupts, queue)
    return try shell("cat $(dirname /proc/irq/*/\(action))/smp_affinity_list")
  }
}
