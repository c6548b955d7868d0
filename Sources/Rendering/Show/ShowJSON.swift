import Knobs
import Notation
import ReceivePath

/// Keys in kebab-case, named as the kernel names them.
extension ShowDocument {
  package static let shape = Record<ShowDocument>([
    Field("devices", "The devices that were asked for.", .array(of: device)) { show in
      show.host.devices.map { ShownDevice(device: $0, stages: show.stages) }
    },
    Field("gone", "Devices that vanished while they were read.", .array(of: .string)) {
      $0.host.gone
    },
    Field(
      optional: "cpus", "/proc/net/softnet_stat: per CPU, host-wide, since boot.",
      .reading(softnet)
    ) { $0.stages.contains(.napi) ? $0.host.softnet : nil },
    Field(
      optional: "rps-sock-flow-entries", "net.core.rps_sock_flow_entries.", .reading(.integer)
    ) { $0.stages.contains(.rps) ? $0.host.rpsSockFlowEntries : nil },
    Field(optional: "sockets", "Sockets that packets arrive at.", SocketJSON.shape) {
      $0.stages.contains(.socket) ? $0.host.sockets : nil
    },
    Field(
      optional: "unknown-attributes",
      "Netlink attributes that this rxtune does not know, by message and number.",
      .array(of: .string)
    ) { $0.host.unknown?.attributes },
    Field(
      optional: "unknown-operations",
      "Netlink operations that this rxtune does not know, by family and number.",
      .array(of: .string)
    ) { $0.host.unknown?.operations },
  ]).shape

  private struct ShownDevice: Sendable {
    var device: DeviceSnapshot
    var stages: [Stage]
  }

  private static let device = Record<ShownDevice>([
    Field("name", "The interface's name.", .string) { $0.device.link.name },
    Field("ifindex", "The interface's index.", .integer) { Int($0.device.link.index) },
    Field(
      optional: "below",
      "The devices that bring it its packets; left out where it receives them.",
      below
    ) { $0.device.below },
    Field("driver", "The driver's name.", .reading(.string)) { $0.device.driver.map(\.driver) },
    Field(
      "numa-node", "The device's node; null where it has none.", .reading(.nullable(.integer))
    ) {
      $0.device.numaNode
    },
    Field(optional: "sysfs", "Why /sys/class/net cannot be believed here.", .absence) {
      $0.device.sysfs
    },
    Field("stages", "The stages of the receive path.", stages) { $0 },
    Field("queue-paths", "The receive queues, each followed through.", .array(of: path)) {
      $0.device.paths
    },
  ]).shape

  static let below = Record<DevicesBelow>([
    Field(
      "relation",
      "What they are to it: lower (VLAN, macvlan), conduit (DSA), carrier (tunnels), ports, function.",
      .oneOf(DevicesBelow.Relation.allCases.map(\.rawValue))
    ) { $0.relation.rawValue },
    Field("devices", "Their names.", .array(of: .string)) { $0.names },
    Field(optional: "note", "Why there is none, or which are not told.", .string) { $0.note },
  ]).shape

  private static let stages = Record<ShownDevice>(
    Stage.allCases.compactMap { stage in
      guard let (documentation, shape) = record(of: stage) else { return nil }
      return Field(optional: stage.rawValue, documentation, shape) {
        $0.stages.contains(stage) ? $0.device : nil
      }
    }
  ).shape

  /// nil of a stage whose readings stand elsewhere in the document.
  private static func record(
    of stage: Stage
  ) -> (documentation: String, shape: Shape<DeviceSnapshot>)? {
    switch stage {
    case .device: ("Driver, link and counters.", deviceStage)
    case .rss: ("How flows are spread over the queues.", rssStage)
    case .ring: ("Channels and rings.", ringStage)
    case .irq: ("When the device interrupts.", irqStage)
    case .napi: ("How the queues are polled.", napiStage)
    case .gro: ("Offloads.", groStage)
    // Of each queue, and of the host.
    case .rps, .socket: nil
    case .transmit: ("XPS and byte queue limits.", transmitStage)
    }
  }

  // MARK: - Device

  private static let deviceStage = Record<DeviceSnapshot>([
    Field(optional: "kind", "rtnetlink's kind; NICs have none.", .string) { $0.link.kind },
    Field("driver", "ethtool -i.", .reading(driver)) { $0.driver },
    Field("up", "Administratively up.", .bool) { $0.link.isUp },
    Field(optional: "carrier", "The link is there.", .bool) { $0.link.hasLink },
    Field(optional: "operstate", "RFC 2863.", .string) { $0.link.operState?.name },
    Field("mtu", "Bytes.", .counter32) { $0.link.mtu },
    Field("address", "Link layer address.", .string) { $0.link.addressText },
    Field("link-mode", "Speed and duplex.", .reading(linkMode)) { $0.linkMode },
    Field(optional: "xdp", "How an XDP program is attached.", .string) {
      $0.link.xdp.map { "\($0.mode)" }
    },
    Field(optional: "statistics", "struct rtnl_link_stats64.", statistics) { $0.link.statistics },
  ]).shape

  private static let driver = Record<DriverInfo>([
    Field("name", "The driver.", .string) { $0.driver },
    Field("version", "Its version.", .string) { $0.version },
    Field("firmware", "The device's firmware.", .string) { $0.firmware },
    Field("bus", "The device's place on its bus.", .string) { $0.bus },
  ]).shape

  private static let linkMode = Record<LinkMode>([
    Field(optional: "speed", "Mbit/s.", .counter32) { $0.speed },
    Field(optional: "duplex", "half, full or unknown.", .string) { $0.duplex?.rawValue },
    Field(optional: "autoneg", "Autonegotiation is on.", .bool) { $0.autonegotiation },
  ]).shape

  private static let statistics = Record<LinkStatistics>([
    Field("rx-packets", "Received.", .counter) { $0.rxPackets },
    Field("rx-bytes", "Received.", .counter) { $0.rxBytes },
    Field("rx-errors", "Bad packets.", .counter) { $0.rxErrors },
    Field("rx-dropped", "Dropped by the host before a protocol saw them.", .counter) {
      $0.rxDropped
    },
    Field("rx-missed-errors", "The ring was full.", .counter) { $0.rxMissedErrors },
    Field("rx-over-errors", "Receiver overruns.", .counter) { $0.rxOverErrors },
    Field("rx-fifo-errors", "FIFO overruns.", .counter) { $0.rxFIFOErrors },
    Field("rx-crc-errors", "Bad checksums of frames.", .counter) { $0.rxCRCErrors },
    Field(optional: "rx-nohandler", "No protocol wanted them.", .counter) { $0.rxNoHandler },
    Field("tx-packets", "Sent.", .counter) { $0.txPackets },
    Field("tx-bytes", "Sent.", .counter) { $0.txBytes },
    Field("tx-errors", "Not sent for errors.", .counter) { $0.txErrors },
    Field("tx-dropped", "Dropped on the way out.", .counter) { $0.txDropped },
  ]).shape

  // MARK: - RSS

  private static let rssStage = Record<DeviceSnapshot>([
    Field("main", "Context 0.", .reading(rss)) { $0.rss },
    Field("contexts", "The contexts besides it.", .reading(.array(of: rss))) { $0.rssContexts },
    Field("rules", "Classification rules (ntuple), by location.", .reading(.array(of: rule))) {
      $0.flowRules
    },
  ]).shape

  private static let rss = Record<RSS>([
    Field("context", "The context's number.", .counter32) { $0.context },
    Field(optional: "hfunc", "The hash function.", .string) { $0.hashFunction?.name },
    Field("input-xfrm", "What is done to the fields before, as far as is told.", .string) {
      $0.inputTransform.description
    },
    Field(optional: "hkey", "The key in hex, where the device tells it.", .string) {
      $0.key.isEmpty ? nil : Hex.text($0.key, separator: ":")
    },
    Field(optional: "indir", "The queue of each table entry.", .array(of: .counter32)) {
      $0.table.isEmpty ? nil : $0.table
    },
    Field("flow-hash", "Fields hashed per flow type, in ethtool's letters.", .keyed(by: .string)) {
      rss in
      FlowType.allCases.compactMap { type in rss.fields[type].map { (type.name, $0.description) } }
    },
  ]).shape

  static let rule = Record<FlowRule>([
    Field("location", "Place in the table.", .counter32) { $0.location },
    Field("flow-type", "What it applies to.", .string) { $0.flowType },
    Field("match", "Fields compared.", .array(of: match)) { $0.matches },
    Field("action", "queue N, drop, wake, vf N queue M, or context N + queue M.", .string) {
      $0.actionText
    },
    Field(optional: "context", "The RSS context that spreads what matches.", .counter32) {
      $0.context
    },
  ]).shape

  private static let match = Record<FlowRule.Match>([
    Field("field", "The field.", .string) { $0.field },
    Field("value", "What it must be.", .string) { $0.valueText },
    Field("mask", "The bits that count, in hex.", .string) { Hex.text($0.mask, separator: ":") },
  ]).shape

  // MARK: - Ring, IRQ, NAPI, GRO

  private static let ringStage = Record<DeviceSnapshot>([
    Field("channels", "ethtool -l.", .reading(parameters)) { $0.channels.map(\.parameters) },
    Field("rings", "ethtool -g.", .reading(parameters)) { $0.rings },
  ]).shape

  private static let irqStage = Record<DeviceSnapshot>([
    Field("coalescing", "ethtool -c.", .reading(parameters)) { $0.coalescing.map(\.parameters) }
  ]).shape

  /// {"rx": {"value": 256, "max": 4096}, "adaptive-rx": {"value": false}}
  private static let parameters = Shape<[(String, EthtoolParameters.Parameter)]>
    .keyed(
      by: Record<EthtoolParameters.Parameter>([
        Field("value", "Now.", .knobValue) { $0.value },
        Field(optional: "max", "What the device reports it can do at most.", .integer) {
          $0.maximum.map { Int(clamping: $0) }
        },
        Field(
          optional: "may-be-absent", "The ioctl tells 0 of what the driver does not have, too.",
          .bool
        ) { $0.mayBeAbsent ? true : nil },
      ]).shape
    )
    .from { (parameters: EthtoolParameters) in parameters.parameters.map { ($0.name, $0) } }

  private static let napiStage = Record<DeviceSnapshot>([
    Field(
      optional: "napi-defer-hard-irqs", "The device's, where instances do not tell.",
      .reading(.integer)
    ) {
      $0.napiDefaults?.deferHardIRQs
    },
    Field(optional: "gro-flush-timeout", "Likewise; nanoseconds.", .reading(.integer)) {
      $0.napiDefaults?.groFlushTimeout
    },
    Field(optional: "threaded", "Likewise; 1: polled by kernel threads.", .reading(.integer)) {
      $0.napiDefaults?.threaded
    },
    Field("instances", "netdev napi-get.", .reading(.array(of: napi))) { $0.napis },
  ]).shape

  private static let napi = Record<NAPI>([
    Field("id", "The instance's id.", .counter32) { $0.id },
    Field(optional: "irq", "Its IRQ.", .integer) { $0.irq },
    Field(optional: "pid", "Its kernel thread.", .integer) { $0.threadPID },
    Field(optional: "defer-hard-irqs", "Empty polls.", .counter32) { $0.deferHardIRQs },
    Field(optional: "gro-flush-timeout", "Nanoseconds.", .counter) { $0.groFlushTimeout },
    Field(optional: "irq-suspend-timeout", "Nanoseconds.", .counter) { $0.irqSuspendTimeout },
    Field(optional: "threaded", "1: polled by its kernel thread; 2: busily.", .counter) {
      $0.threaded
    },
  ]).shape

  private static let groStage = Record<DeviceSnapshot>([
    Field("features", "ethtool -k.", .reading(features)) { $0.offloads },
    Field(optional: "gro-max-size", "Bytes.", .counter32) { $0.link.groMaxSize },
    Field(optional: "gro-ipv4-max-size", "Bytes.", .counter32) { $0.link.groIPv4MaxSize },
  ]).shape

  private static let features = Shape<[(String, Offloads.Feature)]>
    .keyed(
      by: Record<Offloads.Feature>([
        Field("active", "On.", .bool) { $0.isActive },
        Field("wanted", "Asked for.", .bool) { $0.isWanted },
        Field("changeable", "The driver offers a switch.", .bool) { $0.isChangeable },
      ]).shape
    )
    .from { (offloads: Offloads) in offloads.features.map { ($0.name, $0) } }

  private static let transmitStage = Record<DeviceSnapshot>([
    Field("queues", "The transmit queues.", .array(of: transmitQueue)) { $0.transmitQueues }
  ]).shape

  private static let transmitQueue = Record<TransmitQueue>([
    Field("queue", "The transmit queue.", .integer) { $0.steering.queue },
    Field("xps-cpus", "CPUs that send through it; none: off.", .reading(.cpus)) {
      $0.steering.cpus
    },
    Field(
      "xps-rxqs", "Receive queues whose sockets send through it.", .reading(.array(of: .integer))
    ) { $0.steering.receiveQueues },
    Field("byte-queue-limits", "BQL.", .reading(byteQueueLimits)) { $0.byteQueueLimits },
  ]).shape

  private static let byteQueueLimits = Record<ByteQueueLimits>([
    Field("limit", "Bytes allowed now.", .integer) { $0.limit },
    Field("limit-min", "Bytes.", .integer) { $0.minimum },
    Field("limit-max", "Bytes.", .integer) { $0.maximum },
    Field("inflight", "Bytes.", .integer) { $0.inFlight },
    Field("hold-time", "Milliseconds.", .integer) { $0.holdTime },
    Field(optional: "stall-cnt", "Stalls seen.", .integer) { $0.stallCount },
    Field(optional: "stall-max", "The longest, in milliseconds.", .integer) { $0.stallMaximum },
    Field(optional: "stall-thrs", "Milliseconds; 0: not watched.", .integer) { $0.stallThreshold },
  ]).shape

  // MARK: - Queue paths and CPUs

  private static let path = Record<QueuePath>([
    Field("queue", "The receive queue.", .integer) { $0.queue },
    Field(optional: "irq", "The IRQ that it interrupts with.", .integer) { $0.irq },
    Field("join", "How the IRQ is known.", .oneOf(Join.allCases.map(\.rawValue))) {
      $0.join.rawValue
    },
    Field(optional: "irq-unknown", "Why no IRQ is known.", unknownInterrupt) { $0.unknown },
    Field(optional: "napi-id", "The NAPI instance that polls it.", .counter32) { $0.napiID },
    Field(optional: "thread", "The kernel thread that polls it.", .reading(thread)) { $0.thread },
    Field(optional: "affinity", "CPUs asked for.", .reading(.cpus)) { $0.affinity },
    Field(optional: "managed", "The kernel places the IRQ itself; told since 6.12.", .bool) {
      $0.isManaged
    },
    Field(optional: "effective-affinity", "CPUs interrupted.", .reading(.cpus)) {
      $0.effectiveAffinity
    },
    Field(optional: "numa-distance", "From the device to the nearest of them.", .integer) {
      $0.numaDistance
    },
    Field(optional: "rss-share", "Part of the main table that leads here.", .number) {
      $0.rssShare
    },
    Field(
      optional: "taken-by",
      "What has the queue's packets other than the host's stack: xsk, io-uring, dmabuf or lease.",
      .string
    ) { $0.takenBy },
    Field("rps-cpus", "CPUs that RPS steers to; none: off.", .reading(.cpus)) { $0.rpsCPUs },
    Field("rps-flow-cnt", "Entries of the queue's RFS table.", .reading(.integer)) {
      $0.rpsFlowCount
    },
    Field(optional: "interrupts", "On all CPUs.", .counter) { $0.interrupts },
    Field(optional: "rx-packets", "Received.", .counter) { $0.statistics?.packets },
    Field(optional: "rx-bytes", "Received.", .counter) { $0.statistics?.bytes },
    Field(optional: "rx-drops", "Dropped by the device.", .counter) { $0.statistics?.drops },
    Field(optional: "rx-alloc-fail", "Buffers that could not be allocated.", .counter) {
      $0.statistics?.allocationFailures
    },
  ]).shape

  private static let unknownInterrupt = Record<UnknownInterrupt>([
    Field("reason", "In a word.", .oneOf(UnknownInterrupt.words)) { $0.word },
    Field("text", "In a sentence.", .string) { $0.description },
  ]).shape

  static let thread = Record<NAPIThread>([
    Field("pid", "Process id.", .integer) { $0.pid },
    Field("name", "napi/DEV-ID.", .string) { $0.name },
    Field(optional: "cpus", "CPUs that it may run on.", .cpus) { $0.allowedCPUs },
  ]).shape

  private static let softnet = Shape<[SoftnetStat.Row]>
    .array(
      of: Record<SoftnetStat.Row>([
        Field(optional: "cpu", "The CPU; kernels before 5.10 may not tell it.", .integer) {
          $0.cpu
        },
        Field("processed", "Packets taken up.", .counter32) { $0.processed },
        Field("dropped", "The backlog was full.", .counter32) { $0.dropped },
        Field("time-squeeze", "Rounds that ended with work left.", .counter32) { $0.timeSqueeze },
        Field("received-rps", "Wake-ups by RPS.", .counter32) { $0.receivedRPS },
        Field(optional: "flow-limit-count", "Dropped by the flow limit.", .counter32) {
          $0.flowLimitCount
        },
        Field(optional: "backlog-len", "Packets in the backlog.", .counter32) {
          $0.backlogLength
        },
        Field(optional: "input-qlen", "Packets in its input queue.", .counter32) {
          $0.inputQueueLength
        },
        Field(optional: "process-qlen", "Packets in its process queue.", .counter32) {
          $0.processQueueLength
        },
      ]).shape
    )
    .from { (table: SoftnetStat) in table.rows }
}
