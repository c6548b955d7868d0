import TestSupport
import Testing

/// Interrupts and RPS take packets to the CPUs that were chosen, and rxtune shows it.
@Suite(.lab)
struct SteeringTests {
  @Test(arguments: [Topology.igb, .virtio, .igb612, .igbNewest, .virtioNewest].filter(\.isOffered))
  func interruptsMove(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let (flow, irq, _) = try guest.landedFlow()
      let tap = try guest.tap()
      let found = try guest.contents(of: "/proc/irq/\(irq)/smp_affinity_list")
      for cpu in [2, 0, 3, 1] {
        try guest.shell("echo \(cpu) >/proc/irq/\(irq)/smp_affinity_list")
        // The old CPU takes the interrupt that moves the vector, and on a busy machine late: the
        // move is done when one came to the new CPU.
        for _ in 0..<20 {
          let moving = try guest.interrupts(irq)
          try tap.send(flow)
          try guest.shell("sleep 0.3")
          if try guest.interrupts(irq)[cpu] > moving[cpu] { break }
        }
        let before = try guest.interrupts(irq)
        try tap.sendSlowly(flow, count: 20)
        let after = try guest.interrupts(irq)
        let gains = zip(after, before).map(-)
        #expect(gains[cpu] > 0, "\(gains)")
        #expect(gains.reduce(0, +) == gains[cpu], "CPU \(cpu) alone: \(gains)")
        let fields = try JSONFields(guest.shell("rxtune show eth0 --json"))
        let path = try #require(
          (0..<8).map { "devices.eth0.queue-paths.\($0)" }.first {
            fields["\($0).irq"] == String(irq)
          })
        #expect(fields["\(path).affinity"] == String(cpu))
        #expect(fields["\(path).effective-affinity"] == String(cpu))
      }
      try guest.restore(found)
    }
  }

  /// An interrupt moves when it fires, and here it fires while what was written is read back.
  @Test func interruptsOfABusyNICMove() async throws {
    try await Lab.run(.igb) { guest in
      try guest.waitForLink("eth0")
      var generator = SplitMix(seed: 27)
      let load = Load(Flow.random(64, using: &generator), on: try guest.tap())
      defer { load.stop() }
      let irqs = "$(grep eth0-rx /proc/interrupts | cut -d: -f1)"
      let files = try guest.shell("for i in \(irqs); do echo /proc/irq/$i/smp_affinity_list; done")
      let found = try guest.contents(of: files.split(separator: "\n").joined(separator: " "))
      for number in 0..<20 {
        let places = (0..<4).map { "rx-\($0)=\((number + $0) % 4)" }.joined(separator: " ")
        try guest.shell("rxtune irq eth0 \(places)")
      }
      try guest.shell("rm -rf /run/rxtune")
      try guest.restore(found)
    }
  }

  /// RPS sends an inter-processor interrupt to the CPU that it chooses, which takes the packets.
  @Test(arguments: [Topology.igb, .virtio, .igbNewest, .virtioNewest].filter(\.isOffered))
  func rpsMovesPackets(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let (flow, irq, queue) = try guest.landedFlow()
      let tap = try guest.tap()
      let found = try guest.contents(
        of: "/proc/irq/\(irq)/smp_affinity_list /sys/class/net/eth0/queues/rx-\(queue)/rps_cpus")
      try guest.shell("echo 0 >/proc/irq/\(irq)/smp_affinity_list")
      try tap.send(flow)
      for cpu in 1...3 {
        try guest.shell(
          "echo \(String(1 << cpu, radix: 16)) >/sys/class/net/eth0/queues/rx-\(queue)/rps_cpus")
        let before = try guest.softnet()
        try tap.sendSlowly(flow, count: 20)
        let after = try guest.softnet()
        let received = zip(after, before).map { $0.receivedRPS - $1.receivedRPS }
        let processed = zip(after, before).map { $0.processed - $1.processed }
        #expect(received[cpu] > 0, "\(received)")
        #expect(received.reduce(0, +) == received[cpu], "CPU \(cpu) alone: \(received)")
        #expect(processed[cpu] >= 20, "\(processed)")
        let shown = try JSONFields(guest.shell("rxtune show eth0 --json"))
        #expect(shown["devices.eth0.queue-paths.\(queue).rps-cpus"] == String(cpu))
        #expect(shown["cpus.\(cpu).received-rps"] == String(after[cpu].receivedRPS))
      }
      try guest.restore(found)
    }
  }

  /// Among several CPUs, RPS chooses by the hash: `rxtune flow` names the one. igb's hash is not
  /// one that the kernel takes, and rxtune does not claim to know.
  @Test func rpsChoosesThePredictedCPU() async throws {
    try await Lab.run(.virtio) { guest in
      try guest.waitForLink("eth0")
      try guest.shell("ethtool -K eth0 rxhash on; ethtool -N eth0 rx-flow-hash udp4 sdfn")
      try guest.setRPS("e")
      let flows = Self.flows(60)
      var misses: [String] = []
      for (prediction, gains) in try guest.processed(flows) {
        if prediction.rpsCPU == nil || prediction.rpsCPU != gains.firstIndex(where: { $0 >= 8 }) {
          misses.append(
            "\(prediction.flow): predicted \(prediction.rpsCPU.map(String.init) ?? "nothing"), "
              + "processed \(gains)")
        }
      }
      try guest.setRPS("0")
      print(
        "virtio-4q: \(flows.count - misses.count) of \(flows.count) flows on the predicted RPS CPU")
      #expect(misses.isEmpty, "\(misses.joined(separator: "\n"))")
    }
    try await Lab.run(.igb) { guest in
      try guest.waitForLink("eth0")
      try guest.setRPS("e")
      let outcomes = try guest.processed(Self.flows(24))
      try guest.setRPS("0")
      #expect(outcomes.allSatisfy { $0.prediction.queue != nil && $0.prediction.rpsCPU == nil })
      #expect(Set(outcomes.map { $0.gains.firstIndex { $0 >= 8 } }).count > 1)
    }
  }

  private static func flows(_ count: Int) -> [Flow] {
    var generator = SystemRandomNumberGenerator()
    return Flow.random(count, using: &generator)
  }
}

extension Guest {
  func setRPS(_ mask: String) throws {
    try shell("for q in /sys/class/net/eth0/queues/rx-*; do echo \(mask) >$q/rps_cpus; done")
  }

  /// Eight packets of each flow, and what each CPU processed more for them.
  fileprivate func processed(
    _ flows: [Flow]
  ) throws -> [(prediction: Prediction, gains: [Int])] {
    let tap = try tap()
    var before = try softnet()
    return try predictions(of: flows, on: "eth0").map { prediction in
      try tap.send(prediction.flow, count: 8)
      try shell("sleep 0.02")
      let after = try softnet()
      defer { before = after }
      return (prediction, zip(after, before).map { $0.processed - $1.processed })
    }
  }
}
