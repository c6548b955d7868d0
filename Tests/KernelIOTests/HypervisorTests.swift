import Testing

@testable import KernelIO

@Suite("Hypervisor") struct HypervisorTests {
  @Test func namesItselfWhereTheCPUsSayThatThereIsOne() throws {
    let text = try LiveKernel().text(.proc("cpuinfo"))
    let flags = text.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ")
    #expect((Hypervisor.name != nil) == (flags?.contains("hypervisor") == true))
    #expect(Hypervisor.name?.isEmpty != true)
    // The model of CPU that QEMU's emulator makes up.
    if text.contains("QEMU TCG CPU") { #expect(Hypervisor.isEmulator) }
  }
}
