import Netlink
import Testing

@testable import ReceivePath

@Suite("Queue statistics") struct QueueStatisticsTests {
  private func statistics(
    _ direction: Target.Direction, _ fill: (inout AttributeWriter) -> Void
  ) throws -> QueueStatistics {
    var writer = AttributeWriter(header: [])
    writer.put(2, UInt32(direction == .rx ? 0 : 1))
    writer.put(3, UInt32(5))
    fill(&writer)
    return try QueueStatistics(Attributes(writer.bytes[...], "queue"))
  }

  /// netdev.yaml: a failed allocation "may, or may not result in a packet drop".
  @Test func allocationsThatFailedAreNoDrops() throws {
    let both = try statistics(.rx) {
      $0.put(12, UInt64(7))
      $0.put(13, UInt64(3))
      $0.put(14, UInt64(2))  // rx-hw-drop-overruns: counted among the drops
    }
    #expect(both.drops == 3)
    #expect(both.allocationFailures == 7)
    let failed = try statistics(.rx) { $0.put(12, UInt64(7)) }
    #expect(failed.drops == nil)
    #expect(failed.allocationFailures == 7)
    #expect(try statistics(.tx) { $0.put(24, UInt64(4)) }.drops == 4)
  }
}
