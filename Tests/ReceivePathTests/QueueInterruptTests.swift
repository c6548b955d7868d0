import Testing

@testable import ReceivePath

@Suite("Queue to IRQ by name") struct QueueInterruptTests {
  typealias Device = InterruptName.Device

  func join(
    _ interrupts: [(Int, String)], owned: Set<Int>? = nil, _ device: Device, rx: Int, tx: Int? = nil
  ) -> [Int: Int] {
    let rows = interrupts.map { (irq: $0.0, actions: [$0.1]) }
    let joined = QueueInterrupt.byName(
      rows, owned: owned, device: device, receiveQueues: rx, transmitQueues: tx ?? rx)
    #expect(joined.allSatisfy { $0.join == (owned == nil ? .name : .msi) })
    return Dictionary(uniqueKeysWithValues: joined.map { ($0.queue, $0.irq) })
  }

  @Test(arguments: [
    "eth0-TxRx-%", "eth0-rx-%", "i40e-eth0-TxRx-%", "ice-eth0-TxRx-%", "eth0-Tx-Rx-%",
    "eth0-rxtx-%",
  ])
  func namesWithTheInterface(pattern: String) {
    let names = (0..<3).map { (40 + $0, String(pattern.map { $0 }.prefix { $0 != "%" }) + "\($0)") }
    #expect(
      join(names + [(39, "eth0")], Device(interface: "eth0"), rx: 3) == [0: 40, 1: 41, 2: 42])
    #expect(join(names, Device(interface: "eth1"), rx: 3) == [:])
    // Owned IRQs join under the name that the interface had before.
    #expect(
      join(names, owned: [40, 41, 42], Device(interface: "uplink"), rx: 3)
        == [0: 40, 1: 41, 2: 42])
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

  @Test func gveReceiveBlocksComeAfterTransmitBlocks() {
    let names = (0..<4).map { (70 + $0, "gve-ntfy-blk\($0)@pci:0000:00:04.0") }
    let device = Device(interface: "eth0", busName: "0000:00:04.0")
    #expect(join(names, device, rx: 2, tx: 2) == [0: 72, 1: 73])
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
