package import Knobs
import Notation

/// Where a flow's packets go, step by step, from the device's live state.
///
/// What cannot be told says why; nothing is guessed. A step behind an unknown one is unknown for
/// the same reason.
package struct FlowPrediction: Sendable {
  package typealias Step<Value> = Result<Value, UnknownReason>

  package var flow: Flow
  /// The rule that takes the flow away from the hash.
  package var rule: FlowRule?
  package var fields: Step<HashFields>
  package var hash: Step<UInt32>
  package var tableEntry: Step<Int>
  package var queue: Step<Int>
  /// Why the flow may go to another queue once the host takes part in it; nil where it stays.
  package var caveat: UnknownReason?
  package var irq: Step<Int>
  /// The kernel thread that polls the queue, in place of the CPUs that the IRQ is delivered to.
  package var thread: Reading<NAPIThread>?
  package var cpus: Step<CPUSet>
  /// nil while RPS is off for the queue.
  package var rpsCPU: Step<Int>?

  /// What a prediction is made from.
  package struct Inputs {
    package var driver: String?
    package var rss: Reading<RSS>
    package var contexts: [RSS]
    package var rules: Reading<[FlowRule]>
    /// Names of the features that are on; nil where they could not be read.
    package var features: [String]?
    /// Asked for where the driver has some that matter here.
    package var privateFlags: PrivateFlags?
    package var rpsSockFlowEntries: Reading<Int>
    /// net.core.netdev_rss_key, which some drivers use and do not show.
    package var systemKey: [UInt8]
    package var paths: [QueuePath]
    /// How packets come here of a device that lies above; nil where none does.
    package var arrival: Arrival?

    package init(
      driver: String?, rss: Reading<RSS>, contexts: [RSS], rules: Reading<[FlowRule]>,
      features: [String]?, privateFlags: PrivateFlags? = nil, rpsSockFlowEntries: Reading<Int>,
      systemKey: [UInt8], paths: [QueuePath]
    ) {
      self.driver = driver
      self.rss = rss
      self.contexts = contexts
      self.rules = rules
      self.features = features
      self.privateFlags = privateFlags
      self.rpsSockFlowEntries = rpsSockFlowEntries
      self.systemKey = systemKey
      self.paths = paths
    }

    /// nil where it cannot be told.
    func isOn(_ feature: String) -> Bool? { features.map { $0.contains(feature) } }
  }

  package init(_ flow: Flow, _ inputs: Inputs) {
    self.flow = flow
    let ruling =
      inputs.arrival?.obstacle.map { .failure($0) } ?? Self.firstRule(for: flow, inputs.rules)
    let match = try? ruling.get()
    rule = match.flatMap { $0 }
    let state = ruling.flatMap { Self.context($0, inputs) }

    let fields = state.flatMap { Self.fields(flow, $0, inputs) }
    let hash = Self.hash(flow, state, fields, inputs)
    let entry = state.flatMap { rss in
      hash.flatMap { Self.entry($0, table: rss.table) }
    }
    let hashed = state.flatMap { rss in entry.map { Int(rss.table[$0]) } }
    let queue = Self.queue(rule, hashed: hashed, inputs)

    self.fields = fields
    self.hash = hash
    self.tableEntry = entry
    self.queue = queue
    let path = queue.flatMap { queue -> Step<QueuePath> in
      inputs.paths.first { $0.queue == queue }.map { .success($0) }
        ?? .failure("the device has no queue \(queue) now")
    }
    irq = path.flatMap { path in
      path.irq.map { .success($0) } ?? .failure(path.noIRQ)
    }
    thread = (try? path.get())?.thread
    cpus = path.flatMap(Self.cpus)
    var caveats: [UnknownReason] = []
    if case .success(let path) = path {
      if let caveat = inputs.arrival?.caveat { caveats.append(caveat) }
      if case .success = hashed, inputs.paths.count > 1, let caveat = inputs.caveat(flow, path) {
        caveats.append(caveat)
      }
    }
    caveat = caveats.isEmpty ? nil : "\(caveats.map(\.description).joined(separator: "; "))"
    rpsCPU = Self.rps(path, fields, hash, inputs)
  }

  /// Nothing of it can be told, for one reason.
  package init(_ flow: Flow, unknown reason: UnknownReason) {
    self.flow = flow
    fields = .failure(reason)
    hash = .failure(reason)
    tableEntry = .failure(reason)
    queue = .failure(reason)
    irq = .failure(reason)
    cpus = .failure(reason)
  }

  // MARK: - The steps

  /// The table that the flow is spread by: a rule may name another context's.
  private static func context(_ rule: FlowRule?, _ inputs: Inputs) -> Step<RSS> {
    if let rule, rule.context == nil { return .failure("rule \(rule.location) overrides the hash") }
    if let number = rule?.context, number != 0 {
      return inputs.contexts.first { $0.context == number }.map { .success($0) }
        ?? .failure("RSS context \(number) could not be read")
    }
    switch inputs.rss {
    case .value(let rss): return .success(rss)
    case .absent(let absence): return .failure("RSS: \(absence.reason.words)")
    }
  }

  private static func fields(
    _ flow: Flow, _ rss: RSS, _ inputs: Inputs
  ) -> Step<HashFields> {
    // Most devices have one choice of fields for all contexts (ethtool.h, rxfh_per_ctx_fields).
    (rss.fields[flow.type] ?? inputs.rss.value?.fields[flow.type]).map { .success($0) }
      ?? .failure("the driver does not report which fields of \(flow.type.name) it hashes")
  }

  private static func hash(
    _ flow: Flow, _ state: Step<RSS>, _ fields: Step<HashFields>, _ inputs: Inputs
  ) -> Step<UInt32> {
    state.flatMap { rss in
      if let reason = inputs.deviation(rss) { return .failure(reason) }
      guard rss.hashFunction == .toeplitz else {
        let name = rss.hashFunction?.description ?? "of an unknown kind"
        return .failure("the hash function is \(name), not toeplitz")
      }
      return fields.flatMap { fields in
        flow.hashInput(fields: fields, transform: rss.inputTransform).flatMap { input in
          inputs.hashKey(rss).flatMap { key in
            Toeplitz.hash(key: key, input).map { .success($0) }
              ?? .failure("the key of \(key.count) bytes is too short for \(input.count) of input")
          }
        }
      }
    }
  }

  private static func entry(_ hash: UInt32, table: [UInt32]) -> Step<Int> {
    guard !table.isEmpty else {
      return .failure("the device does not report its indirection table")
    }
    return .success(Int(hash) % table.count)
  }

  private static func queue(_ rule: FlowRule?, hashed: Step<Int>, _ inputs: Inputs) -> Step<Int> {
    if let rule, rule.context == nil {
      switch rule.action {
      case .queue(let queue): return .success(Int(queue))
      case .drop: return .failure("rule \(rule.location) drops the flow")
      case .wake: return .failure("rule \(rule.location) only wakes the host")
      case .virtualFunction(let function, let queue):
        return .failure(
          "rule \(rule.location) hands it to virtual function \(function), queue \(queue)")
      }
    }
    // With a context, the rule's queue is added to the table's (ethtool.h, FLOW_RSS).
    if let rule, case .queue(let offset) = rule.action { return hashed.map { $0 + Int(offset) } }
    // One queue needs no hash.
    if rule == nil, inputs.paths.count == 1, case .failure = hashed {
      return .success(inputs.paths[0].queue)
    }
    return hashed
  }

  /// Where the queue is polled: by a thread, or where its IRQ is delivered to.
  private static func cpus(_ path: QueuePath) -> Step<CPUSet> {
    switch path.thread {
    case .value(let thread):
      return thread.allowedCPUs.map { .success($0) }
        ?? .failure("the CPUs of thread \(thread.pid) are unknown")
    case .absent(let absence):
      return .failure("the queue is polled by a thread: \(absence.reason.words)")
    case nil:
      return path.cpus.map { .success($0) }
        ?? .failure(
          path.irq == nil ? path.noIRQ : "no IRQ affinity is known for queue \(path.queue)")
    }
  }

  /// net/core/dev.c get_rps_cpu: RFS where both its tables are there, whether or not there is a
  /// map; else the map's entry at hash × length / 2³².
  private static func rps(
    _ path: Step<QueuePath>, _ fields: Step<HashFields>, _ hash: Step<UInt32>, _ inputs: Inputs
  ) -> Step<Int>? {
    guard case .success(let path) = path else { return nil }
    if let count = path.rpsFlowCount.value, count > 0 {
      switch inputs.rpsSockFlowEntries {
      case .value(0): break
      case .value:
        return .failure("RFS is on: the CPU is the one where the application last received")
      case .absent(let absence):
        return .failure(
          """
          it is unknown whether RFS is on \
          (net.core.rps_sock_flow_entries: \(absence.reason.words))
          """)
      }
    }
    guard let cpus = path.rpsCPUs.value, !cpus.isEmpty else { return nil }
    if cpus.count == 1, let only = cpus.first { return .success(only) }
    guard inputs.isOn("rx-hashing") == true else {
      return .failure("rx-hashing is off: RPS hashes with a secret of the kernel's")
    }
    guard inputs.hashesForTheKernel else {
      return .failure("RPS hashes with a secret of the kernel's, not with the device's hash")
    }
    let list = cpus.cpus
    return fields.flatMap { fields in
      guard fields.isSuperset(of: .ports) else {
        return .failure("the device hashes no ports: RPS hashes with a secret of the kernel's")
      }
      return hash.map { list[Int((UInt64($0) * UInt64(list.count)) >> 32)] }
    }
  }
}

// MARK: - Rules

extension FlowPrediction {
  /// The first rule that takes the flow; rules are tried by location.
  static func firstRule(for flow: Flow, _ rules: Reading<[FlowRule]>) -> Step<FlowRule?> {
    if let absence = rules.absence {
      // A device without rules, or a record that was not asked for them.
      guard [.notSupported, .notRecorded].contains(absence.reason) else {
        return .failure("rules: \(absence.reason.words)")
      }
      return .success(nil)
    }
    for rule in rules.value ?? [] {
      switch rule.matches(flow) {
      case true?: return .success(rule)
      case false?: continue
      case nil:
        let values = rule.matches.filter(\.lacksMask).map(\.field)
        guard values.isEmpty else {
          return .failure(
            """
            rule \(rule.location) has values without masks (\(values.joined(separator: ", "))): \
            it is unknown whether they are compared
            """)
        }
        return .failure(
          "whether rule \(rule.location) takes the flow depends on more than addresses and ports")
      }
    }
    return .success(nil)
  }
}

extension QueuePath {
  fileprivate var noIRQ: UnknownReason {
    "no IRQ is known for queue \(queue)\(unknown.map { " (\($0))" } ?? "")"
  }
}

extension FlowRule {
  /// Whether the rule takes the flow; nil where the packet's other fields decide, or a value
  /// without a mask.
  package func matches(_ flow: Flow) -> Bool? {
    guard flowType == flow.type.name || flowType == (flow.source.isIPv6 ? "ip6" : "ip4") else {
      // Any packet may be a frame, and of a type that is not known.
      return flowType == "ether" || flowType.hasPrefix("type-") ? matchesFrame(flow) : false
    }
    return decide { field in
      switch field {
      case "src-ip": flow.source.bytes
      case "dst-ip": flow.destination.bytes
      case "src-port": [UInt8(flow.sourcePort >> 8), UInt8(flow.sourcePort & 0xff)]
      case "dst-port": [UInt8(flow.destinationPort >> 8), UInt8(flow.destinationPort & 0xff)]
      case "l4proto": [flow.transport == .tcp ? 6 : 17]
      default: nil
      }
    }
  }

  private func matchesFrame(_ flow: Flow) -> Bool? {
    let decision = decide { field in
      field == "proto" ? flow.source.isIPv6 ? [0x86, 0xdd] : [0x08, 0x00] : nil
    }
    // What agrees may still be of another kind than IP.
    return decision == false ? false : nil
  }

  /// - Parameter actual: a field of the packet; nil where the flow leaves it open.
  private func decide(_ actual: (String) -> [UInt8]?) -> Bool? {
    var undecided = false
    for match in matches {
      guard let bytes = actual(match.field), bytes.count == match.value.count else {
        undecided = true
        continue
      }
      // Without a mask, either nothing is compared or all: what agrees in full agrees both ways.
      let mask = match.lacksMask ? [UInt8](repeating: 0xff, count: bytes.count) : match.mask
      let agrees = zip(bytes, zip(match.value, mask)).allSatisfy { byte, rule in
        byte & rule.1 == rule.0 & rule.1
      }
      if agrees { continue }
      if !match.lacksMask { return false }
      undecided = true
    }
    return undecided ? nil : true
  }
}
