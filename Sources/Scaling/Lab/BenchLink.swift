import CKernel
import Glibc
import KernelIO
import Knobs
import Notation
import ReceivePath

/// One end of the link between server and load, in a network namespace of its own.
package struct LinkEnd: Codable, Hashable, Sendable {
  /// The process whose namespace the other end goes to; nil where that end has been made.
  package var peer: Int32?
  /// IPv4 addresses, of a /15.
  package var addresses: [String]
  /// CPUs that take this end's packets (rps_cpus): without them the sender's CPU would.
  package var receiveCPUs: [Int]
  /// Of both ends, where this makes them; nil for one.
  package var queues: Int?
}

/// Builds the link by rtnetlink, from inside the namespaces: the host's own is never touched.
enum BenchLink {
  static let name = "rxtune0"
  /// RFC 2544's network for benchmarks.
  static let serverAddress = "198.18.0.1"
  private static let prefixLength: UInt8 = 15

  /// The addresses that load comes from.
  static func clientAddresses(_ count: Int) -> [String] {
    (0..<max(1, min(count, 4096))).map { "198.19.\($0 / 250).\($0 % 250 + 1)" }
  }

  /// Enters a network namespace of this process's own, which ends with it. The process must be
  /// of one thread.
  static func isolate() throws(BenchError) {
    let code = rxtune_enter_new_network()
    guard code == 0 else {
      throw BenchError(
        "enter a network namespace", Errno(rawValue: code),
        hint: code == EPERM ? "needs root; --no-netns measures on loopback" : nil)
    }
  }

  static func setUp(_ end: LinkEnd, _ kernel: some Kernel) throws(BenchError) {
    let host = Host(kernel)
    do throws(KernelError) {
      try host.takeUp(try host.link("lo"))
      if let peer = end.peer {
        try host.makeVethPair(
          name, inNamespaceOf: peer, queues: end.queues.map { UInt32(clamping: $0) })
      }
      let link = try host.link(name)
      for address in end.addresses.compactMap({ IPAddress($0) }) {
        try host.add(address, prefixLength: prefixLength, to: link)
      }
      try host.takeUp(link)
      let cpus = CPUSet(end.receiveCPUs)
      if !cpus.isEmpty {
        for queue in try host.queueNumbers(name).rx {
          let file = KernelPath.sys("class/net/\(name)/queues/rx-\(queue)/rps_cpus")
          try kernel.write(file, Array(cpus.mask.utf8))
        }
      }
    } catch {
      throw BenchError("make a link between two namespaces: \(error)")
    }
  }
}
