import ArgumentParser
import Knobs
import ReceivePath

/// Knobs and devices, mixed on the command line in any order; knobs first where a name is both.
struct KnobArguments {
  var knobs: [Knob] = []
  var links: [Link] = []

  /// - Throws: `ValidationError` for a name that is neither, with the nearest ones.
  init(_ names: [String], on host: Host) throws {
    let all = try host.links()
    var devices: [String] = []
    for name in names {
      let matching = Knob.matching(name)
      if matching.isEmpty {
        devices.append(name)
      } else {
        knobs += matching.filter { !knobs.contains($0) }
      }
    }
    let (links, unknown) = host.chosen(all, named: devices)
    if let name = unknown.first {
      throw ValidationError(
        "\"\(name)\" is neither a knob nor a device"
          + NearestNames.question(name, in: all.map(\.name) + Knob.names + Knob.collectiveNames))
    }
    guard !knobs.isEmpty else { throw ValidationError("no knob is named: see rxtune knobs") }
    self.links = links
  }
}

extension Knob {
  /// The knobs that `pattern` means.
  ///
  /// - Throws: `ValidationError` where it means none.
  static func required(_ pattern: String) throws -> [Knob] {
    let knobs = matching(pattern)
    guard knobs.isEmpty else { return knobs }
    throw ValidationError(unknown(pattern, orCollectives: true))
  }
}
