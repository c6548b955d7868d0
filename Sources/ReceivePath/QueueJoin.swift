import KernelIO
import Knobs

/// What joins the receive queues of a device to their interrupts, and the join.
struct QueueJoin {
  var link: Link
  var driver: Reading<DriverInfo>
  /// The bus device behind the link: "virtio2", "0000:00:03.0".
  var busName: String?
  /// nil inside: the device belongs to no node.
  var numaNode: Reading<Int?>
  var channels: Reading<Channels>
  var queues: Reading<[Queue]>
  var interrupts: Reading<DeviceInterrupts>
  var napis: Reading<[NAPI]>

  /// What serves a queue.
  struct Service {
    var napiID: UInt32?
    var napi: NAPI?
    var irq: Int?
    var join = Join.unknown
    var takenBy: String?
  }

  /// By queue; what netlink tells of one goes before a name.
  func services(_ shared: SharedTables) -> [Service] {
    var services = [Service](repeating: Service(), count: receiveQueueCount)
    // The first of each queue counts.
    for interrupt in namedInterrupts(shared).reversed()
    where services.indices.contains(interrupt.queue) {
      services[interrupt.queue].irq = interrupt.irq
      services[interrupt.queue].join = interrupt.join
    }
    for queue in listed(.rx).reversed() {
      let index = Int(queue.id)
      if services.indices.contains(index) { services[index].takenBy = queue.takenBy }
      guard services.indices.contains(index), let id = queue.napiID else { continue }
      services[index].napiID = id
      services[index].napi = napis.value?.first { $0.id == id }
      guard let irq = services[index].napi?.irq else { continue }
      services[index].irq = irq
      services[index].join = .kernel
    }
    return services
  }

  /// Queues that receive now: as the netdev family lists them; while the device is down, as its
  /// channels and then rtnetlink count them.
  private var receiveQueueCount: Int {
    let last = listed(.rx).map { Int($0.id) + 1 }.max()
    let channels = channels.value.map(\.receiving).flatMap { $0 > 0 ? $0 : nil }
    return min(last ?? channels ?? Int(link.rxQueues ?? 0), QueuePath.limit)
  }

  /// As the netdev family lists them; while the device is down, as rtnetlink counts them.
  var transmitQueueCount: Int {
    let count = listed(.tx).count
    return min(count > 0 ? count : Int(link.txQueues ?? 0), QueuePath.limit)
  }

  private func listed(_ direction: Target.Direction) -> [Queue] {
    (queues.value ?? []).filter { $0.direction == direction }
  }

  private func namedInterrupts(_ shared: SharedTables) -> [QueueInterrupt] {
    // A virtual device has no interrupts; names alone would join a namesake's.
    guard let owned = interrupts.value, let table = shared.interrupts.value else {
      return []
    }
    let name = InterruptName.Device(
      interface: link.name, busName: busName, driver: driver.value?.driver)
    return QueueInterrupt.byName(
      owned.numbers.compactMap { table[$0] }.map { (irq: $0.number, actions: $0.actions) },
      source: owned.source, device: name, receiveQueues: receiveQueueCount)
  }
}

extension Host {
  func queueJoin(_ link: Link, _ shared: SharedTables) -> QueueJoin {
    let (name, index) = (link.name, UInt32(clamping: link.index))
    let isVirtual = !isPhysical(link)
    return QueueJoin(
      link: link,
      driver: Reading { () throws(KernelError) in try driverInfo(name) },
      busName: isVirtual ? nil : busDevice(of: link),
      numaNode: isVirtual ? .value(nil) : numaNode(link, shared.sysfs),
      channels: Reading { () throws(KernelError) in try channels(name) },
      queues: Reading { () throws(KernelError) in try queues(name, ifindex: index) },
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
