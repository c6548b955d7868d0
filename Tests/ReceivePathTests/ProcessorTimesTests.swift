import KernelIO
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("/proc/stat") struct ProcessorTimesTests {
  static let text = """
    cpu  110 3 20 900 40 1 7 5 0 0
    cpu0 100 2 15 500 30 1 4 3 0 0
    cpu3 10 1 5 400 10 0 3 2 0 0
    intr 4711 1 2 3

    """

  @Test func cpusByTheirNumber() throws {
    let host = Host(ScriptedKernel(["/proc/stat": Self.text]))
    let times = try host.processorTimes()
    #expect(times.keys.sorted() == [0, 3])
    let first = try #require(times[0])
    #expect(first.user == 102 && first.system == 15 && first.idle == 530)
    #expect(first.irq == 1 && first.softirq == 4 && first.steal == 3)
    #expect(first.total == 655)
  }

  /// A number cut in two is another number: the end of a line tells that it is whole.
  @Test func aTextCutAnywhereIsAnErrorOrHasWholeLines() throws {
    let bytes = Array(Self.text.utf8)
    let whole = try ProcessorTimes.all(decoding: bytes)
    for length in bytes.indices {
      guard let times = try? ProcessorTimes.all(decoding: Array(bytes[..<length])) else { continue }
      #expect(times.allSatisfy { whole[$0.key] == $0.value })
    }
  }

  @Test(arguments: ["", "cpu 1 2\n", "cpu0 1 2 3 4 5 6 7\n", "cpux 1 2 3 4 5 6 7 8\n", "intr 1\n"])
  func whatIsNoSuchTable(text: String) {
    #expect(throws: DecodeError.self) { try ProcessorTimes.all(decoding: Array(text.utf8)) }
  }

  @Test func aDifferenceIsNeverBelowZero() {
    var before = ProcessorTimes()
    before.idle = 10
    var after = ProcessorTimes()
    after.idle = 9
    after.softirq = 4
    #expect((after - before).idle == 0)
    #expect((after - before).softirq == 4)
  }
}
