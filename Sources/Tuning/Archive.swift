package import KernelIO

/// Where journals are kept.
package protocol JournalStorage: AnyObject {
  /// Shown in errors.
  var path: String { get }
  func replace(_ name: String, _ bytes: [UInt8]) throws(KernelError)
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
  /// Finished ones that are kept for `history` and `rollback ID`.
  private static let kept = 64

  package init(_ storage: any JournalStorage) {
    self.storage = storage
  }

  package func ids() throws(TuningError) -> [String] {
    let names: [String]
    do { names = try storage.list() } catch { throw .storage(error) }
    return names.filter { $0.hasSuffix(Self.suffix) }
      .map { String($0.dropLast(Self.suffix.count)) }.sorted()
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
      try storage.replace(journal.id + Self.suffix, Array(journal.head.utf8))
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

  /// Drops the oldest of those that are over.
  package func prune() {
    guard let ids = try? self.ids(), ids.count > Self.kept else { return }
    for id in ids.prefix(ids.count - Self.kept) {
      guard let outline = try? outline(id) else { continue }
      switch outline.state {
      case .committed, .rolledBack: try? storage.remove(id + Self.suffix)
      case .open, .awaiting, .incomplete: continue
      }
    }
  }
}
