import ReceivePath

extension StageSection {
  static let ring = StageSection { device, _ in
    [
      "channels " + Words.of(device.channels) { $0.parameters.words },
      "rings " + Words.of(device.rings) { $0.words },
    ]
  } record: {
    (
      "Channels and rings.",
      Record<DeviceSnapshot>([
        Field("channels", "Channels (ethtool -l).", .reading(EthtoolParameters.shape)) {
          $0.channels.map(\.parameters)
        },
        Field("rings", "Rings (ethtool -g).", .reading(EthtoolParameters.shape)) { $0.rings },
      ]).shape
    )
  }
}
