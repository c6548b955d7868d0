import TestSupport

/// What a minute's look costs: `rxtune metrics` of a veth of 64 queues, beside `rxtune show`.
func measureMetrics(_ rxtune: String) throws {
  try NetworkNamespace.run { namespace in
    try namespace.shell(
      """
      ip link add v0 numrxqueues 64 numtxqueues 64 type veth peer name v1 numrxqueues 64 \
      numtxqueues 64 && ip link set v0 up && ip link set v1 up && ethtool -K v0 gro on && \
      ethtool -L v0 rx 64 tx 64
      """)
    let commands = [[rxtune, "metrics", "v0"], [rxtune, "show", "v0", "--json"]]
    for command in commands where Child.run(command).status != 0 {
      throw Broken("\(command.joined(separator: " ")) failed")
    }
    let runs = (0..<40).map { _ in commands.map { Child.run($0) } }
    print("")
    print("rxtune metrics v0, veth 64+64 queues, 40 times in turn with show, median [quartiles]:")
    print(
      "  rxtune metrics      \(Samples(runs.map { $0[0].seconds }).text(scale: 1000)) ms  (goal: < 10)"
    )
    print("  rxtune show         \(Samples(runs.map { $0[1].seconds }).text(scale: 1000)) ms")
    print("  CPU time of metrics \(Samples(runs.map { $0[0].processor }).text(scale: 1000)) ms")
  }
}
