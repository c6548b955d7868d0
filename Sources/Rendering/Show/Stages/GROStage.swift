import ReceivePath

extension StageSection {
  static let gro = StageSection { device, _ in
    var lines = [
      Words.of(device.offloads) { offloads in
        receiveOffloads.compactMap { name in
          offloads[name].map { feature in
            let fixed = feature.isChangeable ? "" : " [fixed]"
            let refused =
              feature.isWanted && !feature.isActive && feature.isChangeable ? " [requested on]" : ""
            return "\(name) \(Words.onOff(feature.isActive))\(fixed)\(refused)"
          }
        }.joined(separator: ", ")
      }
    ]
    let sizes = [
      device.link.groMaxSize.map { "gro-max-size \($0)" },
      device.link.groIPv4MaxSize.map { "gro-ipv4-max-size \($0)" },
    ].compactMap { $0 }
    if !sizes.isEmpty { lines.append(sizes.joined(separator: ", ")) }
    return lines
  } record: {
    (
      "Offloads.",
      Record<DeviceSnapshot>([
        Field("features", "Features (ethtool -k).", .reading(Offloads.shape)) { $0.offloads },
        Field(optional: "gro-max-size", "Largest packet that GRO builds, in bytes.", .counter32) {
          $0.link.groMaxSize
        },
        Field(
          optional: "gro-ipv4-max-size", "Largest IPv4 packet that GRO builds, in bytes.",
          .counter32
        ) { $0.link.groIPv4MaxSize },
      ]).shape
    )
  }

  private static let receiveOffloads = [
    "rx-gro", "rx-gro-hw", "rx-lro", "rx-gro-list", "rx-udp-gro-forwarding", "rx-checksum",
    "rx-hashing", "rx-ntuple-filter",
  ]
}

extension Offloads {
  fileprivate static let shape = Shape<[(String, Offloads.Feature)]>
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
}
