import KernelIO
import Knobs
import TestSupport
import Testing

@testable import ReceivePath

@Suite("Steering") struct SteeringTests {
  static let folder = "/sys/class/net/v0/queues"

  func host(_ files: [String: String]) throws -> (Host, Link, SysfsNamespace) {
    let all = files.merging([
      "/sys/class/net/v0/ifindex": "7\n", "/sys/class/net/v0/address": "02:fc:00:00:00:01\n",
    ]) { first, _ in first }
    let host = Host(ScriptedKernel(all))
    let link = try Link(decoding: LinkTests.message())
    let sysfs = SysfsNamespace.check([link], host)
    #expect(sysfs.absence(of: link) == nil)
    return (host, link, sysfs)
  }

  @Test func masksOfWideHosts() throws {
    let (host, link, sysfs) = try host([
      "\(Self.folder)/rx-3/rps_cpus": "00000001,00000000,0000000f\n",
      "\(Self.folder)/rx-3/rps_flow_cnt": "32768\n",
      "\(Self.folder)/tx-10/xps_cpus": "00000000,00000000,00000000\n",
      "\(Self.folder)/tx-10/xps_rxqs": "5\n",
      "\(Self.folder)/tx-9/traffic_class": "\n",
    ])
    let receive = host.receivePacketSteering(link, queue: 3, sysfs)
    #expect(receive.cpus == .value(CPUSet([0, 1, 2, 3, 64])))
    #expect(receive.flowCount == .value(32768))
    let transmit = host.transmitSteering(link, queue: 10, sysfs)
    #expect(transmit.cpus == .value(CPUSet()))
    #expect(transmit.receiveQueues == .value([0, 2]))
    let numbers = try host.queueNumbers(link.name)
    #expect(numbers.rx == [3] && numbers.tx == [9, 10])
  }

  @Test func oneQueueAndNoBQLAreNotSupported() throws {
    let (host, link, sysfs) = try host(["\(Self.folder)/tx-0/xps_rxqs": "zz\n"])
    let transmit = host.transmitSteering(link, queue: 0, sysfs)
    #expect(transmit.cpus.absence?.reason == .notSupported)
    #expect(transmit.receiveQueues.absence?.reason == .unreadable)
    let limits = host.byteQueueLimits(link, queue: 0, sysfs)
    #expect(limits.absence?.reason == .notSupported)
  }

  @Test func byteQueueLimitsBeforeStallsWereCounted() throws {
    let folder = "\(Self.folder)/tx-0/byte_queue_limits"
    var files = [
      "\(folder)/limit": "2251\n", "\(folder)/limit_min": "0\n",
      "\(folder)/limit_max": "1879048192\n", "\(folder)/inflight": "9\n",
      "\(folder)/hold_time": "1000\n",
    ]
    let (old, link, sysfs) = try host(files)
    let limits = try #require(old.byteQueueLimits(link, queue: 0, sysfs).value)
    #expect(limits.limit == 2251 && limits.maximum == 1_879_048_192 && limits.inFlight == 9)
    #expect(limits.stallCount == nil && limits.stallMaximum == nil)
    files["\(folder)/stall_cnt"] = "4\n"
    #expect(try host(files).0.byteQueueLimits(link, queue: 0, sysfs).value?.stallCount == 4)
  }

  @Test func aHostSettingInAChildNamespaceSaysSo() {
    let child = Host(ScriptedKernel(["/proc/sys/net/core/somaxconn": "4096\n"]))
    #expect(child.rpsSockFlowEntries().absence?.reason == .notInNamespace)
    let built = Host(ScriptedKernel(["/proc/sys/net/core/netdev_max_backlog": "1000\n"]))
    #expect(built.rpsSockFlowEntries().absence?.reason == .notSupported)
    let host = Host(ScriptedKernel(["/proc/sys/net/core/rps_sock_flow_entries": "4096\n"]))
    #expect(host.rpsSockFlowEntries() == .value(4096))
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func aVethOf4QueuesInANamespace() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        "ip link add v0 numrxqueues 4 numtxqueues 4 type veth "
          + "peer name v1 numrxqueues 1 numtxqueues 1")
      let host = Host(LiveKernel())
      let links = try host.links()
      let sysfs = SysfsNamespace.check(links, host)
      let wide = try #require(links.first { $0.name == "v0" })
      let narrow = try #require(links.first { $0.name == "v1" })
      let queues = try host.queueNumbers(wide.name)
      #expect(queues.rx == [0, 1, 2, 3] && queues.tx == [0, 1, 2, 3])

      let folder = wide.devicePath("queues")
      try host.kernel.write(folder.appending("rx-2/rps_cpus"), Array("3".utf8))
      try host.kernel.write(folder.appending("rx-2/rps_flow_cnt"), Array("4097".utf8))
      try host.kernel.write(folder.appending("tx-1/xps_cpus"), Array("2".utf8))
      let receive = host.receivePacketSteering(wide, queue: 2, sysfs)
      #expect(receive.cpus == .value(CPUSet([0, 1])))
      #expect(receive.flowCount == .value(8192))
      #expect(host.receivePacketSteering(wide, queue: 3, sysfs).cpus == .value(CPUSet()))
      let transmit = host.transmitSteering(wide, queue: 1, sysfs)
      #expect(transmit.cpus == .value(CPUSet([1])))
      #expect(transmit.receiveQueues == .value([]))

      let single = host.transmitSteering(narrow, queue: 0, sysfs)
      #expect(single.cpus.absence?.reason == .notSupported)
      let limits = host.byteQueueLimits(narrow, queue: 0, sysfs)
      #expect(limits.absence?.reason == .notSupported)
      #expect(host.rpsSockFlowEntries().absence?.reason == .notInNamespace)
    }
  }

  @Test func agreesWithTheFilesOfThisMachine() throws {
    let host = Host(LiveKernel())
    let links = try host.links()
    let sysfs = SysfsNamespace.check(links, host)
    for link in links where host.isPhysical(link) {
      for queue in try host.queueNumbers(link.name).tx {
        guard let limits = host.byteQueueLimits(link, queue: queue, sysfs).value else { continue }
        #expect(limits.minimum <= limits.limit && limits.limit <= limits.maximum)
      }
    }
  }
}
