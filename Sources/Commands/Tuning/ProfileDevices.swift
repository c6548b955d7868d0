import ArgumentParser
import Knobs
import ReceivePath
import Tuning

extension Profile {
  /// The devices that it is compared with, or applied to.
  ///
  /// - Throws: where one is not here; and where none is named of a profile that has settings of
  ///   devices: what is said of all of them would answer no question that apply asks.
  func devices(named names: [String], on host: Host) throws -> [String] {
    guard names.isEmpty else { return try host.allDevices(named: names).map(\.name) }
    if requests.contains(where: \.knob.isOfDevice) {
      throw ValidationError(
        "profile \(name) has settings of devices: name those it is for; there are "
          + Host.listed(try host.links()))
    }
    return []
  }
}
