import Foundation
import Testing

/// Rollbacks on real drivers of a device that is not as the change left it: renamed, down, with
/// fewer queues, or without some of its CPUs.
@Suite(.lab)
struct RollbackTests {
  /// In the second guest: a CPU that was offline is not as it was.
  @Test(arguments: Topology.multiqueue)
  func restoresADeviceThatIsNotAsItWas(_ topology: Topology) async throws {
    try await Lab.run(topology, .second) { guest in
      try guest.bringUp()
      try guest.shell(Self.script)
      try Self.aDeviceThatIsDown(guest)
      try guest.forgetChanges()
      try guest.bringUp()
      try Self.aCPUThatIsOffline(guest)
      try guest.forgetChanges()
      try guest.shell("echo 1 >/sys/devices/system/cpu/cpu2/online")
      try Self.aRenamedDevice(guest)
    }
  }

  /// Writes a script that prints all that a change may touch of a device, but for the names in it.
  private static let script = """
    cat >/tmp/state <<'END'
    d=/sys/class/net/$1
    cat $d/mtu $d/queues/rx-*/rps_cpus $d/queues/rx-*/rps_flow_cnt
    cat $d/queues/tx-*/xps_cpus 2>/dev/null
    cat $d/napi_defer_hard_irqs $d/gro_flush_timeout
    for irq in $(ls $d/device/msi_irqs $d/device/../msi_irqs 2>/dev/null | grep -v :); do cat /proc/irq/$irq/smp_affinity; done
    ethtool -l $1 2>/dev/null | tail -n +2
    ethtool -g $1 2>/dev/null | tail -n +2
    ethtool -x $1 2>/dev/null | tail -n +2
    END
    """

  /// Renamed, and its interrupts requested again under the new name.
  private static func aRenamedDevice(_ guest: Guest) throws {
    let (topology, device) = (guest.topology, guest.topology.device)
    let affinity = topology.hasOwnNIC ? "" : "irq.smp-affinity=1"
    try guest.shell("sh /tmp/state \(device) >/tmp/before")
    try guest.shell("rxtune set queue.rps-cpus=0-1 \(affinity) link.mtu=1400 \(device)")
    try guest.shell(
      """
      /bin/ip link set \(device) down && /bin/ip link set \(device) name web0 && \
      /bin/ip link set web0 up
      """)
    if !topology.hasOwnNIC { try guest.waitForLink("web0") }
    let verification = try guest.run("rxtune verify")
    #expect(verification.output.contains("\(device) is web0 now"), "\(verification)")
    #expect(!verification.output.contains("is gone"), "\(verification)")
    let back = try guest.run("rxtune rollback")
    #expect(back.status == 0, "\(back)")
    #expect(back.errors.contains("\(device) is web0 now"))
    #expect(try guest.shell("sh /tmp/state web0 | diff /tmp/before -; true") == "")
    try guest.shell("/bin/ip link set web0 down && /bin/ip link set web0 name \(device)")
    try guest.bringUp()
    print("\(topology.rawValue): \(back.output)")
  }

  /// Down by the time of the rollback: what a change of the ring or the MTU recorded of NAPI is no
  /// debt, and nothing waits for it.
  private static func aDeviceThatIsDown(_ guest: Guest) throws {
    let (topology, device) = (guest.topology, guest.topology.device)
    let knob = topology == .igb || topology == .igbNewest ? "rings.rx=128" : "link.mtu=1400"
    try guest.shell("cat /sys/class/net/\(device)/mtu >/tmp/mtu")
    try guest.shell("ethtool -g \(device) >/tmp/ring 2>/dev/null; true")
    try guest.shell("rxtune set \(knob) \(device)")
    try guest.shell("ip link set \(device) down")
    let back = try guest.run("rxtune rollback")
    #expect(back.status == 0, "\(knob): \(back)")
    #expect(try guest.shell("rxtune history").contains("rolled back "))
    #expect(try guest.shell("cat /sys/class/net/\(device)/mtu | diff /tmp/mtu -; true") == "")
    #expect(
      try guest.shell("ethtool -g \(device) 2>/dev/null | diff /tmp/ring -; true") == "")
    // The way is free, here and elsewhere.
    try guest.shell("ip link set \(device) up")
    let next = try guest.run("rxtune set queue.rps-cpus=1 net.core.somaxconn=777 \(device)")
    #expect(next.status == 0 && !next.errors.contains("note:"), "\(next)")
    #expect(try guest.run("rxtune rollback").status == 0)
    print("\(topology.rawValue), \(knob): \(back.output)\(back.errors)")
  }

  /// A CPU goes offline: masks come back less that CPU, and nothing is owed of what was recorded.
  private static func aCPUThatIsOffline(_ guest: Guest) throws {
    let device = guest.topology.device
    try guest.shell("echo 5 >/sys/class/net/\(device)/queues/rx-0/rps_cpus")
    try guest.shell("rxtune set queue.rps-cpus=1 \(device) rx-0")
    try guest.shell("echo 0 >/sys/devices/system/cpu/cpu2/online")
    let back = try guest.run("rxtune rollback")
    #expect(back.status == 0, "\(back)")
    #expect(
      back.errors.contains("was 0,2, is 0: CPU 2 is offline; restored as far as possible"),
      "\(back)")
    #expect(
      try guest.shell("cat /sys/class/net/\(device)/queues/rx-0/rps_cpus").hasSuffix("1"))
    let next = try guest.run("rxtune set link.mtu=1400 \(device) && rxtune rollback")
    #expect(next.status == 0, "\(next)")
  }
}
