import Glibc
package import KernelIO
import Netlink
import Notation
import ReceivePath

/// A NIC that was taken from the kernel for a driver in user space, and how it was before: on paper
/// before the first write, so that it can be given back by whoever comes after a process that was killed.
package struct TakenDevice: Codable, Sendable {
  package let name: String
  /// On the PCI bus.
  package let address: String
  /// The kernel's driver, and what the device was kept for.
  package let driver: String
  private let driverOverride: String?
  private let mac: [UInt8]
  private let mtu: UInt32
  private let entries: [RoutingEntry]
  private let hugePagesBefore: Int
  private let hugePagesAdded: Int
  private let bootID: String
  /// Who has it: a process, and when that began, in ticks since boot.
  package let holder: Int32
  private let holderStart: String

  /// Drivers that DPDK works beside, and not instead of.
  private static let shared = ["mlx4_core", "mlx5_core", "mana"]

  // MARK: - Taking

  /// Takes the device for vfio-pci behind an IOMMU, for uio_pci_generic where there is none.
  ///
  /// - Parameter hugePages: how many have to be free.
  static func take(
    _ device: PacketDevice, hugePages: Int, state: String, _ kernel: any Kernel
  ) throws(BenchError) -> TakenDevice {
    let function = try function(of: device, kernel)
    let driver = try newDriver(for: function, device.name)
    guard let before = function.driver else {
      throw BenchError("\(device.name) has no driver of the kernel's")
    }
    let pages = try HugePages.missing(hugePages, kernel)
    let taken: TakenDevice
    do {
      taken = TakenDevice(
        name: device.name, address: function.address, driver: before,
        driverOverride: function.driverOverride, mac: device.mac, mtu: device.mtu,
        entries: try RoutingEntry.all(ofDevice: device.ifindex, kernel),
        hugePagesBefore: pages.before, hugePagesAdded: pages.added,
        bootID: try kernel.bootID, holder: getpid(),
        holderStart: Self.start(of: getpid(), kernel) ?? "")
    } catch { throw BenchError("\(error)") }
    try taken.writeDown(in: state)
    do throws(BenchError) {
      try HugePages.add(taken.hugePagesAdded, kernel)
      do throws(KernelError) {
        try Host(kernel).setUp(device.ifindex, false)
        try function.rebind(to: driver)
      } catch { throw BenchError("\(device.name): \(error)") }
      guard function.driver == driver else {
        throw BenchError("\(device.name): \(driver) does not take \(function.address)")
      }
    } catch {
      do { _ = try taken.giveBack(state: state, kernel) } catch {
        throw BenchError("\(error)", hint: "rxtune rollback tries again")
      }
      throw error
    }
    return taken
  }

  private static func function(
    of device: PacketDevice, _ kernel: any Kernel
  ) throws(BenchError) -> PCIFunction {
    let name = device.name
    guard let function = PCIFunction(of: name, kernel) else {
      throw BenchError(
        "\(name) is no NIC on the PCI bus, as DPDK's own drivers need",
        hint: "use --backend dpdk-af-xdp")
    }
    let files = (try? kernel.list(.sys("class/net/\(name)"))) ?? []
    if let other = files.first(where: { $0 == "master" || $0.hasPrefix("upper_") }) {
      let above = other == "master" ? "a bond, bridge or VRF" : String(other.dropFirst(6))
      throw BenchError("\(name) carries \(above), which would lose it")
    }
    let devices = function.networkDevices
    guard devices.count == 1 else {
      throw BenchError(
        "\(function.address) is more than \(name): \(devices.joined(separator: ", ")) would go, too"
      )
    }
    if let driver = function.driver, shared.contains(driver) {
      throw BenchError(
        "DPDK works beside \(driver), the driver of \(name): rxtune does not do that")
    }
    if let own = try? kernel.readLink(.proc("self/ns/net")),
      let host = try? kernel.readLink(.proc("1/ns/net")), own != host
    {
      throw BenchError(
        "\(name) is in a network namespace, and would come back in the host's own",
        hint: "move it there before: ip link set \(name) netns 1")
    }
    return function
  }

  private static func newDriver(
    for function: PCIFunction, _ name: String
  ) throws(BenchError) -> String {
    let mates = function.groupMates
    if let mates, !mates.isEmpty {
      throw BenchError(
        "the IOMMU cannot tell \(name) from \(mates.joined(separator: ", ")), which would be taken, too"
      )
    }
    let driver = mates == nil ? "uio_pci_generic" : "vfio-pci"
    // vfio-pci's other half, which kmod's modprobe loads along with it.
    let isComplete = mates == nil || function.isModule("vfio_iommu_type1")
    guard function.isLoaded(driver), isComplete else {
      throw BenchError(
        "\(driver), which hands \(name) to DPDK, is not loaded", hint: "modprobe \(driver)")
    }
    return driver
  }

  // MARK: - On paper

  private static let suffix = ".taken"
  private var file: String { address + Self.suffix }

  private func writeDown(in state: String) throws(BenchError) {
    do {
      let directory = try StateDirectory(state)
      let lock = Self.lock(directory)
      defer { withExtendedLifetime(lock) {} }
      try directory.create(file, Array(JSON(encoding: self).line().utf8))
    } catch let error as KernelError where error.errno == .exists {
      throw BenchError("\(name) is taken already", hint: "rxtune rollback gives it back")
    } catch { throw BenchError("\(error)") }
  }

  /// Nobody changes anything meanwhile; whoever holds it for seconds is not waited for any longer.
  private static func lock(_ directory: StateDirectory) -> StateLock? {
    for _ in 0..<100 {
      if let lock = try? directory.lock(holder: "rxtune bench serve (pid \(getpid()))") {
        return lock
      }
      DetachedProcess.sleep(milliseconds: 50)
    }
    return nil
  }

  /// Those on record, of this boot.
  package static func all(in state: String, _ kernel: any Kernel) -> [TakenDevice] {
    let directory = StateDirectory(reading: state)
    let bootID = try? kernel.bootID
    return ((try? directory.list()) ?? []).filter { $0.hasSuffix(suffix) }.compactMap { name in
      guard let bytes = try? directory.read(name),
        let taken = try? JSON(parsing: bytes[...]).decode(TakenDevice.self), taken.file == name
      else { return nil }
      return taken.bootID == bootID ? taken : nil
    }
  }

  /// In ticks since boot; nil of none that is.
  private static func start(of process: Int32, _ kernel: any Kernel) -> String? {
    let fields = (try? kernel.text(.proc("\(process)/stat"))).map(ProcessStat.fields(behindName:))
    return fields.flatMap { $0.count > 19 ? String($0[19]) : nil }
  }

  /// Is whoever took it at work still?
  package func isHeld(_ kernel: any Kernel) -> Bool {
    Self.start(of: holder, kernel) == holderStart
  }

  // MARK: - Giving back

  /// To the driver that it had, with its name, addresses and routes; what else was set of it is as the
  /// driver sets it.
  ///
  /// - Returns: what is not as it was before.
  package func giveBack(
    state: String, isLocked: Bool = false, _ kernel: any Kernel
  ) throws(BenchError) -> [String] {
    let directory: StateDirectory
    do { directory = try StateDirectory(state) } catch { throw BenchError("\(error)") }
    let lock = isLocked ? nil : Self.lock(directory)
    defer { withExtendedLifetime(lock) {} }
    let function = PCIFunction(address, kernel)
    var losses: [String] = []
    if function.isPresent {
      if function.driver != driver || function.driverOverride != driverOverride {
        do throws(KernelError) {
          try function.rebind(to: driverOverride)
        } catch { throw BenchError("\(name): \(error)") }
      }
      guard let found = Self.networkDevice(of: function) else {
        throw BenchError("\(name): \(driver) has not taken \(address) back")
      }
      losses = restore(found, kernel)
    } else {
      losses = ["\(address) is gone"]
    }
    try HugePages.remove((hugePagesBefore, hugePagesAdded), kernel)
    do { try directory.remove(file) } catch { throw BenchError("\(error)") }
    return losses
  }

  /// The driver takes its time.
  private static func networkDevice(of function: PCIFunction) -> String? {
    for _ in 0..<200 {
      if let name = function.networkDevices.first { return name }
      DetachedProcess.sleep(milliseconds: 50)
    }
    return nil
  }

  private func restore(_ found: String, _ kernel: any Kernel) -> [String] {
    let host = Host(kernel)
    var losses: [String] = []
    func attempt(_ what: String, _ body: () throws(KernelError) -> Void) {
      do throws(KernelError) { try body() } catch { losses.append("\(what): \(error)") }
    }
    guard let link = try? host.link(found) else { return ["\(found) is gone"] }
    if found != name {
      attempt("its name") { () throws(KernelError) in try host.rename(link.index, name) }
    }
    if link.address != mac {
      attempt("its address") { () throws(KernelError) in try host.setAddress(link.index, mac) }
    }
    if link.mtu != mtu {
      attempt("its MTU") { () throws(KernelError) in
        try host.setLink(name, attribute: LinkMessage.Key.mtu.rawValue, mtu)
      }
    }
    attempt("up") { () throws(KernelError) in try host.setUp(link.index, true) }
    for entry in entries {
      attempt("an address or a route") { () throws(KernelError) in
        try entry.make(forDevice: link.index, kernel)
      }
    }
    return losses
  }
}

extension Host {
  fileprivate func setUp(_ index: Int32, _ isUp: Bool) throws(KernelError) {
    let up = Link.Flags.up.rawValue
    try changeLink(
      LinkMessage.Header(index: index, flags: isUp ? up : 0, change: up),
      isUp ? "take up" : "take down")
  }

  fileprivate func rename(_ index: Int32, _ name: String) throws(KernelError) {
    try changeLink(LinkMessage.Header(index: index), "rename to \(name)") {
      $0.put(LinkMessage.Key.name.rawValue, name)
    }
  }

  fileprivate func setAddress(_ index: Int32, _ mac: [UInt8]) throws(KernelError) {
    try changeLink(LinkMessage.Header(index: index), "set the address") {
      $0.put(LinkMessage.Key.address.rawValue, bytes: mac)
    }
  }
}
