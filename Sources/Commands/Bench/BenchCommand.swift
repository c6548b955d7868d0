import ArgumentParser

/// `rxtune bench`: what a listen socket costs as cores are added.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure what a listen socket costs as cores are added.",
    discussion: """
      Measures servers that accept in different ways (one acceptor; a shared listener that wakes \
      all workers or one; SO_REUSEPORT by hash, by CPU or by eBPF; io_uring) under the same load \
      generator: throughput, latency, CPU time, balance over the workers, contention of the \
      listen lock, and how each grows with the number of workers. It warns when the machine \
      cannot show a difference: the load generator is the limit, the hypervisor steals time, a \
      cgroup's CPU quota throttles the run, there are too few cores.

      It listens on loopback or in network namespaces of its own unless you name an address. \
      Results are JSON Lines, written as each run ends; Ctrl-C keeps what was measured. Write \
      times as 5, 5s, 250ms or 2m, rates as 10k, sizes as 16k. A link-local address takes its \
      interface as zone: [fe80::1%eth0]:8080.

      Examples:
        rxtune bench reuseport --workers 1,2 --duration 5s --out results
            Measure all listener modes, interleaved and repeated.
        rxtune bench report results --html report.html
            Write the results as an HTML page.
        rxtune bench compare before after
            Compare two results: faster, slower or inconclusive.

      Exit status:
        1    Failure, or nothing was measured.
        130  Interrupted; what was measured is kept.
      """,
    subcommands: [
      BenchReuseportCommand.self, BenchBypassCommand.self, BenchWhereCommand.self,
      BenchServeCommand.self,
      BenchLoadCommand.self,
      BenchReportCommand.self, BenchCompareCommand.self,
    ])
}
