import KernelIO
import Knobs
import Netlink

/// The parts of RSS, each a knob.
extension Host {
  func readRSS(
    _ part: Knob.RSSPart, _ device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    if part == .contexts {
      return KnobReading(
        .contexts(try rssContextTable(device)), origin: "ethtool rss-get dump")
    }
    let rss = try answers.rss(device, from: self)
    let value: KnobValue? =
      switch part {
      case .indirection: IndirectionTable(entries: rss.table).map { .table($0) }
      case .key: HashKey(rss.key).map { .key($0) }
      case .hashFunction: (rss.hashFunction?.description).map { .word($0) }
      case .inputTransform: .word(rss.inputTransform.description)
      case .hashFields: rss.fields.isEmpty ? nil : .hashFields(rss.fields.spelled)
      case .contexts: nil
      }
    guard let value else {
      throw KernelError("netlink", "rss-get \(device) \(part.rawValue)", .notSupported)
    }
    return KnobReading(value, origin: "ethtool rss-get")
  }

  func writeRSS(
    _ part: Knob.RSSPart, _ value: KnobValue, _ device: String
  ) throws(KernelError) {
    var parts = RSSContext()
    var size = 0
    switch (part, value) {
    case (.indirection, .table(let table)):
      parts.table = table
      size = try rss(device).table.count
    case (.key, .key(let key)): parts.key = key
    case (.hashFunction, .word(let word)): parts.function = HashFunction(word)
    case (.inputTransform, .word(let word)): parts.transform = InputTransform(word)
    case (.hashFields, .hashFields(let fields)): parts.fields = fields
    case (.contexts, .contexts(let table)) where table.edit == nil:
      return try setRSSContexts(device, table)
    default: break
    }
    // Words that the kernel told and nobody can name.
    guard parts != RSSContext(), part != .indirection || size > 0 else {
      throw KernelError("netlink", "rss-set \(device) \(part.rawValue)", .invalid)
    }
    try setRSS(device, try RSSChange(parts, size: size))
  }
}
