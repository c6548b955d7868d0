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

  /// Watching 64 queues on 64 CPUs once a second costs next to nothing.
  @Test func watchesManyQueues() async throws {
    try await Lab.run(.virtio64) { guest in
      try guest.waitForLink("eth0")
      // Hundredths of a second that the shell's children took.
      func cost(_ options: String) throws -> Int {
        let time = try guest.shell(
          """
          rxtune top eth0 --json \(options) >/tmp/top; times >/tmp/times
          awk -F '[ms ]+' 'END {print int(100 * (60 * ($1 + $3) + $2 + $4))}' /tmp/times
          """)
        return try #require(Int(time))
      }
      let (start, seconds) = (try cost("--count 1 --interval 50ms"), 5)
      let share = Double(max(0, try cost("--count \(seconds + 1)") - start)) / Double(seconds)
      let lines = try guest.get("/tmp/top").split(separator: UInt8(ascii: "\n"))
      #expect(lines.count == seconds + 1)
      print("virtio-64q: rxtune top takes \(share)% of a CPU, and to start \(start * 10) ms")
      // Emulated CPUs are ten to thirty times as slow.
      #expect(share < 50)
    }
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
      let found = try guest.contents(of: "/proc/irq/\(irq)/smp_affinity_list")
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
      try guest.restore(found)
    }
  }
}
