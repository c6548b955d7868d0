import TestSupport
import Testing

@testable import KernelIO

/// What other suites take for granted.
@Suite(
  "NetworkNamespace",
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
struct NetworkNamespaceTests {
  let kernel = LiveKernel()

  @Test func filesystemsAndProcessesShowTheNamespace() throws {
    let outside = try kernel.readLink(.proc("thread-self/ns/net"))
    try NetworkNamespace.run { namespace in
      #expect(try kernel.readLink(.proc("thread-self/ns/net")) != outside)
      try namespace.shell("ip link add nns0 type veth peer nns1")
      #expect(try kernel.list(.sys("class/net")) == ["lo", "nns0", "nns1"])
      let lines = try kernel.text(.proc("net/dev")).split(separator: "\n").dropFirst(2)
      #expect(lines.count == 3)
      #expect(lines.contains { $0.contains("nns0:") })
      #expect(try namespace.shell("ls /sys/class/net") == "lo\nnns0\nnns1\n")
    }
    #expect(try kernel.readLink(.proc("thread-self/ns/net")) == outside)
    #expect(throws: KernelError.self) { try kernel.read(.sys("class/net/nns0/mtu")) }
  }

  @Test func anErrorComesThroughAndTheThreadGoesHome() throws {
    let outside = try kernel.readLink(.proc("thread-self/ns/net"))
    let error = #expect(throws: Shell.Failure.self) {
      try NetworkNamespace.run { try $0.shell("echo words; exit 3") }
    }
    #expect(error?.description == "echo words; exit 3: 3: words\n")
    #expect(try kernel.readLink(.proc("thread-self/ns/net")) == outside)
    #expect(try kernel.list(.proc("thread-self/cwd")).contains("Package.swift"))
  }
}
