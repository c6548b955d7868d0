import Foundation
import Testing

/// Every topology boots, and is what its file says.
@Suite(.lab)
struct BootTests {
  @Test(arguments: Topology.offered)
  func boots(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      let release = try guest.shell("uname -r")
      // `newest` is a link to the kernel, which has its release in its name.
      let kernel = Lab.cache.appending(path: "current/kernel-\(topology.kernel)")
        .resolvingSymlinksInPath().lastPathComponent
      #expect(kernel.contains("-\(release)_"))
      #expect(topology.kernel == "newest" || release.hasPrefix(topology.kernel + "."))
      let nics = topology.lines.filter { $0.first == "nic" }
      for index in nics.indices {
        let address = try guest.shell("cat /sys/class/net/eth\(index)/address")
        #expect(address == "52:54:00:77:00:0\(index)")
      }
    }
  }

  @Test func carriesFilesAndStatus() async throws {
    try await Lab.run(.igb) { guest in
      let bytes = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
      try guest.put(bytes, at: "/tmp/lab/file")
      let back = try guest.get("/tmp/lab/file")
      #expect(back == bytes)
      let output = try guest.run("echo out; echo err >&2; exit 3")
      #expect(output.status == 3)
      #expect(output.output == "out\n")
      #expect(output.errors == "err\n")
      #expect(throws: LabError.self) { try guest.get("/none") }
    }
  }

  @Test func endsACommandThatHangs() async throws {
    try await Lab.run(.igb) { guest in
      let output = try guest.run("sleep 100", timeout: .seconds(1))
      #expect(output.status == 137)
    }
  }

  /// A guest that stands still is given up, killed and cleared away.
  @Test func givesUpAGuestThatHangs() async throws {
    try await Lab.run(.e1000e) { _ in
      let guest = try Guest.boot(.e1000e, grace: .seconds(1))
      try guest.monitor("stop")
      let error = #expect(throws: LabError.self) { try guest.run("true", timeout: .seconds(1)) }
      #expect(error?.description.contains("no answer in time") == true)
      #expect(!guest.isAlive)
    }
  }
}
