import Glibc
import Netlink
import TestSupport
import TestTraits
import Testing

@testable import KernelIO

@Suite("BPF programs", .ownThread) struct BPFSessionTests {
  private static let types = try? LiveKernel().types()

  /// Whether this process may run them.
  static let isAvailable =
    types != nil && BPFPrivilege.missing(LiveKernel())?.isEmpty == true

  @Test func findsTheCapabilitiesThatLack() {
    func missing(_ capabilities: String) -> [String]? {
      BPFPrivilege.missing(status: "Name:\tx\nCapEff:\t\(capabilities)\nCapBnd:\t0\n")
        .map { $0.map(\.name) }
    }
    #expect(missing("0000000000000000") == ["CAP_PERFMON", "CAP_BPF"])
    #expect(missing("0000008000000000") == ["CAP_PERFMON"])
    #expect(missing("0000004000000000") == ["CAP_BPF"])
    #expect(missing("000000c000000000") == [])
    #expect(missing("0000000000200000") == [])
    #expect(missing("no number") == nil)
    #expect(BPFPrivilege.missing(status: "Name:\tx\n") == nil)
    #expect(BPFPrivilege.missing(ScriptedKernel()) == nil)
  }

  @Test func putsNumbersIntoThePlacesOfNames() throws {
    let program = BPFObject.Program(
      tracepoints: ["x"], code: [0x118, 0, 0x95, 0x718, 0],
      symbols: [.init(place: 0, name: "map"), .init(place: 3, name: "number")])
    let code = try program.resolved { name in
      name == "map" ? .map(7) : .number(0x1_2345_6789)
    }.get()
    #expect(code == [0x7_0000_1118, 0, 0x95, 0x2345_6789_0000_0718, 0x1_0000_0000])
    #expect(throws: BPFObject.UnknownName(name: "map")) {
      try program.resolved { $0 == "map" ? nil : .number(0) }.get()
    }
    var torn = program
    torn.code.removeLast()
    #expect(throws: BPFObject.UnknownName(name: "number")) {
      try torn.resolved { _ in .number(0) }.get()
    }
  }

  @Test(.enabled(if: isAvailable, "needs BTF, and CAP_BPF with CAP_PERFMON"))
  func everyProgramPassesTheVerifier() throws {
    for object in [BPFObject.stages, .contention, .counts] {
      let session = try BPFSession(object, types: Self.types)
      for program in object.programs {
        let first = try #require(program.tracepoints.first)
        #expect(throws: Never.self, "\(first)") { try session.attach(first) }
      }
    }
  }

  @Test(.enabled(if: isAvailable, "needs BTF, and CAP_BPF with CAP_PERFMON"))
  func countsWhileAttachedAndNoLonger() throws {
    let session = try BPFSession(.stages, types: Self.types)
    #expect(try session.attach("kfree_skb") == [])
    func dropped() -> UInt64 {
      session.entries(in: "drops").reduce(0) { $0 + hostInteger($1.value[...]) }
    }
    // To a port of loopback where nobody listens: one drop for each.
    func send() throws {
      try NetworkNamespace.run { namespace in
        try namespace.shell("bash -c 'for i in 1 2 3; do echo > /dev/udp/127.0.0.1/9; done'")
      }
    }
    let before = dropped()
    try send()
    let after = dropped()
    #expect(after >= before + 3)
    session.detach("kfree_skb")
    let ended = dropped()
    try send()
    #expect(dropped() == ended)
  }

  @Test(.enabled(if: isAvailable, "needs BTF, and CAP_BPF with CAP_PERFMON"))
  func saysWhatTheVerifierSays() throws {
    var object = BPFObject.stages
    let index = try #require(
      object.programs.firstIndex { $0.tracepoints.contains("irq_handler_exit") })
    // r0 = *(r9 + 0): a register that holds nothing.
    object.programs[index].code = [0x0000_0000_0000_9079, 0x95]
    object.programs[index].symbols = []
    let session = try BPFSession(object, types: Self.types)
    let error = #expect(throws: KernelError.self) { try session.attach("irq_handler_exit") }
    #expect(error?.description.contains("R9 !read_ok") == true, "\(String(describing: error))")
  }
}

/// Written down beside their sources, the programs are what these compile to.
@Suite("BPF sources", .ownThread) struct BPFSourceTests {
  private static let folder =
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    + "/Sources/CKernel/Programs"
  private static let clang = (try? Shell.run("dirname $(readlink -f $(command -v swiftc))"))
    .map { $0.split(separator: "\n").joined() + "/clang" }
  private static let compiles =
    clang.map { clang in
      let result = try? Shell.result(
        "command -v python3 && '\(clang)' -print-targets | grep -w bpf")
      return result?.status == 0
    } ?? false

  @Test(.enabled(if: compiles, "no python3, or no clang with a BPF back end beside swiftc"))
  func areWhatIsWrittenDown() throws {
    let sources = try Shell.run("ls '\(Self.folder)' | grep '[.]bpf[.]c$'").split(separator: "\n")
    #expect(!sources.isEmpty)
    for source in sources {
      let name = source.dropLast(2)
      let result = try Shell.result(
        "'\(Self.folder)/generate.py' '\(Self.folder)/\(source)' | cmp - '\(Self.folder)/\(name).h'"
      )
      #expect(result.status == 0, "\(result.output): run make programs")
    }
  }
}
