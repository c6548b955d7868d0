import KernelIO
package import Knobs
import ReceivePath

/// Marks that events leave on a device or on its host: by two looks at them it can be told what
/// happened in between.
///
/// A journal keeps it in words ("napi 257,258 carrier 2 …"), of which it may lack any: what an
/// older rxtune did not look for, and what a kernel does not tell.
package struct Fingerprint: Hashable, Sendable {
  private var words: [String: String] = [:]

  package enum Mark: String, Sendable, CaseIterable {
    /// Ids of the NAPI instances, ascending: new ones where queues were reopened.
    case napi
    /// Numbers of the interrupts, ascending.
    case irq
    /// Inode of each interrupt's kernel object, in that order: new where it was allocated anew.
    case vectors
    /// Inode of each receive or transmit queue's kernel object, in the order of their numbers: a
    /// queue that went and came back has a new one.
    case rx, tx
    /// How often the carrier came or went (/sys/class/net/DEV/carrier_changes).
    case carrier
    /// 1 where the link is up by its administrator's will.
    case up
    /// `Host.ipv6Stamp`.
    case ipv6
    /// Transmit timeouts of all queues: after one, drivers reset the device.
    case timeouts
    /// CPUs of the host that are online, and those that are isolated.
    case online, isolated
    /// Inode of each online CPU's caches, in the order of the CPUs: new where it was offline.
    case caches
  }

  package init() {}

  /// Reads `text` back.
  package init(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    for index in stride(from: 0, to: parts.count - 1, by: 2) {
      words[parts[index]] = parts[index + 1]
    }
  }

  package var text: String {
    words.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " ")
  }

  package var isEmpty: Bool { words.isEmpty }

  package subscript(_ mark: Mark) -> [UInt64]? {
    get {
      words[mark.rawValue]?.split(separator: ",").compactMap { UInt64($0) }
    }
    set { words[mark.rawValue] = newValue?.map(String.init).joined(separator: ",") }
  }

  func cpus(_ mark: Mark) -> CPUSet? { words[mark.rawValue].flatMap { CPUSet(list: $0) } }

  /// By CPU, the mark of its caches.
  var caches: [(cpu: Int, inode: UInt64)]? {
    guard let cpus = cpus(.online)?.cpus, let inodes = self[.caches], cpus.count == inodes.count
    else { return nil }
    return Array(zip(cpus, inodes)).map { (cpu: $0.0, inode: $0.1) }
  }

  mutating func set(_ mark: Mark, _ cpus: CPUSet?) { words[mark.rawValue] = cpus?.list }

  /// Of the device's knobs that reset others.
  func value(of knob: Knob) -> String? { words[knob.id] }

  mutating func set(_ knob: Knob, _ value: KnobValue?) {
    guard let value = value?.description, !value.isEmpty, !value.contains(" ") else { return }
    words[knob.id] = value
  }
}

// MARK: - Read

extension HostSettings {
  /// The marks of a device, or of the host; nil where the device is not there.
  package func fingerprint(of device: String?) -> Fingerprint? {
    guard let device else { return hostFingerprint }
    refresh()
    guard let link = try? host.link(device) else { return nil }
    var fingerprint = Fingerprint()
    if let napis = try? host.napis(device, ifindex: UInt32(clamping: link.index)) {
      fingerprint[.napi] = napis.map { UInt64($0.id) }
    }
    if let numbers = host.deviceInterrupts(link).value?.numbers {
      fingerprint[.irq] = numbers.map { UInt64(clamping: $0) }
      fingerprint[.vectors] = inodes(numbers.map { .sys("kernel/irq/\($0)") })
    }
    let directory = KernelPath.sys("class/net/\(device)/queues")
    if let names = try? host.kernel.list(directory) {
      let rx = Self.count(names, "rx-")
      fingerprint[.rx] = inodes((0..<rx).map { directory.appending("rx-\($0)") })
      let tx = (0..<Self.count(names, "tx-")).map { directory.appending("tx-\($0)") }
      fingerprint[.tx] = inodes(tx)
      let timeouts = tx.compactMap {
        (try? host.kernel.text($0.appending("tx_timeout"))).flatMap { UInt64($0) }
      }
      if timeouts.count == tx.count { fingerprint[.timeouts] = [timeouts.reduce(0, &+)] }
    }
    fingerprint[.carrier] = link.carrierChanges.map { [UInt64($0)] }
    fingerprint[.up] = [link.isUp ? 1 : 0]
    fingerprint[.ipv6] = (try? host.ipv6Stamp(ofLink: link.index)).flatMap { $0 }.map {
      [UInt64($0)]
    }
    for knob in Knob.catalogue where knob.scope == .device && !knob.invalidates.isEmpty {
      fingerprint.set(knob, try? read(knob, at: .device(device)))
    }
    return fingerprint
  }

  /// Where the driver would have an interrupt.
  package func hint(at place: Place) -> CPUSet? {
    guard case .irq(let number)? = try? names.live(place).part else { return nil }
    return host.irq(number).affinityHint.value ?? nil
  }

  private var hostFingerprint: Fingerprint? {
    guard let online = try? host.onlineCPUs() else { return nil }
    var fingerprint = Fingerprint()
    fingerprint.set(.online, online)
    fingerprint.set(
      .isolated, try? host.kernel.cpus(.sys("devices/system/cpu/isolated"), as: .list))
    fingerprint[.caches] = inodes(online.cpus.map { .sys("devices/system/cpu/cpu\($0)/cache") })
    return fingerprint
  }

  /// nil where any is missing: a list with gaps would tell of others than it means.
  private func inodes(_ paths: [KernelPath]) -> [UInt64]? {
    let inodes = paths.compactMap { try? host.kernel.inode($0) }
    return inodes.count == paths.count ? inodes : nil
  }

  private static func count(_ names: [String], _ prefix: String) -> Int {
    names.count { $0.hasPrefix(prefix) }
  }
}
