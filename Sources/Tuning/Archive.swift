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

  package func ids() throws(KernelError) -> [String] {
    try storage.list().filter { $0.hasSuffix(Self.suffix) }
      .map { String($0.dropLast(Self.suffix.count)) }.sorted()
  }

  package func journal(_ id: String) throws(TuningError) -> Journal {
    let name = id + Self.suffix
    let bytes: [UInt8]
    do { bytes = try storage.read(name) } catch {
      throw error.errno == .noEntry ? .noSuchJournal(id) : .storage(error)
    }
    do {
      return try Journal(
        String(decoding: bytes, as: UTF8.self), name: storage.path + "/" + name)
    } catch { throw .journal(error) }
  }

  package func journals() throws(TuningError) -> [Journal] {
    let ids: [String]
    do { ids = try self.ids() } catch { throw .storage(error) }
    return try ids.map { (id) throws(TuningError) in try journal(id) }
  }

  /// Writes a new journal; once this returns it is on the disk.
  package func begin(_ journal: Journal) throws(TuningError) {
    do {
      try storage.replace(journal.id + Self.suffix, Array(journal.head.utf8))
    } catch { throw .storage(error) }
  }

  package func append(_ kind: Journal.Kind, to journal: inout Journal) throws(TuningError) {
    let event = Journal.Event(kind)
    do {
      try storage.append(journal.id + Self.suffix, Array(Journal.line(event).utf8))
    } catch { throw .storage(error) }
    journal.events.append(event)
  }

  /// Drops one that is rolled back and no part of the host's history: a rehearsal.
  package func forget(_ id: String) throws(TuningError) {
    guard try journal(id).state == .rolledBack else { return }
    do { try storage.remove(id + Self.suffix) } catch { throw .storage(error) }
  }

  /// Drops the oldest of those that are over.
  package func prune() {
    guard let ids = try? self.ids(), ids.count > Self.kept else { return }
    for id in ids.prefix(ids.count - Self.kept) {
      guard let journal = try? journal(id) else { continue }
      switch journal.state {
      case .committed, .rolledBack: try? storage.remove(id + Self.suffix)
      case .open, .awaiting, .incomplete: continue
      }
    }
  }
}
