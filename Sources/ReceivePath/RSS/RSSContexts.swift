package import KernelIO
package import Knobs
import Netlink

extension RSSContext {
  init(_ rss: RSS) {
    self.init(
      number: rss.context, table: IndirectionTable(entries: rss.table), key: HashKey(rss.key),
      function: rss.hashFunction, transform: rss.inputTransform.isEmpty ? nil : rss.inputTransform,
      fields: rss.fields.spelled)
  }
}

extension Host {
  /// Ids of the RSS contexts besides the main one: by a dump (since 6.12), or by asking for one
  /// after the other, of which drivers have few and give them low numbers.
  package func rssContexts(_ device: String) throws(KernelError) -> [UInt32] {
    let replies: [Attributes]
    do { replies = try ethtoolDump(.rssGet, device) } catch {
      guard error.kind == .notSupported || error.kind == .refused else { throw error }
      var numbers: [UInt32] = []
      for number in 1...Self.probedContexts {
        var structure = EthtoolStructure(command: RSS.getCommand, size: RSS.headerSize)
        structure.put(number, at: 4)
        do throws(KernelError) {
          _ = try ethtoolIoctl(device, structure, "GRSSH context \(number)")
          numbers.append(number)
        } catch let missing {
          // A driver without contexts, or a record from before they were asked for.
          if [.notSupported, .notRecorded].contains(missing.kind) { throw error }
        }
      }
      return numbers
    }
    return try decoding("rss-get \(device)") { () throws(DecodeError) in
      try replies.map { (reply) throws(DecodeError) in try RSS(reply).context }
    }.filter { $0 != 0 }.sorted()
  }

  private static let probedContexts: UInt32 = 32

  /// The contexts beside the main one, by number.
  ///
  /// - Throws: EOPNOTSUPP where the device has no RSS at all, of which a dump says nothing.
  package func rssContextTable(_ device: String) throws(KernelError) -> RSSContextTable {
    let numbers = try rssContexts(device)
    if numbers.isEmpty { _ = try rss(device) }
    return RSSContextTable(
      try numbers.map { (number) throws(KernelError) in
        RSSContext(try rss(device, context: number))
      })
  }

  /// Gives a device these contexts and no others: those that are not wanted go first, then those
  /// that stay are changed, then new ones are made.
  ///
  /// - Throws: what the kernel said; EINVAL with words where a part makes no sense, EEXIST where
  ///   the driver gave a context another number than the one that it had before.
  package func setRSSContexts(_ device: String, _ wanted: RSSContextTable) throws(KernelError) {
    let present = try rssContextTable(device).contexts
    let wanted = RSSContextTable(
      RSSContextTable.placed(wanted.contexts, among: present)
    ).contexts
    let numbers = Set(wanted.compactMap(\.number))
    for context in present {
      guard let number = context.number, !numbers.contains(number) else { continue }
      try deleteRSSContext(device, number)
    }
    let size = try rss(device).table.count
    for context in wanted {
      var made: UInt32?
      let now: RSSContext
      if let there = present.first(where: { $0.number == context.number }) {
        now = there
      } else {
        // A new one first has its table; the rest is set where it is not so by itself: drivers
        // that have one key for all contexts refuse it at birth.
        let table = try RSSChange(RSSContext(table: context.table), size: size)
        let number = try createRSSContext(device, context.number, table)
        made = number
        now = RSSContext(try rss(device, context: number))
      }
      do throws(KernelError) {
        guard let number = now.number, let change = context.change(from: now) else { continue }
        try setRSS(device, context: number, try RSSChange(change, size: size))
      } catch {
        // What was made in vain would be taken for another program's.
        if let made { try? deleteRSSContext(device, made) }
        throw error
      }
    }
  }

  /// - Parameter number: the number that it is to have; nil leaves it to the kernel.
  private func createRSSContext(
    _ device: String, _ number: UInt32?, _ change: RSSChange
  ) throws(KernelError) -> UInt32 {
    if hasEthtool(.rssCreate) {
      let replies = try ethtoolSet(.rssCreate, device) {
        change.put(context: number ?? 0, into: &$0)
      }
      let subject = "rss-create-act \(device)"
      return try decoding(subject) { () throws(DecodeError) in
        guard let reply = replies.first else {
          throw DecodeError(subject, offset: 0, "the kernel reported no number")
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
      try ethtoolSet(.rssDelete, device) { RSS.put(context: number, into: &$0) }
      return
    }
    // No entries, for a context: it is to go.
    let structure = try RSSChange(RSSContext(table: .driver), size: 0)
      .structure(context: number, current: [])
    _ = try ethtoolIoctl(device, structure, "SRSSH context \(number) delete")
  }
}

extension RSSContext {
  /// ETH_RXFH_CONTEXT_ALLOC.
  static let allocate: UInt32 = 0xffff_ffff
  /// Contexts made for their numbers alone, at most.
  static let mostFillers = 64
}
