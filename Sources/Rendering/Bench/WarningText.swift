import Scaling

extension Warning {
  /// "steal: 4.1 %; the hypervisor took CPU time; compare only paired figures"
  var text: String {
    "\(code.rawValue): " + (detail.isEmpty ? "" : "\(detail); ") + code.advice
  }
}

extension Warning.Code {
  /// What it means for the reader, and what to try.
  var advice: String {
    switch self {
    case .nothingMeasured: "this run gives no figures"
    case .loadLimited:
      "the load generator's CPUs were full and the server's were not: the rate is the "
        + "client's limit, not the server's; give the client more CPUs"
    case .otherLoad:
      "other processes competed for the CPUs, and differences may be theirs; quiet the machine"
    case .busyBesideLoad:
      "a busy poller had to share its CPUs with other load, from which its figures suffer most; "
        + "quiet the machine, or use --poll"
    case .steal: "the hypervisor took CPU time; compare only paired figures"
    case .frequencyChanged: "CPU frequency moved; fix the governor to compare rates"
    case .thermalThrottling: "a CPU throttled itself: rates fell from heat, not from software"
    case .cpuQuota:
      "a CPU quota throttled the benchmark: rates and latency are the quota's; raise cpu.max "
        + "(version 1: cpu.cfs_quota_us), or measure outside that cgroup"
    case .loopback:
      "loopback has no RSS and no GRO, and its receive softirq runs on the sender's CPU: "
        + "locality and softirq figures are artefacts"
    case .emulatedCPUs:
      "every instruction costs about the same, and no cache line stalls: CPU time shows how much work "
        + "a mode makes as workers are added, not how fast hardware does it"
    case .fewCPUs: "too few CPUs to tell modes apart by throughput; compare latency and CPU cost"
    case .sharedCPUs: "server and client share CPUs; latency includes scheduling of both"
    case .backlogCut: "net.core.somaxconn is smaller than --backlog"
    case .acceptQueueOverflow: "the accept queue overflowed; clients retried after a second"
    case .listenDrops:
      "the listener dropped connection requests though its accept queue had room: too many were "
        + "half-open (net.ipv4.tcp_max_syn_backlog, --backlog), or memory was short"
    case .receiveBufferOverflow:
      "UDP receive buffers overflowed and dropped datagrams (net.core.rmem_default)"
    case .softnetDrops:
      "a CPU's packet backlog overflowed and dropped packets (net.core.netdev_max_backlog)"
    case .softnetSqueezes:
      "receive softirqs ran out of budget (net.core.netdev_budget, netdev_budget_usecs)"
    case .synRetransmits: "connection requests were lost and retransmitted after a second"
    case .portsExhausted: "no local port was free; raise --sources, or use --close rst"
    case .timeWait:
      "most local ports are in TIME_WAIT, and connect searches long for a free one; raise "
        + "--sources, or use --close rst"
    case .transactionsFailed: "the rate counts only transactions that succeeded"
    case .datagramsLost: "the server did not receive all of --rate; lower it to find what it can"
    case .countsDiffer: "server and client disagree on the number of transactions"
    case .senderBehind: "the load generator could not send as fast as --rate"
    case .overdue: "the server could not keep up with --rate; latency grew until the end"
    case .connectionsRefused: "the server ran out of descriptors or memory"
    case .namespacesUnavailable: "measured on loopback, not over a veth pair"
    case .modeUnavailable: "it does not run here, and was left out"
    case .uncounted: "system calls, allocations and packets per transaction are unknown"
    case .locksUntraced: "contention of the listen lock is unknown"
    case .stagesUntraced: "where packets spend their time is unknown"
    case .samplesLost: "times by cause lack what was done without being sampled"
    case .samplesLate:
      "the hypervisor wakes idle CPUs late, and samples due meanwhile count for what they do first, "
        + "mostly softirq"
    case .notSettled: "runs still differ too much; raise --max-repeat, or quiet the machine"
    case .runFailed: "the run was left out"
    case .clientFull:
      "the load generator's CPUs were full: the rate may be its limit, not the server's"
    case .sizesDiffer:
      "responses do not match the exchange; check that --workload, --request-bytes and "
        + "--response-bytes agree with the server's"
    }
  }
}
