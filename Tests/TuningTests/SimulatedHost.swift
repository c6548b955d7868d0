import KernelIO
import Knobs
import ReceivePath

@testable import Tuning

/// A host with one NIC whose settings behave as drivers' do: a change of channels drops and
/// recreates per-queue state, renumbers interrupts and NAPI instances and lays RSS out anew; a
/// change of rings requests the interrupts again.
///
/// It can refuse, swallow, or die before or after any operation, those on the journal among them.
final class SimulatedHost: Settings, JournalStorage {
  struct Shape: Sendable, CustomStringConvertible {
    var name: String
    var cpus: Int
    var threadsPerCore = 1
    var nodes = 1
    var channels: Int64
    var maxChannels: Int64
    var isolated: [Int] = []
    var offline: [Int] = []
    /// A user's RSS table is reset by a change of channels without a word (igb).
    var forgetsTable = false
    var hasRSS = true
    /// A virtual device has none.
    var hasVectors = true
    /// Queues whose vector cannot be told.
    var hidden: Set<Int> = []
    /// Queues whose vector the kernel manages: it has its CPUs, and refuses others.
    var managed: Set<Int> = []
    /// Has flow rules, which a change of channels, or of the filter to off, drops; a refused
    /// change of several leaves the first of them made.
    var hasRules = false
    /// Has RSS contexts, one of them made; a change of channels drops them, too.
    var hasContexts = false
    /// Separate receive and transmit channels (veth), rather than combined ones.
    var isSplit = false
    var description: String { name }
  }

  enum Fault: Equatable {
    case none
    /// The n-th write of settings is refused.
    case refuse(Int)
    /// The n-th write is acknowledged and has no effect.
    case swallow(Int)
    /// The process is killed before the n-th operation, or right after it.
    case killBefore(Int)
    case killAfter(Int)
    /// Each write of the knob is refused.
    case stuck(String)
    /// The journal's disk is full from the n-th operation on it.
    case diskFull(Int)
    /// After each write of an interrupt's CPUs, its file tells those of before in so many looks.
    case moves(Int)
    /// A write of either of two settings of the host spoils the other.
    case seesaw(String, String)
  }

  let shape: Shape
  var fault = Fault.none
  /// Nil once the device is gone.
  var ifindex: String? = "2"
  /// What the device is called now.
  var name = SimulatedHost.device
  /// CPUs that went offline since.
  var offline = CPUSet()
  private(set) var isDead = false
  /// Writes of settings, and all operations that change anything.
  private(set) var writes = 0
  private(set) var operations = 0
  /// How often each setting was read.
  private(set) var reads: [Setting.Key: Int] = [:]
  private(set) var storageOperations = 0
  /// How long was waited for the kernel.
  private(set) var waited: UInt64 = 0
  /// Interrupts that went to other CPUs.
  private(set) var moves: UInt64 = 0
  /// The CPUs that each of them had before.
  private var origins: [Setting.Key: KnobValue] = [:]
  private var moving: [Setting.Key: (from: KnobValue, looks: Int)] = [:]
  private var values: [Setting.Key: KnobValue] = [:]
  private var interruptGeneration = 0
  /// As IFF_RXFH_CONFIGURED: only "default" takes it away, whatever became of the table.
  private var hasUserTable = false
  /// What this process knows of that, for nothing can be asked.
  private var knowsUserTable = false
  private var files: [String: [UInt8]] = [:]
  var hasJournals: Bool { !files.isEmpty }
  let path = "memory"

  static let device = "eth0"
  /// What an administrator has set.
  static let rules = "@3 tcp4 dst-port 22 queue 0; @9 udp4 src-ip 192.0.2.0/24 drop"

  /// Where there are contexts, one that a rule uses, and one that none does.
  static let contexts = "1 equal 2; 2 equal 1"
  static let contextRules = "@3 tcp4 dst-port 22 queue 0; @5 tcp4 dst-port 443 context 1"

  private static func table(_ text: String) -> FlowRuleTable {
    (try? FlowRuleTable(text)) ?? FlowRuleTable([])
  }
  private static var contextTable: RSSContextTable {
    (try? RSSContextTable(contexts)) ?? RSSContextTable([])
  }

  init(_ shape: Shape) {
    self.shape = shape
    set("net.core.netdev_budget", .host, .number(300))
    set("net.core.netdev_max_backlog", .host, .number(1000))
    set("net.core.rps_sock_flow_entries", .host, .number(0))
    set("net.core.busy_read", .host, .number(0))
    set("net.core.busy_poll", .host, .number(0))
    set("net.core.somaxconn", .host, .number(128))
    set("net.ipv4.tcp_max_syn_backlog", .host, .number(512))
    set("net.ipv4.tcp_migrate_req", .host, .flag(false))
    set("net.ipv4.tcp_rmem", .host, .numbers([4096, 131_072, 6_291_456]))
    set("net.ipv4.tcp_wmem", .host, .numbers([4096, 16_384, 4_194_304]))
    for feature in ["rx-gro", "rx-lro", "rx-hashing"] {
      set("features.\(feature)", dev, .flag(feature != "rx-hashing"))
    }
    if shape.isSplit {
      set("channels.rx", dev, .number(shape.channels))
      set("channels.tx", dev, .number(shape.channels))
    } else {
      set("channels.combined", dev, .number(shape.channels))
    }
    if shape.hasRules {
      set("features.rx-ntuple-filter", dev, .flag(true))
      set("flow-rules", dev, .rules(Self.table(Self.rules)))
    }
    if shape.hasContexts {
      set("rss.contexts", dev, .contexts(Self.contextTable))
      set("flow-rules", dev, .rules(Self.table(Self.contextRules)))
    }
    set("rings.rx", dev, .number(256))
    set("coalesce.adaptive-rx", dev, .flag(true))
    set("coalesce.adaptive-tx", dev, .flag(true))
    set("coalesce.rx-usecs", dev, .number(20))
    set("coalesce.tx-usecs", dev, .number(60))
    set("device.napi-defer-hard-irqs", dev, .number(0))
    set("device.gro-flush-timeout", dev, .number(0))
    for queue in 0..<Int(shape.channels) { addQueue(queue) }
    layOut()
    // What an administrator set by hand, and nothing may lose.
    set("queue.rps-cpus", rx(0), .cpus(CPUSet([0])))
    set("queue.rps-flow-cnt", rx(0), .number(2048))
    set("queue.tx-maxrate", tx(0), .number(100))
    set("napi.irq-suspend-timeout", napi(0), .number(7_000))
  }

  private var dev: Place { .device(Self.device) }
  private func rx(_ queue: Int) -> Place { .queue(device: Self.device, .rx, queue) }
  private func tx(_ queue: Int) -> Place { .queue(device: Self.device, .tx, queue) }
  private func napi(_ rank: Int) -> Place { .napi(device: Self.device, rank: rank) }
  private func irq(_ queue: Int) -> Place {
    .interrupt(device: Self.device, name: "eth0-TxRx-\(queue)")
  }

  private func set(_ knob: String, _ place: Place, _ value: KnobValue) {
    values[Self.key(knob, place)] = value
  }
  private func get(_ knob: String, _ place: Place) -> KnobValue? {
    values[Self.key(knob, place)]
  }
  private static func key(_ knob: String, _ place: Place) -> Setting.Key {
    guard let knob = Knob.named(knob) else { preconditionFailure("\(knob) is not a knob") }
    return Setting.Key(knob, at: place)
  }

  var queueCount: Int {
    let knob = shape.isSplit ? "channels.rx" : "channels.combined"
    guard case .number(let count)? = get(knob, dev) else { return 0 }
    return Int(count)
  }

  var online: CPUSet {
    CPUSet((0..<shape.cpus).filter { !shape.offline.contains($0) }).subtracting(offline)
  }

  var onlineCPUs: CPUSet? { online }

  // MARK: - What drivers do

  private func addQueue(_ queue: Int) {
    set("queue.rps-cpus", rx(queue), .cpus(CPUSet()))
    set("queue.rps-flow-cnt", rx(queue), .number(0))
    set("queue.tx-maxrate", tx(queue), .number(0))
    set("queue.xps-rxqs", tx(queue), .cpus(CPUSet()))
    if shape.maxChannels > 1 { set("queue.xps-cpus", tx(queue), .cpus(CPUSet())) }
    set("napi.irq-suspend-timeout", napi(queue), .number(0))
  }

  /// Interrupts spread as the driver likes; NAPI values as the device's; the default RSS table.
  private func layOut() {
    let cpus = online.cpus
    for queue in 0..<queueCount {
      if shape.hasVectors {
        set("irq.smp-affinity", irq(queue), .cpus(CPUSet([cpus[queue % cpus.count]])))
      }
      set(
        "napi.defer-hard-irqs", napi(queue), get("device.napi-defer-hard-irqs", dev) ?? .number(0))
      set("napi.gro-flush-timeout", napi(queue), get("device.gro-flush-timeout", dev) ?? .number(0))
    }
    interruptGeneration += 1
    if shape.hasRSS && (!hasUserTable || shape.forgetsTable) {
      set("rss.indirection", dev, even)
    }
  }

  private var even: KnobValue { .table(.equal(queueCount)) }

  private func tableReach() -> Int {
    guard case .table(let table)? = get("rss.indirection", dev) else { return 0 }
    return table.highestQueue.map { Int($0) + 1 } ?? 0
  }

  private func changeChannels(from old: Int) throws(KernelError) {
    let new = queueCount
    guard new >= 1 else { throw refusal("channels", .invalid) }
    if hasUserTable && tableReach() > new { throw refusal("channels", .invalid) }
    for queue in new..<max(new, old) {
      for key in values.keys where isOf(queue, key.place) { values[key] = nil }
    }
    if try highestRuleQueue(on: Self.device) ?? 0 >= new { throw refusal("channels", .invalid) }
    if contexts.contexts.contains(where: { reach($0) >= new }) {
      throw refusal("channels", .invalid)
    }
    for queue in old..<max(new, old) { addQueue(queue) }
    layOut()
    if shape.hasRules { set("flow-rules", dev, .rules(FlowRuleTable([]))) }
    if shape.hasContexts { set("rss.contexts", dev, .contexts(RSSContextTable([]))) }
  }

  private func isOf(_ queue: Int, _ place: Place) -> Bool {
    [rx(queue), tx(queue), napi(queue), irq(queue)].contains(place)
  }

  private func isManaged(_ place: Place) -> Bool { shape.managed.contains { irq($0) == place } }

  private func refusal(_ place: String, _ errno: Errno) -> KernelError {
    KernelError("write", place, errno)
  }

  // MARK: - Settings

  func places(of knob: Knob, on device: String?) throws(KernelError) -> [Place] {
    try live()
    if let device { _ = try own(.device(device)) }
    return places(of: knob).map { $0.device == nil ? $0 : $0.on(name) }
  }

  private func places(of knob: Knob) -> [Place] {
    switch knob.scope {
    case .host, .namespace: return [.host]
    case .device: return [dev]
    case .rxQueue: return (0..<queueCount).map(rx)
    case .txQueue: return (0..<queueCount).map(tx)
    case .napi: return (0..<queueCount).map(napi)
    case .irq: return shape.hasVectors ? (0..<queueCount).map(irq) : []
    case .cpu, .socket: return []
    }
  }

  func place(_ part: Place.Part, on device: String?) throws(KernelError) -> Place? { nil }

  func resolved(_ place: Place) throws(KernelError) -> Place {
    let place = try vector(try own(place))
    return place.device == nil ? place : place.on(name)
  }

  /// A place by the name under which the device's values are kept here.
  private func own(_ place: Place) throws(KernelError) -> Place {
    guard let device = place.device else { return place }
    guard ifindex != nil, device == name else { throw refusal("\(place)", .noDevice) }
    return place.on(Self.device)
  }

  private func vector(_ place: Place) throws(KernelError) -> Place {
    guard case .vector(let queue) = place.part else { return place }
    guard shape.hasVectors, queue < queueCount, !shape.hidden.contains(queue) else {
      throw refusal("\(place)", .noEntry)
    }
    return irq(queue)
  }

  func read(_ knob: Knob, at place: Place) throws(KernelError) -> KnobValue {
    try live()
    let asked = place
    let place: Place
    do throws(KernelError) { place = try vector(try own(asked)) } catch {
      throw refusal("\(asked) \(knob.id)", error.errno ?? .noDevice)
    }
    let key = Setting.Key(knob, at: place)
    reads[key, default: 0] += 1
    if let moving = moving[key] {
      self.moving[key] = moving.looks > 1 ? (moving.from, moving.looks - 1) : nil
      return moving.from
    }
    if let value = get(knob.id, place) { return value }
    switch place.part {
    case .whole, .cpu: throw refusal("\(place) \(knob.id)", .notSupported)
    default: throw refusal("\(place) \(knob.id)", .noEntry)
    }
  }

  func wait(milliseconds: UInt64) { waited += milliseconds }

  /// All interrupts that were given other CPUs fire now: the next look finds those of before.
  func interrupt() { moving = origins.mapValues { ($0, 1) } }

  func bounds(of knob: Knob, at place: Place) throws(KernelError) -> Bounds {
    if knob.id == "irq.smp-affinity" {
      return Bounds(isFixed: isManaged(try vector(try own(place))))
    }
    return switch knob.group {
    case .channels: Bounds(maximum: shape.maxChannels)
    case .rings: Bounds(maximum: 4096)
    default: Bounds()
    }
  }

  func expected(_ value: KnobValue, of knob: Knob, at place: Place) -> KnobValue {
    if let present = get(knob.id, place),
      let (table, conflicts) = value.applied(to: present)
    {
      return conflicts.isEmpty ? expected(table, of: knob, at: place) : value
    }
    if case .contexts(let wanted) = value {
      return .contexts(wanted.expected(among: contexts.contexts))
    }
    guard value == .table(.driver) || value == even else { return value }
    return knowsUserTable ? .table(.driver) : even
  }

  func recorded(_ value: KnobValue, of knob: Knob, at place: Place) -> KnobValue {
    value == even ? .table(.driver) : value
  }

  func tableWasSet(of device: String) { knowsUserTable = true }

  func highestRuleQueue(on device: String) throws(KernelError) -> Int? {
    rules.compactMap(\.queue).max()
  }

  private var rules: [FlowRule] {
    if case .rules(let table)? = get("flow-rules", dev) { table.rules } else { [] }
  }

  /// Rule by rule, as the ioctl takes them.
  private func writeRules(_ wanted: [FlowRule], refusing: Bool) throws(KernelError) {
    guard get("features.rx-ntuple-filter", dev) == .flag(true) else {
      throw refusal("flow-rules", .invalid)
    }
    var now = rules.filter { wanted.contains($0) }
    set("flow-rules", dev, .rules(FlowRuleTable(now)))
    for rule in wanted where !now.contains(rule) {
      guard rule.queue ?? 0 < queueCount else { throw refusal("flow-rules", .invalid) }
      if let context = rule.context, !contexts.contexts.contains(where: { $0.number == context }) {
        throw refusal("flow-rules", .invalid)
      }
      if refusing, rule == wanted.last { throw refusal("flow-rules", .invalid) }
      now.append(rule)
      set("flow-rules", dev, .rules(FlowRuleTable(now)))
    }
  }

  private var contexts: RSSContextTable {
    if case .contexts(let table)? = get("rss.contexts", dev) { table } else { RSSContextTable([]) }
  }

  private func reach(_ context: RSSContext) -> Int { Int(context.table?.highestQueue ?? 0) }

  /// Context by context, as the kernel takes them: those that go, then the others.
  private func writeContexts(_ table: RSSContextTable, refusing: Bool) throws(KernelError) {
    var now = contexts.contexts
    let wanted = RSSContextTable.placed(table.contexts, among: now)
    for context in now where !wanted.contains(where: { $0.number == context.number }) {
      // EBUSY since 6.17; before it, some drivers let the rule dangle.
      if rules.contains(where: { $0.context == context.number }) {
        throw refusal("rss.contexts", Errno(rawValue: 16))
      }
      now.removeAll { $0.number == context.number }
      set("rss.contexts", dev, .contexts(RSSContextTable(now)))
    }
    for var context in wanted {
      guard reach(context) < queueCount else { throw refusal("rss.contexts", .invalid) }
      if refusing, context == wanted.last { throw refusal("rss.contexts", .invalid) }
      let free = (1...).first { number in !now.contains { $0.number == number } } ?? 0
      context.number = context.number ?? free
      now.removeAll { $0.number == context.number }
      now.append(context)
      set("rss.contexts", dev, .contexts(RSSContextTable(now)))
    }
  }

  private func writeTable(
    _ knob: Knob, _ value: KnobValue, at place: Place, refusing: Bool
  ) throws(KernelError) {
    let edit = get(knob.id, place).flatMap { value.applied(to: $0) }
    switch edit?.table ?? value {
    case .rules(let table): try writeRules(table.rules, refusing: refusing)
    case .contexts(let table): try writeContexts(table, refusing: refusing)
    default: throw refusal(knob.id, .invalid)
    }
    if let edit, !edit.conflicts.isEmpty {
      throw KernelError.conflict(edit.conflicts, knob, at: place)
    }
  }

  /// Another program's doing.
  func meddle(_ knob: String, _ value: KnobValue) { set(knob, dev, value) }

  func refresh() {}

  func write(
    _ changes: [(knob: Knob, value: KnobValue)], at place: Place
  ) throws(KernelError) {
    try live()
    writes += 1
    try operation { () throws(KernelError) in
      if fault == .refuse(writes) {
        if let (knob, value) = changes.first, knob.isSharedTable {
          try writeTable(knob, value, at: place, refusing: true)
        }
        throw refusal("\(place)", .invalid)
      }
      if let knob = changes.first(where: { fault == .stuck($0.knob.id) })?.knob {
        throw refusal("\(place) \(knob.id)", .invalid)
      }
      if fault == .swallow(writes) { return }
      let old = queueCount
      let saved = values
      for (knob, value) in changes {
        let place = try vector(try own(place))
        guard get(knob.id, place) != nil else { throw refusal("\(place) \(knob.id)", .noEntry) }
        if isManaged(place) { throw refusal("\(place)", .notPermitted) }
        guard knob.takes(value) else { throw refusal("\(place) \(knob.id)", .invalid) }
        if knob.isSharedTable {
          try writeTable(knob, value, at: place, refusing: false)
          continue
        }
        if knob.id == "irq.smp-affinity", let from = get(knob.id, place), from != value {
          let key = Setting.Key(knob, at: place)
          moves += 1
          origins[key] = from
          if case .moves(let looks) = fault { moving[key] = (from, looks) }
        }
        set(knob.id, place, stored(knob, value))
        if case .seesaw(let one, let other) = fault, [one, other].contains(knob.id) {
          set(knob.id == one ? other : one, .host, .number(1))
        }
        if knob.id == "features.rx-ntuple-filter", value == .flag(false) {
          set("flow-rules", dev, .rules(FlowRuleTable([])))
        }
        if knob.id == "rss.indirection" {
          hasUserTable = value != .table(.driver) && value != even
          knowsUserTable = hasUserTable
        }
        if knob.id == "device.napi-defer-hard-irqs" { overwrite("napi.defer-hard-irqs", value) }
        if knob.id == "device.gro-flush-timeout" { overwrite("napi.gro-flush-timeout", value) }
      }
      do throws(KernelError) {
        if queueCount != old { try changeChannels(from: old) }
        if changes.contains(where: { $0.knob.group == .rings }) { layOut() }
      } catch {
        values = saved
        throw error
      }
    }
  }

  private func stored(_ knob: Knob, _ value: KnobValue) -> KnobValue {
    switch (knob.id, value) {
    case ("queue.rps-flow-cnt", .number(let number)) where number > 0:
      var power: Int64 = 1
      while power < number { power *= 2 }
      return .number(power)
    case (_, .table(.driver)): return even
    case ("queue.rps-cpus", .cpus(let cpus)): return .cpus(cpus.intersection(online))
    default: return value
    }
  }

  private func overwrite(_ knob: String, _ value: KnobValue) {
    for queue in 0..<queueCount { set(knob, napi(queue), value) }
  }

  // MARK: - Death

  private func live() throws(KernelError) {
    if isDead { throw refusal("a process that was killed", Errno(rawValue: 4)) }
  }

  /// Runs one operation that changes something; the process may be killed around it.
  private func operation(_ body: () throws(KernelError) -> Void) throws(KernelError) {
    try live()
    operations += 1
    if fault == .killBefore(operations) {
      isDead = true
      try live()
    }
    defer { if fault == .killAfter(operations) { isDead = true } }
    try body()
    if fault == .killAfter(operations) {
      isDead = true
      try live()
    }
  }

  /// A new process on the same machine.
  func revive() {
    isDead = false
    knowsUserTable = false
    fault = .none
  }

  // MARK: - The journal's disk

  func create(_ name: String, _ bytes: [UInt8]) throws(KernelError) {
    guard files[name] == nil else { throw KernelError("write", name, .exists) }
    try store {
      files[name] = bytes
    }
  }

  func append(_ name: String, _ bytes: [UInt8]) throws(KernelError) {
    // Killed in the middle of it, a part is there.
    if fault == .killBefore(operations + 1) {
      files[name, default: []] += bytes.prefix(bytes.count / 2)
    }
    try store { files[name, default: []] += bytes }
  }

  private func store(_ body: () -> Void) throws(KernelError) {
    try live()
    storageOperations += 1
    if case .diskFull(let from) = fault, storageOperations >= from {
      throw KernelError("write", path, Errno(rawValue: 28))
    }
    try operation { () throws(KernelError) in body() }
  }

  func read(_ name: String) throws(KernelError) -> [UInt8] {
    guard let bytes = files[name] else { throw KernelError("read", name, .noEntry) }
    return bytes
  }

  func list() throws(KernelError) -> [String] { files.keys.sorted() }

  func remove(_ name: String) throws(KernelError) {
    try operation { () throws(KernelError) in files[name] = nil }
  }

  // MARK: - For comparison

  /// All that the host holds, the journal aside.
  struct State: Equatable {
    var values: [Setting.Key: KnobValue]
    var hasUserTable: Bool

    /// What differs, for messages.
    func differences(from other: State) -> [String] {
      Set(values.keys).union(other.values.keys).filter { values[$0] != other.values[$0] }.map {
        "\($0.place) \($0.knob): \(other.values[$0]?.description ?? "gone"), now "
          + (values[$0]?.description ?? "gone")
      }.sorted() + (hasUserTable == other.hasUserTable ? [] : ["user table: \(hasUserTable)"])
    }
  }

  var state: State { State(values: values, hasUserTable: hasUserTable) }

  func locality(of device: String?) -> Locality { locality }

  var locality: Locality {
    let cores = stride(from: 0, to: shape.cpus, by: shape.threadsPerCore).map { first in
      CPUSet(first..<min(first + shape.threadsPerCore, shape.cpus)).intersection(online)
    }.filter { !$0.isEmpty }
    let perNode = max(1, shape.cpus / shape.nodes)
    let nodes = (0..<shape.nodes).map { node in
      CPUSet(node * perNode..<(node + 1) * perNode).intersection(online)
    }
    var locality = Locality(online: online, cores: cores, nodes: nodes)
    locality.isolated = CPUSet(shape.isolated)
    locality.isInterrupted = shape.hasVectors
    if shape.hasVectors {
      for queue in 0..<queueCount where !shape.hidden.contains(queue) {
        guard case .cpus(let cpus)? = get("irq.smp-affinity", irq(queue)) else { continue }
        locality.vectors[queue] = Locality.Vector(
          affinity: cpus, hint: CPUSet([queue % shape.cpus]))
      }
    }
    return locality
  }

  var planner: Planner { Planner(self) }

  var identities: Identities {
    .one { [self] in
      ifindex.map {
        DeviceIdentity(name: name, ifindex: $0, address: "02:00:00:00:00:01")
      }
    }
  }

  /// That of a new process.
  func tuner() -> Tuner {
    knowsUserTable = false
    return Tuner(
      self, Archive(self), Circumstances(bootID: "boot", namespace: "net:[1]", pid: 1),
      identities: identities,
      fingerprint: { device in
        var fingerprint = Fingerprint()
        if device != nil { fingerprint[.vectors] = [UInt64(self.interruptGeneration)] }
        return fingerprint
      })
  }
}

extension Identities {
  /// Of a host with one device.
  static func one(_ device: @escaping () -> DeviceIdentity?) -> Identities {
    Identities(
      named: { name in device().flatMap { $0.name == name ? $0 : nil } },
      indexed: { index in device().flatMap { $0.ifindex == index ? $0 : nil } })
  }

  static var none: Identities { Identities(named: { _ in nil }, indexed: { _ in nil }) }
}

extension SimulatedHost.Shape {
  static let all = [oneQueue, oneOfEight, igb, twoNodes, isolated, veth]

  static let oneQueue = Self(
    name: "1 queue, 4 CPUs", cpus: 4, channels: 1, maxChannels: 1, hasRSS: false)
  static let oneOfEight = Self(
    name: "1 of 8 queues, 4 CPUs", cpus: 4, channels: 1, maxChannels: 8)
  static let igb = Self(
    name: "8 of 8 queues, 4 CPUs (igb)", cpus: 4, channels: 8, maxChannels: 8, forgetsTable: true)
  static let twoNodes = Self(
    name: "4 of 16 queues, 8 cores of 2 threads, 2 nodes", cpus: 16, threadsPerCore: 2, nodes: 2,
    channels: 4, maxChannels: 16, hasRules: true)
  static let isolated = Self(
    name: "8 of 8 queues, 2 of 8 CPUs isolated, 1 offline", cpus: 8, channels: 8, maxChannels: 8,
    isolated: [2, 3], offline: [5])
  static let veth = Self(
    name: "4+4 queues without vectors (veth), 2 CPUs", cpus: 2, channels: 4, maxChannels: 4,
    hasRSS: false, hasVectors: false, isSplit: true)
}

extension KnobValue {
  /// A value as it is typed; what is none equals nothing that a host has.
  static func typed(_ text: String, of id: String) -> KnobValue {
    Knob.named(id).flatMap { try? KnobValue.parse(text, for: $0) } ?? .unread(text)
  }
}
