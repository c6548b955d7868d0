package import KernelIO
package import Knobs
import Netlink

/// How the kernel's files spell a knob's value.
enum FileKnob {
  /// The value in the text of a file.
  static func decode(
    _ text: String, _ knob: Knob, path: KernelPath
  ) throws(DecodeError) -> KnobValue {
    func refuse(_ what: String) -> DecodeError {
      DecodeError(path.description, offset: 0, "\"\(text.prefix(80))\" is \(what)")
    }
    switch knob.form {
    case .number:
      guard let number = Int64(text) else { throw refuse("no number that fits 64 bits") }
      return .number(number)
    case .numbers(let count):
      let parts = text.split(whereSeparator: \.isWhitespace)
      let numbers = parts.compactMap { Int64($0) }
      guard parts.count == count, numbers.count == count else {
        throw refuse("not \(count) numbers")
      }
      return .numbers(numbers)
    case .flag:
      switch text {
      case "1": return .flag(true)
      case "0": return .flag(false)
      default: throw refuse("neither 0 nor 1")
      }
    case .set:
      guard let set = takesList(path) ? CPUSet(list: text) : CPUSet(mask: text) else {
        throw refuse(takesList(path) ? "no list of numbers" : "no mask")
      }
      return .cpus(set)
    case .word: return .word(text)
    // Files hold no others.
    default: return .text(text)
    }
  }

  /// The bytes to write for a value.
  static func encode(_ value: KnobValue, path: KernelPath) -> [UInt8] {
    switch value {
    case .flag(let on): Array((on ? "1" : "0").utf8)
    case .cpus(let cpus): Array((takesList(path) ? cpus.list : cpus.mask).utf8)
    default: Array(value.description.utf8)
    }
  }

  /// Files with "_list" in their name take lists as "0-3"; the others hexadecimal masks.
  private static func takesList(_ path: KernelPath) -> Bool { path.relative.hasSuffix("_list") }
}

extension Host {
  /// The file that holds a knob at a place; nil where it is not a file.
  package static func file(of knob: Knob, at place: Place) -> KernelPath? {
    switch knob.access {
    case .sysctl(let path): return place == .host ? .proc("sys/\(path)") : nil
    case .irqDefault(let file): return place == .host ? .proc("irq/\(file)") : nil
    case .irqFile(let file):
      if case .irq(let number) = place.part { return .proc("irq/\(number)/\(file)") }
    case .cpuFile(let file):
      if case .cpu(let number) = place.part {
        return .sys("devices/system/cpu/cpu\(number)/\(file)")
      }
    case .deviceFile(let file):
      if case .whole = place.part { return directory(of: place)?.appending(file) }
    case .queueFile(let file):
      if case .queue(let direction, let index) = place.part {
        return directory(of: place)?
          .appending("queues/\(direction.rawValue)-\(index)/\(file)")
      }
    case .idleStates, .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .link,
      .napi, .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags, .socketOption,
      .epollParameters, .latencyRequest, .derived:
      break
    }
    return nil
  }

  /// /sys/class/net/DEV, where that is a name which a device can have.
  private static func directory(of place: Place) -> KernelPath? {
    guard let device = place.device, InterfaceName.isValid(device.utf8) else { return nil }
    return .sys("class/net/\(device)")
  }

  /// Whether the kernel offers the file for reading only: the affinity of an interrupt that it
  /// manages itself (irq-affinity.rst), a limit that a child network namespace may only look at.
  /// False where that cannot be told: root may open such a file, and learns by a refused write.
  package func isReadOnly(_ knob: Knob, at place: Place) -> Bool {
    switch knob.access {
    case .irqFile, .sysctl: break
    // The mode is the same wherever the file is.
    case .deviceFile, .queueFile, .irqDefault, .cpuFile: return false
    case .idleStates, .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .link,
      .napi, .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags, .socketOption,
      .epollParameters, .latencyRequest, .derived:
      return false
    }
    guard knob.isWritable, let path = Self.file(of: knob, at: place) else { return false }
    guard let mode = try? kernel.mode(path) else { return false }
    return mode & 0o222 == 0
  }

  func readFile(_ knob: Knob, _ path: KernelPath) throws(KernelError) -> KnobReading {
    let text = try kernel.text(path)
    let value = try decoding(path.description) { () throws(DecodeError) in
      try FileKnob.decode(text, knob, path: path)
    }
    return KnobReading(value, origin: path.description)
  }
}
