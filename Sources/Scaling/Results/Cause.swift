/// What CPU time is spent for.
package enum Cause: String, Codable, CaseIterable, Sendable {
  case protocols = "protocol"
  case allocation
  case vfs
  case epoll
  case scheduling
  case device
  case ip
  case entry
  case timers
  case uring = "io-uring"
  case bpf
  case tracing
  case user
  case unknown

  package var title: String {
    switch self {
    case .protocols: "TCP, UDP and sockets"
    case .allocation: "memory allocation"
    case .vfs: "VFS and files"
    case .epoll: "epoll and poll"
    case .scheduling: "wake-ups and scheduling"
    case .device: "device, link and backlog"
    case .ip: "IP and routing"
    case .entry: "kernel entry and exit"
    case .timers: "timers"
    case .uring: "io_uring"
    case .bpf: "XDP and BPF"
    case .tracing: "tracing and sampling"
    case .user: "user code"
    case .unknown: "unknown"
    }
  }

  package var meaning: String {
    switch self {
    case .protocols: "TCP, UDP and the socket layer, with security hooks and copies of data"
    case .allocation: "slab, packet buffers, pages, memory cgroups, page faults, RCU frees"
    case .vfs: "descriptors, files, inodes, dentries, file systems"
    case .epoll: "epoll, poll(2) and select(2), and what they ask of files"
    case .scheduling: "waking, choosing and switching tasks; futexes; leaving idle"
    case .device: "driver, queueing discipline, NAPI, GRO, RPS and backlog, softirq dispatch"
    case .ip: "IP, routes, neighbours, netfilter"
    case .entry: "entering and leaving the kernel, for system calls and interrupts"
    case .timers: "the kernel's timers and its clock tick"
    case .uring: "io_uring's own part of its requests"
    case .bpf: "XDP, AF_XDP and BPF programs"
    case .tracing: "perf events, tracepoints and the programs on them, whoever traces"
    case .user: "code of the processes themselves"
    case .unknown: "kernel functions that no cause is known of"
    }
  }

  /// What the talk that this tool began with blames: "VFS overheads, system call overheads, memory
  /// allocation".
  package static let blamed: [Cause] = [.vfs, .entry, .allocation]
}
