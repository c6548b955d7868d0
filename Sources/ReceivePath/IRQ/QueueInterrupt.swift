/// How the kernel or a name says that a queue interrupts through an IRQ.
package enum Join: String, Sendable, Hashable, CaseIterable {
  /// netdev genl: queue.napi-id and napi.irq.
  case kernel
  /// The IRQ is one of the device's (msi_irqs), and its name tells the queue.
  case msi
  /// The IRQ is the device's line, which others may share: only its name tells the queue.
  case name
  case unknown
}

/// An IRQ that serves a queue of a device.
package struct QueueInterrupt: Hashable, Sendable {
  package var queue: Int
  package var irq: Int
  package var join: Join
}

/// What a driver put into the name of an IRQ: which queue it serves, in which directions.
///
/// Names are the drivers' own, fixed at request_irq: a later rename of the interface leaves the old
/// one in them.
package struct InterruptName: Hashable, Sendable {
  package var index: Int
  package var receives: Bool
  package var transmits: Bool
  /// True where `index` counts vectors, not queues (vmxnet3, tg3): the queue is its rank among
  /// those that receive.
  package var countsVectors = false
  /// True where the first half of the vectors is for transmit queues, the second for receive
  /// queues, however many of either there are (gve).
  package var transmitFirst = false

  /// What identifies the device in a name.
  package struct Device: Sendable {
    /// The interface's name: "eth0".
    package var interface: String
    /// The bus device behind it: "virtio3", "0000:01:00.0".
    package var busName: String?
    package var driver: String?

    package init(interface: String, busName: String? = nil, driver: String? = nil) {
      self.interface = interface
      self.busName = busName
      self.driver = driver
    }
  }

  /// - Parameters:
  ///   - action: one action of the IRQ, as /proc/interrupts lists it.
  ///   - ownsIRQ: the IRQ is known to be the device's, so that a name which shows another
  ///     interface (renamed since) is no obstacle.
  /// - Returns: nil where the name does not tell a queue of this device.
  package init?(_ action: String, of device: Device, ownsIRQ: Bool) {
    if let match = Self.virtio(action, device) ?? Self.onBus(action, device) {
      self = match
      return
    }
    guard let match = Self.named(action, device, ownsIRQ: ownsIRQ) else { return nil }
    self = match
  }

  private init(index: Int, receives: Bool, transmits: Bool) {
    self.index = index
    self.receives = receives
    self.transmits = transmits
  }

  /// virtio_net: "virtio3-input.0", "virtio3-output.0". The same words serve virtio-rng and others,
  /// so the virtio device has to be this interface's.
  private static func virtio(_ action: String, _ device: Device) -> InterruptName? {
    guard let bus = device.busName, bus.hasPrefix("virtio"), action.hasPrefix(bus + "-") else {
      return nil
    }
    let parts = action.dropFirst(bus.count + 1).split(separator: ".")
    guard parts.count == 2, let index = Int(parts[1]), index >= 0 else { return nil }
    switch parts[0] {
    case "input": return InterruptName(index: index, receives: true, transmits: false)
    case "output": return InterruptName(index: index, receives: false, transmits: true)
    default: return nil
    }
  }

  /// Drivers that name the PCI device: "mlx5_comp3@pci:0000:01:00.0", "mlx4-3@0000:01:00.0",
  /// "gve-ntfy-blk3@pci:0000:00:04.0".
  private static func onBus(_ action: String, _ device: Device) -> InterruptName? {
    guard let bus = device.busName, let at = action.lastIndex(of: "@") else { return nil }
    let place = action[action.index(after: at)...]
    guard place == bus || place == "pci:" + bus else { return nil }
    let name = action[..<at]
    for prefix in ["mlx5_comp", "mlx4-", "gve-ntfy-blk"] where name.hasPrefix(prefix) {
      guard let index = Int(name.dropFirst(prefix.count)), index >= 0 else { return nil }
      var match = InterruptName(index: index, receives: true, transmits: prefix != "gve-ntfy-blk")
      match.transmitFirst = prefix == "gve-ntfy-blk"
      return match
    }
    return nil
  }

  /// "eth0-TxRx-3" and its kin: igb, ixgbe, i40e, ice, iavf, bnxt, ena, vmxnet3, nfp, e1000e, tg3;
  /// gve's older "eth%d-ntfy-block.3", requested before the interface had its name.
  private static func named(_ action: String, _ device: Device, ownsIRQ: Bool) -> InterruptName? {
    var words = action.split(separator: "-", omittingEmptySubsequences: false)
    guard var last = words.popLast() else { return nil }
    let isBlock = words.last == "ntfy" && last.hasPrefix("block.")
    if isBlock { last = last.dropFirst("block.".count) }
    guard let index = Int(last), index >= 0 else { return nil }
    // The direction is one word, or ena's two: "eth0-Tx-Rx-3".
    var direction = words.popLast()?.lowercased() ?? ""
    if direction == "rx", words.last?.lowercased() == "tx" {
      words.removeLast()
      direction = "txrx"
    }
    let interface = words.joined(separator: "-")
    let prefixes = ["", "i40e-", "iavf-", "ice-"]
    guard ownsIRQ || prefixes.contains(where: { interface == $0 + device.interface }) else {
      return nil
    }
    var match: InterruptName
    switch direction {
    case "txrx", "rxtx", "fp":
      match = InterruptName(index: index, receives: true, transmits: true)
    case "ntfy" where isBlock, "rx":
      match = InterruptName(index: index, receives: true, transmits: false)
    case "tx": match = InterruptName(index: index, receives: false, transmits: true)
    default: return nil
    }
    match.transmitFirst = isBlock
    match.countsVectors = ["vmxnet3", "tg3"].contains(device.driver)
    return match
  }
}

extension QueueInterrupt {
  /// Joins receive queues to IRQs by what the IRQs are called.
  ///
  /// - Parameters:
  ///   - interrupts: number and actions of each IRQ that the bus gave to the device.
  ///   - source: a line may be shared, so that an action may be another device's.
  ///   - receiveQueues: how many it has now.
  package static func byName(
    _ interrupts: [(irq: Int, actions: [String])], source: DeviceInterrupts.Source,
    device: InterruptName.Device, receiveQueues: Int
  ) -> [QueueInterrupt] {
    struct Candidate {
      var irq: Int
      var name: InterruptName
    }
    var candidates: [Candidate] = []
    var bare: [Int] = []
    for (irq, actions) in interrupts {
      for action in actions {
        if let name = InterruptName(action, of: device, ownsIRQ: source != .line) {
          candidates.append(Candidate(irq: irq, name: name))
        } else if action == device.interface {
          bare.append(irq)
        }
      }
    }
    let join: Join = source == .line ? .name : .msi
    let receiving = candidates.filter(\.name.receives).sorted { $0.name.index < $1.name.index }
    let half = receiving.filter(\.name.transmitFirst).count / 2
    var joined: [QueueInterrupt] = []
    for (rank, candidate) in receiving.enumerated() {
      let name = candidate.name
      let queue = name.countsVectors ? rank : name.transmitFirst ? name.index - half : name.index
      // A vector beyond the queues serves none (channels were reduced, its action is not yet gone).
      if queue >= 0 && queue < receiveQueues {
        joined.append(QueueInterrupt(queue: queue, irq: candidate.irq, join: join))
      }
    }
    // One queue and one vector under the interface's bare name: MSI and legacy interrupts.
    if joined.isEmpty, receiveQueues == 1, bare.count == 1 {
      joined.append(QueueInterrupt(queue: 0, irq: bare[0], join: join))
    }
    return joined
  }
}
