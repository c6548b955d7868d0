import KernelIO
import Knobs
import Netlink
import ReceivePath

extension KernelError {
  /// The refusal of what cannot be in a table beside others' entries.
  static func conflict(_ conflicts: [String], _ knob: Knob, at place: Place) -> KernelError {
    KernelError(
      "write", "\(place) \(knob.id)", .errno(.exists),
      extendedAck: ExtendedAck(message: conflicts.joined(separator: "; ")))
  }
}

extension Setting {
  /// The setting, without harm to others' entries in the table that it is of.
  var besideOthers: Setting {
    Setting(knob, at: place, value.edit(from: nil))
  }
}
