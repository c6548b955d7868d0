import KernelIO
import Knobs
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Tuning

/// A profile for a device that lies above those where packets arrive.
@Suite(
  "Plans above other devices", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
struct DevicesBelowPlanTests {
  private func plan(_ device: String, _ name: String = "spread", setUp: String) throws -> Plan {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        ip link add p0 numrxqueues 4 numtxqueues 4 type veth peer name q0 && ip link set p0 up
        ip link add p1 numrxqueues 4 numtxqueues 4 type veth peer name q1 && ip link set p1 up
        \(setUp)
        """)
      let settings = HostSettings(Host(LiveKernel()))
      return Planner(settings)
        .plan(try ProfileLibrary().profile(name).requests, devices: [device], profile: name)
    }
  }

  @Test func aBridgesPortsAreNamed() throws {
    let plan = try plan(
      "br0",
      setUp: "ip link add br0 type bridge && for p in p0 p1; do ip link set $p master br0; done")
    #expect(!plan.changes.contains { $0.setting.place.device == "br0" })
    let caveat = try #require(plan.caveats.first { $0.subject == "br0" })
    #expect(caveat.severity == .note)
    #expect(
      caveat.description == """
        br0: its packets arrive at p0, p1, whose queues the policies are for. Name them instead: \
        rxtune plan spread p0 p1
        """)
  }

  @Test func aMacvlansDeviceIsNamed() throws {
    let plan = try plan("mv0", setUp: "ip link add link p0 name mv0 type macvlan")
    #expect(plan.changes.isEmpty)
    #expect(
      plan.caveats.first { $0.subject == "mv0" }?.remedy
        == "Name it instead: rxtune plan spread p0")
  }

  @Test func whatReceivesByItselfHasNoSuchFinding() throws {
    let plan = try plan("p0", setUp: "true")
    #expect(!plan.caveats.contains { $0.subject == "p0" })
    let empty = try self.plan("br0", setUp: "ip link add br0 type bridge")
    #expect(empty.caveats.first { $0.subject == "br0" }?.text.contains("no ports here") == true)
  }

  /// Who names a value has reasons; a bridge does apply its RPS to what it hands up.
  @Test func aValueIsStillPlanned() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        "ip link add p0 type veth peer name q0 && ip link add link p0 name mv0 type macvlan")
      let settings = HostSettings(Host(LiveKernel()))
      let knob = try #require(Knob.named("queue.rps-cpus"))
      let plan = Planner(settings)
        .plan([Request(knob, .literal("0"))], devices: ["mv0"])
      #expect(plan.changes.map(\.setting.value) == [.cpus(CPUSet([0]))])
    }
  }
}
