import Glibc
import KernelIO
import ReceivePath
import TestSupport
import Testing

@testable import Scaling

/// What goes with a device that is taken from the kernel. The lab's DPDKTests take real ones.
@Suite("Devices that are taken", .enabled(if: NetworkNamespace.isAvailable, "needs root"))
struct TakenDeviceTests {
  private static let listing = """
    ip -o address show dev d0 scope global | cut -d' ' -f2- | sed 's/valid_lft.*//'
    ip route show dev d0; ip route show table 7
    # The kernel's own take their time.
    { ip -6 route show dev d0; ip -6 route show table 8; } | sed '/^fe80:/d; s/ linkdown//'
    """

  @Test func addressesAndRoutesAreMadeAgain() throws {
    try NetworkNamespace.run { namespace in
      let kernel = LiveKernel()
      try namespace.shell(
        """
        ip link add d0 type veth peer name p0 && ip link set d0 up && ip link set p0 up
        ip address add 198.51.100.2/24 dev d0 && ip address add 192.0.2.1/31 dev d0 label d0:1
        ip route add 203.0.113.0/24 via 198.51.100.1 metric 7
        ip route add 203.0.113.128/25 dev d0 table 7
        ip address add 2001:db8::2/64 dev d0 nodad && ip address add 2001:db8:1::2/128 dev d0 nodad
        ip -6 route add 2001:db8:2::/48 via 2001:db8::1 metric 9 mtu 1280
        ip -6 route add 2001:db8:3::/48 dev d0 table 8 src 2001:db8:1::2
        """)
      let before = try namespace.shell(Self.listing)
      let entries = try RoutingEntry.all(ofDevice: Host(kernel).link("d0").index, kernel)
      #expect(entries.count == 8, "\(entries)")
      // Of another index.
      try namespace.shell(
        """
        ip link del d0; ip link add d1 type veth peer name p1
        ip link add d0 type veth peer name p0 && ip link set d0 up && ip link set p0 up
        """)
      let index = try Host(kernel).link("d0").index
      // What is there already stays.
      for entry in entries + entries { try entry.make(forDevice: index, kernel) }
      let after = try namespace.shell(Self.listing)
      #expect(after == before)
    }
  }

  @Test func onlyNICsOnThePCIBus() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add v0 type veth && ip link set v0 up")
      #expect(PCIFunction(of: "v0", LiveKernel()) == nil)
      #expect(PCIFunction(of: "lo", LiveKernel()) == nil)
    }
  }

  @Test func damagedRecordsAreNobodys() throws {
    let folder = "/tmp/rxtune-taken-\(getpid())"
    defer { _ = try? Shell.run("rm -rf \(folder)") }
    for text in ["", "{}", "{\"address\":\"0000:00:04.0\"}", "[1]", "\u{0}"] {
      try Shell.run("mkdir -p \(folder)")
      try LocalFile.write(folder + "/0000:00:04.0.taken", Array(text.utf8))
      #expect(TakenDevice.all(in: folder, LiveKernel()).isEmpty)
    }
    #expect(TakenDevice.all(in: folder + "/none", LiveKernel()).isEmpty)
  }
}
