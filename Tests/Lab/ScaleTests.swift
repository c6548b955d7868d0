import Foundation
import Testing

/// 64 CPUs and 64 queues cost no more than they must, and masks beyond one word are right.
@Suite(.lab)
struct ScaleTests {
  @Test func showsManyQueuesInTheSameBudget() async throws {
    var figures: [Topology: Duration] = [:]
    for topology in [Topology.virtio, .virtio64] {
      figures[topology] = try await Lab.run(topology) { guest in
        try guest.waitForLink("eth0")
        let clock = ContinuousClock()
        let times = try (0..<5).map { _ in
          try clock.measure { try guest.shell("rxtune show eth0 --json >/tmp/show") }
        }
        let bytes = try guest.get("/tmp/show").count
        let median = times.sorted()[2]
        let requests = try guest.shell("wc -c </proc/interrupts")
        print(
          "\(topology.rawValue): rxtune show in \(median), \(bytes) bytes of JSON, \(requests) bytes of /proc/interrupts"
        )
        return median
      }
    }
    // Under emulation, on a machine that others may use: seconds are the budget of a person.
    #expect(try #require(figures[.virtio64]) < .seconds(5))
  }

  @Test func readsMasksBeyondOneWord() async throws {
    try await Lab.run(.virtio64) { guest in
      try guest.shell(
        """
        cd /sys/class/net/eth0/queues
        echo 80000001,00000000 >rx-0/rps_cpus
        echo ffffffff,ffffffff >rx-1/rps_cpus
        echo 1,00000001 >rx-2/rps_cpus
        """)
      let irq = try #require(
        try JSONFields(guest.shell("rxtune show eth0 --json"))["devices.eth0.queue-paths.5.irq"])
      try guest.shell("echo 31-32,63 >/proc/irq/\(irq)/smp_affinity_list")
      let fields = try JSONFields(guest.shell("rxtune show eth0 --json"))
      let path = "devices.eth0.queue-paths"
      #expect(fields["\(path).0.rps-cpus"] == "32,63")
      #expect(fields["\(path).1.rps-cpus"] == (0..<64).map(String.init).joined(separator: ","))
      #expect(fields["\(path).2.rps-cpus"] == "0,32")
      #expect(fields["\(path).5.affinity"] == "31,32,63")
      #expect(fields["devices.eth0.numa-node"] == "1")
      #expect((0..<64).allSatisfy { fields["\(path).\($0).irq"] != nil })
      #expect((0..<64).allSatisfy { fields["cpus.\($0).processed"] != nil })
      try guest.shell(
        "cd /sys/class/net/eth0/queues; for q in 0 1 2; do echo 0 >rx-$q/rps_cpus; done")
    }
  }
}
