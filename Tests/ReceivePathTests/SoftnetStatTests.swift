import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("softnet_stat") struct SoftnetStatTests {
  /// Lines with `columns` columns for CPUs 0 and 2: column n of CPU c holds c * 16 + n.
  static func text(columns: Int) -> String {
    [0, 2].map { cpu in
      (1...columns).map { column in
        let value = column == 13 ? cpu : cpu * 16 + column
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
      }.joined(separator: " ") + "\n"
    }.joined()
  }

  func host(_ columns: Int, online: String) -> Host {
    Host(
      ScriptedKernel([
        "/proc/net/softnet_stat": Self.text(columns: columns),
        "/sys/devices/system/cpu/online": online,
      ]))
  }

  @Test(arguments: [10, 11, 13, 15, 17])
  func everyWidth(columns: Int) throws {
    let stat = try host(columns, online: "0,2\n").softnetStat()
    #expect(stat.rows.map(\.cpu) == [0, 2])
    let row = try #require(stat[2])
    #expect(row.processed == 33 && row.dropped == 34 && row.timeSqueeze == 35)
    #expect(row.receivedRPS == 42)
    #expect(row.flowLimitCount == (columns >= 11 ? 43 : nil))
    #expect(row.backlogLength == (columns >= 13 ? 44 : nil))
    #expect(row.inputQueueLength == (columns >= 15 ? 46 : nil))
    #expect(row.processQueueLength == (columns >= 15 ? 47 : nil))
  }

  @Test func withoutTheColumnAnOfflineCPUIsNotGuessed() throws {
    let old = try host(11, online: "0-3\n").softnetStat()
    #expect(old.rows.map(\.cpu) == [nil, nil])
    #expect(old[0] == nil)
    // The column needs no file.
    let kernel = ScriptedKernel(["/proc/net/softnet_stat": Self.text(columns: 13)])
    #expect(try Host(kernel).softnetStat().rows.map(\.cpu) == [0, 2])
  }

  @Test(arguments: [
    ("", "no CPU"), ("\n", "0 columns"), ("1 2 3\n", "3 columns"), ("1 x\n", "not a hexadecimal"),
    (String(repeating: "123456789 ", count: 13) + "\n", "beyond 32 bits"),
    (text(columns: 15) + text(columns: 13), "unlike the first line"),
    (String(text(columns: 15).dropLast()), "cut short"),
  ])
  func badFilesSayWhy(text: String, problem: String) {
    let error = #expect(throws: DecodeError.self) {
      try SoftnetStat(decoding: Array(text.utf8))
    }
    #expect(error?.description.contains(problem) == true)
  }

  @Test(arguments: [10, 11, 13, 15])
  func everyPrefixIsWholeLinesOrAnError(columns: Int) {
    let outcome = everyPrefix(Array(Self.text(columns: columns).utf8)) {
      _ = try SoftnetStat(decoding: $0)
    }
    #expect(outcome.whole == 2)
  }

  @Test func agreesWithThisMachine() throws {
    let host = Host(LiveKernel())
    let stat = try host.softnetStat()
    let online = try host.onlineCPUs()
    #expect(CPUSet(stat.rows.compactMap(\.cpu)) == online)
    let raw = try host.kernel.text(.proc("net/softnet_stat")).split(separator: "\n")
    for (row, line) in zip(stat.rows, raw) {
      let columns = line.split(separator: " ").compactMap { UInt32($0, radix: 16) }
      // Packets went on arriving in between.
      #expect(columns[0] &- row.processed < 1_000_000)
      #expect(columns[2] >= row.timeSqueeze)
      #expect(columns.count < 13 || Int(columns[12]) == row.cpu)
    }
  }
}
