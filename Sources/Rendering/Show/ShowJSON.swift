package import Knobs
package import ReceivePath

extension JSON {
  /// The value, or an object that says why there is none: {"absent": reason, "detail": …}.
  package init<Value>(_ reading: Reading<Value>, _ json: (Value) -> JSON) {
    switch reading {
    case .value(let value): self = json(value)
    case .absent(let absence): self = JSON(absence)
    }
  }

  package init(_ absence: Absence) {
    self = .object([
      "absent": .string(absence.reason.rawValue), "detail": absence.detail.map { .string($0) },
    ])
  }

  package init(_ value: KnobValue) {
    self =
      switch value {
      case .number(let number): .integer(number)
      case .flag(let on): .bool(on)
      case .cpus(let cpus): .integers(cpus.cpus)
      case .text(let text): .string(text)
      }
  }

  static func counter(_ value: UInt64?) -> JSON? { value.map { .unsigned($0) } }
}

/// `rxtune show --json`: keys in kebab-case, named as the kernel names them.
package struct ShowJSON {
  /// Raised when a key changes its meaning or goes; new keys do not raise it.
  package static let schemaVersion = 1

  private let stages: Set<Stage>

  /// - Parameter stages: those to write; none means all.
  package init(stages: Set<Stage>) {
    self.stages = stages.isEmpty ? Set(Stage.allCases) : stages
  }

  package func json(_ host: HostSnapshot) -> JSON {
    .object([
      "schema": .integer(Self.schemaVersion),
      "devices": .array(host.devices.map(device)),
      "gone": host.gone.isEmpty ? nil : .strings(host.gone),
      "cpus": stages.contains(.napi) ? JSON(host.softnet) { .array($0.rows.map(softnet)) } : nil,
    ])
  }

  private func device(_ device: DeviceSnapshot) -> JSON {
    let parts = Stage.allCases.filter(stages.contains).compactMap { stage in
      self.stage(stage, of: device).map { Member(key: stage.rawValue, value: $0) }
    }
    return .object([
      "name": .string(device.link.name),
      "ifindex": .integer(Int(device.link.index)),
      "driver": JSON(device.driver) { .string($0.driver) },
      "numa-node": JSON(device.numaNode) { $0.map { .integer($0) } ?? .null },
      "sysfs": device.sysfs.map { JSON($0) },
      "stages": .object(parts),
      "queue-paths": .array(device.paths.map(path)),
    ])
  }

  private typealias Member = JSON.Member

  private func stage(_ stage: Stage, of device: DeviceSnapshot) -> JSON? {
    switch stage {
    case .device: deviceStage(device)
    case .rss: rssStage(device)
    case .ring:
      .object([
        "channels": JSON(device.channels) { parameters($0.parameters) },
        "rings": JSON(device.rings, parameters),
      ])
    case .irq: .object(["coalescing": JSON(device.coalescing) { parameters($0.parameters) }])
    case .napi: napiStage(device)
    case .gro:
      .object([
        "features": JSON(device.offloads, features),
        "gro-max-size": device.link.groMaxSize.map { .integer($0) },
        "gro-ipv4-max-size": device.link.groIPv4MaxSize.map { .integer($0) },
      ])
    case .rps, .socket, .transmit: nil
    }
  }

  private func deviceStage(_ device: DeviceSnapshot) -> JSON {
    let link = device.link
    return .object([
      "kind": link.kind.map { .string($0) },
      "driver": JSON(device.driver) {
        .object([
          "name": .string($0.driver), "version": .string($0.version),
          "firmware": .string($0.firmware), "bus": .string($0.bus),
        ])
      },
      "up": .bool(link.isUp),
      "carrier": link.carrier.map { .bool($0) },
      "operstate": link.operState.map { .string($0.name) },
      "mtu": .integer(link.mtu),
      "address": .string(link.addressText),
      "link-mode": JSON(device.linkMode) {
        .object([
          "speed": $0.speed.map { .integer($0) }, "duplex": $0.duplex.map { .string($0.rawValue) },
          "autoneg": $0.autonegotiation.map { .bool($0) },
        ])
      },
      "xdp": link.xdp.map { .string("\($0.mode)") },
      "statistics": link.statistics.map(statistics),
    ])
  }

  private func statistics(_ count: LinkStatistics) -> JSON {
    .object([
      "rx-packets": .unsigned(count.rxPackets), "rx-bytes": .unsigned(count.rxBytes),
      "rx-errors": .unsigned(count.rxErrors), "rx-dropped": .unsigned(count.rxDropped),
      "rx-missed-errors": .unsigned(count.rxMissedErrors),
      "rx-over-errors": .unsigned(count.rxOverErrors),
      "rx-fifo-errors": .unsigned(count.rxFIFOErrors),
      "rx-crc-errors": .unsigned(count.rxCRCErrors),
      "rx-nohandler": .counter(count.rxNoHandler),
      "tx-packets": .unsigned(count.txPackets), "tx-bytes": .unsigned(count.txBytes),
      "tx-errors": .unsigned(count.txErrors), "tx-dropped": .unsigned(count.txDropped),
    ])
  }

  private func rssStage(_ device: DeviceSnapshot) -> JSON {
    .object([
      "main": JSON(device.rss, rss),
      "contexts": JSON(device.rssContexts) { .array($0.map(rss)) },
      "rules": JSON(device.flowRules) { .array($0.map(rule)) },
    ])
  }

  private func rss(_ rss: RSS) -> JSON {
    let fields = FlowType.allCases.compactMap { type in
      rss.fields[type].map { Member(key: type.name, value: .string($0.description)) }
    }
    return .object([
      "context": .integer(rss.context),
      "hfunc": rss.hashFunction.map { .string($0.name) },
      "input-xfrm": .string(rss.inputTransform.description),
      "hkey": rss.key.isEmpty ? nil : .string(Words.hex(rss.key)),
      "indir": rss.table.isEmpty ? nil : .integers(rss.table.map { Int($0) }),
      "flow-hash": .object(fields),
    ])
  }

  private func rule(_ rule: FlowRule) -> JSON {
    var action: [Member] = []
    switch rule.action {
    case .queue(let queue): action.append(Member(key: "queue", value: .integer(queue)))
    case .drop: action.append(Member(key: "drop", value: .bool(true)))
    case .wake: action.append(Member(key: "wake", value: .bool(true)))
    case .virtualFunction(let function, let queue):
      action.append(Member(key: "vf", value: .integer(function)))
      action.append(Member(key: "queue", value: .integer(queue)))
    }
    return .object([
      "location": .integer(rule.location),
      "flow-type": .string(rule.flowType),
      "match": .array(
        rule.matches.map {
          .object([
            "field": .string($0.field), "value": .string($0.valueText),
            "mask": .string(Words.hex($0.mask)),
          ])
        }),
      "action": .object(action),
      "context": rule.context.map { .integer($0) },
    ])
  }

  /// {"rx": {"value": 256, "max": 4096}, "adaptive-rx": {"value": false}}
  private func parameters(_ parameters: EthtoolParameters) -> JSON {
    .object(
      parameters.parameters.map { parameter in
        Member(
          key: parameter.name,
          value: .object([
            "value": JSON(parameter.value), "max": parameter.maximum.map { .integer($0) },
          ]))
      })
  }

  private func features(_ offloads: Offloads) -> JSON {
    .object(
      offloads.features.map { feature in
        Member(
          key: feature.name,
          value: .object([
            "active": .bool(feature.isActive), "wanted": .bool(feature.isWanted),
            "changeable": .bool(feature.isChangeable),
          ]))
      })
  }

  private func napiStage(_ device: DeviceSnapshot) -> JSON {
    let defaults = device.napiDefaults
    return .object([
      "napi-defer-hard-irqs": JSON(defaults.deferHardIRQs) { .integer($0) },
      "gro-flush-timeout": JSON(defaults.groFlushTimeout) { .integer($0) },
      "threaded": JSON(defaults.threaded) { .integer($0) },
      "instances": JSON(device.napis) { .array($0.map(napi)) },
    ])
  }

  private func napi(_ napi: NAPI) -> JSON {
    .object([
      "id": .integer(napi.id), "irq": napi.irq.map { .integer($0) },
      "pid": napi.threadPID.map { .integer($0) },
      "defer-hard-irqs": napi.deferHardIRQs.map { .integer($0) },
      "gro-flush-timeout": .counter(napi.groFlushTimeout),
      "irq-suspend-timeout": .counter(napi.irqSuspendTimeout),
      "threaded": .counter(napi.threaded),
    ])
  }

  private func path(_ path: QueuePath) -> JSON {
    func cpus(_ reading: Reading<CPUSet>) -> JSON { JSON(reading) { .integers($0.cpus) } }
    return .object([
      "queue": .integer(path.queue),
      "irq": path.irq.map { .integer($0) },
      "join": .string(path.join.rawValue),
      "napi-id": path.napiID.map { .integer($0) },
      "thread": path.thread.map { thread in
        JSON(thread) {
          .object([
            "pid": .integer($0.pid), "name": .string($0.name),
            "cpus": $0.allowedCPUs.map { .integers($0.cpus) },
          ])
        }
      },
      "affinity": path.affinity.map(cpus),
      "effective-affinity": path.effectiveAffinity.map(cpus),
      "numa-distance": path.numaDistance.map { .integer($0) },
      "rss-share": path.rssShare.map { .number($0) },
      "rps-cpus": cpus(path.rpsCPUs),
      "rps-flow-cnt": JSON(path.rpsFlowCount) { .integer($0) },
      "interrupts": .counter(path.interrupts),
      "rx-packets": .counter(path.statistics?.packets),
      "rx-bytes": .counter(path.statistics?.bytes),
      "rx-drops": .counter(path.statistics?.drops),
    ])
  }

  private func softnet(_ row: SoftnetStat.Row) -> JSON {
    .object([
      "cpu": row.cpu.map { .integer($0) },
      "processed": .integer(row.processed), "dropped": .integer(row.dropped),
      "time-squeeze": .integer(row.timeSqueeze), "received-rps": .integer(row.receivedRPS),
      "flow-limit-count": row.flowLimitCount.map { .integer($0) },
      "backlog-len": row.backlogLength.map { .integer($0) },
      "input-qlen": row.inputQueueLength.map { .integer($0) },
      "process-qlen": row.processQueueLength.map { .integer($0) },
    ])
  }
}
