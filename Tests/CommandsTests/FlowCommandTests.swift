import ArgumentParser
import Foundation
import KernelIO
import Knobs
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Commands

/// `rxtune flow` against a recorded guest.
@Suite("rxtune flow", .ownThread) struct FlowCommandTests {
  private static let folder = RecordedHostTests.fixtures
  private static let virtual = folder.appending(path: "virtual.capture").path

  private func flow(_ arguments: String, input: String, from capture: String = virtual) throws
    -> Shell.Result
  {
    try Shell.result(
      "printf '%b' '\(input.replacing("\n", with: "\\n"))' | "
        + "\(Program.rxtune) flow \(arguments) --from '\(capture)'")
  }

  @Test func aListIsAnsweredLineByLine() throws {
    let landings = try RecordedHostTests.landings("virtual")
    #expect(landings.count >= 96)
    let input = landings.map { "\($0.flow)\n" }.joined()
    let json = try flow("rxlab0 - --json", input: input)
    #expect(json.status == 0, "\(json)")
    let documents = try json.output.split(separator: "\n").map {
      try JSONDocument(parsing: String($0))
    }
    #expect(documents.map { $0["flow"].string } == landings.map(\.flow))
    #expect(documents.map { $0["queue"].int.map(String.init) } == landings.map(\.queue))

    let table = try flow("rxlab0 -", input: input).output.split(separator: "\n")
    #expect(table.first?.hasPrefix("FLOW") == true)
    // tcp A > B QUEUE
    let queues = table.dropFirst().prefix(landings.count).map { $0.split(separator: " ")[4] }
    #expect(queues.map(String.init) == landings.map(\.queue))
  }

  /// One flow answered alone is the same document as in a list.
  @Test func aListSaysWhatOneFlowSays() throws {
    let landing = try #require(RecordedHostTests.landings("virtual").first)
    let alone = try flow("rxlab0 '\(landing.flow)' --json", input: "").output
    let listed = try flow("rxlab0 - --json", input: "\n\(landing.flow)\n\n").output
    let (one, other) = try (JSONDocument(parsing: alone), JSONDocument(parsing: listed))
    #expect(one.keys == other.keys && one.keys.contains("hash"))
    #expect(one["hash"].int == other["hash"].int)
    #expect(listed.count { $0 == "\n" } == 1)
  }

  /// Sockets of both families speak IPv4 to their IPv4 peers, whatever ss(8) calls them.
  @Test func mappedAddressesAreHashedAsIPv4() throws {
    let capture = Self.folder.appending(path: "igb.capture").path
    let flows =
      "tcp [::ffff:10.0.0.9]:34567 > [::ffff:10.0.0.1]:80\n"
      + "tcp 10.0.0.9%vrf0:34567 > 10.0.0.1:80\n"
    let output = try flow("eth0 - --json", input: flows, from: capture).output
    let documents = try output.split(separator: "\n").map { try JSONDocument(parsing: String($0)) }
    #expect(documents.map { $0["queue"].int } == [1, 1], "\(output)")
    #expect(documents.map { $0["flow-type"].string } == ["tcp4", "tcp4"])
  }

  /// What the kernel is asked for is what is shown: sockets' owners cost a look at every open file.
  @Test(arguments: [
    ("flow", false), ("show --stage irq napi", false), ("show --stage socket", true),
    ("show", true),
  ])
  func socketsAreReadWhereTheyAreShown(command: String, expected: Bool) throws {
    let recorder = Recorder(
      SyntheticHost(.init(cpus: 2, queues: 2, listeners: 4)),
      host: .current(rxtuneVersion: "0.1.0"))
    let host = ReceivePath.Host(recorder)
    let link = try #require(try host.links().first)
    if command == "flow" {
      let inputs = try host.flowInputs(of: link)
      #expect(inputs.paths.count == 2)
    } else {
      let show = try ShowCommand.parse(
        Array(command.split(separator: " ").dropFirst().map(String.init)))
      let snapshot = show.snapshot([link], host)
      #expect((snapshot.sockets != nil) == expected)
    }
    #expect(recorder.capture.exchanges.contains { $0.question == .list(.proc(".")) } == expected)
  }

  @Test(arguments: [("i40e", true), ("ice", false)])
  func theDriversFlagsAreReadWhereTheyMatter(driver: String, expected: Bool) throws {
    let recorder = Recorder(
      SyntheticHost(.init(cpus: 2, queues: 2, driver: driver)),
      host: .current(rxtuneVersion: "0.1.0"))
    let host = ReceivePath.Host(recorder)
    let link = try #require(try host.links().first)
    let inputs = try host.flowInputs(of: link)
    #expect(inputs.driver == driver && inputs.features != nil)
    let record = String(decoding: recorder.capture.write(), as: UTF8.self)
    #expect(record.contains("privflags-get") == expected)
  }

  @Test func theThreadThatPollsIsNamed() throws {
    let host = ReceivePath.Host(SyntheticHost(.init(cpus: 4, queues: 2, threaded: true)))
    let link = try #require(try host.links().first)
    let flow = try Flow("tcp 10.0.0.1:1 > 10.0.0.2:2")
    let prediction = FlowPrediction(flow, try host.flowInputs(of: link))
    let queue = try prediction.queue.get()
    #expect(prediction.thread?.value?.name == "napi/eth0-\(300 + queue)")
    #expect(try prediction.cpus.get() == CPUSet([2, 3]))
    #expect(try prediction.irq.get() == 32 + queue)
  }

  @Test func whatCannotBeToldIsCountedBelow() throws {
    let capture = Self.folder.appending(path: "vmxnet3.capture").path
    let flows = "udp 10.0.0.1:1 > 10.0.0.2:2\nudp 10.0.0.1:3 > 10.0.0.2:4\n"
    let output = try flow("eth0 -", input: flows, from: capture).output
    #expect(output.contains("unknown"))
    #expect(output.contains("unknown queue of 2 of 2: "))
  }

  @Test(arguments: [
    ("tcp 10.0.0.1:1 > 10.0.0.2:2\ntcp 10.0.0.1\n", "standard input, line 2: "),
    ("\n \n", "standard input holds no flow"), ("", "standard input holds no flow"),
  ])
  func aBadListIsRefusedWhole(input: String, complaint: String) throws {
    let result = try flow("rxlab0 -", input: input)
    #expect(result.status == 64)
    #expect(result.output.hasPrefix("rxtune: error: \(complaint)"), "\(result.output)")
  }

  @Test func standardInputIsNotTakenTwice() throws {
    let result = try flow("rxlab0 -", input: "tcp 10.0.0.1:1 > 10.0.0.2:2\n", from: "-")
    #expect(result.status == 64)
    #expect(result.output.contains("cannot both be standard input"))
  }
}
