import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering

struct FlowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow",
    abstract: "Predict which queue, IRQ and CPU a flow's packets reach.",
    discussion: """
      Computes the answer from the device's live hash key, indirection table, hash fields, hash \
      function, input transform and ntuple rules, and sends nothing. Where the device hides one \
      of these, or its driver is known not to follow its tables, the answer is unknown, with the \
      reason. Where the device moves a flow once the host answers it (Intel's ATR, accelerated \
      RFS), the queue is that of the first packet, and a caveat says so.

      A VLAN, macvlan, bond, bridge or DSA port has no receive queues of its own, and a Hyper-V \
      network device receives through its virtual function: the answer is that of the device \
      below, or one for each port that may receive.

      Write a flow as 'tcp 10.0.0.1:34567 > 10.0.0.2:80' or 'udp [2001:db8::1]:53 > \
      [2001:db8::2]:99', source first, as its packets arrive at the device. With -, rxtune reads \
      one flow per line from standard input and prints one line per answer (JSON Lines with \
      --json). Addresses may be as ss(8) prints them: with a zone (%eth0), or IPv4 mapped to \
      IPv6.

      Examples:
        rxtune flow eth0 'tcp 10.0.0.1:34567 > 10.0.0.2:80'
            Predict the queue and the CPU of one connection.
        ss -Htn | awk '{print "tcp", $5, ">", $4}' | rxtune flow eth0 -
            Predict the queues of all connections of this host.
      """)

  @Argument(help: "Receiving device.", completion: Completions.devices)
  var device: String

  @Argument(
    help:
      "Flow, with its '>' quoted; - reads flows from standard input.")
  var flow: [String]

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @Option(name: .customLong("from"), help: .capture, completion: .file())
  var capture: String?

  private var isFromStandardInput: Bool { flow == ["-"] }

  func validate() throws {
    guard isFromStandardInput, capture == "-" else { return }
    throw ValidationError("flows and --from cannot both be standard input")
  }

  func run() throws {
    let flows = try isFromStandardInput ? Self.listed(LocalFile.read("-", as: .flows)) : [oneFlow()]
    let host = try Host.from(capture)
    let (links, unknown, all) = try host.devices(named: [device])
    if let unknown { throw unknown }
    guard let link = links.first else { throw ExitCode.failure }
    let answers = try host.flowAnswers(flows, to: link, among: all)
    if isFromStandardInput && !json {
      try print(FlowList(answers), as: .text)
    } else {
      try print(answers, as: isFromStandardInput ? .jsonLine : OutputFormat(json: json))
    }
  }

  private func oneFlow() throws -> Flow {
    do { return try Flow(flow.joined(separator: " ")) } catch {
      throw ValidationError(error.description)
    }
  }

  /// All of them, or none: an error names its line.
  private static func listed(_ bytes: [UInt8]) throws -> [Flow] {
    var flows: [Flow] = []
    for (index, line) in bytes.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).enumerated() where line.contains(where: { $0 > UInt8(ascii: " ") }) {
      do { flows.append(try Flow(String(decoding: line, as: UTF8.self))) } catch {
        throw ValidationError("standard input, line \(index + 1): \(error.description)")
      }
    }
    guard !flows.isEmpty else { throw ValidationError("standard input holds no flow") }
    return flows
  }
}

extension Host {
  /// Where `flows` to `link` go, at each of the devices that its packets arrive at.
  func flowAnswers(_ flows: [Flow], to link: Link, among all: [Link]) throws -> [FlowAnswer] {
    let arrivals = arrivals(link, all)
    let inputs = try arrivals.places.map { arrival in
      var inputs = try flowInputs(of: arrival.link)
      inputs.arrival = arrival
      return inputs
    }
    return flows.map { FlowAnswer($0, arrivals, inputs) }
  }

  /// What flows to `link` are predicted from, as it is now.
  func flowInputs(of link: Link) throws -> FlowPrediction.Inputs {
    let host = snapshot(of: [link], withSockets: false)
    guard let device = host.devices.first else {
      throw Failure(
        "\(link.name): gone while it was read", .noSuchDevice, place: .device(link.name))
    }
    let driver = device.driver.value?.driver
    return FlowPrediction.Inputs(
      driver: driver, rss: device.rss, contexts: device.rssContexts.value ?? [],
      rules: device.flowRules,
      features: device.offloads.value?.features.filter(\.isActive).map(\.name),
      privateFlags: FlowPrediction.Inputs.usesPrivateFlags(driver)
        ? try? privateFlags(link.name) : nil,
      rpsSockFlowEntries: host.rpsSockFlowEntries, systemKey: systemHashKey(), paths: device.paths)
  }
}
