/// Why a figure is not what it looks like.
package struct Warning: Codable, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Codable, CaseIterable, Sendable {
    case nothingMeasured = "nothing-measured"
    case loadLimited = "load-limited"
    case otherLoad = "other-load"
    case steal
    case frequencyChanged = "frequency-changed"
    case thermalThrottling = "thermal-throttling"
    case cpuQuota = "cpu-quota"
    case loopback
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
    case countsDiffer = "counts-differ"
    case overdue
    case connectionsRefused = "connections-refused"
    case namespacesUnavailable = "namespaces-unavailable"
    case modeUnavailable = "mode-unavailable"
    case locksUntraced = "locks-untraced"
    case notSettled = "not-settled"
    case runFailed = "run-failed"
    case clientFull = "client-full"
    case sizesDiffer = "sizes-differ"

    /// What it means for the reader, and what to try.
    package var advice: String {
      switch self {
      case .nothingMeasured: "there is no figure to go by"
      case .loadLimited:
        "the load generator's CPUs were full and the server's were not: the rate is the "
          + "client's, not the server's capacity; give the client more CPUs"
      case .otherLoad:
        "other processes competed for the CPUs; differences may be theirs: quiet the machine"
      case .steal: "the hypervisor took CPU time away; compare only paired figures"
      case .frequencyChanged: "CPU frequency moved; fix the governor to compare rates"
      case .thermalThrottling: "a CPU throttled itself; rates fell for heat, not for software"
      case .cpuQuota:
        "a CPU quota held the benchmark's threads back: rates and latency are the quota's; raise "
          + "cpu.max (version 1: cpu.cfs_quota_us), or measure outside of that cgroup"
      case .loopback:
        "loopback has no RSS and no GRO, and its receive softirq runs on the sender's CPU: "
          + "locality and softirq figures are artefacts"
      case .fewCPUs: "too few CPUs to tell modes apart by throughput; look at latency and CPU cost"
      case .sharedCPUs: "server and client share CPUs; latency holds scheduling of both"
      case .backlogCut: "net.core.somaxconn is smaller than --backlog"
      case .acceptQueueOverflow: "the accept queue overflowed; clients retried after a second"
      case .listenDrops:
        "the listener dropped connection requests though its accept queue had room: too many were "
          + "half open (net.ipv4.tcp_max_syn_backlog, --backlog), or memory was short"
      case .receiveBufferOverflow:
        "UDP receive buffers were full and datagrams dropped (net.core.rmem_default)"
      case .softnetDrops:
        "a CPU's backlog of packets was full and dropped some (net.core.netdev_max_backlog)"
      case .softnetSqueezes:
        "receive softirqs ran out of their budget (net.core.netdev_budget, netdev_budget_usecs)"
      case .synRetransmits: "connection requests were lost and sent again after a second"
      case .portsExhausted: "no local port was free; give more --sources, or --close rst"
      case .timeWait:
        "most local ports are in TIME_WAIT: connect searches long for a free one; give more "
          + "--sources, or --close rst"
      case .transactionsFailed: "some transactions failed; the rate counts only those that did not"
      case .countsDiffer: "server and client count different numbers of transactions"
      case .overdue: "the server could not keep up with --rate; latency grew until the end"
      case .connectionsRefused: "the server ran out of descriptors or memory"
      case .namespacesUnavailable: "measured on loopback instead of a veth pair of its own"
      case .modeUnavailable: "this kernel refuses that mode; it was left out"
      case .locksUntraced: "nothing is said of the listen socket's lock"
      case .notSettled: "runs still differ too much; add --max-repeat or quiet the machine"
      case .runFailed: "a run was left out"
      case .clientFull:
        "the load generator's CPUs were full: the rate may be its own limit, not the server's"
      case .sizesDiffer:
        "responses were not those of the exchange: do --workload, --request-bytes and "
          + "--response-bytes agree with the server's?"
      }
    }
  }

  package var code: Code
  package var detail: String

  package init(_ code: Code, _ detail: String = "") {
    self.code = code
    self.detail = detail
  }

  package var description: String {
    "\(code.rawValue): " + (detail.isEmpty ? "" : "\(detail); ") + code.advice
  }
}
