import Knobs
package import Live
import Notation

/// `rxtune top --json`: a line for each interval.
package struct TopDocument: Document, Sendable {
  private let rates: Rates

  package init(_ rates: Rates) { self.rates = rates }

  package var lines: [String] {
    TopView.all.flatMap { view -> [String] in
      var table = Table(
        view.columns.map { $0.isNumber ? .right($0.title) : .left($0.title) }, of: view.subject)
      for row in view.rows(rates) { table.add(row.cells.map(\.text)) }
      return [view.name] + table.lines(indent: 2)
    }
  }

  package static let shape = Record<TopDocument>([
    Field("time", "End of the interval, by the host's clock.", .string) {
      $0.rates.clock.description
    },
    Field(
      optional: "seconds", "Length of the interval, by CLOCK_MONOTONIC; missing: no rates.",
      .number
    ) { $0.rates.seconds },
    Field(
      optional: "imbalance", "Of the most uneven device; missing below 100 events per second.",
      imbalance
    ) { $0.rates.imbalance },
    Field(
      optional: "busiest-cpu", "The CPU with the least idle time.",
      Record<CPURates>([
        Field("cpu", "CPU number.", .integer) { $0.cpu },
        Field("busy", "Share of its time that was not idle, 0 to 1.", .number) { $0.busy ?? 0 },
      ]).shape
    ) { $0.rates.busiest },
    Field("drops-per-second", "Lost packets by place.", losses) { $0.rates.losses },
    Field("devices", "The devices asked for.", .array(of: device)) { $0.rates.devices },
    Field("cpus", "Online CPUs, host-wide.", .array(of: cpu)) { $0.rates.cpus },
    Field(
      optional: "sockets", "TCP listeners and UDP sockets, grouped by address.",
      .array(of: socket)
    ) { $0.rates.sockets },
    Field("drops", "Drop counters that are not zero.", .array(of: drop)) {
      $0.rates.drops.filter { ($0.total ?? 0) > 0 }
    },
  ]).shape

  private static let source = Shape<String>.oneOf(CounterSource.allCases.map(\.rawValue))

  private static let imbalance = Record<Imbalance>([
    Field("ratio", "The busiest queue's rate divided by the mean; 1 is even.", .number) {
      $0.ratio
    },
    Field("source", "Where the rates come from.", source) { $0.source.rawValue },
  ]).shape

  private static let losses = Record<Rates.Losses>([
    Field(optional: "device", "At devices: missed, or no room in the device.", .number) {
      $0.device
    },
    Field(optional: "backlog", "At the CPUs' backlogs, host-wide.", .number) { $0.backlog },
    Field(optional: "socket", "At sockets of this namespace.", .number) { $0.socket },
  ]).shape

  private static let device = Record<DeviceRates>([
    Field("name", "The device.", .string) { $0.name },
    Field("state", "Up, down, or gone.", .oneOf(["up", "down", "gone"])) {
      switch $0.isUp {
      case nil: "gone"
      case true?: "up"
      case false?: "down"
      }
    },
    Field(optional: "packets-per-second", "Received, as rtnetlink reports it.", .number) {
      $0.packets
    },
    Field(optional: "bytes-per-second", "Received, as rtnetlink reports it.", .number) {
      $0.bytes
    },
    Field(optional: "drops-per-second", "rx-missed-errors or rx-fifo-errors.", .number) {
      $0.lost
    },
    Field(optional: "imbalance", "Between its queues.", imbalance) { $0.imbalance },
    Field("queues", "Receive queues, ascending.", .array(of: queue)) { $0.queues },
  ]).shape

  private static let queue = Record<QueueRates>([
    Field("queue", "Queue number.", .integer) { $0.queue },
    Field(optional: "irq", "Its interrupt.", .integer) { $0.irq },
    Field(optional: "source", "Where packets, bytes and drops come from.", source) {
      $0.source?.rawValue
    },
    Field(optional: "packets-per-second", "Received packets.", .number) { $0.packets },
    Field(optional: "bytes-per-second", "Received bytes.", .number) { $0.bytes },
    Field(optional: "drops-per-second", "Packets the queue had no room for.", .number) {
      $0.drops
    },
    Field(optional: "interrupts-per-second", "Interrupts, over all CPUs.", .number) {
      $0.interrupts
    },
    Field(optional: "packets-per-interrupt", "Packets for each interrupt.", .number) {
      $0.batch
    },
    Field(optional: "cpu", "The CPU that takes its interrupts.", .integer) { $0.cpu },
    Field(optional: "softirq", "Share of that CPU's time in softirqs, 0 to 1.", .number) {
      $0.softirq
    },
    Field(optional: "rps-cpus", "RPS CPUs; empty is off.", .cpus) { $0.rpsCPUs },
  ]).shape

  private static let cpu = Record<CPURates>([
    Field("cpu", "CPU number.", .integer) { $0.cpu },
    Field(optional: "busy", "Share of its time that was not idle, 0 to 1.", .number) { $0.busy },
    Field(optional: "softirq", "Share of its time in softirqs.", .number) { $0.softirq },
    Field(optional: "irq", "Share of its time in interrupts.", .number) { $0.irq },
    Field(optional: "steal", "Share of its time that the hypervisor took.", .number) {
      $0.steal
    },
    Field(optional: "interrupts-per-second", "Interrupts of the devices' queues.", .number) {
      $0.interrupts
    },
    Field(optional: "net-rx-per-second", "Receive softirqs.", .number) { $0.netRX },
    Field(optional: "processed-per-second", "Packets that entered the stack.", .number) {
      $0.processed
    },
    Field(optional: "dropped-per-second", "Packets dropped at its backlog.", .number) {
      $0.dropped
    },
    Field(optional: "time-squeeze-per-second", "Polls that ended with work left.", .number) {
      $0.squeezed
    },
    Field(optional: "received-rps-per-second", "RPS wake-ups, not packets.", .number) {
      $0.rpsWakeUps
    },
    Field(optional: "backlog", "Packets in its backlog now.", .integer) { $0.backlog },
  ]).shape

  private static let socket = Record<SocketRates>([
    Field("protocol", "Protocol.", .oneOf(Sample.Socket.Transport.allCases.map(\.rawValue))) {
      $0.transport.rawValue
    },
    Field("address", "Local address.", .string) { $0.address },
    Field("port", "Local port.", .integer) { Int($0.port) },
    Field(
      optional: "process", "Commands of the processes that hold the sockets, as far as is known.",
      .string
    ) { $0.process },
    Field(optional: "pid", "The process, where one holds them all.", .integer) { $0.pid },
    Field("sockets", "Sockets on it; more than one is an SO_REUSEPORT group.", .integer) {
      $0.members
    },
    Field("queued", "Connections to be accepted, or bytes to be read.", .counter) { $0.queued },
    Field(optional: "limit", "Accept queue length, or receive buffer in bytes.", .counter) {
      $0.limit
    },
    Field(optional: "fullest", "How full the fullest socket is; 1 is its limit.", .number) {
      $0.fullest
    },
    Field(optional: "drops-per-second", "Connections or packets dropped.", .number) {
      $0.drops
    },
    Field(optional: "drops", "Drops since the sockets were created.", .counter) { $0.dropped },
    Field(optional: "skew", "The socket that drops most against the mean.", .number) {
      $0.skew
    },
  ]).shape

  private static let drop = Record<DropRate>([
    Field("stage", "Stage of the receive path.", .oneOf(Stage.allCases.map(\.rawValue))) {
      $0.stage.rawValue
    },
    Field("place", "Device, queue, CPU, socket, or netns.", .string) { $0.place },
    Field("counter", "The counter, as the kernel spells it.", .string) { $0.counter },
    Field(optional: "drops-per-second", "Growth in the interval.", .number) { $0.perSecond },
    Field(optional: "total", "The counter's value.", .counter) { $0.total },
  ]).shape
}
