import KernelIO
import Knobs
import Testing

@testable import ReceivePath
@testable import Rendering

@Suite("Flows in text, table and JSON") struct FlowRenderingTests {
  /// On an i40e of two queues, the first of which is polled by a thread.
  private static func prediction(_ text: String) throws -> FlowPrediction {
    let flow = try Flow(text)
    let rss = RSS(
      context: 0, hashFunction: .toeplitz, key: [UInt8](repeating: 0x55, count: 52), table: [0],
      inputTransform: [], fields: [flow.type: [.addresses, .ports]])
    var paths = (0..<2).map {
      QueuePath(
        queue: $0, irq: 40 + $0, join: .msi, affinity: .value(CPUSet([0])),
        rpsCPUs: .value(CPUSet([])), rpsFlowCount: .value(0))
    }
    paths[0].thread = .value(
      NAPIThread(pid: 261, name: "napi/\u{1b}eth0-8193", allowedCPUs: CPUSet([1, 2])))
    return FlowPrediction(
      flow,
      FlowPrediction.Inputs(
        driver: "i40e", rss: .value(rss), contexts: [], rules: .value([]), features: [],
        rpsSockFlowEntries: .value(0), systemKey: [], paths: paths))
  }

  private static let tcp = "tcp 10.0.0.1:1 > 10.0.0.2:2"
  private static let udp = "udp 10.0.0.1:1 > 10.0.0.2:2"
  private static let caveat = """
    i40e brings later packets of a TCP connection to the queue that it is answered from \
    (private flag flow-director-atr)
    """

  @Test func textHasALineForEach() throws {
    let lines = FlowText(try Self.prediction(Self.tcp)).lines
    #expect(
      Array(lines.suffix(5)) == [
        "  queue   0", "  caveat  \(Self.caveat)", "  irq     40",
        "  thread  napi/\\x1beth0-8193, pid 261", "  cpu     1-2",
      ])
    #expect(!FlowText(try Self.prediction(Self.udp)).lines.contains { $0.contains("caveat") })
  }

  @Test func aTableCountsTheCaveats() throws {
    let flows = [Self.tcp, Self.udp, Self.tcp]
    let lines = FlowTable(try flows.map(Self.prediction)).lines
    #expect(Array(lines.dropFirst(4)) == ["caveat of 2 of 3: \(Self.caveat)"])
  }

  @Test func jsonHasThemWhereTheyAre() throws {
    let tcp = FlowJSON.shape.encode(("eth0", try Self.prediction(Self.tcp))).line()
    #expect(
      tcp.hasSuffix(
        #""queue":0,"caveat":"\#(Self.caveat)","irq":40,"thread":{"pid":261,"#
          + #""name":"napi/\u001beth0-8193","cpus":[1,2]},"cpus":[1,2]}"#), "\(tcp)")
    let udp = FlowJSON.shape.encode(("eth0", try Self.prediction(Self.udp))).line()
    #expect(!udp.contains("caveat"))
  }
}
