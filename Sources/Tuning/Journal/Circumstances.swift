import Glibc
package import KernelIO

/// Where and when a change is made: what a journal needs to tell whether it still applies.
package struct Circumstances: Sendable {
  package var bootID: String
  package var namespace: String
  package var pid: Int32

  package init(bootID: String, namespace: String, pid: Int32) {
    self.bootID = bootID
    self.namespace = namespace
    self.pid = pid
  }

  /// This process's.
  package static var pid: Int32 { getpid() }

  /// Of the process that asks.
  package init(
    _ kernel: any Kernel, pid: Int32 = Circumstances.pid
  ) throws(KernelError) {
    bootID = try kernel.bootID
    namespace = try kernel.readLink(.proc("self/ns/net"))
    self.pid = pid
  }
}
