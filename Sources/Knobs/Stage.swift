/// The stages that a packet passes on its way to an application, in order.
///
/// RSS and ntuple rules choose the queue before the ring; RPS and RFS choose a CPU after GRO
/// (Documentation/networking/scaling.rst). Folders, help groups, man sections, table columns and
/// JSON keys follow `allCases`.
package enum Stage: String, CaseIterable, Sendable, Hashable {
  case device
  case rss
  case ring
  case irq
  case napi
  case gro
  case rps
  case socket
  /// The short second path: what belongs to transmitting and is tuned together with receiving.
  case transmit

  /// By its word, in capitals or small letters.
  package init?(named name: String) { self.init(rawValue: name.lowercased()) }

  package var title: String {
    switch self {
    case .device: "Device"
    case .rss: "RSS"
    case .ring: "Ring"
    case .irq: "IRQ"
    case .napi: "NAPI"
    case .gro: "GRO"
    case .rps: "RPS"
    case .socket: "Socket"
    case .transmit: "Transmit"
    }
  }
}
