extension ExampleTests {
  /// What a veth does not have, the lab's suites do with the same words.
  private static let onRealNICs = Proof.parsed(
    because: "a veth has no such thing; LabTests run it on a NIC that has")

  static let rows: [Row] = inspect + change + transactions + measure

  private static let inspect: [Row] = [
    Row("rxtune show eth0", .run(says: "driver veth")),
    Row("rxtune show eth0 --stage rss irq rps", .recorded("igb", says: "toeplitz")),
    Row("rxtune show eth0 --stage rss irq", .recorded("igb", says: "12.5%")),
    Row("rxtune show --stage socket", .run(says: "listeners")),
    Row("rxtune show eth0 --stage irq napi", .run(says: "4 instances")),
    Row("rxtune show --json --from db7.capture", .run(says: "\"queue-paths\"")),
    Row("rxtune top eth0", .parsed(because: "it ends when somebody quits; TopTerminalTests do")),
    Row(
      "rxtune top --json --count 10 eth0",
      .parsed(because: "ten seconds; TopCommandTests print some intervals")),
    Row(
      "rxtune top --record night.jsonl --interval 10s",
      .parsed(because: "it ends when somebody quits; TopCommandTests record")),
    Row(
      "rxtune top --from night.jsonl",
      .run(says: "\"packets-per-second\":")),
    Row("rxtune flow eth0 'tcp 10.0.0.1:34567 > 10.0.0.2:80'", .recorded("igb", says: "queue")),
    Row(
      #"ss -Htn | awk '{print "tcp", $5, ">", $4}' | rxtune flow eth0 -"#,
      .parsed(because: "which connections there are differs; FlowCommandTests pipes a list")),
    Row("rxtune get coalesce eth0", .recorded("igb", says: "coalesce.rx-usecs")),
    Row("rxtune get coalesce.rx-usecs eth0", .recorded("igb", says: "20")),
    Row("rxtune get rings channels eth0 eth1", .recorded("two-igb", says: "rings.rx")),
    Row("rxtune get queue.rps-cpus queue.xps-cpus eth0", .run(says: "rx-3")),
    Row("rxtune get 'net.core.*' --json", .run(says: "net.core.somaxconn")),
    Row("rxtune get rings eth0 --from db7.capture", .run(says: "rings.rx")),
    Row("rxtune knobs rps", .run(says: "queue.rps-cpus")),
    Row("rxtune get gro eth0", .run(says: "features.rx-gro")),
    Row("rxtune knobs '*flow*'", .run(says: "queue.rps-flow-cnt")),
    Row("rxtune explain channels.combined", .run(says: "channels.combined")),
    Row("rxtune explain coalesce.rx-usecs", .run(says: "coalesce.rx-usecs")),
    Row("rxtune explain napi", .run(says: "napi.threaded")),
    Row("rxtune explain net.core.netdev_budget", .run(says: "net.core.netdev_budget")),
    Row(
      "rxtune doctor",
      .parsed(because: "the machine's NICs are as they are; DiagnosisTests make faults")),
    Row(
      "rxtune doctor eth0 --for 60s --json",
      .parsed(because: "a minute; DiagnosisTests examine for a second")),
    Row("rxtune doctor --from db7.capture", .run(says: "No findings")),
    Row(
      "rxtune trace eth0",
      .parsed(because: "it takes ten seconds; TraceProofTests trace a known load")),
    Row("rxtune trace eth0 --port 8080 --slowest 3", .parsed(because: "as rxtune trace eth0")),
    Row("rxtune trace eth0 --drops --for 1m", .parsed(because: "as rxtune trace eth0")),
    Row("rxtune metrics", .run(says: "rxtune_queue_info{device=\"eth0\",queue=\"0\"")),
    Row("rxtune metrics eth0 --textfile /var/lib/prometheus/node-exporter/rxtune.prom", .run()),
    Row("rxtune metrics --no-queues --json", .run(says: "rxtune_settings_drifted")),
    Row("rxtune capture --redact db7.capture", .run(says: "exchanges")),
    Row("rxtune capture --for 10s db7.capture", .parsed(because: "DiagnosisTests record 1s")),
  ]

  private static let change: [Row] = [
    Row(
      "rxtune set queue.rps-cpus=1-3 eth0 rx-0", .parsed(because: "not every machine has 4 CPUs")),
    Row("rxtune set channels.combined=max irq.smp-affinity=spread eth0", onRealNICs),
    Row(
      "rxtune set net.core.netdev_budget=600 --dry-run",
      .parsed(because: "a namespace has no such sysctl, and the host's is not a test's to plan")),
    Row("rxtune set features.rx-gro=on web0", .run(says: "Undo: rxtune rollback")),
    Row("rxtune channels eth0 combined=8", onRealNICs),
    Row("rxtune channels eth0 combined=max --confirm-within 60s", onRealNICs),
    Row("rxtune rings eth0 rx=max tx=512", onRealNICs),
    Row("rxtune rss eth0 --equal 4", onRealNICs),
    Row("rxtune rss eth0 --weights 6,2,1,1", onRealNICs),
    Row("rxtune rss eth0 --table '0*64,1*64'", onRealNICs),
    Row("rxtune rss eth0 --default", onRealNICs),
    Row("rxtune rss eth0 --context new --equal 4 --start 4", onRealNICs),
    Row("rxtune rss eth0 --context 1 --delete", onRealNICs),
    Row("rxtune ntuple add eth0 tcp4 dst-port 80 action 3", onRealNICs),
    Row("rxtune ntuple add eth0 tcp4 dst-ip 10.0.0.1 dst-port 80 action 3 loc 7", onRealNICs),
    Row("rxtune ntuple add eth0 udp4 src-ip 192.0.2.0/24 drop", onRealNICs),
    Row("rxtune ntuple add eth0 tcp6 dst-port 443 context 1", onRealNICs),
    Row("rxtune ntuple list eth0", onRealNICs),
    Row("rxtune ntuple list eth0 --json", onRealNICs),
    Row("rxtune ntuple del eth0 7", onRealNICs),
    Row("rxtune ntuple del eth0 7 8", onRealNICs),
    Row("rxtune irq eth0 spread", onRealNICs),
    Row("rxtune irq eth0 rx-0=0 rx-1=2-3", onRealNICs),
  ]

  private static let transactions: [Row] = [
    Row("rxtune profile list", .run(says: "throughput")),
    Row("rxtune profile show spread", .run(says: "irq.smp-affinity")),
    Row("rxtune profile check ./web.yaml", .run()),
    Row("rxtune profile save today eth0", .run()),
    Row("rxtune plan spread eth0", .recorded("igb", says: "irq.smp-affinity")),
    Row("rxtune plan ./web.yaml eth0 --from db7.capture", .run(says: "rx-gro", status: 2)),
    Row("rxtune apply spread eth0", .run()),
    Row("rxtune apply spread eth0 eth1", .run()),
    Row(
      "rxtune apply throughput eth0 --confirm-within 60s",
      .parsed(because: "its guard would outlive the namespace; ConfirmationTests waits for one")),
    Row("rxtune verify", .run(says: "no change is in force", status: 2)),
    Row("rxtune verify spread eth0", .run(status: 2)),
    Row("rxtune confirm", .run(status: 1)),
    Row("rxtune rollback", .run()),
    Row("rxtune rollback 20261123-163117", .run(says: "20261123-163117", status: 1)),
    Row("rxtune rollback --forget 20261123-163117", .run(says: "20261123-163117", status: 1)),
    Row("rxtune history", .run()),
    Row("rxtune history --json", .run(says: "[")),
    Row("rxtune watch", .parsed(because: "it never ends; DriftTests and NamespaceTests watch")),
    Row(
      "rxtune watch --repair",
      .parsed(because: "it never ends; DriftTests and NamespaceTests watch")),
    Row("rxtune persist spread eth0", .parsed(because: "systemd's; PersistenceTests use a root")),
    Row("rxtune unpersist eth0", .parsed(because: "systemd's; PersistenceTests use a root")),
    Row("rxtune unpersist --all", .parsed(because: "systemd's; PersistenceTests use a root")),
    Row("rxtune export spread eth0 --format systemd-link", .recorded("igb", says: "[Link]")),
  ]

  private static let measure: [Row] = [
    Row(
      "rxtune improve --for rate --budget 10m",
      .parsed(because: "ten minutes; ImproveTests make a short search in namespaces")),
    Row(
      "rxtune improve lo --for rate --among queue.rps-cpus=0 --among queue.rps-cpus=1",
      .parsed(because: "minutes; ImproveTests search on lo with a judge whose answers are known")),
    Row(
      "rxtune improve lo --for rate --cpus server=0 client=1 --among queue.rps-cpus=0 "
        + "--among queue.rps-cpus=1", .parsed(because: "as the last one, on CPUs that not all have")
    ),
    Row(
      "rxtune improve eth0 --for p99 --target 192.0.2.7:80 --among coalesce.rx-usecs",
      .parsed(because: "it takes a server elsewhere")),
    Row(
      "rxtune improve eth0 --command ./my-benchmark --among throughput --save web",
      .parsed(because: "as rxtune improve lo")),
    Row(
      "rxtune bench reuseport --workers 1,2 --duration 5s --out results",
      .parsed(because: "minutes; ScalingTests run short ones")),
    Row(
      "rxtune bench reuseport --modes shared-accept,shared-epoll,shared-exclusive --workers 2 "
        + "--duration 2s",
      .parsed(because: "minutes; ScalingTests run short ones")),
    Row(
      "rxtune bench bypass --workload udp-rr --out bypass",
      .parsed(because: "minutes; BypassTests make short runs")),
    Row(
      "rxtune bench bypass --workload udp-rr --rate 40k --busy",
      .parsed(because: "minutes; BypassTests make short runs")),
    Row(
      "rxtune bench bypass --workload receive",
      .parsed(because: "minutes; BypassTests make short runs")),
    Row(
      "rxtune bench reuseport --trace --out results",
      .parsed(because: "minutes; ScalingTests run short ones")),
    Row(
      "rxtune bench where --workload crr --duration 10s",
      .parsed(because: "ten seconds, and root; BreakdownTests run shorter ones")),
    Row(
      "rxtune bench where --workload rr --rate 20k",
      .parsed(because: "ten seconds, and root; BreakdownTests run shorter ones")),
    Row("rxtune bench report results", .run(says: "With 2 workers, p99 latency compared with")),
    Row("rxtune bench report results --html report.html", .run()),
    Row(
      "rxtune bench report served.json load1.json load2.json",
      .parsed(because: "documents of three hosts; DocumentTests joins such")),
    Row("rxtune bench compare before after", .run(says: "reuseport")),
    Row(
      "rxtune bench compare --profile none --profile ./gro-off.yaml",
      .parsed(because: "minutes; CompareTests run short ones")),
    Row(
      "rxtune bench compare --profile none --profile web eth0 --target 192.0.2.7:80",
      .parsed(because: "it wants servers on another host; CompareTests have one")),
  ]
}
