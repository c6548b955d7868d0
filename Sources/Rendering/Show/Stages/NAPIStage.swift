import ReceivePath

extension StageSection {
  static let napi = StageSection { device, _ in
    let count = Words.of(device.napis) { napis in
      napis.isEmpty ? "no instances" : napis.count == 1 ? "1 instance" : "\(napis.count) instances"
    }
    if let defaults = device.napiDefaults {
      let settings = [
        ("defer-hard-irqs", Words.of(defaults.deferHardIRQs) { "\($0)" }),
        ("gro-flush-timeout", Words.of(defaults.groFlushTimeout) { "\($0) ns" }),
        ("threaded", Words.of(defaults.threaded) { Words.onOff($0 != 0) }),
      ]
      // Unknown for one reason, it is said once.
      let isOneAnswer = settings.allSatisfy { $0.1 == settings[0].1 }
      return [
        "\(count); "
          + (isOneAnswer
            ? settings.map(\.0).joined(separator: ", ") + " " + settings[0].1
            : settings.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
      ]
    }
    // Instances with the same settings share a line; mostly that is all of them.
    var groups: [(settings: String, ids: [UInt32])] = []
    for napi in device.napis.value ?? [] {
      if let place = groups.firstIndex(where: { $0.settings == napi.settings }) {
        groups[place].ids.append(napi.id)
      } else {
        groups.append((napi.settings, [napi.id]))
      }
    }
    if groups.count == 1 { return ["\(count); \(groups[0].settings)"] }
    return [count] + groups.map { "napi \(Words.ranges($0.ids)): \($0.settings)" }
  } record: {
    (
      "How the queues are polled.",
      Record<DeviceSnapshot>([
        Field(
          optional: "napi-defer-hard-irqs",
          """
          Empty polls before interrupts are re-enabled, of the device; for instances that report \
          none.
          """,
          .reading(.integer)
        ) {
          $0.napiDefaults?.deferHardIRQs
        },
        Field(
          optional: "gro-flush-timeout", "GRO flush timeout of the device, in nanoseconds.",
          .reading(.integer)
        ) {
          $0.napiDefaults?.groFlushTimeout
        },
        Field(
          optional: "threaded", "Whether kernel threads poll the device (1).", .reading(.integer)
        ) {
          $0.napiDefaults?.threaded
        },
        Field("instances", "NAPI instances (netdev napi-get).", .reading(.array(of: NAPI.shape))) {
          $0.napis
        },
      ]).shape
    )
  }
}

extension NAPI {
  fileprivate var settings: String {
    let words = [
      deferHardIRQs.map { "defer-hard-irqs \($0)" },
      groFlushTimeout.map { "gro-flush-timeout \($0) ns" },
      irqSuspendTimeout.flatMap { $0 == 0 ? nil : "irq-suspend-timeout \($0) ns" },
      threaded.map { "threaded " + ($0 == 2 ? "busy-poll" : Words.onOff($0 != 0)) },
    ]
    return words.compactMap { $0 }.joined(separator: ", ")
  }

  fileprivate static let shape = Record<NAPI>([
    Field("id", "Id of the NAPI instance.", .counter32) { $0.id },
    Field(optional: "irq", "IRQ of the NAPI instance.", .integer) { $0.irq },
    Field(optional: "pid", "Process id of the kernel thread that polls the instance.", .integer) {
      $0.threadPID
    },
    Field(optional: "defer-hard-irqs", "Empty polls before interrupts are re-enabled.", .counter32)
    { $0.deferHardIRQs },
    Field(optional: "gro-flush-timeout", "GRO flush timeout, in nanoseconds.", .counter) {
      $0.groFlushTimeout
    },
    Field(optional: "irq-suspend-timeout", "IRQ suspend timeout, in nanoseconds.", .counter) {
      $0.irqSuspendTimeout
    },
    Field(optional: "threaded", "1: polled by a kernel thread; 2: by a busy-polling one.", .counter)
    {
      $0.threaded
    },
  ]).shape
}
