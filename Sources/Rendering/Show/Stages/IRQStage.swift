import ReceivePath

extension StageSection {
  static let irq = StageSection { device, _ in
    ["coalescing " + Words.of(device.coalescing) { $0.parameters.words }]
  } record: {
    (
      "Interrupt coalescing.",
      Record<DeviceSnapshot>([
        Field(
          "coalescing", "Coalescing parameters (ethtool -c).", .reading(EthtoolParameters.shape)
        ) {
          $0.coalescing.map(\.parameters)
        }
      ]).shape
    )
  }
}
