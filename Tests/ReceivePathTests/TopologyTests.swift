import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("Topology") struct TopologyTests {
  /// Two packages of two cores of two threads; CPU 7 offline; node 2 is memory alone.
  static let files = [
    "/sys/devices/system/cpu/online": "0-6\n",
    "/sys/devices/system/cpu/isolated": "\n",
    "/sys/devices/system/node/online": "0,2-3\n",
    "/sys/devices/system/node/node0/cpulist": "0-1,4-5\n",
    "/sys/devices/system/node/node0/distance": "10 17 21\n",
    "/sys/devices/system/node/node2/cpulist": "\n",
    "/sys/devices/system/node/node2/distance": "17 10 28\n",
    "/sys/devices/system/node/node3/cpulist": "2-3,6\n",
    "/sys/devices/system/node/node3/distance": "21 28 10\n",
    "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list": "0,4\n",
    "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list": "1,5\n",
    "/sys/devices/system/cpu/cpu2/topology/thread_siblings_list": "2,6\n",
    "/sys/devices/system/cpu/cpu3/topology/thread_siblings_list": "3\n",
  ]

  @Test func nodesAndDistances() throws {
    let topology = try Host(ScriptedKernel(Self.files)).topology()
    #expect(topology.online.list == "0-6")
    #expect(topology.isolated == .value(CPUSet()))
    #expect(topology.nodes.value?.map(\.number) == [0, 2, 3])
    #expect(topology.node(ofCPU: 6)?.number == 3)
    #expect(topology.node(ofCPU: 7) == nil)
    #expect(topology.distance(from: 0, toCPU: 1) == 10)
    #expect(topology.distance(from: 0, toCPU: 3) == 21)
    #expect(topology.distance(from: 2, toCPU: 3) == 28)
    #expect(topology.distance(from: 1, toCPU: 3) == nil)
    #expect(topology.distance(from: 0, toCPU: 7) == nil)
    #expect(topology.distance(from: 0, to: CPUSet([3, 4])) == 10)
    #expect(topology.distance(from: 0, to: CPUSet()) == nil)
  }

  @Test func aKernelWithoutNUMAIsNoError() throws {
    let files = Self.files.filter { !$0.key.contains("/node") && !$0.key.contains("isolated") }
    let topology = try Host(ScriptedKernel(files)).topology()
    #expect(topology.nodes.absence?.reason == .notSupported)
    #expect(topology.isolated.absence?.reason == .notSupported)
    #expect(topology.distance(from: 0, toCPU: 1) == nil)
  }

  @Test(arguments: ["", "10 17", "10 17 21 5\n", "10 17\n", "a b c\n", "10 17 21"])
  func badDistancesAreUnreadable(text: String) throws {
    var files = Self.files
    files["/sys/devices/system/node/node0/distance"] = text
    let topology = try Host(ScriptedKernel(files)).topology()
    #expect(topology.nodes.absence?.reason == .unreadable)
  }

  @Test func coresCostAFileEach() throws {
    let kernel = ScriptedKernel(Self.files)
    let cores = try Host(kernel).cores(of: CPUSet(0...6))
    #expect(cores.map(\.list) == ["0,4", "1,5", "2,6", "3"])
    #expect(kernel.reads.count == 4)
  }

  @Test(.enabled(if: Machine.has("lscpu"), "needs lscpu(1)"))
  func agreesWithLscpu() throws {
    let host = Host(LiveKernel())
    let topology = try host.topology()
    let cores = try host.cores(of: topology.online)
    let rows = try Machine.run("lscpu", "-p=CPU,NODE,SOCKET,CORE").split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) } }
    #expect(topology.online.cpus == rows.compactMap { $0[0] })
    #expect(Set(rows.compactMap { $0[3] }).count == cores.count)
    for row in rows {
      let cpu = try #require(row[0])
      // lscpu says node 0 where the kernel has no nodes.
      #expect(topology.nodes.value == nil || topology.node(ofCPU: cpu)?.number == row[1])
      let siblings = rows.filter { $0[3] == row[3] && $0[2] == row[2] }.compactMap { $0[0] }
      #expect(cores.first { $0.contains(cpu) }?.cpus == siblings)
    }
  }
}
