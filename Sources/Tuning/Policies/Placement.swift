package import Knobs
import ReceivePath

/// What policies choose by: one device of so many queues, and the CPUs that handle them.
package struct Placement {
  package var locality: Locality
  package private(set) var rxQueues: Int
  package private(set) var txQueues: Int
  /// CPUs that each receive queue is handled on, as it is going to be: where its vector interrupts,
  /// and where its NAPI thread runs. Queues of which that is not known are left out.
  private(set) var homes: [Int: CPUSet] = [:]
  /// CPUs of other devices' queues, each as often as it has one.
  package var others: [Int] = []
  /// Another device of which that is not known.
  package var unknownOther: String?
  /// The vectors that there were are laid out anew with the channels.
  private var isNew = false

  package init(_ locality: Locality, rxQueues: Int, txQueues: Int) {
    self.locality = locality
    self.rxQueues = rxQueues
    self.txQueues = txQueues
    for (queue, vector) in locality.vectors { settle(queue, vector.interrupted) }
  }

  /// The driver makes its queues, vectors and NAPI threads anew, in other numbers.
  package mutating func recount(rxQueues: Int, txQueues: Int) {
    self.rxQueues = rxQueues
    self.txQueues = txQueues
    homes = [:]
    isNew = true
  }

  private mutating func settle(_ queue: Int, _ interrupted: CPUSet?) {
    var home = interrupted?.intersection(locality.online) ?? CPUSet()
    // What interrupts is not known, and what polls is not all.
    if home.isEmpty && locality.isInterrupted { return homes[queue] = nil }
    if let thread = thread(queue) { home = home.union(thread.intersection(locality.online)) }
    homes[queue] = home.isEmpty ? nil : home
  }

  /// Where the NAPI thread of a queue may run; a new one may run anywhere.
  private func thread(_ queue: Int) -> CPUSet? {
    guard isNew else { return locality.vectors[queue]?.thread }
    return locality.vectors.values.contains { $0.thread != nil } ? locality.online : nil
  }

  // MARK: Vectors

  /// CPUs of the receive queues, where they are known.
  package var taken: [Int] { (0..<rxQueues).flatMap { homes[$0]?.cpus ?? [] } }

  /// Of the CPUs in turn; those that have the fewest vectors of other devices first, so that a
  /// second device goes on where the first ended.
  func inTurn(_ order: [Int], _ queue: Int) -> CPUSet? {
    guard !order.isEmpty else { return nil }
    guard !others.isEmpty else { return CPUSet([order[queue % order.count]]) }
    let load = others.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    let byLoad = order.enumerated().sorted {
      (load[$0.element, default: 0], $0.offset) < (load[$1.element, default: 0], $1.offset)
    }
    return CPUSet([byLoad[queue % order.count].element])
  }

  /// A vector's CPUs, whoever chose them.
  package mutating func place(_ cpus: CPUSet, queue: Int) { settle(queue, cpus) }

  /// Usable CPUs of the nodes that handle the queue; of the device's where that is not known.
  func usableNode(of queue: Int) -> CPUSet {
    homes[queue].map { locality.nodes(of: $0).intersection(locality.usable) } ?? locality.localCPUs
  }

  // MARK: What is not known

  /// Why it cannot be said where some queues are handled; nil where it can.
  func unknown(of queues: some Collection<Int>) -> String? {
    if locality.isInterrupted {
      let unknown = queues.filter { homes[$0] == nil }
      if !unknown.isEmpty {
        let which = Place.Direction.rx.names(unknown)
        if isNew { return "the driver will choose which CPUs \(which) will interrupt" }
        return "the interrupt of \(which) is not known"
          + (locality.whyUnknown.map { " (\($0))" } ?? "")
      }
    }
    let roaming = queues.filter(roams)
    if !roaming.isEmpty {
      return "the NAPI threads of \(Place.Direction.rx.names(roaming)) may run on any CPU"
    }
    return nil
  }

  /// Whether nothing holds the queue's NAPI thread anywhere.
  private func roams(_ queue: Int) -> Bool {
    guard let thread = thread(queue), locality.usable.count > 1 else { return false }
    return locality.usable.isSubset(of: thread)
  }

  /// Whether a queue of the device interrupts nobody knows where.
  package var hasUnknown: Bool {
    locality.isInterrupted && (0..<rxQueues).contains { homes[$0] == nil }
  }
}
