import Glibc
package import KernelIO
import ReceivePath

/// Settings of the host that bound a benchmark.
package enum SystemLimits {
  /// net.core.somaxconn: what listen(2)'s backlog is cut to.
  package static func somaxconn(_ kernel: some Kernel) -> Int32? {
    (try? kernel.sysctl("net.core.somaxconn")).flatMap { Int($0) }.map { Int32(clamping: $0) }
  }

  /// net.ipv4.ip_local_port_range: how many ports a source address has for one target.
  package static func localPorts(_ kernel: some Kernel) -> Int? {
    guard let text = try? kernel.sysctl("net.ipv4.ip_local_port_range") else { return nil }
    let ends = text.split { $0 == "\t" || $0 == " " }.compactMap { Int($0) }
    guard ends.count == 2, ends[0] <= ends[1] else { return nil }
    return ends[1] - ends[0] + 1
  }
}

/// RLIMIT_NOFILE of this process.
enum DescriptorLimit {
  /// Room for `count` descriptors besides those that any process has.
  static func raise(to count: Int, why: String) throws(BenchError) {
    let needed = rlim_t(count + 64)
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw BenchError.last("getrlimit RLIMIT_NOFILE")
    }
    if limit.rlim_cur >= needed { return }
    let before = limit.rlim_cur
    limit.rlim_cur = needed
    if limit.rlim_max < needed { limit.rlim_max = needed }
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw BenchError(
        "\(why) need \(needed) file descriptors, the limit is \(before)",
        Errno(rawValue: errno), hint: "ulimit -n \(needed), or fewer --connections")
    }
  }
}
