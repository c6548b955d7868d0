import Knobs
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
}
