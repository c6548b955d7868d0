import Testing

@testable import ReceivePath

@Suite("Queue to IRQ by name") struct QueueInterruptTests {
  typealias Device = InterruptName.Device

  func join(
    _ interrupts: [(Int, String)], _ device: Device, rx: Int,
    source: DeviceInterrupts.Source = .device
  ) -> [Int: Int] {
    let rows = interrupts.map { (irq: $0.0, actions: [$0.1]) }
    let joined = QueueInterrupt.byName(rows, source: source, device: device, receiveQueues: rx)
    #expect(joined.allSatisfy { $0.join == (source == .line ? .name : .msi) })
    return Dictionary(uniqueKeysWithValues: joined.map { ($0.queue, $0.irq) })
  }

  @Test(arguments: [
    "eth0-TxRx-%", "eth0-rx-%", "i40e-eth0-TxRx-%", "ice-eth0-TxRx-%", "eth0-Tx-Rx-%",
    "eth0-rxtx-%",
  ])
  func namesWithTheInterface(pattern: String) {
    let names = (0..<3).map { (40 + $0, String(pattern.map { $0 }.prefix { $0 != "%" }) + "\($0)") }
    for source in [DeviceInterrupts.Source.device, .line] {
      #expect(
        join(names + [(39, "eth0")], Device(interface: "eth0"), rx: 3, source: source)
          == [0: 40, 1: 41, 2: 42])
    }
    #expect(join(names, Device(interface: "eth1"), rx: 3, source: .line) == [:])
    // The device's own IRQs join under the name that the interface had before.
    #expect(join(names, Device(interface: "uplink"), rx: 3) == [0: 40, 1: 41, 2: 42])
  }

  /// An INTx line that two devices share: each is known by its name alone.
  @Test func aSharedLineIsJoinedByName() {
    func joined(_ interface: String) -> [QueueInterrupt] {
      QueueInterrupt.byName(
        [(irq: 11, actions: ["usb1", "eth0", "eth1-rx-0"])], source: .line,
        device: Device(interface: interface), receiveQueues: 1)
    }
    for interface in ["eth0", "eth1"] {
      #expect(joined(interface) == [QueueInterrupt(queue: 0, irq: 11, join: .name)])
    }
    #expect(joined("eth2") == [])
  }

  @Test func virtioDevicesShareWordsButNotNumbers() {
    let names = [
      (37, "virtio3-config"), (38, "virtio3-input.0"), (39, "virtio3-output.0"),
      (40, "virtio3-input.1"), (41, "virtio3-output.1"), (50, "virtio4-input.0"),
      (51, "virtio1-req.0"),
    ]
    #expect(join(names, Device(interface: "eth0", busName: "virtio3"), rx: 2) == [0: 38, 1: 40])
    #expect(join(names, Device(interface: "eth1", busName: "virtio4"), rx: 1) == [0: 50])
    #expect(join(names, Device(interface: "eth2", busName: "virtio33"), rx: 1) == [:])
  }

  @Test func pciNamesNeedTheSameDevice() {
    let names = [
      (60, "mlx5_async0@pci:0000:01:00.0"), (61, "mlx5_comp0@pci:0000:01:00.0"),
      (62, "mlx5_comp1@pci:0000:01:00.0"), (63, "mlx5_comp0@pci:0000:01:00.1"),
    ]
    #expect(join(names, Device(interface: "p0", busName: "0000:01:00.0"), rx: 2) == [0: 61, 1: 62])
    #expect(join(names, Device(interface: "p1", busName: "0000:01:00.1"), rx: 2) == [0: 63])
  }

  /// Half of the blocks are for transmit queues, however many of either there are now.
  @Test(arguments: [
    ("gve-ntfy-blk", "@pci:0000:00:04.0"), ("eth%d-ntfy-block.", ""), ("eth0-ntfy-block.", ""),
  ])
  func gveReceiveBlocksAreTheSecondHalf(before: String, after: String) {
    let names = (0..<8).map { (70 + $0, "\(before)\($0)\(after)") }
    let device = Device(interface: "eth0", busName: "0000:00:04.0", driver: "gve")
    #expect(join(names, device, rx: 2) == [0: 74, 1: 75])
  }

  /// With RSS, the first vector serves transmit queues at most; without, it is the only one.
  @Test func tg3CountsVectorsFromOne() {
    let device = Device(interface: "eth0", driver: "tg3")
    let both = (0..<5).map { (40 + $0, $0 == 0 ? "eth0-0" : "eth0-txrx-\($0)") }
    #expect(join(both, device, rx: 4) == [0: 41, 1: 42, 2: 43, 3: 44])
    let apart = (0..<5).map { (40 + $0, $0 == 0 ? "eth0-tx-0" : "eth0-rx-\($0)") }
    #expect(join(apart, device, rx: 4) == [0: 41, 1: 42, 2: 43, 3: 44])
    #expect(join([(40, "eth0")], device, rx: 1) == [0: 40])
  }

  @Test func vmxnet3CountsVectors() {
    let names = [
      (30, "eth0-tx-0"), (31, "eth0-tx-1"), (32, "eth0-rx-2"), (33, "eth0-rx-3"),
      (34, "eth0-event-4"),
    ]
    let device = Device(interface: "eth0", driver: "vmxnet3")
    #expect(join(names, device, rx: 2) == [0: 32, 1: 33])
  }

  @Test func oneVectorServesOneQueue() {
    #expect(join([(24, "eth0")], Device(interface: "eth0"), rx: 1) == [0: 24])
    #expect(join([(24, "eth0")], Device(interface: "eth0"), rx: 2) == [:])
  }

  @Test func vectorsBeyondTheQueuesServeNone() {
    let names = (0..<4).map { (40 + $0, "eth0-TxRx-\($0)") }
    #expect(join(names, Device(interface: "eth0"), rx: 2) == [0: 40, 1: 41])
  }

  @Test(arguments: ["", "-", "eth0-TxRx-", "eth0-TxRx--1", "eth0-TxRx-99999999999999999999", "@"])
  func nonsenseJoinsNothing(name: String) {
    #expect(join([(1, name)], Device(interface: "eth0", busName: "virtio0"), rx: 9) == [:])
  }
}
