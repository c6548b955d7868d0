import TestSupport
import Testing

@testable import ReceivePath

@Suite("Queue to IRQ by name") struct QueueInterruptTests {
  typealias Device = InterruptName.Device

  func named(
    _ interrupts: [(Int, String)], _ device: Device, rx: Int,
    source: DeviceInterrupts.Source? = .device, isUp: Bool = true, isShared: Bool = false
  ) -> NamedInterrupts {
    NamedInterrupts(
      interrupts.map { (irq: $0.0, actions: $0.1.isEmpty ? [] : [$0.1]) }, source: source,
      of: device, queues: rx, isUp: isUp, isShared: { isShared })
  }

  func join(
    _ interrupts: [(Int, String)], _ device: Device, rx: Int,
    source: DeviceInterrupts.Source? = .device, isShared: Bool = false
  ) -> [Int?] {
    named(interrupts, device, rx: rx, source: source, isShared: isShared).irqs
  }

  /// Vectors of a device with two receive queues, IRQ 100 and up.
  struct Names: Sendable {
    let driver: String
    let names: [String]
    let irqs: [Int?]

    init(_ driver: String, _ names: [String], _ irqs: [Int?]) {
      self.driver = driver
      self.names = names
      self.irqs = irqs
    }
  }

  private static func counted(_ count: Int, _ before: String, _ after: String = "") -> [String] {
    (0..<count).map { "\(before)\($0)\(after)" }
  }

  private static let pci = "@pci:0000:01:00.0"

  /// Every format, on the names that its driver gives to vectors, those that serve none among them.
  static let drivers: [Names] = [
    Names("igb", ["eth0", "eth0-TxRx-0", "eth0-TxRx-1"], [101, 102]),
    Names("igb", ["eth0", "eth0-rx-0", "eth0-rx-1", "eth0-tx-0"], [101, 102]),
    Names("igc", ["eth0", "eth0-TxRx-0", "eth0-TxRx-1"], [101, 102]),
    Names("fm10k", ["eth0-TxRx-0", "eth0-TxRx-1", "fm10k_mbx"], [100, 101]),
    Names("bnxt_en", ["eth0-rx-0", "eth0-rx-1", "eth0-tx-2", "eth0-tx-3"], [100, 101]),
    Names("ena", ["ena-mgmnt@pci:0000:01:00.0", "eth0-Tx-Rx-0", "eth0-Tx-Rx-1"], [101, 102]),
    Names("enic", ["eth0-rx-0", "eth0-rx-1", "eth0-tx-0", "eth0-err", "eth0-notify"], [100, 101]),
    Names("nfp", ["eth0-exn", "eth0-lsc", "eth0-rxtx-0", "eth0-rxtx-1"], [102, 103]),
    Names("nicvf", ["eth0-rxtx-0", "eth0-rxtx-1", "eth0-rbdr-0", "eth0-qset-err-0"], [100, 101]),
    Names("rvu_nicpf", ["RVUPF1 Mbox", "eth0-rxtx-0", "eth0-rxtx-1"], [101, 102]),
    Names("amd-xgbe", ["eth0", "eth0-TxRx-0", "eth0-TxRx-1"], [101, 102]),
    Names("bnx2x", ["eth0", "eth0-fp-0", "eth0-fp-1"], [101, 102]),
    Names("qede", ["qed-sp-0", "eth0-fp-0", "eth0-fp-1"], [101, 102]),
    Names("be2net", ["eth0-q0", "eth0-q1", "eth0-q2"], [100, 101]),
    Names("octeon_ep", ["eth0-mbox", "eth0-q0", "eth0-q1"], [101, 102]),
    Names("octeon_ep_vf", ["eth0-q0", "eth0-q1"], [100, 101]),
    Names("bnx2", ["eth0-0", "eth0-1"], [100, 101]),
    Names("r8125", counted(32, "eth0-"), [100, 101]),
    Names("sfc", ["eth0-0", "eth0-1", "eth0-xdp-0"], [100, 101]),
    Names("sfc", ["eth0-rx-0", "eth0-rx-1", "eth0-tx-0"], [100, 101]),
    Names("mlx4_en", ["mlx4-comp-0@pci:0000:01:00.0", "eth1-0", "eth0-0", "eth0-1"], [102, 103]),
    Names(
      "mlx4_en", ["mlx4-async@pci:0000:01:00.0", "mlx4-1@0000:01:00.0", "mlx4-2@0000:01:00.0"],
      [nil, nil]),
    Names("cxgb4", ["0000:01:00.0-FWeventq", "eth0 (queue 0)", "eth0 (queue 1)"], [101, 102]),
    Names("cxgb3", ["cxgb3", "eth1-0", "eth1-1", "eth0-2", "eth0-3"], [103, 104]),
    Names("hinic", ["hinic_aeq0@pci:0000:01:00.0", "eth0_qp0", "eth0_qp1"], [101, 102]),
    Names("hinic", ["eth0_rxq0", "eth0_rxq1", "eth0_txq0"], [100, 101]),
    Names("hinic3", ["eth0_qp0", "eth0_qp1"], [100, 101]),
    Names("fsl_enetc", ["eth0-rxtx0", "eth0-rxtx1"], [100, 101]),
    Names("myri10ge", ["eth0:slice-0", "eth0:slice-1"], [100, 101]),
    Names(
      "ionic", ["ionic-0000:01:00.0-L0-admin", "ionic-eth0-L0-rx0", "ionic-eth0-L0-rx1"],
      [101, 102]),
    Names("i40e", ["i40e-0000:01:00.0:misc", "i40e-eth0-TxRx-0", "i40e-eth0-TxRx-1"], [101, 102]),
    Names("i40e_zc", ["i40e_zc-eth0-TxRx-0", "i40e_zc-eth0-TxRx-1"], [100, 101]),
    Names("iavf", ["iavf-0000:01:00.0:mbx", "iavf-eth0-TxRx-0", "iavf-eth0-TxRx-1"], [101, 102]),
    Names("ice", ["ice-0000:01:00.0:misc", "ice-eth0-TxRx-0", "ice-eth0-TxRx-1"], [101, 102]),
    Names("ixgbe", ["eth0-TxRx-0", "eth0-TxRx-1", "eth0"], [100, 101]),
    Names(
      "hns3", ["hclge-misc-0000:01:00.0", "hns3-0000:01:00.0-TxRx-0", "hns3-0000:01:00.0-TxRx-2"],
      [101, 102]),
    Names("idpf", ["idpf-eth0-Mailbox-0", "idpf-eth0-TxRx-1", "idpf-eth0-TxRx-2"], [101, 102]),
    Names(
      "vmxnet3", ["eth0-tx-0", "eth0-tx-1", "eth0-rx-2", "eth0-rx-3", "eth0-event-4"], [102, 103]),
    Names("vmxnet3", ["eth0-rxtx-0", "eth0-rxtx-1", "eth0-event-2"], [100, 101]),
    Names("tg3", ["eth0-0", "eth0-txrx-1", "eth0-txrx-2"], [101, 102]),
    Names("tg3", ["eth0-tx-0", "eth0-rx-1", "eth0-rx-2"], [101, 102]),
    Names("gve", counted(4, "gve-ntfy-blk", pci), [102, 103]),
    Names("gve", counted(8, "eth%d-ntfy-block."), [104, 105]),
    Names("gve", counted(8, "eth0-ntfy-block."), [104, 105]),
    Names(
      "mlx5_core", ["mlx5_async0@pci:0000:01:00.0"] + counted(4, "mlx5_comp", pci), [101, 102]),
    Names("mana", ["mana_hwc@pci:0000:01:00.0"] + counted(4, "mana_q", pci), [101, 102]),
    Names(
      "al_eth",
      ["al-eth-msix-mgmt@pci:0000:01:00.0"] + counted(2, "al-eth-rx-comp-", pci)
        + counted(2, "al-eth-tx-comp-", pci), [101, 102]),
    Names("st_gmac", ["eth0:mac", "eth0:rx-0", "eth0:rx-1", "eth0:tx-0"], [101, 102]),
    Names("st_gmac", ["eth0"], [100, 100]),
    Names("st_gmac", ["eth0", "eth0"], [nil, nil]),
    Names("hns", ["eth0-tx0", "eth0-tx1", "eth0-rx0", "eth0-rx1"], [102, 103]),
    Names("txgbe", ["eth0-TxRx-0", "eth0-TxRx-1", "eth0"], [100, 101]),
  ]

  @Test(arguments: drivers)
  func driversNames(_ vectors: Names) {
    let device = Device(
      interface: "eth0", bus: "pci", busName: "0000:01:00.0", driver: vectors.driver)
    let rows = vectors.names.enumerated().map { (100 + $0, $1) }
    #expect(join(rows, device, rx: 2) == vectors.irqs)
    #expect(join(rows.reversed(), device, rx: 2) == vectors.irqs)
  }

  @Test func everyFormatNamesItsSource() {
    let formats =
      InterruptName.Format.all + InterruptName.Format.common
      + InterruptName.Format.ofBuses
    for format in formats {
      #expect(format.source.contains(".c, ") || format.source.contains(".rst"))
    }
  }

  // MARK: - Whose vector it is

  /// Names of vectors that serve no receive queue, with each of which something else ends in a number.
  @Test(arguments: [
    ("i40e", "i40e-0000:01:00.0:fdir-TxRx-0"), ("i40e", "i40e-0000:01:00.1:fdir-TxRx-0"),
    ("ixgbe", "eth0-fdir-0"), ("ixgbe", "eth0-fdir-TxRx-0"), ("ixgbe", "eth0:fdir-TxRx-0"),
    ("ice", "ice-eth0-ctrl-0"), ("ice", "ice-eth0-TxRx-0-1"), ("idpf", "idpf-eth0-Mailbox-0"),
    ("ice", "eth0-TxRx-0"), ("sfc", "eth0-ptp"), ("sfc", "eth0-tx-0"), ("bnx2", "eth0-TxRx-0"),
    ("qlcnic", "eth0-tx-0"), ("fxgmac", "eth0-ch0-Rx-0"), ("mlx4_en", "mlx4-0@0000:01:00.0"),
    ("mlx5_core", "mlx5_sf_comp0@pci:0000:01:00.0"), ("mlx5_core", "mlx5_comp0@pci:0000:01:00.1"),
    ("be2net", "eth0-0"), ("atlantic", "eth0-0"), ("unheard-of", "eth0-0"),
  ])
  func otherVectorsServeNoQueue(driver: String, name: String) {
    let device = Device(interface: "eth0", bus: "pci", busName: "0000:01:00.0", driver: driver)
    #expect(join([(50, name)], device, rx: 2) == [nil, nil])
    #expect(join([(50, name), (51, "")], device, rx: 1) == [nil])
  }

  /// The device's own vectors join under the name that the interface had before, where there is no
  /// other interface that it could be the name of.
  @Test func anEarlierNameIsNoObstacle() {
    let names = (0..<3).map { (40 + $0, "eth0-TxRx-\($0)") }
    let renamed = Device(interface: "uplink", bus: "pci", driver: "igb")
    #expect(join(names, renamed, rx: 3) == [40, 41, 42])
    let shared = named(names, renamed, rx: 3, isShared: true)
    #expect(shared.irqs == [nil, nil, nil])
    #expect(shared.unknown == .otherInterface("eth0"))
    // Auxiliary devices share their parent's; a line is anybody's.
    #expect(join(names, renamed, rx: 3, source: .parent) == [nil, nil, nil])
    #expect(join(names, renamed, rx: 3, source: .line) == [nil, nil, nil])
    #expect(join(names, renamed, rx: 3, source: nil) == [nil, nil, nil])
    // Two names: one of them is another's.
    #expect(join([(40, "eth0-TxRx-0"), (41, "eth1-TxRx-1")], renamed, rx: 2) == [nil, nil])
    // Its own goes before.
    let own = (0..<3).map { (50 + $0, "uplink-TxRx-\($0)") }
    #expect(join(names + own, renamed, rx: 3) == [50, 51, 52])
    var aliased = Device(interface: "uplink", bus: "pci", driver: "igb")
    aliased.alternativeNames = ["eth0"]
    #expect(join(names, aliased, rx: 3, isShared: true) == [40, 41, 42])
  }

  /// The function's vectors are both ports'; they differ by the interface's name alone.
  @Test func portsOfOneFunctionKeepTheirOwn() {
    let names =
      (0..<2).map { (40 + $0, "p0 (queue \($0))") }
      + (0..<2).map { (50 + $0, "p1 (queue \($0))") }
    func port(_ name: String, _ driver: String = "cxgb4") -> Device {
      Device(interface: name, bus: "pci", busName: "0000:05:00.4", driver: driver)
    }
    #expect(join(names, port("p0"), rx: 2, isShared: true) == [40, 41])
    #expect(join(names, port("p1"), rx: 2, isShared: true) == [50, 51])
    #expect(join(names, port("p2"), rx: 2, isShared: true) == [nil, nil])
    // The other port may be in another namespace: no name is waived.
    #expect(join(Array(names[..<2]), port("p2"), rx: 2) == [nil, nil])
    let mana = (0..<2).map { (60 + $0, "mana_q\($0)@pci:0000:05:00.4") }
    #expect(join(mana, port("p0", "mana"), rx: 2) == [60, 61])
    let shared = named(mana, port("p0", "mana"), rx: 2, isShared: true)
    #expect(shared.irqs == [nil, nil] && shared.unknown == .otherInterface(nil))
  }

  /// An INTx line that two devices share: each is known by its name alone.
  @Test func aSharedLineIsJoinedByName() {
    func irqs(_ interface: String) -> [Int?] {
      NamedInterrupts(
        [(irq: 11, actions: ["usb1", "eth0", "eth1-rx-0"])], source: .line,
        of: Device(interface: interface), queues: 1
      ).irqs
    }
    #expect(irqs("eth0") == [11] && irqs("eth1") == [11])
    #expect(irqs("eth2") == [nil])
  }

  @Test func virtioDevicesShareWordsButNotNumbers() {
    let names = [
      (37, "virtio3-config"), (38, "virtio3-input.0"), (39, "virtio3-output.0"),
      (40, "virtio3-input.1"), (41, "virtio3-output.1"), (50, "virtio4-input.0"),
      (51, "virtio1-req.0"),
    ]
    func device(_ bus: String) -> Device { Device(interface: "eth0", bus: "virtio", busName: bus) }
    #expect(join(names, device("virtio3"), rx: 2, source: .parent) == [38, 40])
    #expect(join(names, device("virtio4"), rx: 1, source: .parent) == [50])
    #expect(join(names, device("virtio33"), rx: 1, source: .parent) == [nil])
    // One vector for all queues; and over MMIO one interrupt for the device.
    #expect(
      join([(37, "virtio3-config"), (38, "virtio3-virtqueues")], device("virtio3"), rx: 2)
        == [38, 38])
    #expect(
      join([(5, "virtio1"), (6, "virtio3")], device("virtio3"), rx: 2, source: nil) == [6, 6])
  }

  // MARK: - Devices whose bus lists no interrupts

  @Test func platformDevicesAreJoinedByTheirOwnNames() {
    func device(_ name: String, _ driver: String = "macb") -> Device {
      Device(interface: name, bus: "platform", busName: "1e100000.ethernet", driver: driver)
    }
    let lines = [
      (8, "timer"), (23, "1e100000.ethernet"), (24, "1e100000.ethernet-tx0"), (26, "end1"),
    ]
    #expect(join(lines, device("end0"), rx: 1, source: nil) == [23])
    #expect(join(lines, device("end1"), rx: 1, source: nil) == [26])
    #expect(join(lines, device("end0"), rx: 2, source: nil) == [nil, nil])
    // Two interfaces on the device: which of them?
    #expect(join(lines, device("end0"), rx: 1, source: nil, isShared: true) == [nil])
    // Two lines of one name (bcmgenet, fec): which of them receives?
    #expect(join([(23, "end0"), (24, "end0")], device("end0"), rx: 1, source: nil) == [nil])
    let neta = named(
      [(26, "mvneta"), (27, "mvneta")], device("eth0", "mvneta"), rx: 8, source: nil)
    #expect(neta.unknown == .driverName("mvneta"))
    #expect(named(lines, device("eth7"), rx: 4, source: nil).unknown == .notListed(bus: "platform"))
    let flows = [(30, "1e100000.ethernet-rx0"), (31, "1e100000.ethernet-rx1")]
    #expect(join(flows, device("eth0", "am65-cpsw-nuss"), rx: 2, source: nil) == [30, 31])
  }

  @Test func xenAndPOWERDevicesAreJoinedByTheirOwnNames() {
    let front = Device(interface: "eth0", bus: "xen", busName: "vif-0", driver: "vif")
    let lines = [
      (70, "vif0-q0-tx"), (71, "vif0-q0-rx"), (72, "vif0-q1-tx"), (73, "vif0-q1-rx"),
      (74, "vif1-q0-rx"), (75, "vif1-q1-rx"),
    ]
    #expect(join(lines, front, rx: 2, source: nil) == [71, 73])
    let older = [(70, "eth0-q0-tx"), (71, "eth0-q0-rx"), (72, "eth1-q0-rx")]
    #expect(join(older, front, rx: 1, source: nil) == [71])
    // What a back end calls rx is what it sends.
    let back = Device(interface: "vif1.0", bus: "xen-backend", busName: "vif-1-0", driver: "vif")
    #expect(join([(80, "vif1.0-q0-rx"), (81, "vif1.0-q0-tx")], back, rx: 1, source: nil) == [nil])
    let vnic = Device(interface: "env2", bus: "vio", busName: "30000002", driver: "ibmvnic")
    let vnics = [
      (90, "ibmvnic-30000002-tx0"), (91, "ibmvnic-30000002-rx0"), (92, "ibmvnic-30000003-rx0"),
    ]
    #expect(join(vnics, vnic, rx: 1, source: nil) == [91])
  }

  // MARK: - Numbers and queues

  @Test func oneVectorServesOneQueue() {
    let device = Device(interface: "eth0", bus: "pci")
    #expect(join([(24, "eth0")], device, rx: 1) == [24])
    #expect(join([(24, "eth0")], device, rx: 2) == [nil, nil])
    // Beside others a bare name is mostly the slow path's.
    #expect(join([(24, "eth0"), (25, "eth0-something")], device, rx: 1) == [nil])
    // Whatever it was called before; but not one that tells another use, or of a device that is down.
    #expect(join([(24, "eth1")], device, rx: 1) == [24])
    #expect(join([(24, "eth1")], device, rx: 1, isShared: true) == [nil])
    #expect(join([(24, "eth0-mbx")], device, rx: 1) == [nil])
    #expect(join([(24, "ice-0000:01:00.0:misc")], device, rx: 1) == [nil])
    #expect(named([(24, "eth1")], device, rx: 1, isUp: false).irqs == [nil])
  }

  @Test func vectorsBeyondTheQueuesServeNone() {
    let names = (0..<4).map { (40 + $0, "eth0-TxRx-\($0)") }
    #expect(join(names, Device(interface: "eth0"), rx: 2) == [40, 41])
  }

  /// Neighbouring queues share a vector of i40e's, every n-th one of others': the number is none.
  @Test func fewerVectorsThanQueuesTellNoQueue() {
    let names = (0..<4).map { (40 + $0, "i40e-eth0-TxRx-\($0)") }
    let i40e = named(names, Device(interface: "eth0", driver: "i40e"), rx: 8)
    #expect(i40e.irqs.allSatisfy { $0 == nil })
    #expect(i40e.unknown == .fewerVectors(4, queues: 8))
    // Not counted from 0, so of a kind that is not known.
    let others = (1..<3).map { (40 + $0, "eth0-TxRx-\($0)") }
    #expect(join(others, Device(interface: "eth0", driver: "unheard-of"), rx: 2) == [nil, nil])
    // A queue's own number stays one, where a secondary function has the others.
    let nicvf = named(
      (0..<2).map { (40 + $0, "eth0-rxtx-\($0)") }, Device(interface: "eth0", driver: "nicvf"),
      rx: 3)
    #expect(nicvf.irqs == [40, 41, nil] && nicvf.unknown == .noVector)
  }

  @Test func aQueueOfSeveralVectorsHasNone() {
    let twice = named(
      [(40, "eth0-TxRx-0"), (41, "eth0-TxRx-0"), (42, "eth0-TxRx-1")],
      Device(interface: "eth0", driver: "igb"), rx: 2)
    #expect(twice.irqs == [nil, 42] && twice.unknown == .severalVectors)
  }

  @Test(arguments: ["", "-", "eth0-TxRx-", "eth0-TxRx--1", "eth0-TxRx-99999999999999999999", "@"])
  func nonsenseJoinsNothing(name: String) {
    let device = Device(interface: "eth0", bus: "virtio", busName: "virtio0")
    #expect(join([(1, name)], device, rx: 9) == Array(repeating: nil, count: 9))
  }

  @Test func namesOfAnyKindNeverTrap() {
    let words = [
      "eth0", "eth1", "-", ":", "@pci:", "TxRx", "Tx", "rx", "fp", "q", "0", "1", "9",
      "99999999999",
      "9223372036854775807", "mlx5_comp", "gve-ntfy-blk", "0000:01:00.0", " (queue ", ")", "é", "",
    ]
    var random = SplitMix(seed: 11)
    func pick<Element>(_ list: [Element]) -> Element {
      list[Int(random.next() % UInt64(list.count))]
    }
    let drivers = InterruptName.Format.all.flatMap(\.drivers) + ["other"]
    for _ in 0..<3000 {
      let rows = (0..<4).map { row in
        (32 + row, (0..<Int(random.next() % 6)).map { _ in pick(words) }.joined())
      }
      let device = Device(
        interface: "eth0", bus: "pci", busName: "0000:01:00.0", driver: pick(drivers))
      let irqs = join(rows, device, rx: Int(random.next() % 5), isShared: random.next() % 2 == 0)
      #expect(irqs.allSatisfy { $0.map { (32..<36).contains($0) } ?? true })
    }
  }

  @Test func reasonsHaveTheirWords() {
    let reasons: [UnknownInterrupt] = [
      .virtual, .bus("usb"), .notListed(bus: ""), .driverName("x"), .none(isUp: true),
      .names(vectors: 7), .eventQueues, .otherInterface(nil), .fewerVectors(1, queues: 2),
      .noVector, .severalVectors, .unreadable(Absence(.needsPrivilege)),
    ]
    #expect(reasons.map(\.word) == UnknownInterrupt.words)
    #expect("\(reasons[5])" == "7 vectors, none of whose names shows a queue")
  }
}
