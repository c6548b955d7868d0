package import Knobs
import Notation
package import ReceivePath

/// A device's stages in words, a line or two each.
package struct StageLines {
  private let device: DeviceSnapshot
  private let host: HostSnapshot

  package init(_ device: DeviceSnapshot, of host: HostSnapshot) {
    self.device = device
    self.host = host
  }

  package func lines(of stage: Stage) -> [String] {
    switch stage {
    case .device: deviceLines
    case .rss: rssLines
    case .ring: ringLines
    case .irq: irqLines
    case .napi: napiLines
    case .gro: groLines
    case .rps: rpsLines
    case .socket: []
    case .transmit: transmitLines
    }
  }

  private var deviceLines: [String] {
    let link = device.link
    let driver = Words.of(device.driver) { driver in
      let facts = [
        driver.driver, driver.version.isEmpty ? nil : driver.version,
        driver.firmware.isEmpty || driver.firmware == "N/A" ? nil : "firmware \(driver.firmware)",
        driver.bus.isEmpty ? nil : "bus \(driver.bus)",
      ]
      return facts.compactMap { $0 }.joined(separator: ", ")
    }
    let node = Words.of(device.numaNode) { $0.map { "node \($0)" } ?? "no node" }
    var state = link.isUp ? "up" : "down"
    if link.isUp, link.carrier == false { state += ", no carrier" }
    if let mode = device.linkMode.value {
      if let speed = mode.speed { state += ", \(Words.speed(speed))" }
      if let duplex = mode.duplex, duplex != .unknown { state += " \(duplex.rawValue) duplex" }
    }
    var lines = ["driver \(driver); NUMA \(node); \(state), mtu \(link.mtu)"]
    if let count = link.statistics {
      lines.append(
        "received \(count.rxPackets) packets, dropped \(Terminal.losses(count.rxDropped)), "
          + "missed \(Terminal.losses(count.rxMissedErrors)), errors \(count.rxErrors), "
          + "no handler \(count.rxNoHandler.map(String.init) ?? "–")")
    }
    if let below = device.below {
      lines.append((below.links.isEmpty ? "" : "packets arrive at ") + below.description)
    }
    if let xdp = link.xdp { lines.append("XDP program attached (\(xdp.mode))") }
    return lines
  }

  private var rssLines: [String] {
    var lines: [String] = []
    switch device.rss {
    case .absent(let absence): lines.append(absence.reason.words)
    case .value(let rss): lines += describe(rss)
    }
    for context in device.rssContexts.value ?? [] {
      lines += describe(context).map { "context \(context.context): \($0)" }
    }
    switch device.flowRules {
    case .absent(let absence): lines.append("ntuple rules \(absence.reason.words)")
    case .value(let rules):
      lines.append(rules.isEmpty ? "ntuple rules none" : "ntuple rules \(rules.count)")
      lines += rules.map { "  \(Words.rule($0))" }
    }
    return lines
  }

  private func describe(_ rss: RSS) -> [String] {
    let function = rss.hashFunction?.description ?? "function not reported"
    let transform = rss.inputTransform.isEmpty ? "" : " (\(rss.inputTransform.description))"
    let table =
      rss.table.isEmpty
      ? "table not reported" : "table of \(rss.table.count) over \(Words.queues(rss.table))"
    let key =
      rss.key.isEmpty
      ? "key not reported"
      : "key \(Hex.text(rss.key.prefix(8), separator: ":"))… (\(rss.key.count) bytes)"
    var lines = ["\(function)\(transform), \(table), \(key)"]
    let fields = FlowType.common.compactMap { type in
      rss.fields[type].map { "\(type.name) \($0.description)" }
    }
    lines.append(
      fields.isEmpty ? "hash fields not reported" : "fields " + fields.joined(separator: ", "))
    return lines
  }

  private var ringLines: [String] {
    [
      "channels " + Words.of(device.channels) { describe($0.parameters) },
      "rings " + Words.of(device.rings) { describe($0) },
    ]
  }

  private var irqLines: [String] {
    ["coalescing " + Words.of(device.coalescing) { describe($0.parameters) }]
  }

  /// "rx 256/4096": now and at most; flags as on and off.
  private func describe(_ parameters: EthtoolParameters) -> String {
    let told = parameters.parameters.filter { !$0.mayBeAbsent }
    var words = told.map { parameter in
      let maximum = parameter.maximum.map { "/\($0)" } ?? ""
      return "\(parameter.name) \(parameter.value.description)\(maximum)"
    }
    if told.count < parameters.parameters.count {
      words.append(told.isEmpty ? "all 0 or not supported" : "the others 0 or not supported")
    }
    return words.isEmpty ? "none reported" : words.joined(separator: ", ")
  }

  private var napiLines: [String] {
    let count = Words.of(device.napis) { napis in
      napis.isEmpty ? "no instances" : napis.count == 1 ? "1 instance" : "\(napis.count) instances"
    }
    if let defaults = device.napiDefaults {
      let settings = [
        ("defer-hard-irqs", Words.of(defaults.deferHardIRQs) { "\($0)" }),
        ("gro-flush-timeout", Words.of(defaults.groFlushTimeout) { "\($0) ns" }),
        ("threaded", Words.of(defaults.threaded) { Words.onOff($0 != 0) }),
      ]
      // Unknown for one reason, it is said once.
      let isOneAnswer = settings.allSatisfy { $0.1 == settings[0].1 }
      return [
        "\(count); "
          + (isOneAnswer
            ? settings.map(\.0).joined(separator: ", ") + " " + settings[0].1
            : settings.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
      ]
    }
    // Instances with the same settings share a line; mostly that is all of them.
    var groups: [(settings: String, ids: [UInt32])] = []
    for napi in device.napis.value ?? [] {
      if let place = groups.firstIndex(where: { $0.settings == napi.settings }) {
        groups[place].ids.append(napi.id)
      } else {
        groups.append((napi.settings, [napi.id]))
      }
    }
    if groups.count == 1 { return ["\(count); \(groups[0].settings)"] }
    return [count] + groups.map { "napi \(Words.ranges($0.ids)): \($0.settings)" }
  }

  private static let receiveOffloads = [
    "rx-gro", "rx-gro-hw", "rx-lro", "rx-gro-list", "rx-udp-gro-forwarding", "rx-checksum",
    "rx-hashing", "rx-ntuple-filter",
  ]

  private var groLines: [String] {
    var lines = [
      Words.of(device.offloads) { offloads in
        Self.receiveOffloads.compactMap { name in
          offloads[name].map { feature in
            let fixed = feature.isChangeable ? "" : " [fixed]"
            let refused =
              feature.isWanted && !feature.isActive && feature.isChangeable ? " [requested on]" : ""
            return "\(name) \(Words.onOff(feature.isActive))\(fixed)\(refused)"
          }
        }.joined(separator: ", ")
      }
    ]
    let sizes = [
      device.link.groMaxSize.map { "gro-max-size \($0)" },
      device.link.groIPv4MaxSize.map { "gro-ipv4-max-size \($0)" },
    ].compactMap { $0 }
    if !sizes.isEmpty { lines.append(sizes.joined(separator: ", ")) }
    return lines
  }

  private var rpsLines: [String] {
    if let absence = device.sysfs { return [absence.reason.words] }
    let steered = device.paths.filter { $0.rpsCPUs.value?.isEmpty == false }
    let flows = device.paths.compactMap { $0.rpsFlowCount.value }.reduce(0) { $0 &+ $1 }
    let rps = steered.isEmpty ? "off" : "on for \(steered.count) of \(device.paths.count) queues"
    let rfs = flows == 0 ? "off" : "\(flows) flows in the queues' tables"
    let table = Words.of(host.rpsSockFlowEntries) { "\($0)" }
    return ["\(rps); RFS \(rfs), net.core.rps_sock_flow_entries \(table)"]
  }

  private var transmitLines: [String] {
    if let absence = device.sysfs { return [absence.reason.words] }
    return ["XPS " + transmitSteering, "BQL " + byteQueueLimits]
  }

  /// "off", or the CPUs and receive queues of each queue that has some.
  private var transmitSteering: String {
    let queues = device.transmitQueues.map(\.steering)
    if let absence = queues.first?.cpus.absence, queues.allSatisfy({ $0.cpus.value == nil }) {
      return absence.reason.words
    }
    if queues.count > 1, queues.allSatisfy({ $0.receiveQueues.value?.isEmpty != false }) {
      let cpus = queues.compactMap(\.cpus.value)
      if cpus.allSatisfy({ $0.count == 1 }), CPUSet(cpus.flatMap(\.cpus)).count == queues.count {
        return "one queue a CPU (\(queues.count) queues)"
      }
    }
    var runs: [(places: PlaceRange, words: String)] = []
    for queue in queues {
      var parts: [String] = []
      if let cpus = queue.cpus.value, !cpus.isEmpty { parts.append("cpus \(cpus.list)") }
      if let receive = queue.receiveQueues.value, !receive.isEmpty {
        parts.append("rxqs \(CPUSet(receive).list)")
      }
      guard !parts.isEmpty else { continue }
      let place = Place(.queue(.tx, queue.queue))
      let words = parts.joined(separator: " ")
      if let last = runs.last, last.words == words, let longer = last.places.continued(by: place) {
        runs[runs.count - 1].places = longer
      } else {
        runs.append((PlaceRange(place), words))
      }
    }
    return runs.isEmpty ? "off" : runs.map { "\($0.places) \($0.words)" }.joined(separator: ", ")
  }

  private var byteQueueLimits: String {
    guard let first = device.transmitQueues.first else { return "no transmit queues" }
    if let absence = first.byteQueueLimits.absence { return absence.reason.words }
    let limits = device.transmitQueues.compactMap(\.byteQueueLimits.value)
    let now = limits.map(\.limit)
    let stalls = limits.compactMap(\.stallCount).reduce(0) { $0 &+ $1 }
    return "limit \(now.min() ?? 0)–\(now.max() ?? 0) bytes, in flight "
      + "\(limits.map(\.inFlight).reduce(0) { $0 &+ $1 })"
      + (stalls > 0 ? ", stalls \(stalls)" : "")
  }
}

extension NAPI {
  fileprivate var settings: String {
    let words = [
      deferHardIRQs.map { "defer-hard-irqs \($0)" },
      groFlushTimeout.map { "gro-flush-timeout \($0) ns" },
      irqSuspendTimeout.flatMap { $0 == 0 ? nil : "irq-suspend-timeout \($0) ns" },
      threaded.map { "threaded " + ($0 == 2 ? "busy-poll" : Words.onOff($0 != 0)) },
    ]
    return words.compactMap { $0 }.joined(separator: ", ")
  }
}
