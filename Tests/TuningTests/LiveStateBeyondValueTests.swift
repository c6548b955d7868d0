import KernelIO
import Netlink
import ReceivePath
import TestSupport
import Testing

@testable import Knobs
@testable import Tuning

/// State beyond the value, on the running kernel.
extension NamespaceTests {
  private func mtu(_ device: String, _ bench: VethBench) throws -> String {
    try bench.namespace.shell("cat /sys/class/net/\(device)/mtu")
      .split(whereSeparator: \.isWhitespace).joined()
  }

  /// The text of the caveat about a device's MTU.
  private func caveat(_ device: String, _ plan: Plan) -> String? {
    plan.caveats.first { $0.subject == "\(device) link.mtu" && $0.severity == .note }?.description
  }

  @Test func bringsBackWhatFollowedTheMTUDown() throws {
    try VethBench.run { bench in
      try bench.namespace.shell(
        "ip link add mv0 link rxt0 type macvlan && ip link add mv1 mtu 1450 link rxt0 type macvlan")
      let before = bench.state()
      let plan = try bench.plan([("link.mtu", "1400")])
      #expect(
        caveat("mv0", plan)
          == "mv0 link.mtu: mv0 (macvlan on rxt0) goes from 1500 to 1400 as well. A rollback restores it."
      )
      #expect(caveat("mv1", plan)?.contains("from 1450 to 1400") == true)
      #expect(plan.blockers.isEmpty)
      _ = try bench.tuner.apply(plan, command: "test")
      #expect(try mtu("mv0", bench) == "1400")
      #expect(try bench.tuner.rollBack(nil).flatMap(\.unrestored).isEmpty)
      #expect(try mtu("mv0", bench) == "1500")
      #expect(try mtu("mv1", bench) == "1450")
      #expect(bench.state() == before)
      // Up, none of them follows.
      #expect(caveat("mv0", try bench.plan([("link.mtu", "9000")])) == nil)
    }
  }

  /// A bridge goes down and comes back by itself; what stands on it only goes down.
  @Test func followsTheMTUThroughABridge() throws {
    try VethBench.run { bench in
      try bench.namespace.shell(
        """
        ip link add br0 type bridge && ip link set rxt0 master br0 && \
        ip link add mv0 link br0 type macvlan
        """)
      let plan = try bench.plan([("link.mtu", "1400")])
      #expect(caveat("br0", plan)?.contains("bridge over rxt0") == true, "\(plan.caveats)")
      #expect(caveat("mv0", plan)?.contains("macvlan on br0") == true, "\(plan.caveats)")
      _ = try bench.tuner.apply(plan, command: "test")
      #expect(try mtu("mv0", bench) == "1400")
      #expect(try bench.tuner.rollBack(nil).flatMap(\.unrestored).isEmpty)
      #expect(try mtu("br0", bench) == "1500")
      #expect(try mtu("mv0", bench) == "1500")
      // Nobody gave it an MTU of its own: it follows on.
      try bench.namespace.shell("ip link set rxt0 mtu 1300")
      #expect(try mtu("br0", bench) == "1300")
    }
  }

  /// As a container's: this namespace can tell that it moves, and not move it back.
  @Test func namesWhatFollowsInAnotherNamespace() throws {
    try VethBench.run { bench in
      let pid = try bench.namespace.shell(
        """
        exec 3>&1; unshare -n sleep 30 >/dev/null 2>&1 3>&- & pid=$!
        ip link add mv0 link rxt0 type macvlan
        while [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
        ip link set mv0 netns $pid && echo $pid
        """
      ).split(whereSeparator: \.isWhitespace).joined()
      defer { _ = try? bench.namespace.shell("kill \(pid)") }
      let plan = try bench.plan([("link.mtu", "1400")])
      let text = try #require(caveat("mv0", plan), "\(plan.caveats)")
      #expect(text.contains("macvlan on rxt0, in network namespace"))
      #expect(text.contains("restore it there"))
      #expect(!plan.before.contains { $0.place == .device("mv0") })
      _ = try bench.tuner.apply(plan, command: "test")
      #expect(try bench.tuner.rollBack(nil).flatMap(\.unrestored).isEmpty)
    }
  }

  /// Addresses that somebody gave do not come back with the MTU.
  @Test func refusesAnMTUThatCostsIPv6() throws {
    try VethBench.run { bench in
      #expect(try bench.plan([("link.mtu", "1000")]).blockers.isEmpty)
      try bench.namespace.shell("ip -6 addr add 2001:db8::1/64 dev rxt0")
      let plan = try bench.plan([("link.mtu", "1000")])
      #expect(plan.blockers.map(\.severity) == [.danger])
      #expect(plan.blockers.first?.text.contains("IPv6 addresses") == true)
      #expect(try bench.plan([("link.mtu", "1280")]).blockers.isEmpty)
      #expect(throws: TuningError.self) { try bench.tuner.apply(plan, command: "test") }
      #expect(try bench.namespace.shell("ip -6 addr show dev rxt0").contains("2001:db8::1"))
    }
  }

  /// One message sets both, up to 65536.
  @Test func keepsTheSizeOfIPv4ThroughTheOther() throws {
    try VethBench.run { bench in
      _ = try bench.tuner.apply(
        try bench.plan([("link.gro-ipv4-max-size", "60000")]), command: "test")
      let before = bench.state()
      let key = Setting.Key(try #require(Knob.named("link.gro-ipv4-max-size")), at: .device("rxt0"))
      _ = try bench.tuner.apply(try bench.plan([("link.gro-max-size", "50000")]), command: "test")
      #expect(bench.state()[key] == .number(60000))
      #expect(try bench.tuner.rollBack(nil).flatMap(\.unrestored).isEmpty)
      #expect(bench.state() == before)
    }
  }

  /// A feature that is refused is not wanted any more than before, nor one beside it.
  @Test func aRefusedFeatureIsNotWantedAfterwards() throws {
    try VethBench.run { bench in
      let host = bench.settings.host
      try bench.namespace.shell("ethtool -K rxt0 tso off tx off")
      let before = try host.offloads("rxt0")
      #expect(before["tx-tcp-segmentation"]?.isWanted == false)
      let error = #expect(throws: KernelError.self) {
        try host.setFeatures(
          "rxt0",
          [
            FeatureChange("tx-tcp-segmentation", isOn: true), FeatureChange("rx-gro", isOn: false),
          ])
      }
      #expect(error?.extendedAck?.message?.contains("tx-tcp-segmentation") == true)
      #expect(try host.offloads("rxt0") == before)
      #expect(
        try bench.namespace.shell("ethtool -k rxt0 | grep tx-tcp-seg").contains("requested")
          == false)
    }
  }

  /// What somebody asked for and does not have yet comes back as just that.
  @Test func aFeatureThatWaitsIsAskedForAgain() throws {
    try VethBench.run { bench in
      let host = bench.settings.host
      try bench.namespace.shell("ethtool -K rxt0 tx off")
      let before = try host.offloads("rxt0")
      let knob = Knob.feature("tx-udp-segmentation", .gro, "test")
      let reading = try host.read(knob, at: .device("rxt0"))
      #expect(reading.value == .flag(false))
      #expect(reading.requested == .requested(true))
      let recorded = bench.settings.recorded(reading.value, of: knob, at: .device("rxt0"))
      try host.write(knob, .flag(false), at: .device("rxt0"))
      bench.settings.refresh()
      #expect(bench.settings.expected(recorded, of: knob, at: .device("rxt0")) == recorded)
      try bench.settings.write([(knob, recorded)], at: .device("rxt0"))
      bench.settings.refresh()
      #expect(bench.settings.expected(recorded, of: knob, at: .device("rxt0")) == .flag(false))
      #expect(try host.offloads("rxt0") == before)
    }
  }
}
