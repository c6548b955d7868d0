import KernelIO
import Knobs
import Notation

/// What joins the receive queues of a device to their interrupts, and the join.
struct QueueJoin {
  var link: Link
  var driver: Reading<DriverInfo>
  /// "pci", "virtio", "platform"; nil for virtual devices.
  var bus: String?
  /// The bus device behind the link: "virtio2", "0000:00:03.0".
  var busName: String?
  /// nil inside: the device belongs to no node.
  var numaNode: Reading<Int?>
  var channels: Reading<Channels>
  var queues: Reading<[Queue]>
  /// What sysfs lists; nil where the netdev family tells them.
  var queueNumbers: QueueNumbers?
  var interrupts: Reading<DeviceInterrupts>
  var napis: Reading<[NAPI]>

  /// What serves a queue.
  struct Service {
    var napiID: UInt32?
    var napi: NAPI?
    var irq: Int?
    var join = Join.unknown
    var takenBy: String?
    /// Why there is no IRQ; nil where there is one.
    var unknown: UnknownInterrupt?
  }

  /// By queue; what netlink tells of one goes before a name.
  func services(_ shared: SharedTables) -> [Service] {
    var services = [Service](repeating: Service(), count: receiveQueueCount)
    for queue in listed(.rx).reversed() {
      let index = Int(queue.id)
      guard services.indices.contains(index) else { continue }
      services[index].takenBy = queue.takenBy
      guard let id = queue.napiID else { continue }
      services[index].napiID = id
      services[index].napi = napis.value?.first { $0.id == id }
      guard let irq = services[index].napi?.irq else { continue }
      services[index].irq = irq
      services[index].join = .kernel
    }
    if services.allSatisfy({ $0.irq != nil }) { return services }
    let unserved = services.indices.filter { services[$0].irq == nil }
    do throws(UnknownInterrupt) {
      let named = try namedInterrupts(shared)
      for queue in unserved {
        services[queue].irq = named.irqs[queue]
        if services[queue].irq == nil {
          services[queue].unknown = named.unknown
        } else {
          services[queue].join = self.interrupts.value?.source.isMessage == true ? .msi : .name
        }
      }
    } catch {
      for queue in unserved { services[queue].unknown = error }
    }
    return services
  }

  /// Queues that receive now: as the netdev family lists them, else as sysfs does, for rtnetlink
  /// counts those that were allocated. While the device is down sysfs may, too, and the channels
  /// tell what it will have.
  private var receiveQueueCount: Int {
    let channels = channels.value.map(\.receiving).flatMap { $0 > 0 ? $0 : nil }
    var count = listed(.rx).map { Int($0.id) + 1 }.max()
    if count == nil, let used = queueNumbers?.rx.count, used > 0 {
      count = link.isUp ? used : channels ?? used
      // From 5.3 to 6.0 mlx5_core has a second queue for each, which only AF_XDP sockets receive
      // from (en_main.c, mlx5e_update_netdev_queues: rq_groups).
      if let channels, used % 2 == 0, used / 2 == channels, let driver = driver.value?.driver,
        DriverInfo.isKind("mlx5_core", driver)
      {
        count = channels
      }
    }
    return min(count ?? channels ?? Int(link.rxQueues ?? 0), QueuePath.limit)
  }

  /// As the netdev family lists them, else as sysfs does, else as rtnetlink counts them.
  var transmitQueueCount: Int {
    let listed = listed(.tx).count
    let count = listed > 0 ? listed : queueNumbers?.tx.count ?? 0
    return min(count > 0 ? count : Int(link.txQueues ?? 0), QueuePath.limit)
  }

  private func listed(_ direction: Place.Direction) -> [Queue] {
    (queues.value ?? []).filter { $0.direction == direction }
  }

  /// Buses whose devices have no interrupts of their own: others' names would be joined.
  private static let busesWithout = ["vmbus", "usb", "sdio", "mdio_bus"]

  private func namedInterrupts(
    _ shared: SharedTables
  ) throws(UnknownInterrupt) -> NamedInterrupts {
    // A virtual device has no interrupts; names alone would join a namesake's. A switch's port has
    // none either, and its bus device is the switch.
    guard let bus, link.kind != "dsa" else { throw .virtual }
    if Self.busesWithout.contains(bus) { throw .bus(bus) }
    if let absence = interrupts.absence, absence.reason != .notSupported {
      throw .unreadable(absence)
    }
    let table: InterruptTable
    switch shared.interrupts {
    case .value(let value): table = value
    case .absent(let absence): throw .unreadable(absence)
    }
    // Where the bus lists none: of all but other buses' messages.
    let candidates =
      interrupts.value?.numbers.compactMap { table[$0] }
      ?? table.interrupts.filter { $0.chip?.mentions("PCI") != true }
    let device = InterruptName.Device(
      interface: link.name, alternativeNames: link.alternativeNames, bus: bus, busName: busName,
      driver: driver.value?.driver)
    return NamedInterrupts(
      candidates.map { (irq: $0.number, actions: $0.actions) }, source: interrupts.value?.source,
      of: device, queues: receiveQueueCount, isUp: link.isUp,
      isShared: { shared.isShared(self.link) })
  }
}

extension Host {
  func queueJoin(_ link: Link, _ shared: SharedTables) -> QueueJoin {
    let (name, index) = (link.name, UInt32(clamping: link.index))
    let isVirtual = !isPhysical(link)
    let queues = Reading { () throws(KernelError) in try self.queues(name, ifindex: index) }
    let isListed = queues.value.map { !$0.isEmpty } ?? false
    return QueueJoin(
      link: link,
      driver: Reading { () throws(KernelError) in try driverInfo(name) },
      bus: isVirtual ? nil : (try? bus(of: link)) ?? "",
      busName: isVirtual ? nil : busDevice(of: link),
      numaNode: isVirtual ? .value(nil) : numaNode(link, shared.sysfs),
      channels: Reading { () throws(KernelError) in try channels(name) },
      queues: queues,
      queueNumbers: isListed || shared.sysfs.absence(of: link) != nil
        ? nil : try? queueNumbers(name),
      interrupts: isVirtual ? .absent(Absence(.notSupported)) : interrupts(link, shared.sysfs),
      napis: Reading { () throws(KernelError) in try napis(name, ifindex: index) })
  }

  private func interrupts(_ link: Link, _ sysfs: SysfsNamespace) -> Reading<DeviceInterrupts> {
    if let absence = sysfs.absence(of: link) { return .absent(absence) }
    return deviceInterrupts(link)
  }

  private func numaNode(_ link: Link, _ sysfs: SysfsNamespace) -> Reading<Int?> {
    sysfs.reading(link) { () throws(KernelError) in
      do throws(KernelError) {
        // virtio's own device has no node: it is that of the PCI function above.
        let isVirtio = (try? bus(of: link)) == "virtio"
        let path = isVirtio ? "device/../numa_node" : "device/numa_node"
        let node = try kernel.integer(link.devicePath(path))
        return node < 0 ? nil : node
      } catch {
        guard error.kind == .absent else { throw error }
        return nil
      }
    }
  }
}
