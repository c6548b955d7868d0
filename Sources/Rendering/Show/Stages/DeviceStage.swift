import ReceivePath

extension StageSection {
  static let device = StageSection { device, _ in
    let link = device.link
    let driver = Words.of(device.driver) { driver in
      let facts = [
        driver.driver, driver.version.isEmpty ? nil : driver.version,
        driver.firmware.isEmpty || driver.firmware == "N/A" ? nil : "firmware \(driver.firmware)",
        driver.bus.isEmpty ? nil : "bus \(driver.bus)",
      ]
      return facts.compactMap { $0 }.joined(separator: ", ")
    }
    let node = Words.of(device.numaNode) { $0.map { "node \($0)" } ?? "no node" }
    var state = link.isUp ? "up" : "down"
    if link.isUp, link.carrier == false { state += ", no carrier" }
    if let mode = device.linkMode.value {
      if let speed = mode.speed { state += ", \(Words.speed(speed))" }
      if let duplex = mode.duplex, duplex != .unknown { state += " \(duplex.rawValue) duplex" }
    }
    var lines = ["driver \(driver); NUMA \(node); \(state), mtu \(link.mtu)"]
    if let count = link.statistics {
      lines.append(
        "received \(count.rxPackets) packets, dropped \(Terminal.losses(count.rxDropped)), "
          + "missed \(Terminal.losses(count.rxMissedErrors)), errors \(count.rxErrors), "
          + "no handler \(count.rxNoHandler.map(String.init) ?? "–")")
    }
    if let below = device.below {
      lines.append((below.links.isEmpty ? "" : "packets arrive at ") + below.description)
    }
    if let xdp = link.xdp { lines.append("XDP program attached (\(xdp.mode))") }
    return lines
  } record: {
    (
      "Driver, link and counters.",
      Record<DeviceSnapshot>([
        Field(optional: "kind", "Kind of virtual device (IFLA_INFO_KIND); NICs have none.", .string)
        {
          $0.link.kind
        },
        Field("driver", "Driver information (ethtool -i).", .reading(DriverInfo.shape)) {
          $0.driver
        },
        Field("up", "Whether the device is administratively up.", .bool) { $0.link.isUp },
        Field(optional: "carrier", "Whether the link has a carrier.", .bool) { $0.link.hasLink },
        Field(optional: "operstate", "Operational state (RFC 2863).", .string) {
          $0.link.operState?.name
        },
        Field("mtu", "MTU, in bytes.", .counter32) { $0.link.mtu },
        Field("address", "Link-layer address.", .string) { $0.link.addressText },
        Field("link-mode", "Speed and duplex of the link.", .reading(LinkMode.shape)) {
          $0.linkMode
        },
        Field(
          optional: "allowances",
          "What a cloud's network held back or dropped, by the driver's names.",
          allowances
        ) { $0.allowances.isEmpty ? nil : $0.allowances },
        Field(
          optional: "pause-frames",
          "Flow control frames (ethtool -I -a); where neither a device nor a stage is named.",
          .reading(PauseFrames.shape)
        ) { $0.pauseFrames },
        Field(optional: "xdp", "How an XDP program is attached.", .string) {
          $0.link.xdp.map { "\($0.mode)" }
        },
        Field(
          optional: "statistics", "Counters of the link (struct rtnl_link_stats64).",
          LinkStatistics.shape
        ) {
          $0.link.statistics
        },
      ]).shape
    )
  }

  private static let allowances = Shape<[(String, UInt64)]>.keyed(by: .counter)
    .from { (counters: [DriverStatistics.Counter]) in counters.map { ($0.name, $0.value) } }
}

extension DriverInfo {
  fileprivate static let shape = Record<DriverInfo>([
    Field("name", "Name of the driver.", .string) { $0.driver },
    Field("version", "Version of the driver.", .string) { $0.version },
    Field("firmware", "Version of the firmware.", .string) { $0.firmware },
    Field("bus", "Bus address of the device.", .string) { $0.bus },
  ]).shape
}

extension LinkMode {
  fileprivate static let shape = Record<LinkMode>([
    Field(optional: "speed", "Speed, in Mbit/s.", .counter32) { $0.speed },
    Field(optional: "duplex", "Duplex: half, full or unknown.", .string) { $0.duplex?.rawValue },
    Field(optional: "autoneg", "Whether autonegotiation is on.", .bool) { $0.autonegotiation },
  ]).shape
}

extension PauseFrames {
  fileprivate static let shape = Record<PauseFrames>([
    Field(optional: "tx-pause-frames", "Frames sent: this host cannot keep up.", .counter) {
      $0.sent
    },
    Field(optional: "rx-pause-frames", "Frames received: this host is asked to wait.", .counter) {
      $0.received
    },
  ]).shape
}

extension LinkStatistics {
  fileprivate static let shape = Record<LinkStatistics>([
    Field("rx-packets", "Packets received.", .counter) { $0.rxPackets },
    Field("rx-bytes", "Bytes received.", .counter) { $0.rxBytes },
    Field("rx-errors", "Bad packets received.", .counter) { $0.rxErrors },
    Field(
      "rx-dropped", "Received packets that the host dropped before a protocol saw them.", .counter
    ) {
      $0.rxDropped
    },
    Field("rx-missed-errors", "Packets missed because the ring was full.", .counter) {
      $0.rxMissedErrors
    },
    Field("rx-over-errors", "Receiver overruns.", .counter) { $0.rxOverErrors },
    Field("rx-fifo-errors", "FIFO overruns.", .counter) { $0.rxFIFOErrors },
    Field("rx-crc-errors", "Frames received with a bad checksum (CRC).", .counter) {
      $0.rxCRCErrors
    },
    Field(optional: "rx-nohandler", "Received packets without a protocol handler.", .counter) {
      $0.rxNoHandler
    },
    Field(
      optional: "rx-otherhost-dropped", "Packets for another host; counted since 5.19.", .counter
    ) {
      $0.rxOtherhostDropped
    },
    Field("tx-packets", "Packets sent.", .counter) { $0.txPackets },
    Field("tx-bytes", "Bytes sent.", .counter) { $0.txBytes },
    Field("tx-errors", "Packets not sent because of errors.", .counter) { $0.txErrors },
    Field("tx-dropped", "Packets dropped before they were sent.", .counter) { $0.txDropped },
  ]).shape
}
