import TestSupport
import Testing

/// NICs that DPDK's own drivers have meanwhile: taken from the kernel, and given back as they were.
@Suite(.lab, .enabled(if: PacketServing.has("rxtune-dpdk"), "needs libdpdk-dev and make libexec"))
struct DPDKTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var topology: Topology
    var device: String
    var workload: String
    /// The kernel's driver, and the one that hands the NIC over.
    var driver: String
    var between: String
    var queues: Int
    var testDescription: String { "\(driver) \(workload)" }

    static let all = [
      Case(
        topology: .e1000, device: "eth0", workload: "crr", driver: "e1000",
        between: "uio_pci_generic", queues: 1),
      Case(
        topology: .iommu, device: "eth0", workload: "udp-rr", driver: "igb", between: "vfio-pci",
        queues: 4),
      Case(
        topology: .iommu, device: "eth1", workload: "rr", driver: "virtio-pci",
        between: "vfio-pci", queues: 4),
    ]
  }

  /// All that is taken, as the guest tells it.
  private func state(_ guest: Guest, _ pci: String) throws -> String {
    try guest.shell(
      """
      cd /sys/bus/pci/devices/\(pci)
      basename $(readlink driver); cat driver_override; ls net virtio*/net 2>/dev/null
      cat /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages; ls /run/rxtune/*.taken 2>/dev/null
      for device in eth0 eth1; do
        cat /sys/class/net/$device/address /sys/class/net/$device/mtu
        /bin/ip -o address show dev $device scope global | cut -d' ' -f2-
        # A link takes its time to come back.
        { /bin/ip route show dev $device; /bin/ip -6 route show dev $device; } |
          sed '/^fe80:/d; s/ linkdown//'
        /bin/ip -br link show dev $device | grep -o '[<,]UP'
      done 2>/dev/null
      :
      """)
  }

  /// Sets what has to come back besides the driver, and returns the NIC's PCI address.
  private func prepare(_ guest: Guest, _ serving: PacketServing, _ between: String) throws -> String
  {
    try serving.prepare()
    try guest.shell(
      """
      modprobe \(between)
      ip link set \(serving.device) mtu 1400
      /bin/ip address replace 10.78.0.2/24 dev \(serving.device)
      /bin/ip route replace 10.79.0.0/24 via 10.78.0.1 dev \(serving.device)
      /bin/ip address replace 2001:db8:78::2/64 dev \(serving.device) nodad
      /bin/ip -6 route replace 2001:db8:79::/48 via 2001:db8:78::1 dev \(serving.device)
      """)
    return try guest.shell(
      """
      readlink -f /sys/class/net/\(serving.device)/device |
        grep -o '[0-9a-f]*:[0-9a-f]*:[0-9a-f]*\\.[0-9]' | tail -n 1
      """)
  }

  private func finish(_ guest: Guest, _ serving: PacketServing) throws {
    try guest.shell("ip link set \(serving.device) mtu 1500")
    try serving.finish()
  }

  @Test(arguments: Case.all)
  func servesByADriverOfDPDK(_ example: Case) async throws {
    try await Lab.run(example.topology) { guest in
      let serving = PacketServing(
        guest: guest, device: example.device, backend: "dpdk", workload: example.workload)
      let pci = try prepare(guest, serving, example.between)
      let before = try state(guest, pci)
      try serving.begin()
      let during = try state(guest, pci)
      #expect(during.hasPrefix("\(example.between)\n\(example.between)\n"), "\(during)")
      let (load, server) = try serving.load()
      #expect(try state(guest, pci) == before)
      #expect(server["facts.queues"]?.split(separator: ",").count == example.queues)
      serving.expectAllAnswered(load, server, without: ["dropped", "unsent", "damaged"])
      print("dpdk \(example.testDescription): \(load["counts.measured"] ?? "?") in a second")
      try finish(guest, serving)
    }
  }

  @Test func whatAKilledServerHadComesBack() async throws {
    try await Lab.run(.iommu) { guest in
      let serving = PacketServing(
        guest: guest, device: "eth1", backend: "dpdk", workload: "udp-rr")
      let pci = try prepare(guest, serving, "vfio-pci")
      let before = try state(guest, pci)
      try serving.begin()
      // Whoever still has it keeps it.
      #expect(try guest.shell("rxtune rollback") == "Nothing to roll back.")
      let twice = try guest.run("rxtune bench serve --backend dpdk eth1 --workload udp-rr")
      #expect(twice.errors.contains("eth1 is taken by another rxtune bench serve"), "\(twice)")
      try guest.shell("kill -9 $(cat /tmp/server)")
      let after = try guest.run("rxtune bench serve --backend dpdk eth1 --workload udp-rr")
      #expect(after.errors.contains("eth1 was taken by an rxtune bench serve that was killed"))
      let rollback = try JSONFields(guest.shell("rxtune rollback --json"))
      #expect(rollback["returned.0.device"] == "eth1")
      #expect(rollback["returned.0.driver"] == "virtio-pci")
      #expect(try state(guest, pci) == before)
      #expect(try guest.shell("rxtune rollback") == "Nothing to roll back.")
      try finish(guest, serving)
    }
  }

  @Test func refusesWhatTheHostNeeds() async throws {
    try await Lab.run(.e1000) { guest in
      let serving = PacketServing(guest: guest, device: "eth0", backend: "dpdk", workload: "rr")
      try serving.prepare()
      for (command, words) in [
        ("/bin/ip route add default via 10.77.0.1", "eth0 carries the default route"),
        (
          "/bin/ip route del default; /bin/ip link add link eth0 name v7 type vlan id 7",
          "eth0 carries v7, which would lose it"
        ),
        (
          "/bin/ip link del v7; modprobe -r uio_pci_generic",
          "uio_pci_generic, which hands eth0 to DPDK, is not loaded; modprobe uio_pci_generic"
        ),
        (
          "export SSH_CONNECTION='10.77.0.1 40000 \(PacketServing.address) 22'",
          "eth0 has \(PacketServing.address), which your SSH session comes in by"
        ),
        (
          "/bin/ip link add v0 type veth; /bin/ip link set v0 up; /bin/ip address add 10.80.0.1/24 dev v0",
          "v0 is no NIC on the PCI bus"
        ),
      ] {
        let device = words.hasPrefix("v0") ? "v0" : "eth0"
        let output = try guest.run("\(command); rxtune bench serve --backend dpdk \(device)")
        #expect(output.errors.contains(words), "\(output)")
        #expect(
          try guest.shell("basename $(readlink /sys/class/net/eth0/device/driver)") == "e1000")
      }
      try guest.shell("/bin/ip link del v0")
      try serving.finish()
    }
  }
}
