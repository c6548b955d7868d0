import Knobs
import ReceivePath

/// What `show` tells of a stage of the receive path.
struct StageSection: Sendable {
  /// Of a device in words, a line or two.
  let lines: @Sendable (DeviceSnapshot, HostSnapshot) -> [String]
  /// The same as a record, made where somebody asks for it; nil of what stands elsewhere in the
  /// document.
  let record: (@Sendable () -> (documentation: String, shape: Shape<DeviceSnapshot>))?

  init(
    lines: @escaping @Sendable (DeviceSnapshot, HostSnapshot) -> [String],
    record: (@Sendable () -> (documentation: String, shape: Shape<DeviceSnapshot>))? = nil
  ) {
    self.lines = lines
    self.record = record
  }

  static func of(_ stage: Stage) -> StageSection {
    switch stage {
    case .device: device
    case .rss: rss
    case .ring: ring
    case .irq: irq
    case .napi: napi
    case .gro: gro
    // Of each queue, and of the host.
    case .rps: rps
    case .socket: StageSection { _, _ in [] }
    case .transmit: transmit
    }
  }
}
