extension Journal {
  /// A journal without its settings, which are many: what tells whether there is anything to do.
  package struct Outline: Hashable, Sendable {
    package var id: String
    package var bootID: String
    package var namespace: String
    package var state: State

    package init(_ bytes: [UInt8], name: String) throws(JournalError) {
      let journal = try Journal.read(bytes, name: name, settings: false)
      (id, bootID, namespace) = (journal.id, journal.bootID, journal.namespace)
      state = journal.state
    }
  }
}
