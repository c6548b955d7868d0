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
      guard let (documentation, shape) = StageSection.of(stage).record?() else { return nil }
      return Field(optional: stage.rawValue, documentation, shape) {
        $0.stages.contains(stage) ? $0.device : nil
      }
    }
  ).shape

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
