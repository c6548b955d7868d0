package import KernelIO
package import Notation

/// Where journals are kept.
package protocol JournalStorage: AnyObject {
  /// Shown in errors.
  var path: String { get }
  /// Refuses a name that is there.
  func create(_ name: String, _ bytes: [UInt8]) throws(KernelError)
  func append(_ name: String, _ bytes: [UInt8]) throws(KernelError)
  func read(_ name: String) throws(KernelError) -> [UInt8]
  func list() throws(KernelError) -> [String]
  func remove(_ name: String) throws(KernelError)
}

extension StateDirectory: JournalStorage {}

/// The journals of a host, oldest first.
package final class Archive {
  package let storage: any JournalStorage
  private static let suffix = ".journal"
  /// As many are kept for `history` and `rollback ID`, and all that are in force besides.
  private static let kept = 64

  package init(_ storage: any JournalStorage) {
    self.storage = storage
  }

  package func ids() throws(TuningError) -> [String] {
    let names: [String]
    do { names = try storage.list() } catch { throw .storage(error) }
    return names.filter { $0.hasSuffix(Self.suffix) }
      .map { String($0.dropLast(Self.suffix.count)) }.sorted(by: Self.precedes)
  }

  /// Of one moment, "-100" comes after "-99".
  package static func precedes(_ one: String, _ other: String) -> Bool {
    (String(one.prefix(momentLength)), one.utf8.count, one)
      < (String(other.prefix(momentLength)), other.utf8.count, other)
  }

  private static let momentLength = 15

  /// An id that sorts as changes were made, also within a second and where the clock was set back.
  package func newID(at time: TimeStamp) throws(TuningError) -> String {
    let ids = try ids()
    let last = ids.last.map { String($0.prefix(Self.momentLength)) }
    let moment = max(time.compact, last ?? "")
    let numbers = ids.filter { $0.hasPrefix(moment) }
      .map { UInt32($0.dropFirst(moment.count + 1)) ?? 1 }
    return numbers.max().map { "\(moment)-\($0 < 9 ? "0" : "")\(UInt64($0) + 1)" } ?? moment
  }

  package func journal(_ id: String) throws(TuningError) -> Journal {
    let (name, bytes) = try file(id)
    do throws(JournalError) {
      let journal = try Journal(bytes, name: name)
      try Self.check(journal.id, is: id, name)
      return journal
    } catch { throw .journal(error) }
  }

  /// A copy under another name would be written to under its own.
  private static func check(
    _ found: String, is id: String, _ name: String
  ) throws(JournalError) {
    guard found == id else {
      throw JournalError(name, 2, "it is the journal of another change, \(found)")
    }
  }

  /// One file of the archive: a journal, or why there is none to be read.
  package struct Entry {
    package var id: String
    package var journal: Result<Journal, TuningError>

    package init(id: String, journal: Result<Journal, TuningError>) {
      (self.id, self.journal) = (id, journal)
    }
  }

  /// All of them, the oldest first: a damaged one keeps no other from being read.
  package func entries() throws(TuningError) -> [Entry] {
    try ids().compactMap { id in
      do throws(TuningError) { return Entry(id: id, journal: .success(try journal(id))) } catch {
        // It went while the others were read.
        if case .noSuchJournal = error { return nil }
        return Entry(id: id, journal: .failure(error))
      }
    }
  }

  /// What became of each change, without reading the settings of all of them.
  package func outlines() throws(TuningError) -> [Journal.Outline] {
    try ids().map { (id) throws(TuningError) in try outline(id) }
  }

  package func outline(_ id: String) throws(TuningError) -> Journal.Outline {
    let (name, bytes) = try file(id)
    do throws(JournalError) {
      let outline = try Journal.Outline(bytes, name: name)
      try Self.check(outline.id, is: id, name)
      return outline
    } catch { throw .journal(error) }
  }

  private func file(_ id: String) throws(TuningError) -> (name: String, bytes: [UInt8]) {
    let name = id + Self.suffix
    do { return (storage.path + "/" + name, try storage.read(name)) } catch {
      throw error.errno == .noEntry ? .noSuchJournal(id) : .storage(error)
    }
  }

  /// Those that can be read, the oldest first.
  package func journals() throws(TuningError) -> [Journal] {
    try entries().compactMap { try? $0.journal.get() }
  }

  /// Writes a new journal; once this returns it is on the disk.
  package func begin(_ journal: Journal) throws(TuningError) {
    do {
      let text = journal.head + journal.events.map(Journal.line).joined()
      try storage.create(journal.id + Self.suffix, Array(text.utf8))
    } catch { throw .notBegun(error) }
  }

  package func append(_ kind: Journal.Kind, to journal: inout Journal) throws(KernelError) {
    try append([kind], to: &journal)
  }

  /// All of them at once; after a crash the first of them may be there, and the last not.
  package func append(_ kinds: [Journal.Kind], to journal: inout Journal) throws(KernelError) {
    let events = kinds.map { Journal.Event($0) }
    let lines = events.map(Journal.line).joined()
    try storage.append(journal.id + Self.suffix, Array(lines.utf8))
    journal.events += events
  }

  /// Drops one that there is nothing to go back to by; it need not be there.
  package func forget(_ id: String) throws(TuningError) {
    do { try storage.remove(id + Self.suffix) } catch { throw .storage(error) }
  }

  /// Where there are too many, drops the oldest of those that were rolled back or are of another
  /// boot; then of those in force whose settings newer ones have all set again, or are gone. No
  /// other goes: what is in force can be verified and rolled back.
  ///
  /// - Parameter present: a journal in its devices' names of now, without those that are gone.
  package func prune(_ circumstances: Circumstances, present: (Journal) -> Journal) {
    guard let ids = try? self.ids(), ids.count > Self.kept else { return }
    let outlines = ids.compactMap { try? outline($0) }
    let over = outlines.filter {
      $0.state.isOver || $0.bootID != circumstances.bootID
    }
    let excess = ids.count - Self.kept
    for outline in over.prefix(excess) { try? forget(outline.id) }
    guard over.count < excess else { return }

    /// By namespace.
    var newer: [String: Set<Setting.Key>] = [:]
    var replaced: [String] = []
    for outline in outlines.reversed() {
      guard outline.state == .committed, outline.bootID == circumstances.bootID,
        let journal = try? journal(outline.id)
      else { continue }
      let keys = present(journal).wanted.map(\.key)
      if newer[journal.namespace, default: []].isSuperset(of: keys) { replaced.append(journal.id) }
      newer[journal.namespace, default: []].formUnion(keys)
    }
    for id in replaced.reversed().prefix(excess - over.count) { try? forget(id) }
  }
}
