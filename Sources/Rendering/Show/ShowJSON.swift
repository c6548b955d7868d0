import Knobs
import Notation
import ReceivePath

/// Keys in kebab-case, named as the kernel names them.
extension ShowDocument {
  package static let shape = Record<ShowDocument>([
    Field("devices", "The devices asked for.", .array(of: device)) { show in
      show.host.devices.map { ShownDevice(device: $0, stages: show.stages) }
    },
    Field("gone", "Devices that disappeared while they were read.", .array(of: .string)) {
      $0.host.gone
    },
    Field(
      optional: "cpus", "/proc/net/softnet_stat: per CPU, host-wide, since boot.",
      .reading(softnet)
    ) { $0.stages.contains(.napi) ? $0.host.softnet : nil },
    Field(
      optional: "rps-sock-flow-entries", "net.core.rps_sock_flow_entries.", .reading(.integer)
    ) { $0.stages.contains(.rps) ? $0.host.rpsSockFlowEntries : nil },
    Field(optional: "sockets", "Receiving sockets.", SocketJSON.shape) {
      $0.stages.contains(.socket) ? $0.host.sockets : nil
    },
    Field(
      optional: "host",
      "How the host fares besides; where neither a device nor a stage is named.",
      HostReadingsJSON.shape
    ) { $0.host.readings },
    Field(
      optional: "unknown-attributes",
      "Netlink attributes that this release of rxtune does not know, by message and number.",
      .array(of: .string)
    ) { $0.host.unknown?.attributes },
    Field(
      optional: "unknown-operations",
      "Netlink operations that this release of rxtune does not know, by family and number.",
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
      "The devices that deliver its packets; omitted for a device that receives its own.",
      below
    ) { $0.device.below },
    Field("driver", "The driver's name.", .reading(.string)) { $0.device.driver.map(\.driver) },
    Field(
      "numa-node", "The device's NUMA node; null if it has none.", .reading(.nullable(.integer))
    ) {
      $0.device.numaNode
    },
    Field(optional: "sysfs", "Why /sys/class/net is not to be trusted here.", .absence) {
      $0.device.sysfs
    },
    Field("stages", "The stages of the receive path.", stages) { $0 },
    Field(
      "queue-paths", "One path per receive queue: queue, IRQ, NAPI instance, CPUs.",
      .array(of: path)
    ) {
      $0.device.paths
    },
  ]).shape

  static let below = Record<DevicesBelow>([
    Field(
      "relation",
      """
      How they relate to it: lower (VLAN, macvlan), conduit (DSA), carrier (tunnel), ports or \
      function.
      """,
      .oneOf(DevicesBelow.Relation.allCases.map(\.rawValue))
    ) { $0.relation.rawValue },
    Field("devices", "Their names.", .array(of: .string)) { $0.names },
    Field(optional: "note", "Why there are none, or which are unknown.", .string) { $0.note },
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
    case .rss: ("How flows spread over the queues (RSS).", rssStage)
    case .ring: ("Channels and rings.", ringStage)
    case .irq: ("Interrupt coalescing.", irqStage)
    case .napi: ("How the queues are polled.", napiStage)
    case .gro: ("Offloads.", groStage)
    // Of each queue, and of the host.
    case .rps, .socket: nil
    case .transmit: ("XPS and byte queue limits.", transmitStage)
    }
  }

  // MARK: - Device

  private static let deviceStage = Record<DeviceSnapshot>([
    Field(optional: "kind", "Kind of virtual device (IFLA_INFO_KIND); NICs have none.", .string) {
      $0.link.kind
    },
    Field("driver", "Driver information (ethtool -i).", .reading(driver)) { $0.driver },
    Field("up", "Whether the device is administratively up.", .bool) { $0.link.isUp },
    Field(optional: "carrier", "Whether the link has a carrier.", .bool) { $0.link.hasLink },
    Field(optional: "operstate", "Operational state (RFC 2863).", .string) {
      $0.link.operState?.name
    },
    Field("mtu", "MTU, in bytes.", .counter32) { $0.link.mtu },
    Field("address", "Link-layer address.", .string) { $0.link.addressText },
    Field("link-mode", "Speed and duplex of the link.", .reading(linkMode)) { $0.linkMode },
    Field(
      optional: "allowances", "What a cloud's network held back or dropped, by the driver's names.",
      allowances
    ) { $0.allowances.isEmpty ? nil : $0.allowances },
    Field(
      optional: "pause-frames",
      "Flow control frames (ethtool -I -a); where neither a device nor a stage is named.",
      .reading(pauseFrames)
    ) { $0.pauseFrames },
    Field(optional: "xdp", "How an XDP program is attached.", .string) {
      $0.link.xdp.map { "\($0.mode)" }
    },
    Field(optional: "statistics", "Counters of the link (struct rtnl_link_stats64).", statistics) {
      $0.link.statistics
    },
  ]).shape

  private static let allowances = Shape<[(String, UInt64)]>.keyed(by: .counter)
    .from { (counters: [DriverStatistics.Counter]) in counters.map { ($0.name, $0.value) } }

  private static let driver = Record<DriverInfo>([
    Field("name", "Name of the driver.", .string) { $0.driver },
    Field("version", "Version of the driver.", .string) { $0.version },
    Field("firmware", "Version of the firmware.", .string) { $0.firmware },
    Field("bus", "Bus address of the device.", .string) { $0.bus },
  ]).shape

  private static let linkMode = Record<LinkMode>([
    Field(optional: "speed", "Speed, in Mbit/s.", .counter32) { $0.speed },
    Field(optional: "duplex", "Duplex: half, full or unknown.", .string) { $0.duplex?.rawValue },
    Field(optional: "autoneg", "Whether autonegotiation is on.", .bool) { $0.autonegotiation },
  ]).shape

  private static let pauseFrames = Record<PauseFrames>([
    Field(optional: "tx-pause-frames", "Frames sent: this host cannot keep up.", .counter) {
      $0.sent
    },
    Field(optional: "rx-pause-frames", "Frames received: this host is asked to wait.", .counter) {
      $0.received
    },
  ]).shape

  private static let statistics = Record<LinkStatistics>([
    Field("rx-packets", "Packets received.", .counter) { $0.rxPackets },
    Field("rx-bytes", "Bytes received.", .counter) { $0.rxBytes },
    Field("rx-errors", "Bad packets received.", .counter) { $0.rxErrors },
    Field(
      "rx-dropped", "Received packets that the host dropped before a protocol saw them.", .counter
    ) {
      $0.rxDropped
    },
    Field("rx-missed-errors", "Packets missed because the ring was full.", .counter) {
      $0.rxMissedErrors
    },
    Field("rx-over-errors", "Receiver overruns.", .counter) { $0.rxOverErrors },
    Field("rx-fifo-errors", "FIFO overruns.", .counter) { $0.rxFIFOErrors },
    Field("rx-crc-errors", "Frames received with a bad checksum (CRC).", .counter) {
      $0.rxCRCErrors
    },
    Field(optional: "rx-nohandler", "Received packets without a protocol handler.", .counter) {
      $0.rxNoHandler
    },
    Field(
      optional: "rx-otherhost-dropped", "Packets for another host; counted since 5.19.", .counter
    ) {
      $0.rxOtherhostDropped
    },
    Field("tx-packets", "Packets sent.", .counter) { $0.txPackets },
    Field("tx-bytes", "Bytes sent.", .counter) { $0.txBytes },
    Field("tx-errors", "Packets not sent because of errors.", .counter) { $0.txErrors },
    Field("tx-dropped", "Packets dropped before they were sent.", .counter) { $0.txDropped },
  ]).shape

  // MARK: - RSS

  private static let rssStage = Record<DeviceSnapshot>([
    Field("main", "The main RSS context (0).", .reading(rss)) { $0.rss },
    Field("contexts", "Additional RSS contexts.", .reading(.array(of: rss))) { $0.rssContexts },
    Field("rules", "Flow rules (ntuple), by location.", .reading(.array(of: rule))) {
      $0.flowRules
    },
  ]).shape

  private static let rss = Record<RSS>([
    Field("context", "The context's number.", .counter32) { $0.context },
    Field(optional: "hfunc", "The hash function.", .string) { $0.hashFunction?.description },
    Field("input-xfrm", "Transform of the fields before hashing, if reported.", .string) {
      $0.inputTransform.description
    },
    Field(optional: "hkey", "The hash key in hex, if the device reports it.", .string) {
      $0.key.isEmpty ? nil : Hex.text($0.key, separator: ":")
    },
    Field(
      optional: "indir", "The queue of each entry of the indirection table.", .array(of: .counter32)
    ) {
      $0.table.isEmpty ? nil : $0.table
    },
    Field("flow-hash", "Hashed fields by flow type, in ethtool's letters.", .keyed(by: .string)) {
      rss in
      FlowType.allCases.compactMap { type in rss.fields[type].map { (type.name, $0.description) } }
    },
  ]).shape

  static let rule = Record<FlowRule>([
    Field("location", "Location of the rule in the table.", .counter32) { $0.location },
    Field("flow-type", "Flow type that the rule applies to.", .string) { $0.flowType },
    Field("match", "Fields that the rule compares.", .array(of: match)) { $0.matches },
    Field(
      "action", "Action of the rule.", .oneOf(["queue", "drop", "wake", "virtual-function"])
    ) { rule in
      switch rule.action {
      case .queue: "queue"
      case .drop: "drop"
      case .wake: "wake"
      case .virtualFunction: "virtual-function"
      }
    },
    Field(
      optional: "queue", "Queue of the action; with a context, added to the queue it chooses.",
      .counter32
    ) { rule in
      switch rule.action {
      case .queue(let queue), .virtualFunction(_, let queue): queue
      case .drop, .wake: nil
      }
    },
    Field(optional: "virtual-function", "Virtual function of the queue.", .counter32) { rule in
      if case .virtualFunction(let function, _) = rule.action { function } else { nil }
    },
    Field(optional: "context", "The RSS context that spreads matching packets.", .counter32) {
      $0.context
    },
  ]).shape

  private static let match = Record<FlowRule.Match>([
    Field("field", "Name of the field.", .string) { $0.field },
    Field("value", "Value that the field must have.", .string) { $0.valueText },
    Field("mask", "Bits that are compared, in hex.", .string) { Hex.text($0.mask, separator: ":") },
  ]).shape

  // MARK: - Ring, IRQ, NAPI, GRO

  private static let ringStage = Record<DeviceSnapshot>([
    Field("channels", "Channels (ethtool -l).", .reading(parameters)) {
      $0.channels.map(\.parameters)
    },
    Field("rings", "Rings (ethtool -g).", .reading(parameters)) { $0.rings },
  ]).shape

  private static let irqStage = Record<DeviceSnapshot>([
    Field("coalescing", "Coalescing parameters (ethtool -c).", .reading(parameters)) {
      $0.coalescing.map(\.parameters)
    }
  ]).shape

  /// {"rx": {"value": 256, "max": 4096}, "adaptive-rx": {"value": false}}
  private static let parameters = Shape<[(String, EthtoolParameters.Parameter)]>
    .keyed(
      by: Record<EthtoolParameters.Parameter>([
        Field("value", "Current value.", .knobValue) { $0.value },
        Field(optional: "max", "Maximum that the device reports.", .integer) {
          $0.maximum.map { Int(clamping: $0) }
        },
        Field(
          optional: "may-be-absent",
          "Whether 0 may mean \"not supported\": the ioctl does not tell.",
          .bool
        ) { $0.mayBeAbsent ? true : nil },
      ]).shape
    )
    .from { (parameters: EthtoolParameters) in parameters.parameters.map { ($0.name, $0) } }

  private static let napiStage = Record<DeviceSnapshot>([
    Field(
      optional: "napi-defer-hard-irqs",
      """
      Empty polls before interrupts are re-enabled, of the device; for instances that report \
      none.
      """,
      .reading(.integer)
    ) {
      $0.napiDefaults?.deferHardIRQs
    },
    Field(
      optional: "gro-flush-timeout", "GRO flush timeout of the device, in nanoseconds.",
      .reading(.integer)
    ) {
      $0.napiDefaults?.groFlushTimeout
    },
    Field(optional: "threaded", "Whether kernel threads poll the device (1).", .reading(.integer)) {
      $0.napiDefaults?.threaded
    },
    Field("instances", "NAPI instances (netdev napi-get).", .reading(.array(of: napi))) {
      $0.napis
    },
  ]).shape

  private static let napi = Record<NAPI>([
    Field("id", "Id of the NAPI instance.", .counter32) { $0.id },
    Field(optional: "irq", "IRQ of the NAPI instance.", .integer) { $0.irq },
    Field(optional: "pid", "Process id of the kernel thread that polls the instance.", .integer) {
      $0.threadPID
    },
    Field(optional: "defer-hard-irqs", "Empty polls before interrupts are re-enabled.", .counter32)
    { $0.deferHardIRQs },
    Field(optional: "gro-flush-timeout", "GRO flush timeout, in nanoseconds.", .counter) {
      $0.groFlushTimeout
    },
    Field(optional: "irq-suspend-timeout", "IRQ suspend timeout, in nanoseconds.", .counter) {
      $0.irqSuspendTimeout
    },
    Field(optional: "threaded", "1: polled by a kernel thread; 2: by a busy-polling one.", .counter)
    {
      $0.threaded
    },
  ]).shape

  private static let groStage = Record<DeviceSnapshot>([
    Field("features", "Features (ethtool -k).", .reading(features)) { $0.offloads },
    Field(optional: "gro-max-size", "Largest packet that GRO builds, in bytes.", .counter32) {
      $0.link.groMaxSize
    },
    Field(
      optional: "gro-ipv4-max-size", "Largest IPv4 packet that GRO builds, in bytes.", .counter32
    ) { $0.link.groIPv4MaxSize },
  ]).shape

  private static let features = Shape<[(String, Offloads.Feature)]>
    .keyed(
      by: Record<Offloads.Feature>([
        Field("active", "Whether the feature is on.", .bool) { $0.isActive },
        Field("wanted", "Whether the feature is requested.", .bool) { $0.isWanted },
        Field("changeable", "Whether the driver can switch the feature.", .bool) {
          $0.isChangeable
        },
      ]).shape
    )
    .from { (offloads: Offloads) in offloads.features.map { ($0.name, $0) } }

  private static let transmitStage = Record<DeviceSnapshot>([
    Field("queues", "The transmit queues.", .array(of: transmitQueue)) { $0.transmitQueues }
  ]).shape

  private static let transmitQueue = Record<TransmitQueue>([
    Field("queue", "The transmit queue.", .integer) { $0.steering.queue },
    Field("xps-cpus", "CPUs that transmit on the queue (XPS); none: off.", .reading(.cpus)) {
      $0.steering.cpus
    },
    Field(
      "xps-rxqs", "Receive queues whose connections transmit on the queue (XPS).",
      .reading(.array(of: .integer))
    ) { $0.steering.receiveQueues },
    Field("byte-queue-limits", "Byte queue limits (BQL).", .reading(byteQueueLimits)) {
      $0.byteQueueLimits
    },
  ]).shape

  private static let byteQueueLimits = Record<ByteQueueLimits>([
    Field("limit", "Bytes that may be queued now.", .integer) { $0.limit },
    Field("limit-min", "Minimum of the limit, in bytes.", .integer) { $0.minimum },
    Field("limit-max", "Maximum of the limit, in bytes.", .integer) { $0.maximum },
    Field("inflight", "Bytes queued on the device.", .integer) { $0.inFlight },
    Field("hold-time", "Hold time, in milliseconds.", .integer) { $0.holdTime },
    Field(optional: "stall-cnt", "Transmit stalls detected.", .integer) { $0.stallCount },
    Field(optional: "stall-max", "Longest transmit stall, in milliseconds.", .integer) {
      $0.stallMaximum
    },
    Field(
      optional: "stall-thrs", "Threshold of stall detection, in milliseconds; 0: off.", .integer
    ) { $0.stallThreshold },
  ]).shape

  // MARK: - Queue paths and CPUs

  private static let path = Record<QueuePath>([
    Field("queue", "The receive queue.", .integer) { $0.queue },
    Field(optional: "irq", "The queue's IRQ.", .integer) { $0.irq },
    Field(
      "join", "How the IRQ is known: kernel, msi or name.", .oneOf(Join.allCases.map(\.rawValue))
    ) {
      $0.join.rawValue
    },
    Field(optional: "irq-unknown", "Why no IRQ is known.", unknownInterrupt) { $0.unknown },
    Field(optional: "napi-id", "The NAPI instance that polls the queue.", .counter32) { $0.napiID },
    Field(optional: "thread", "The kernel thread that polls the queue.", .reading(thread)) {
      $0.thread
    },
    Field(optional: "affinity", "CPUs that may handle the IRQ (smp_affinity).", .reading(.cpus)) {
      $0.affinity
    },
    Field(
      optional: "managed", "Whether the kernel manages the IRQ's affinity; reported since 6.12.",
      .bool
    ) {
      $0.isManaged
    },
    Field(
      optional: "effective-affinity", "CPUs that handle the IRQ (effective_affinity).",
      .reading(.cpus)
    ) {
      $0.effectiveAffinity
    },
    Field(
      optional: "numa-distance", "NUMA distance from the device to the nearest of these CPUs.",
      .integer
    ) {
      $0.numaDistance
    },
    Field(
      optional: "rss-share", "Share of the main RSS table's entries that point to the queue.",
      .number
    ) {
      $0.rssShare
    },
    Field(
      optional: "taken-by",
      """
      What takes the queue's packets instead of the host's stack: xsk, io-uring, dmabuf or \
      lease.
      """,
      .string
    ) { $0.takenBy },
    Field("rps-cpus", "CPUs that RPS steers the queue's packets to; none: off.", .reading(.cpus)) {
      $0.rpsCPUs
    },
    Field("rps-flow-cnt", "Entries of the queue's RFS table.", .reading(.integer)) {
      $0.rpsFlowCount
    },
    Field(optional: "interrupts", "Interrupts of the queue on all CPUs.", .counter) {
      $0.interrupts
    },
    Field(
      optional: "interrupts-per-cpu", "The same, on each CPU where there were some.",
      .array(of: interruptCount)
    ) { $0.interruptCounts?.nonzero },
    Field(optional: "rx-packets", "Packets received.", .counter) { $0.statistics?.packets },
    Field(optional: "rx-bytes", "Bytes received.", .counter) { $0.statistics?.bytes },
    Field(optional: "rx-drops", "Packets that the device dropped.", .counter) {
      $0.statistics?.drops
    },
    Field(optional: "rx-alloc-fail", "Failed allocations of receive buffers.", .counter) {
      $0.statistics?.allocationFailures
    },
  ]).shape

  private static let interruptCount = Record<InterruptCounts.Count>([
    Field("cpu", "The CPU.", .integer) { Int($0.cpu) },
    Field("interrupts", "Interrupts of the queue on this CPU.", .counter) { $0.value },
  ]).shape

  private static let unknownInterrupt = Record<UnknownInterrupt>([
    Field("reason", "Reason, as a word.", .oneOf(UnknownInterrupt.words)) { $0.word },
    Field("text", "Reason, as a sentence.", .string) { $0.description },
  ]).shape

  static let thread = Record<NAPIThread>([
    Field("pid", "Process id.", .integer) { $0.pid },
    Field("name", "Name of the thread: napi/DEV-ID.", .string) { $0.name },
    Field(optional: "cpus", "CPUs that the thread may run on.", .cpus) { $0.allowedCPUs },
  ]).shape

  private static let softnet = Shape<[SoftnetStat.Row]>
    .array(
      of: Record<SoftnetStat.Row>([
        Field(optional: "cpu", "The CPU; kernels before 5.10 may not report it.", .integer) {
          $0.cpu
        },
        Field("processed", "Packets processed.", .counter32) { $0.processed },
        Field("dropped", "Packets dropped because the backlog was full.", .counter32) {
          $0.dropped
        },
        Field("time-squeeze", "Polling cycles that ended with work left.", .counter32) {
          $0.timeSqueeze
        },
        Field("received-rps", "Wake-ups by RPS.", .counter32) { $0.receivedRPS },
        Field(optional: "flow-limit-count", "Packets dropped by the flow limit.", .counter32) {
          $0.flowLimitCount
        },
        Field(optional: "backlog-len", "Packets in the backlog.", .counter32) {
          $0.backlogLength
        },
        Field(optional: "input-qlen", "Packets in the CPU's input queue.", .counter32) {
          $0.inputQueueLength
        },
        Field(optional: "process-qlen", "Packets in the CPU's process queue.", .counter32) {
          $0.processQueueLength
        },
      ]).shape
    )
    .from { (table: SoftnetStat) in table.rows }
}
