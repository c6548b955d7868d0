import KernelIO
import Knobs
import Netlink
import Notation

/// The parts of RSS as text, for knobs.
extension Host {
  func readRSS(
    _ part: Knob.RSSPart, _ device: String, _ answers: SharedAnswers
  ) throws(KernelError) -> KnobReading {
    let place = "rss-get \(device)"
    if part == .contexts {
      return KnobReading(
        .text(RSSContextTable.text(try rssContextTable(device))), origin: "ethtool rss-get dump")
    }
    let rss = try answers.rss(device, from: self)
    let text: String? =
      switch part {
      case .indirection: rss.table.isEmpty ? nil : IndirectionTable.text(rss.table)
      case .key: rss.key.isEmpty ? nil : Hex.text(rss.key, separator: ":")
      case .hashFunction: rss.hashFunction?.name
      case .inputTransform: rss.inputTransform.description
      case .hashFields: rss.fields.isEmpty ? nil : Self.text(rss.fields)
      case .contexts: nil
      }
    guard let text else { throw KernelError("netlink", "\(place) \(part.rawValue)", .notSupported) }
    return KnobReading(.text(text), origin: "ethtool rss-get")
  }

  func writeRSS(_ part: Knob.RSSPart, _ device: String, _ text: String) throws(KernelError) {
    func refuse() -> KernelError {
      KernelError("netlink", "rss-set \(device) \(part.rawValue)", .invalid)
    }
    var change = RSSChange()
    switch part {
    case .indirection:
      let size = try rss(device).table.count
      guard size > 0, let table = IndirectionTable.entries(text, size: size) else {
        throw refuse()
      }
      change.table = table
    case .key:
      guard let key = Hex.bytes(text, separator: ":") else { throw refuse() }
      change.key = key
    case .hashFunction:
      guard let function = RSS.HashFunction(name: text) else { throw refuse() }
      change.hashFunction = function
    case .inputTransform:
      guard let transform = RSS.InputTransform(text: text) else { throw refuse() }
      change.inputTransform = transform
    case .hashFields:
      guard let fields = Self.hashFields(text) else { throw refuse() }
      change.fields = fields
    case .contexts:
      guard let contexts = try? RSSContextTable.contexts(text) else { throw refuse() }
      return try setRSSContexts(device, contexts)
    }
    try setRSS(device, change)
  }

  // MARK: Spellings

  /// "tcp4:sdfn udp4:sd", in the order of the flow types.
  static func text(_ fields: [FlowType: HashFields]) -> String {
    fields.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.key.name):\($0.value.description)" }.joined(separator: " ")
  }

  static func hashFields(_ text: String) -> [FlowType: HashFields]? {
    var fields: [FlowType: HashFields] = [:]
    for word in text.split(separator: " ") {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let type = FlowType.allCases.first(where: { $0.name == parts[0] })
      else { return nil }
      var set: HashFields = []
      for letter in parts[1] == "none" ? "" : parts[1] {
        guard let known = HashFields.letters.first(where: { $0.letter == letter }) else {
          return nil
        }
        set.insert(known.field)
      }
      fields[type] = set
    }
    return fields.isEmpty ? nil : fields
  }
}
