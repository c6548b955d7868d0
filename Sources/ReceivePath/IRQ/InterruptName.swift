import Notation

/// What a driver put into the name of an interrupt at request_irq.
///
/// Names are the drivers' own: a later rename of the interface leaves the old one in them, but where
/// the driver follows it.
package struct InterruptName: Hashable {
  /// What the number in a name counts.
  enum Count: Hashable, Sendable {
    /// The receive queue.
    case queue
    /// The vectors that receive, from 0, dealt out to the queues in an order of the driver's own: the
    /// receive queue too, unless there are fewer vectors than queues.
    case vector
    /// All vectors: the receive queue is its rank among those that receive.
    case rank
    /// Notification blocks, the first half of which serves transmit queues, however many there are.
    case secondHalf
    /// Nothing: the vector serves all queues.
    case allQueues
    /// Event queues, which the driver assigns to receive queues as it likes.
    case eventQueue
  }

  var counts: Count
  var number: Int
  /// The interface that the name shows; nil where it shows none.
  var interface: String?
  /// As of its format.
  var hasPorts: Bool

  /// What identifies the device in a name.
  struct Device {
    /// The interface's name: "eth0".
    var interface: String
    var alternativeNames: [String] = []
    /// "pci", "virtio", "platform".
    var bus: String?
    /// The device's name on the bus: "virtio3", "0000:01:00.0".
    var busName: String?
    var driver: String?

    /// Whether the interface is called so now.
    func isCalled(_ name: String) -> Bool { name == interface || alternativeNames.contains(name) }

    /// Whether the interface may have been called so before. An interface's name, a dash and a word
    /// are a vector of a kind that no format knows ("eth0-fdir", "eth0-ch1").
    func mayHaveBeenCalled(_ name: String) -> Bool {
      InterfaceName.isValid(name.utf8)
        && !Self.otherUses.contains { name.hasSuffix("-" + $0) || name.hasSuffix("_" + $0) }
        && !([interface] + alternativeNames).contains {
          name.hasPrefix($0 + "-") || name.hasPrefix($0 + "_")
        }
    }

    private static let otherUses = [
      "async", "config", "ctrl", "err", "event", "fdir", "mailbox", "mbx", "mgmnt", "mgmt", "misc",
      "notify", "tx", "xdp",
    ]

    fileprivate var context: NamePattern.Context {
      NamePattern.Context(
        busName: busName.map { Array($0.utf8) }, driver: driver.map { Array($0.utf8) })
    }
  }

  /// How a driver names the vectors that receive; vectors of other names serve no receive queue.
  struct Format: Sendable {
    let pattern: NamePattern
    let counts: Count
    /// The bus that the device is on; nil: any.
    let bus: String?
    /// Names of ethtool -i, and those that go on with - or _ (i40e_netmap); none: all drivers that
    /// have no format of their own.
    let drivers: [String]
    /// The driver may have several interfaces on one device of the bus.
    let hasPorts: Bool
    /// The file and function of the driver that says so, below drivers/net or its folder ethernet.
    let source: String

    fileprivate init(
      _ format: String, counts: Count, bus: String? = nil, drivers: [String] = [],
      hasPorts: Bool = false, source: String
    ) {
      pattern = NamePattern(format)
      self.counts = counts
      self.bus = bus
      self.drivers = drivers
      self.hasPorts = hasPorts
      self.source = source
    }
  }

  /// The formats that a device's vectors may be named in.
  struct Formats {
    private let formats: [Format]
    private let device: Device
    private let context: NamePattern.Context

    init(of device: Device) {
      self.device = device
      context = device.context
      let own = Format.all.filter { $0.isOf(device.driver) }
      formats = (own.isEmpty ? Format.common : own) + Format.ofBuses.filter { $0.fits(device) }
    }

    /// - Returns: nil where the name is not that of a vector which receives.
    func name(_ action: String) -> InterruptName? {
      let bytes = Array(action.utf8)
      for format in formats {
        guard let match = format.pattern.match(bytes, context) else { continue }
        let interface = match.interface.map { String(decoding: $0, as: UTF8.self) }
        if let interface, !device.isCalled(interface), !device.mayHaveBeenCalled(interface) {
          continue
        }
        return InterruptName(
          counts: format.counts, number: match.number ?? 0, interface: interface,
          hasPorts: format.hasPorts)
      }
      return nil
    }
  }
}

extension InterruptName.Format {
  fileprivate func isOf(_ driver: String?) -> Bool {
    driver.map { driver in drivers.contains { DriverInfo.isKind($0, driver) } } ?? false
  }

  fileprivate func fits(_ device: InterruptName.Device) -> Bool {
    bus == nil || bus == device.bus
  }

  /// By driver. Where a name's format is older than another's, both stand here.
  static let all: [Self] = [
    // The ring's own index.
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["igb", "igc"],
      source: "intel/igb/igb_main.c, igb_request_msix"),
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["fm10k"],
      source: "intel/fm10k/fm10k_pci.c, fm10k_qv_request_irq"),
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["bnxt_en", "bnge"],
      source: "broadcom/bnxt/bnxt.c, bnxt_setup_msix"),
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["ena"],
      source: "amazon/ena/ena_netdev.c, ena_setup_io_intr"),
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["enic"],
      source: "cisco/enic/enic_main.c, enic_request_intr"),
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["nfp"], hasPorts: true,
      source: "netronome/nfp/nfp_net_common.c, nfp_net_prepare_vector"),
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["nicvf", "thunder-nicvf"],
      source: "cavium/thunder/nicvf_main.c, nicvf_register_interrupts"),
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["rvu_nicpf", "rvu_nicvf"],
      source: "marvell/octeontx2/nic/otx2_pf.c, otx2_open"),
    Self(
      "%i-%r-%n", counts: .queue, drivers: ["amd-xgbe"],
      source: "amd/xgbe/xgbe-drv.c, xgbe_request_irqs"),
    Self(
      "%i-fp-%n", counts: .queue, drivers: ["bnx2x"],
      source: "broadcom/bnx2x/bnx2x_cmn.c, bnx2x_req_msix_irqs"),
    // Fast paths that only receive stand first.
    Self(
      "%i-fp-%n", counts: .queue, drivers: ["qede"], source: "qlogic/qede/qede_main.c, qede_init_fp"
    ),
    // Event queues, and receive queue i is on the i-th.
    Self(
      "%i-q%n", counts: .queue, drivers: ["be2net"],
      source: "emulex/benet/be_main.c, be_msix_register, be_rx_cqs_create"),
    Self(
      "%i-q%n", counts: .queue, drivers: ["octeon_ep"],
      source: "marvell/octeon_ep/octep_main.c, octep_request_irqs"),
    Self(
      "%i-%n", counts: .queue, drivers: ["bnx2"],
      source: "broadcom/bnx2.c, bnx2_enable_msix, bnx2_poll_work"),
    Self(
      "%i-%n", counts: .queue, drivers: ["r8125"],
      source: "Realtek's r8125_n.c, rtl8125_alloc_irq, rtl8125_poll_msix_rx"),
    Self(
      "%i-rx-%n", counts: .queue, drivers: ["sfc"],
      source: "sfc/efx_channels.c, efx_get_channel_name"),
    Self(
      "%i-%n", counts: .queue, drivers: ["sfc"], source: "sfc/efx_channels.c, efx_get_channel_name"),
    // Before 4.2, a vector for each ring of each port.
    Self(
      "%i-%n", counts: .queue, drivers: ["mlx4_en"], hasPorts: true,
      source: "mellanox/mlx4/en_cq.c, mlx4_en_activate_cq"),
    Self(
      "%i (queue %n)", counts: .queue, drivers: ["cxgb4"], hasPorts: true,
      source: "chelsio/cxgb4/cxgb4_main.c, name_msix_vecs"),
    // Numbered on over the ports.
    Self(
      "%i-%n", counts: .rank, drivers: ["cxgb3"], hasPorts: true,
      source: "chelsio/cxgb3/cxgb3_main.c, name_msix_vecs"),
    Self(
      "%i_qp%n", counts: .queue, drivers: ["hinic", "hinic3"],
      source: "huawei/hinic3/hinic3_irq.c, hinic3_qps_irq_init"),
    Self(
      "%i_rxq%n", counts: .queue, drivers: ["hinic"],
      source: "huawei/hinic/hinic_rx.c, hinic_init_rxq"
    ),
    Self(
      "%i-rxtx%n", counts: .queue, drivers: ["fsl_enetc"],
      source: "freescale/enetc/enetc.c, enetc_setup_irqs"),
    Self(
      "%i-rx%n", counts: .queue, drivers: ["hns"],
      source: "hisilicon/hns/hns_enet.c, hns_nic_init_irq"),
    Self(
      "%i:slice-%n", counts: .queue, drivers: ["myri10ge"],
      source: "myricom/myri10ge/myri10ge.c, myri10ge_request_irq"),
    Self(
      "ionic-%i-L0-rx%n", counts: .queue, drivers: ["ionic"],
      source: "pensando/ionic/ionic_lif.c, ionic_request_irq; ionic_dev.c, ionic_q_init"),
    Self(
      "%b-rx%n", counts: .queue, drivers: ["am65-cpsw-nuss"],
      source: "ti/am65-cpsw-nuss.c, am65_cpsw_nuss_init_rx_chns"),

    // Counted up over the vectors; i40e gives neighbouring queues to one vector, the others every
    // n-th.
    Self(
      "%d-%i-%r-%n", counts: .vector, drivers: ["i40e"],
      source: "intel/i40e/i40e_main.c, i40e_vsi_request_irq_msix, i40e_vsi_map_rings_to_vectors"),
    Self(
      "%d-%i-%r-%n", counts: .vector, drivers: ["iavf", "i40evf"],
      source: "intel/iavf/iavf_main.c, iavf_request_traffic_irqs"),
    Self(
      "%d-%i-%r-%n", counts: .vector, drivers: ["ice"],
      source: "intel/ice/ice_main.c, ice_vsi_req_irq_msix"),
    Self(
      "%i-%r-%n", counts: .vector, drivers: ["ixgbe", "ixgbevf"],
      source: "intel/ixgbe/ixgbe_main.c, ixgbe_request_msix_irqs"),

    // Numbers of MSI-X entries, those of transmit queues and mailboxes among them.
    Self(
      "%d-%i-%r-%n", counts: .rank, drivers: ["idpf"],
      source: "intel/idpf/idpf_txrx.c, idpf_vport_intr_req_irq"),
    Self(
      "%i-%r-%n", counts: .rank, drivers: ["vmxnet3"],
      source: "vmxnet3/vmxnet3_drv.c, vmxnet3_request_irqs"),
    // Counted by twos in some versions.
    Self(
      "%d-%b-%r-%n", counts: .rank, drivers: ["hns3"],
      source: "hisilicon/hns3/hns3_enet.c, hns3_nic_init_irq"),
    Self(
      "%i-%r-%n", counts: .rank, drivers: ["hns3"],
      source: "hisilicon/hns3/hns3_enet.c, hns3_nic_init_irq (older)"),
    // With RSS the first vector receives nothing.
    Self(
      "%i-%r-%n", counts: .rank, drivers: ["tg3"], source: "broadcom/tg3.c, tg3_request_irq"),

    // Messages for each queue, or one interrupt for all.
    Self(
      "%i:rx-%n", counts: .queue, drivers: stmmac,
      source: "stmicro/stmmac/stmmac_main.c, stmmac_request_irq_multi_msi"),
    Self(
      "%i", counts: .allQueues, drivers: stmmac,
      source: "stmicro/stmmac/stmmac_main.c, stmmac_request_irq_single"),

    // Requested before the interface had its name: "eth%d-ntfy-block.3".
    Self(
      "%i-ntfy-block.%n", counts: .secondHalf, drivers: ["gve"],
      source: "google/gve/gve_main.c, gve_alloc_notify_blocks (before 6.4)"),
  ]

  private static let stmmac = ["st_gmac", "st_mac100", "st_xgmac"]

  /// What most drivers call theirs; not of those that have formats of their own above.
  static let common: [Self] = [
    Self("%i-%r-%n", counts: .vector, source: "networking/scaling.rst")
  ]

  /// Names that show the device on its bus, and with it the driver.
  static let ofBuses: [Self] = [
    Self(
      "%b-input.%n", counts: .queue, bus: "virtio",
      source: "virtio_net.c, virtnet_find_vqs; virtio/virtio_pci_common.c, vp_request_msix_vector"),
    Self(
      "%b-virtqueues", counts: .allQueues, bus: "virtio",
      source: "virtio/virtio_pci_common.c, vp_request_msix_vectors"),
    Self(
      "%b", counts: .allQueues, bus: "virtio",
      source: "virtio/virtio_mmio.c, vm_find_vqs; virtio/virtio_pci_common.c, vp_find_vqs_intx"),
    // A channel is on the completion vector of its number, be it of a port or of a representor.
    Self(
      "mlx5_comp%n@pci:%b", counts: .vector, bus: "pci",
      source: "mellanox/mlx5/core/pci_irq.c, irq_set_name; en_main.c, mlx5e_open_channel"),
    // Which ring is on which depends on the CPUs that were online when the interface went up.
    Self(
      "mlx4-%n@%b", counts: .eventQueue, bus: "pci",
      source: "mellanox/mlx4/eq.c, mlx4_assign_eq; en_cq.c, mlx4_en_activate_cq"),
    Self(
      "mlx4-comp-%n@pci:%b", counts: .eventQueue, bus: "pci",
      source: "mellanox/mlx4/eq.c, mlx4_init_eq_table (before 4.2)"),
    Self(
      "gve-ntfy-blk%n@pci:%b", counts: .secondHalf, bus: "pci",
      source: "google/gve/gve_main.c, gve_alloc_notify_blocks"),
    // The ports of a function share the event queues, until each has its own.
    Self(
      "mana_q%n@pci:%b", counts: .vector, bus: "pci", hasPorts: true,
      source: "microsoft/mana/gdma_main.c, mana_gd_setup_irqs; mana_en.c, mana_create_eq"),
    Self(
      "al-eth-rx-comp-%n@pci:%b", counts: .queue, bus: "pci",
      source: "Annapurna's al_eth_main.c, al_eth_enable_msix"),
    // A front end's; a back end (vif1.0-q0-rx) calls what it sends rx.
    Self(
      "%x-q%n-rx", counts: .queue, bus: "xen",
      source: "xen-netfront.c, xennet_init_queue, setup_netfront_split"),
    Self(
      "%i-q%n-rx", counts: .queue, bus: "xen",
      source: "xen-netfront.c, setup_netfront_split (older)"),
    Self(
      "ibmvnic-%b-rx%n", counts: .queue, bus: "vio",
      source: "ibm/ibmvnic.c, init_sub_crq_irqs"),
  ]
}

extension InterruptName {
  /// Whether two names of an interrupt differ in the name of the device alone: "eth0-TxRx-3", and
  /// "web0-TxRx-3" of web0.
  package static func isRenamed(_ old: String, _ new: String, of device: String) -> Bool {
    guard !device.isEmpty, let own = new.firstOccurrence(of: device) else { return false }
    let (before, after) = (new[..<own.lowerBound].utf8, new[own.upperBound...].utf8)
    let old = old.utf8
    let length = old.count - before.count - after.count
    guard length > 0, old.starts(with: before), old.suffix(after.count).elementsEqual(after)
    else { return false }
    // What is beyond a name, as the number of a queue, has to be the same.
    return !old.dropFirst(before.count).prefix(length).contains { "-:@. ".utf8.contains($0) }
  }
}
