import Netlink
import Testing

@testable import KernelIO

@Suite("LiveKernel") struct LiveKernelTests {
  let kernel = LiveKernel()

  @Test func readsListsAndFollowsLinks() throws {
    #expect(try kernel.text(.proc("sys/kernel/ostype")) == "Linux")
    #expect(try kernel.list(.proc("sys/net/core")).contains("somaxconn"))
    #expect(try kernel.readLink(.proc("self")) != "")
  }

  @Test func aMissingFileIsAbsentAndNamed() {
    let error = #expect(throws: KernelError.self) { try kernel.read(.sys("no/such/file")) }
    #expect(error?.kind == .absent)
    #expect(error?.description == "read /sys/no/such/file: no such file or directory (ENOENT)")
  }

  @Test func genericFamiliesAreResolvedByName() throws {
    let family = try kernel.family("nlctrl")
    #expect(family.id == GenericFamily.controllerID)
    #expect(throws: KernelError.self) { try kernel.family("no such family") }
  }
}
