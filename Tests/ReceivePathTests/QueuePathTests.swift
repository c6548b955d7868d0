import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("Queue paths") struct QueuePathTests {
  /// Before 6.17 the kernel keeps the threads, and tells them, once threaded polling is off.
  @Test(arguments: [nil, false, true])
  func aThreadCountsWhileItPolls(threaded: Bool?) throws {
    let host = Host(SyntheticHost(.init(cpus: 4, queues: 2, threaded: threaded)))
    let device = try #require(host.snapshot(of: try host.links()).devices.first)
    #expect(
      device.napis.value?.map(\.threadPID) == (threaded == nil ? [nil, nil] : [10300, 10301]))
    let threads = device.paths.map { $0.thread?.value }
    let expected = [300, 301].map {
      NAPIThread(pid: 10_000 + $0, name: "napi/eth0-\($0)", allowedCPUs: CPUSet([2, 3]))
    }
    #expect(threads == (threaded == true ? expected : [nil, nil]))
  }

  private func join(
    up: Bool, channels: Int64?, sysfs: Int?, driver: String = "igb", allocated: UInt32? = 64
  ) -> QueueJoin {
    let link = Link(
      index: 2, name: "eth0", alternativeNames: [], flags: up ? .up : [], mtu: 1500, address: [],
      rxQueues: allocated, txQueues: allocated)
    let parameters = channels.map {
      [EthtoolParameters.Parameter(name: "combined", value: .number($0), maximum: 64)]
    }
    let numbers = sysfs.map { QueueNumbers(rx: Array(0..<$0), tx: Array(0..<$0)) }
    let absence = Absence(.notSupported)
    return QueueJoin(
      link: link,
      driver: Reading { () throws(KernelError) in
        var bytes = [UInt8](repeating: 0, count: DriverInfo.size)
        bytes.replaceSubrange(4..<4 + driver.utf8.count, with: driver.utf8)
        return try decoding("GDRVINFO") { () throws(DecodeError) in
          try DriverInfo(ByteReader(bytes, "GDRVINFO"))
        }
      },
      bus: nil, busName: nil, numaNode: .value(nil),
      channels: parameters.map { .value(Channels(parameters: EthtoolParameters(parameters: $0))) }
        ?? .absent(absence),
      queues: .absent(absence), queueNumbers: numbers, interrupts: .absent(absence),
      napis: .absent(absence))
  }

  /// Where the netdev family tells no queues (before 6.7, or while the device is down).
  @Test func queuesInUseAreCountedAndNotThoseAllocated() {
    let shared = SharedTables(Host(ScriptedKernel()), links: [], among: [])
    func count(_ join: QueueJoin) -> [Int] {
      [join.services(shared).count, join.transmitQueueCount]
    }
    #expect(count(join(up: true, channels: nil, sysfs: 3)) == [3, 3])
    #expect(count(join(up: true, channels: 4, sysfs: 8)) == [8, 8])
    // sysfs may still list what was allocated, before it went up for the first time.
    #expect(count(join(up: false, channels: 4, sysfs: 64)) == [4, 64])
    #expect(count(join(up: false, channels: nil, sysfs: 3)) == [3, 3])
    // /sys of another namespace, or none.
    #expect(count(join(up: true, channels: 4, sysfs: nil)) == [4, 64])
    #expect(count(join(up: true, channels: nil, sysfs: nil)) == [64, 64])
    // The second half is AF_XDP's.
    #expect(count(join(up: true, channels: 4, sysfs: 8, driver: "mlx5_core")) == [4, 8])
  }

  @Test func aFlowSaysWhyNoIRQIsKnown() throws {
    let flow = try Flow("tcp 10.0.0.1:1 > 10.0.0.2:2")
    let path = QueuePath(
      queue: 0, join: .unknown, unknown: .bus("vmbus"), rpsCPUs: .value(CPUSet()),
      rpsFlowCount: .value(0))
    let absence = Absence(.notSupported)
    let prediction = FlowPrediction(
      flow,
      FlowPrediction.Inputs(
        driver: nil, rss: .absent(absence), contexts: [], rules: .absent(absence), features: nil,
        rpsSockFlowEntries: .value(0), systemKey: [], paths: [path]))
    let reason: UnknownReason =
      "no IRQ is known for queue 0 (VMBus: no interrupts of its own)"
    #expect(prediction.queue == .success(0))
    #expect(prediction.irq == .failure(reason) && prediction.cpus == .failure(reason))
  }

  /// Where the CPU that is interrupted is not told, and those asked for are not equally far, no
  /// distance is.
  @Test func aDistanceNeedsTheCPU() throws {
    let near = NUMANode(number: 0, cpus: CPUSet([0, 1]), distances: [0: 10, 1: 21])
    let far = NUMANode(number: 1, cpus: CPUSet([2, 3]), distances: [0: 21, 1: 10])
    let cpus = CPUSet([0, 1, 2, 3])
    let topology = Topology(
      online: cpus, isolated: .value(CPUSet()),
      nodes: .value([near, far]))
    func distance(_ affinity: [Int], _ effective: [Int]?) -> Int? {
      let path = QueuePath(
        queue: 0, irq: 40, join: .msi, affinity: .value(CPUSet(affinity)),
        effectiveAffinity: effective.map { .value(CPUSet($0)) }
          ?? .absent(Absence(.notSupported)), rpsCPUs: .value(CPUSet()), rpsFlowCount: .value(0))
      return path.distance(from: 0, topology)
    }
    #expect(distance([0, 1, 2, 3], [2]) == 21)
    #expect(distance([0, 1, 2, 3], [1, 2]) == 10)
    #expect(distance([2, 3], nil) == 21)
    #expect(distance([0], nil) == 10)
    #expect(distance([0, 2], nil) == nil)
  }
}
