/// What ethtool, sysfs and procfs in the guest say about a device, under the paths that
/// `rxtune show DEV --json` gives the same facts below the device. A nil value says that rxtune, too,
/// must have nothing there.
struct EthtoolFacts {
  private(set) var expected: [String: String?] = [:]

  /// Whether this kernel tells which NAPI instance and interrupt serve a queue (netdev family, 6.8).
  private let kernelJoins: Bool

  init(_ device: String, in guest: Guest) throws {
    kernelJoins = guest.topology.kernel != "6.1"
    let sections = Self.sections(try guest.shell(Self.script(device), timeout: .seconds(120)))
    identity(sections)
    maximaAndValues(
      sections["-l"], at: "stages.ring.channels",
      ["RX": "rx", "TX": "tx", "Other": "other", "Combined": "combined"])
    maximaAndValues(
      sections["-g"], at: "stages.ring.rings",
      ["RX": "rx", "RX Mini": "rx-mini", "RX Jumbo": "rx-jumbo", "TX": "tx", "TX Push": "tx-push"])
    coalescing(sections["-c"])
    features(sections["-k"])
    rss(sections)
    queues(device, sections)
  }

  /// Where `fields` differ, one line each.
  func differences(from fields: JSONFields, at device: String) -> [String] {
    expected.sorted { $0.key < $1.key }.compactMap { path, value in
      let start = "devices.\(device)."
      // Where every NAPI instance tells its settings, they stand in the place of the device's.
      let instance = Self.ofInstances[path].map { start + "stages.napi.instances.0." + $0 }
      let shown = fields[start + path] ?? instance.flatMap { fields[$0] }
      return shown == value ? nil : "\(path): rxtune \(shown ?? "–"), the kernel \(value ?? "–")"
    }
  }

  private static let ofInstances = [
    "stages.napi.napi-defer-hard-irqs": "defer-hard-irqs",
    "stages.napi.gro-flush-timeout": "gro-flush-timeout", "stages.napi.threaded": "threaded",
  ]

  // MARK: Asking

  private static func script(_ device: String) -> String {
    """
    d=\(device)
    section() { echo "## $1"; shift; "$@" 2>&1 || echo failed; }
    for option in -i -l -g -c -k -x -S; do section $option ethtool $option $d; done
    section link ethtool $d
    for type in tcp4 udp4 tcp6 udp6; do section $type ethtool -n $d rx-flow-hash $type; done
    cd /sys/class/net/$d
    section sysfs grep . mtu address operstate statistics/rx_* gro_flush_timeout \
      napi_defer_hard_irqs threaded device/numa_node device/../numa_node
    section queues grep . queues/rx-*/rps_cpus queues/rx-*/rps_flow_cnt
    section virtio sh -c "readlink device | sed 's,.*/,,'"
    section interrupts cat /proc/interrupts
    cd /proc/irq
    section affinity grep . $(echo */smp_affinity_list */effective_affinity_list)
    """
  }

  private static func sections(_ text: String) -> [String: [String]] {
    var sections: [String: [String]] = [:]
    var name = ""
    for line in text.split(separator: "\n").map(String.init) {
      if line.hasPrefix("## ") {
        name = String(line.dropFirst(3))
      } else {
        sections[name, default: []].append(line)
      }
    }
    return sections
  }

  /// `name: value` of each line.
  private static func pairs(_ lines: [String]?) -> [(name: String, value: String)] {
    (lines ?? []).compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (trim(line[..<colon]), trim(line[line.index(after: colon)...]))
    }
  }

  private static func trim(_ text: some StringProtocol) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text = text.dropFirst() }
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return String(text)
  }

  private static func failed(_ lines: [String]?) -> Bool { lines?.contains("failed") ?? true }

  // MARK: Reading

  private mutating func identity(_ sections: [String: [String]]) {
    for (name, value) in Self.pairs(sections["-i"]) {
      switch name {
      case "driver": expected["stages.device.driver.name"] = value
      case "version": expected["stages.device.driver.version"] = value
      case "bus-info" where !value.isEmpty: expected["stages.device.driver.bus"] = value
      default: break
      }
    }
    for (name, value) in Self.pairs(sections["link"]) {
      switch name {
      case "Speed" where value.hasSuffix("Mb/s"):
        expected["stages.device.link-mode.speed"] = String(value.dropLast(4))
      case "Speed": expected["stages.device.link-mode.speed"] = .some(nil)
      case "Duplex" where !value.hasPrefix("Unknown"):
        expected["stages.device.link-mode.duplex"] = value.lowercased()
      case "Auto-negotiation": expected["stages.device.link-mode.autoneg"] = String(value == "on")
      case "Link detected": expected["stages.device.carrier"] = String(value == "yes")
      default: break
      }
    }
    expected["numa-node"] = .some(nil)
    for (name, value) in Self.pairs(sections["sysfs"]) {
      let file = name.split(separator: "/").last.map(String.init) ?? name
      switch file {
      case "mtu", "address", "operstate": expected["stages.device.\(file)"] = value
      case "gro_flush_timeout": expected["stages.napi.gro-flush-timeout"] = value
      case "napi_defer_hard_irqs": expected["stages.napi.napi-defer-hard-irqs"] = value
      case "threaded": expected["stages.napi.threaded"] = value
      case "numa_node" where value != "-1": expected["numa-node"] = value
      case "rx_packets", "rx_bytes", "rx_errors", "rx_dropped", "rx_missed_errors",
        "rx_over_errors", "rx_fifo_errors", "rx_crc_errors", "rx_nohandler":
        expected["stages.device.statistics.\(file.replacing("_", with: "-"))"] = value
      default: break
      }
    }
  }

  private mutating func maximaAndValues(
    _ lines: [String]?, at path: String, _ names: [String: String]
  ) {
    guard !Self.failed(lines) else {
      expected["\(path).absent"] = "not-supported"
      return
    }
    var kind = "max"
    for (name, value) in Self.pairs(lines) {
      if name == "Current hardware settings" { kind = "value" }
      guard let key = names[name] else { continue }
      expected["\(path).\(key).\(kind)"] = Self.setting(value)
    }
  }

  /// ethtool's `on`, `off`, `n/a` and numbers.
  private static func setting(_ value: String) -> String? {
    switch value {
    case "n/a": nil
    case "on": "true"
    case "off": "false"
    default: value
    }
  }

  private mutating func coalescing(_ lines: [String]?) {
    let path = "stages.irq.coalescing"
    guard !Self.failed(lines) else {
      expected["\(path).absent"] = "not-supported"
      return
    }
    for (name, value) in Self.pairs(lines) {
      if name == "Adaptive RX" || name == "CQE mode RX" {
        let words = value.split(separator: " ").map(String.init)
        let stem = name == "Adaptive RX" ? "adaptive-" : "cqe-mode-"
        expected["\(path).\(stem)rx.value"] = words.first.map(Self.setting) ?? nil
        expected["\(path).\(stem)tx.value"] = words.last.map(Self.setting) ?? nil
      } else if !name.hasPrefix("Coalesce") {
        // ethtool says rx-frame-low where the kernel says RX_MAX_FRAMES_LOW.
        let key = name.replacing("-frame-", with: "-frames-")
        expected["\(path).\(key).value"] = Self.setting(value)
      }
    }
  }

  /// The kernel's names of features for which ethtool has words of its own; nil for its groups.
  private static let featureNames: [String: String?] = [
    "rx-checksumming": "rx-checksum", "generic-receive-offload": "rx-gro",
    "large-receive-offload": "rx-lro", "rx-vlan-offload": "rx-vlan-hw-parse",
    "tx-vlan-offload": "tx-vlan-hw-insert", "ntuple-filters": "rx-ntuple-filter",
    "receive-hashing": "rx-hashing", "generic-segmentation-offload": "tx-generic-segmentation",
    "Features for": nil, "tx-checksumming": nil, "scatter-gather": nil,
    "tcp-segmentation-offload": nil,
  ]

  private mutating func features(_ lines: [String]?) {
    for (name, value) in Self.pairs(lines) where !name.hasPrefix("Features for") {
      guard let key = Self.featureNames[name] ?? name else { continue }
      expected["stages.gro.features.\(key).active"] = String(value.hasPrefix("on"))
      expected["stages.gro.features.\(key).changeable"] = String(!value.contains("[fixed]"))
    }
  }

  private mutating func rss(_ sections: [String: [String]]) {
    let lines = sections["-x"]
    guard !Self.failed(lines) else {
      expected["stages.rss.main.absent"] = "not-supported"
      return
    }
    let pairs = Self.pairs(lines)
    let table = Self.pairs(lines?.prefix { $0 != "RSS hash key:" }.map { $0 })
      .filter { Int($0.name) != nil }
      .flatMap { $0.value.split(separator: " ") }.joined(separator: ",")
    expected["stages.rss.main.indir"] = table.isEmpty ? nil : table
    if let title = lines?.firstIndex(of: "RSS hash key:"), let key = lines?[title + 1] {
      expected["stages.rss.main.hkey"] = key.contains(":") ? key : .some(nil)
    }
    for function in ["toeplitz", "xor", "crc32"]
    where pairs.contains(where: { $0.name == function && $0.value == "on" }) {
      expected["stages.rss.main.hfunc"] = function
    }
    let letters = ["IP SA": "s", "IP DA": "d", "L4 bytes 0": "f", "L4 bytes 2": "n"]
    for type in ["tcp4", "udp4", "tcp6", "udp6"] {
      let lines = sections[type]
      let fields = (lines ?? []).compactMap { line in
        letters.first { line.hasPrefix($0.key) }?.value
      }
      expected["stages.rss.main.flow-hash.\(type)"] =
        Self.failed(lines) ? .some(nil) : fields.isEmpty ? "none" : fields.joined()
    }
  }

  private mutating func queues(_ device: String, _ sections: [String: [String]]) {
    let virtio = sections["virtio"]?.first ?? ""
    var affinity: [String: String] = [:]
    for (path, list) in Self.pairs(sections["affinity"]) { affinity[path] = Self.cpus(list) }
    for interrupt in Interrupts(sections["interrupts"] ?? []).rows {
      guard let queue = interrupt.receiveQueue(of: device, virtio: virtio) else { continue }
      let path = "queue-paths.\(queue)"
      // The lab's own driver has names that nobody knows and no MSI: only the kernel can join it.
      guard expected["stages.device.driver.name"] != "rxlab" || kernelJoins else {
        expected["\(path).irq"] = .some(nil)
        continue
      }
      expected["\(path).irq"] = String(interrupt.number)
      expected["\(path).affinity"] = affinity["\(interrupt.number)/smp_affinity_list"]
      expected["\(path).effective-affinity"] =
        affinity["\(interrupt.number)/effective_affinity_list"]
    }
    for (file, value) in Self.pairs(sections["queues"]) {
      let parts = file.split(separator: "/").map(String.init)
      guard parts.count == 3 else { continue }
      let path = "queue-paths.\(parts[1].dropFirst(3))"
      if parts[2] == "rps_cpus" {
        expected["\(path).rps-cpus"] = Self.maskCPUs(value)
      } else {
        expected["\(path).rps-flow-cnt"] = value
      }
    }
    for (queue, received) in QueueReceived.byQueue(sections["-S"] ?? [])
    where expected["queue-paths.\(queue).rps-cpus"] != nil {
      expected["queue-paths.\(queue).rx-packets"] = String(received.packets)
    }
  }

  /// `0-2,5` → `0,1,2,5`.
  private static func cpus(_ list: String) -> String {
    list.split(separator: ",").flatMap { range -> [Int] in
      let ends = range.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last else { return [] }
      return Array(first...last)
    }.map(String.init).joined(separator: ",")
  }

  /// `00000001,00000003` → `0,1,32`.
  private static func maskCPUs(_ mask: String) -> String {
    var cpus: [Int] = []
    let digits = mask.filter { $0 != "," }.reversed().compactMap(\.hexDigitValue)
    for (place, digit) in digits.enumerated() {
      for bit in 0..<4 where digit >> bit & 1 == 1 { cpus.append(place * 4 + bit) }
    }
    return cpus.map(String.init).joined(separator: ",")
  }
}
