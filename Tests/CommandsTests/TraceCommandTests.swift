import KernelIO
import TestSupport
import TestTraits
import Testing

@Suite("rxtune trace", .ownThread) struct TraceCommandTests {
  static let isAvailable = NetworkNamespace.isAvailable && (try? LiveKernel().types()) != nil

  /// With packets that were read, one that was dropped, and the slowest.
  @Test(
    .enabled(if: isAvailable && JSONSchemaFile.isUsable, "needs root, BTF, python3-jsonschema"))
  func theDocumentIsValid() throws {
    try NetworkNamespace.run { _ in
      let load = """
        python3 -c "
        import socket, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((\\"127.0.0.1\\", 7))
        for _ in range(300):
            s.sendto(b\\"x\\", (\\"127.0.0.1\\", 7))
            s.recv(9)
            s.sendto(b\\"x\\", (\\"127.0.0.1\\", 9))
            time.sleep(0.02)" >/dev/null 2>&1 &
        """
      let command = "\(Program.rxtune) trace lo --for 1s --slowest 2 --json"
      let result = try JSONSchemaFile.validate("\(load)\n\(command)", is: "trace")
      #expect(result.status == 0, "\(result.output)")
      let text = try Shell.run("\(load)\n\(command)")
      #expect(text.contains("NO_SOCKET") && text.contains("\"remote-port\": 7"), "\(text)")
    }
  }

  @Test(.enabled(if: isAvailable && Shell.has("setpriv"), "needs root, BTF and setpriv"))
  func namesTheCapabilitiesThatLack() throws {
    func trace(_ options: String) throws -> Shell.Result {
      try Shell.result("setpriv \(options) \(Program.rxtune) trace lo --for 10ms")
    }
    let plain = try trace("--reuid 65534 --clear-groups")
    #expect(plain.status == 1)
    #expect(
      plain.output == """
        rxtune: error: this process lacks CAP_PERFMON and CAP_BPF (EPERM). Nothing is attached. \
        Run it as root, with sudo.

        """)
    let one = try trace("--bounding-set=-all,+bpf --inh-caps=-all")
    #expect(one.status == 1 && one.output.contains("lacks CAP_PERFMON (EPERM)"), "\(one.output)")
    let both = try trace("--bounding-set=-all,+bpf,+perfmon --inh-caps=-all")
    #expect(both.status == 0 && both.output.contains("that needs CAP_SYS_ADMIN"), "\(both.output)")
  }

  @Test(arguments: [
    "--for 0", "--for x", "--port 0", "--port 65536", "--queue 65535", "--slowest 1001",
    "--slowest -1", "--queue -1",
  ]) func refusesWhatCannotBe(_ options: String) throws {
    let result = try Shell.result("\(Program.rxtune) trace lo \(options)")
    #expect(result.status == 64, "\(result.output)")
  }

  @Test func namesDevicesThatThereAre() throws {
    let result = try Shell.result("\(Program.rxtune) trace nosuch0 --for 10ms")
    #expect(result.status == 1 && result.output.contains("no device 'nosuch0'"), "\(result.output)")
  }
}
