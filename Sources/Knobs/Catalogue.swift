extension Knob {
  /// Every knob, in the order of the stages.
  package static let catalogue: [Knob] = ring

  /// By id; "_" and "-" are the same to whoever types it.
  package static func named(_ id: String) -> Knob? {
    catalogue.first { $0.id == id } ?? catalogue.first { folded($0.id) == folded(id) }
  }

  private static func folded(_ id: String) -> [UInt8] {
    id.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
  }
}
