import KernelIO
import Knobs
import Notation
import TestSupport
import Testing

@testable import ReceivePath
@testable import Rendering

@Suite("Flows in text, table and JSON") struct FlowRenderingTests {
  /// On an i40e of two queues, the first of which is polled by a thread.
  private static func answer(
    _ text: String, ports: [String] = [], _ change: (inout FlowPrediction.Inputs) -> Void = { _ in }
  ) throws -> FlowAnswer {
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
    var inputs = FlowPrediction.Inputs(
      driver: "i40e", rss: .value(rss), contexts: [], rules: .value([]), features: [],
      rpsSockFlowEntries: .value(0), systemKey: [], paths: paths)
    change(&inputs)
    let host = Host(SyntheticHost(.init(cpus: 2, devices: max(1, ports.count), queues: 2)))
    var links = try host.links()
    var device = links[0]
    if !ports.isEmpty {
      (device.index, device.name, device.kind) = (99, "bond0", "bond")
      for index in links.indices {
        (links[index].master, links[index].name) = (99, ports[index])
      }
    }
    return FlowAnswer(
      flow, host.arrivals(device, links),
      [FlowPrediction.Inputs](repeating: inputs, count: links.count))
  }

  private static let tcp = "tcp 10.0.0.1:1 > 10.0.0.2:2"
  private static let udp = "udp 10.0.0.1:1 > 10.0.0.2:2"
  private static let caveat = """
    i40e brings later packets of a TCP connection to the queue that it is answered from \
    (private flag flow-director-atr)
    """

  @Test func textHasALineForEach() throws {
    let lines = try Self.answer(Self.tcp).lines
    #expect(
      Array(lines.suffix(5)) == [
        "  queue   0", "  caveat  \(Self.caveat)", "  irq     40",
        "  thread  napi/\\x1beth0-8193, pid 261", "  cpu     1-2",
      ])
    let others = try Self.answer(Self.udp).lines
    #expect(!others.contains { $0.contains("caveat") })
  }

  @Test func aTableCountsTheCaveats() throws {
    let flows = [Self.tcp, Self.udp, Self.tcp]
    let lines = FlowList(try flows.map { try Self.answer($0) }).lines
    #expect(Array(lines.dropFirst(4)) == ["caveat of 2 of 3: \(Self.caveat)"])
  }

  @Test func jsonHasThemWhereTheyAre() throws {
    let tcp = try Self.answer(Self.tcp).json.line()
    #expect(
      tcp.hasSuffix(
        #""queue":0,"caveat":"\#(Self.caveat)","irq":40,"thread":{"pid":261,"#
          + #""name":"napi/\u001beth0-8193","cpus":[1,2]},"cpus":[1,2]}"#), "\(tcp)")
    let udp = try Self.answer(Self.udp).json.line()
    #expect(!udp.contains("caveat"))
  }

  /// A bond's ports have queues each; a reason that holds for all steps is said once.
  @Test func eachPortHasItsAnswer() throws {
    let answer = try Self.answer(Self.udp, ports: ["p0", "p1"])
    let lines = answer.lines
    #expect(
      Array(lines.prefix(4)) == [
        Self.udp, "  below   ports p0, p1",
        "  queue   unknown: packets of bond0 arrive at p0 or p1, each with queues of its own",
        "  at p0",
      ])
    #expect(lines.filter { $0 == "    queue   0" }.count == 2)
    let table = FlowList([answer]).lines
    #expect(table[0].contains("DEVICE") && table[1].contains("p0") && table[2].contains("p1"))
    #expect(table.last == "below bond0: ports p0, p1")
    let json = answer.json.line()
    #expect(
      json.hasPrefix(#"{"device":"bond0","below":{"relation":"ports","devices":["p0","p1"]}"#))
    #expect(json.contains(#""queue":{"unknown":"packets of bond0 arrive at p0 or p1"#))
    #expect(json.contains(#""arrivals":[{"device":"p0","fields":"sdfn""#))
  }

  @Test func oneReasonIsSaidOnce() throws {
    let answer = try Self.answer(Self.tcp) { $0.rules = .absent(Absence(.unreadable)) }
    #expect(answer.lines == [Self.tcp, "  queue   unknown: rules: unreadable"])
  }
}
