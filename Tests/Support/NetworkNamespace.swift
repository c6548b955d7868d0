import CNamespace
import Glibc
import KernelIO

/// A network namespace of its own for one test, gone when the test is over, however it ends.
package struct NetworkNamespace {
  /// Whether this process may make one: it takes CAP_SYS_ADMIN.
  package static var isAvailable: Bool { geteuid() == 0 }

  /// Runs `body` in a new namespace: all that it opens, reads in /sys and /proc/net, or starts as
  /// a process is there. At first it has nothing but a loopback device that is up.
  ///
  /// Only the calling thread is in it: no `await` in `body`, and other threads are elsewhere.
  @discardableResult
  package static func run<Value>(_ body: (NetworkNamespace) throws -> Value) throws -> Value {
    var home = rxtune_home()
    if let step = unsafe rxtune_enter_network_namespace(&home) {
      throw NamespaceFailure(step: unsafe String(cString: step), errno: Errno(rawValue: errno))
    }
    defer {
      // A thread that cannot go home would run other tests in the wrong place.
      if let step = unsafe rxtune_leave_network_namespace(&home) {
        fatalError("leaving a network namespace: \(unsafe String(cString: step))")
      }
    }
    let namespace = NetworkNamespace()
    try namespace.shell("ip link set lo up")
    return try body(namespace)
  }

  /// Runs a shell command in the namespace and returns what it printed.
  @discardableResult
  package func shell(_ command: String) throws -> String { try Shell.run(command) }

  /// A veth pair of four queues a side, both up; the first has NAPI instances, for GRO is on.
  package func addVeth(_ name: String, _ peer: String) throws {
    try shell(
      """
      ip link add \(name) numrxqueues 4 numtxqueues 4 type veth \
      peer name \(peer) numrxqueues 4 numtxqueues 4 && ip link set \(name) up && \
      ip link set \(peer) up && ethtool -K \(name) gro on
      """)
  }
}

package struct NamespaceFailure: Error, CustomStringConvertible {
  let step: String
  let errno: Errno
  package var description: String { "network namespace: \(step): \(errno)" }
}
