package import KernelIO
import Knobs
import Netlink
import Notation

/// An RSS context beside the main one, as text: a table of its own that flow rules send packets
/// to, "1 equal 2 key 6d:5a function toeplitz".
///
/// Each part is spelled as the knob of the main context spells it (rss.indirection, …). A part
/// that is nil is not told by the device, or, where it is wanted, left to it.
package struct RSSContext: Hashable, Sendable {
  /// nil for one that is to be made: the kernel chooses its number.
  package var number: UInt32?
  package var table: String?
  package var key: String?
  package var function: String?
  package var transform: String?
  package var fields: String?

  package init(number: UInt32?, table: String? = nil) {
    self.number = number
    self.table = table
  }

  init(_ rss: RSS) {
    number = rss.context
    if !rss.table.isEmpty { table = IndirectionTable.text(rss.table) }
    if !rss.key.isEmpty { key = Hex.text(rss.key, separator: ":") }
    function = rss.hashFunction?.name
    if !rss.inputTransform.isEmpty { transform = rss.inputTransform.description }
    if !rss.fields.isEmpty { fields = Host.text(rss.fields) }
  }

  /// What is told of a context where a part of it is not.
  private func filled(from other: RSSContext) -> RSSContext {
    var whole = self
    whole.table = table ?? other.table
    whole.key = key?.lowercased() ?? other.key
    whole.function = function ?? other.function
    whole.transform = transform ?? other.transform
    // No transform is not told.
    if whole.transform == "none" { whole.transform = nil }
    whole.fields = fields.map { RSSContext.merged(other.fields ?? "", $0) } ?? other.fields
    return whole
  }

  /// Flow types that are not named stay as they are.
  package static func merged(_ now: String, _ wanted: String) -> String {
    guard let wanted = Host.hashFields(wanted) else { return now }
    let now = Host.hashFields(now) ?? [:]
    return Host.text(now.merging(wanted) { $1 })
  }

  /// Whether a context that exists is as this one wants it.
  func accepts(_ present: RSSContext) -> Bool {
    var wanted = filled(from: present)
    wanted.number = present.number
    return wanted == present
  }

  /// What has to be set for `present` to become this; nil where it is so already.
  ///
  /// - Parameter size: entries of the table.
  /// - Throws: where a part is spelled wrongly.
  func change(from present: RSSContext?, size: Int) throws(RSSContextError) -> RSSChange? {
    let wanted = present.map(filled) ?? self
    var change = RSSChange()
    if let table = wanted.table, table != present?.table {
      guard let entries = IndirectionTable.entries(table, size: size), !entries.isEmpty else {
        throw RSSContextError("\"\(table)\" is no table of \(size) entries")
      }
      change.table = entries
    }
    if let key = wanted.key, key != present?.key {
      guard let bytes = Hex.bytes(key, separator: ":") else {
        throw RSSContextError("\"\(key)\" is no key")
      }
      change.key = bytes
    }
    if let function = wanted.function, function != present?.function {
      change.hashFunction = RSS.HashFunction(name: function)
    }
    if let present, wanted.transform != present.transform {
      change.inputTransform = RSS.InputTransform(text: wanted.transform ?? "none")
    }
    if let fields = wanted.fields, fields != present?.fields {
      change.fields = Host.hashFields(fields) ?? [:]
    }
    return change == RSSChange() ? nil : change
  }
}

/// A context that is spelled wrongly.
package struct RSSContextError: Error, Hashable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

// MARK: - Text

extension RSSContext {
  private static let keywords: Set<Substring> = ["key", "function", "transform", "fields"]

  package var text: String {
    var words = [number.map(String.init) ?? "new"]
    if let table { words.append(table) }
    for (keyword, part) in [
      ("key", key), ("function", function), ("transform", transform), ("fields", fields),
    ] {
      if let part { words += [keyword, part] }
    }
    return words.joined(separator: " ")
  }

  init(_ text: Substring) throws(RSSContextError) {
    var words = text.split(separator: " ")[...]
    guard let first = words.popFirst() else { throw RSSContextError("a context is empty") }
    guard let number = first == "new" ? .some(nil) : UInt32(first).map(Optional.some), number != 0
    else { throw RSSContextError("a context begins with its number, or new, not \"\(first)\"") }
    self.init(number: number)
    func take() -> String? {
      let part = words.prefix { !Self.keywords.contains($0) }
      words = words.dropFirst(part.count)
      return part.isEmpty ? nil : part.joined(separator: " ")
    }
    table = take()
    while let keyword = words.popFirst() {
      guard let part = take() else { throw RSSContextError("\(keyword) has no value") }
      switch keyword {
      case "key": key = part
      case "function": function = part
      case "transform": transform = part
      default: fields = part
      }
    }
    try check()
  }

  /// Spelling alone: what the device makes of it, only writing tells.
  private func check() throws(RSSContextError) {
    if let table, IndirectionTable.highestQueue(table) == nil {
      throw RSSContextError("\"\(table)\" is no table")
    }
    if let key, Hex.bytes(key, separator: ":") == nil {
      throw RSSContextError("\"\(key)\" is no key")
    }
    if let function, RSS.HashFunction(name: function) == nil {
      throw RSSContextError("\"\(function)\" is no hash function")
    }
    if let transform, RSS.InputTransform(text: transform) == nil {
      throw RSSContextError("\"\(transform)\" is no transform")
    }
    if let fields, Host.hashFields(fields) == nil {
      throw RSSContextError("\"\(fields)\" names no fields of flow types")
    }
  }
}

/// All contexts of a device beside the main one as text: "none", or "1 equal 2; 3 0*64,1*64".
package enum RSSContextTable {
  package static func text(_ contexts: [RSSContext]) -> String {
    contexts.isEmpty
      ? "none"
      : contexts.sorted { ($0.number ?? .max) < ($1.number ?? .max) }.map(\.text)
        .joined(separator: "; ")
  }

  /// "1-2" for a sentence; "none" where there is none.
  package static func numbers(_ contexts: [RSSContext]) -> String {
    let numbers = contexts.compactMap(\.number).map { Int($0) }
    return numbers.isEmpty ? "none" : CPUSet(numbers).list
  }

  package static func contexts(_ text: String) throws(RSSContextError) -> [RSSContext] {
    guard text != "none" else { return [] }
    var contexts: [RSSContext] = []
    for part in text.split(separator: ";", omittingEmptySubsequences: false) {
      let context = try RSSContext(part)
      if let number = context.number, contexts.contains(where: { $0.number == number }) {
        throw RSSContextError("context \(number) is given twice")
      }
      contexts.append(context)
    }
    return contexts
  }

  /// `wanted`, where one without a number has that under which it is among `present`.
  package static func placed(_ wanted: [RSSContext], among present: [RSSContext]) -> [RSSContext] {
    var claimed = Set(wanted.compactMap(\.number))
    return wanted.map { context in
      guard context.number == nil,
        let found = present.first(where: { candidate in
          candidate.number.map { !claimed.contains($0) } == true && context.accepts(candidate)
        }), let number = found.number
      else { return context }
      claimed.insert(number)
      var context = context
      context.number = number
      return context
    }
  }

  /// How `wanted` will read once it is written.
  package static func expected(_ wanted: [RSSContext], among present: [RSSContext]) -> String {
    text(
      placed(wanted, among: present).map { context in
        guard let now = present.first(where: { $0.number == context.number }) else {
          return context
        }
        return context.accepts(now) ? now : context.whole(from: now)
      })
  }
}

extension RSSContext {
  /// As it will be told, once it is `present`'s successor.
  fileprivate func whole(from present: RSSContext) -> RSSContext { filled(from: present) }
}

// MARK: - On a device

extension Host {
  /// The contexts beside the main one, by number.
  ///
  /// - Throws: EOPNOTSUPP where the device has no RSS at all, of which a dump says nothing.
  package func rssContextTable(_ device: String) throws(KernelError) -> [RSSContext] {
    let numbers = try rssContexts(device)
    if numbers.isEmpty { _ = try rss(device) }
    return try numbers.map { (number) throws(KernelError) in
      RSSContext(try rss(device, context: number))
    }
  }

  /// Gives a device these contexts and no others: those that are not wanted go first, then those
  /// that stay are changed, then new ones are made.
  ///
  /// - Throws: what the kernel said; EINVAL with words where a part makes no sense, EEXIST where
  ///   the driver gave a context another number than the one that it had before.
  package func setRSSContexts(_ device: String, _ wanted: [RSSContext]) throws(KernelError) {
    let present = try rssContextTable(device)
    let wanted = RSSContextTable.placed(wanted, among: present)
    let numbers = Set(wanted.compactMap(\.number))
    for context in present {
      guard let number = context.number, !numbers.contains(number) else { continue }
      try deleteRSSContext(device, number)
    }
    let size = try rss(device).table.count
    for context in wanted.sorted(by: { ($0.number ?? .max) < ($1.number ?? .max) }) {
      var made: UInt32?
      let now: RSSContext
      if let there = present.first(where: { $0.number == context.number }) {
        now = there
      } else {
        // A new one first has its table; the rest is set where it is not so by itself: drivers
        // that have one key for all contexts refuse it at birth.
        let table = try parts(of: RSSContext(number: nil, table: context.table), nil, size)?.table
        let number = try createRSSContext(device, context.number, table: table)
        made = number
        now = RSSContext(try rss(device, context: number))
      }
      do throws(KernelError) {
        guard let number = now.number, let change = try parts(of: context, now, size) else {
          continue
        }
        try setRSS(device, context: number, change)
      } catch {
        // What was made in vain would be taken for another program's.
        if let made { try? deleteRSSContext(device, made) }
        throw error
      }
    }
  }

  private func parts(
    of context: RSSContext, _ now: RSSContext?, _ size: Int
  ) throws(KernelError) -> RSSChange? {
    do { return try context.change(from: now, size: size) } catch {
      throw KernelError(
        "rss", context.text, .errno(.invalid),
        extendedAck: ExtendedAck(message: error.description))
    }
  }

  /// - Parameter number: the number that it is to have; nil leaves it to the kernel.
  private func createRSSContext(
    _ device: String, _ number: UInt32?, table: [UInt32]?
  ) throws(KernelError) -> UInt32 {
    let change = RSSChange(table: table)
    if hasEthtool(.rssCreate) {
      let replies = try ethtoolSet(.rssCreate, device) {
        change.put(context: number ?? 0, into: &$0)
      }
      let subject = "rss-create-act \(device)"
      return try decoding(subject) { () throws(DecodeError) in
        guard let reply = replies.first else {
          throw DecodeError(subject, offset: 0, "the kernel told no number")
        }
        return try RSS(try reply.attributes(after: GenericHeader.size, subject)).context
      }
    }
    guard let number else { return try createByIoctl(device, change) }
    // The ioctl takes no number: drivers give the lowest that is free, so those below are taken
    // up for as long as it takes.
    var fillers: [UInt32] = []
    var made: UInt32?
    repeat {
      let next = try createByIoctl(device, change)
      if next == number { made = next } else { fillers.append(next) }
    } while made == nil && fillers.count < RSSContext.mostFillers && (fillers.last ?? 0) < number
    for filler in fillers.reversed() { try deleteRSSContext(device, filler) }
    guard let made else {
      throw KernelError(
        "SIOCETHTOOL", "SRSSH context \(number) \(device)", .errno(.exists),
        extendedAck: ExtendedAck(
          message: "the driver gives numbers as it likes: \(fillers.last ?? 0)"))
    }
    return made
  }

  private func createByIoctl(_ device: String, _ change: RSSChange) throws(KernelError) -> UInt32 {
    let structure = change.structure(context: RSSContext.allocate, current: [])
    var answer = try ethtoolIoctl(device, structure, "SRSSH context new")
    return try decoding("SRSSH \(device)") { () throws(DecodeError) in
      try answer.skip(4, "cmd")
      return try answer.integer("rss_context")
    }
  }

  private func deleteRSSContext(_ device: String, _ number: UInt32) throws(KernelError) {
    if hasEthtool(.rssDelete) {
      try ethtoolSet(.rssDelete, device) { $0.put(RSS.contextAttribute, number) }
      return
    }
    // No entries, for a context: it is to go.
    let structure = RSSChange(table: []).structure(context: number, current: [])
    _ = try ethtoolIoctl(device, structure, "SRSSH context \(number) delete")
  }
}

extension RSSContext {
  /// ETH_RXFH_CONTEXT_ALLOC.
  static let allocate: UInt32 = 0xffff_ffff
  /// Contexts made for their numbers alone, at most.
  static let mostFillers = 64
}
