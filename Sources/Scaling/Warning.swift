import KernelIO

/// Why a figure is not what it looks like.
package struct Warning: Codable, Hashable, Sendable {
  package enum Code: String, Codable, CaseIterable, Sendable {
    case nothingMeasured = "nothing-measured"
    case loadLimited = "load-limited"
    case otherLoad = "other-load"
    case busyBesideLoad = "busy-beside-load"
    case steal
    case frequencyChanged = "frequency-changed"
    case thermalThrottling = "thermal-throttling"
    case cpuQuota = "cpu-quota"
    case loopback
    case emulatedCPUs = "emulated-cpus"
    case fewCPUs = "few-cpus"
    case sharedCPUs = "shared-cpus"
    case backlogCut = "backlog-cut"
    case acceptQueueOverflow = "accept-queue-overflow"
    case listenDrops = "listen-drops"
    case receiveBufferOverflow = "receive-buffer-overflow"
    case softnetDrops = "softnet-drops"
    case softnetSqueezes = "softnet-squeezes"
    case synRetransmits = "syn-retransmits"
    case portsExhausted = "ports-exhausted"
    case timeWait = "time-wait"
    case transactionsFailed = "transactions-failed"
    case datagramsLost = "datagrams-lost"
    case countsDiffer = "counts-differ"
    case overdue
    case senderBehind = "sender-behind"
    case connectionsRefused = "connections-refused"
    case namespacesUnavailable = "namespaces-unavailable"
    case modeUnavailable = "mode-unavailable"
    case locksUntraced = "locks-untraced"
    case uncounted
    case stagesUntraced = "stages-untraced"
    case samplesLost = "samples-lost"
    case samplesLate = "samples-late"
    case notSettled = "not-settled"
    case runFailed = "run-failed"
    case clientFull = "client-full"
    case sizesDiffer = "sizes-differ"
  }

  package var code: Code
  package var detail: String

  /// In every run on CPUs that QEMU's emulator makes up.
  package static let emulation = Hypervisor.isEmulator ? [Warning(.emulatedCPUs, "QEMU TCG")] : []

  package init(_ code: Code, _ detail: String = "") {
    self.code = code
    self.detail = detail
  }
}
