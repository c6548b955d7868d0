package import Knobs

/// One thing that can be wrong with a receive path, and how to tell: a value, in a file of its own in
/// `Rules/`.
package struct Rule: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// A setting that is wrong by itself: one snapshot tells.
    case state
    /// Something that grows: it takes two snapshots.
    case rate
    /// One snapshot tells some of it, two tell all.
    case both
  }

  /// "udp-rcvbuf"
  package let id: String
  /// What it looks for, in a line without a full stop.
  package let title: String
  package let kind: Kind
  /// Where it is documented: a kernel document below Documentation/, a manual page, or a report.
  package let document: String
  /// Knobs of the host, its network namespace or its CPUs that it reads.
  package let reads: [Knob]
  /// Rules whose findings on the same device, or on the host, are a consequence of its own.
  package let explains: [String]
  package let examine: @Sendable (Examination) -> [Diagnosis.Verdict]

  package init(
    _ id: String, _ title: String, _ kind: Kind, document: String, reads: [Knob] = [],
    explains: [String] = [], examine: @escaping @Sendable (Examination) -> [Diagnosis.Verdict]
  ) {
    self.id = id
    self.title = title
    self.kind = kind
    self.document = document
    self.reads = reads
    self.explains = explains
    self.examine = examine
  }

  /// All of them, what is hit most often first.
  package static let all: [Rule] = [
    irqOneCPU, udpReceiveBuffer, acceptQueue, ringOverrun, oneQueue, queueImbalance, udpNoPorts,
    timeSqueeze, backlogDrop, rxDroppedBenign, irqbalanceUndoes, numaRemote, groOff, lroForwarding,
    captureMerges, cloudLimit, interruptStorm, deferNoFlush, suspendAlone, rfsHalf,
    rpsRedundant, rpsOnInterruptedCPU, rpsRemote, channelsFew, channelsMany, tableGap, hashOff,
    reuseportSkew, socketBacklog, synQueue, synBacklogMyth, backlogMyth, udpMemory, pauseSent,
    linkErrors, threadedUnpinned, softirqThreadBusy, idleStates, connectionTable, xpsGap,
  ]

  /// Knobs of the host that any of them reads.
  package static let reads: [Knob] = all.flatMap(\.reads)

  package static func named(_ id: String) -> Rule? { all.first { $0.id == id } }
}
