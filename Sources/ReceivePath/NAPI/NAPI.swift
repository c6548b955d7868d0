package import KernelIO
package import Knobs
package import Netlink

/// One NAPI instance (netdev.yaml, napi-get; networking/napi.rst).
package struct NAPI: Hashable, Sendable {
  package var id: UInt32
  package var irq: Int?
  /// The kernel thread that polls it, where threaded polling is on.
  package var threadPID: Int?
  package var deferHardIRQs: UInt32?
  /// Nanoseconds.
  package var groFlushTimeout: UInt64?
  /// Nanoseconds.
  package var irqSuspendTimeout: UInt64?
  package var threaded: UInt64?

  /// Whether the kernel told all of the instance's settings.
  package var tellsSettings: Bool {
    deferHardIRQs != nil && groFlushTimeout != nil && threaded != nil
  }

  private enum Key: UInt16 {
    case ifindex = 1
    case id = 2
    case irq = 3
    case pid = 4
    case deferHardIRQs = 5
    case groFlushTimeout = 6
    case irqSuspendTimeout = 7
    case threaded = 8
  }
  static let ifindexAttribute = Key.ifindex.rawValue
  static let idAttribute = Key.id.rawValue

  /// A setting by its attribute.
  subscript(_ attribute: UInt16) -> UInt64? {
    switch Key(rawValue: attribute) {
    case .deferHardIRQs: deferHardIRQs.map(UInt64.init)
    case .groFlushTimeout: groFlushTimeout
    case .irqSuspendTimeout: irqSuspendTimeout
    case .threaded: threaded
    case .ifindex, .id, .irq, .pid, nil: nil
    }
  }

  package init(_ object: Attributes) throws(DecodeError) {
    id = try object.required(Key.id).u32()
    irq = try object[Key.irq].map { (attribute) throws(DecodeError) in Int(try attribute.u32()) }
    threadPID = try object[Key.pid].map { (attribute) throws(DecodeError) in
      Int(try attribute.u32())
    }
    deferHardIRQs = try object[Key.deferHardIRQs]?.u32()
    groFlushTimeout = try object[Key.groFlushTimeout]?.uint()
    irqSuspendTimeout = try object[Key.irqSuspendTimeout]?.uint()
    threaded = try object[Key.threaded]?.uint()
  }
}

/// The kernel thread of a NAPI instance.
package struct NAPIThread: Hashable, Sendable {
  package var pid: Int
  /// "napi/eth0-261"
  package var name: String
  package var allowedCPUs: CPUSet?
}

extension Host {
  /// The device's NAPI instances, ascending by id; none while it is down.
  package func napis(_ device: String, ifindex: UInt32) throws(KernelError) -> [NAPI] {
    let objects = try netdevDump(.napiGet, device) { $0.put(NAPI.ifindexAttribute, ifindex) }
    return try decoding("napi-get \(device)") { () throws(DecodeError) in
      try objects.map { (object) throws(DecodeError) in try NAPI(object) }
    }.sorted { $0.id < $1.id }
  }

  func napi(_ device: String, id: UInt32) throws(KernelError) -> NAPI {
    let object = try netdevGet(.napiGet, "\(device) \(id)") { $0.put(NAPI.idAttribute, id) }
    return try decoding("napi-get \(device) \(id)") { () throws(DecodeError) in
      try NAPI(object)
    }
  }

  package func napiThread(_ pid: Int) throws(KernelError) -> NAPIThread {
    let status = try kernel.text(.proc("\(pid)/status"))
    var thread = NAPIThread(pid: pid, name: "")
    for line in status.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "Name": thread.name = String(parts[1].drop { $0.isWhitespace })
      case "Cpus_allowed_list": thread.allowedCPUs = CPUSet(list: parts[1])
      default: continue
      }
    }
    return thread
  }
}
