import KernelIO
import Netlink
import ReceivePath
import TestSupport

extension FuzzTarget {
  /// Names of interrupts: the first line is the NIC's driver, each other the action of one of its
  /// vectors. What a queue is joined to is one of them.
  static let interruptNames = FuzzTarget(name: "interrupts", seeds: { interruptSeeds() }) { bytes in
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let first = lines.first else { return }
    let kernel = NamedVectors(
      driver: String(decoding: first.prefix(31), as: UTF8.self), Array(lines.dropFirst()))
    let host = Host(kernel)
    guard let links = try? host.links() else { return }
    let snapshot = host.snapshot(of: links, withSockets: false)
    for path in snapshot.devices.flatMap(\.paths) {
      precondition((path.irq == nil) == (path.unknown != nil), "neither an IRQ nor a reason")
      precondition(path.irq.map(kernel.irqs.contains) ?? true, "another device's IRQ")
    }
  }

  private static func interruptSeeds() -> [[UInt8]] {
    [
      "ice\nice-eth0-TxRx-0\nice-eth0-TxRx-1", "sfc\neth0-0\neth0-xdp-0", "tg3\neth0-0\neth0-rx-1",
      "cxgb4\neth0 (queue 0)\neth1 (queue 0)", "bnx2x\neth0\neth0-fp-0", "be2net\neth0-q0",
      "gve\ngve-ntfy-blk0@pci:0000:00:00.0\ngve-ntfy-blk1@pci:0000:00:00.0",
      "mlx5_core\nmlx5_comp0@pci:0000:00:00.0", "mlx4_en\nmlx4-1@0000:00:00.0",
      "ionic\nionic-eth0-L0-rx0", "hns3\nhns3-0000:00:00.0-TxRx-2", "ena\neth0-Tx-Rx-0",
    ].map { Array($0.utf8) }
  }
}

/// A computed host, of which the netdev family tells nothing, and whose table has these names.
private final class NamedVectors: LayeredKernel {
  let irqs: [Int]
  let kernel: any Kernel
  private let table: [UInt8]

  init(driver: String, _ actions: [ArraySlice<UInt8>]) {
    kernel = SyntheticHost(.init(cpus: 1, queues: 4, driver: driver))
    var table = Array("CPU0\n".utf8)
    irqs = actions.indices.map { 32 + $0 }
    for (irq, action) in zip(irqs, actions) {
      table += Array("\(irq): 0 PCI-MSIX-0000:00:00.0 \(irq)-edge ".utf8) + action + [0x0a]
    }
    self.table = table
  }

  func read(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    path == .proc("interrupts") ? table : try kernel.read(path)
  }

  func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    guard request.subject != "family netdev" else {
      throw KernelError("netlink", request.subject, .noEntry)
    }
    return try kernel.netlink(request)
  }
}
