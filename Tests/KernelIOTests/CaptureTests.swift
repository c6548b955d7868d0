import Netlink
import TestSupport
import Testing

@testable import KernelIO

@Suite("Capture") struct CaptureTests {
  /// One exchange of every kind, with what is hard to write down.
  static let sample = Capture(
    Capture.Host(
      kernelRelease: "6.18.0-test", machine: "x86_64", date: "2026-02-03T04:05:06Z",
      rxtuneVersion: "0.1.0", userID: 1000),
    exchanges: [
      .init(.read(.proc("sys/net/core/somaxconn")), .bytes(Array("4096\n".utf8))),
      .init(.read(.proc("interrupts")), .bytes(Array("  CPU0\n  0: 7\n\nERR: 0".utf8))),
      .init(.read(.sys("empty")), .bytes([])),
      .init(
        .read(.sys("mixed")), .bytes(Array("good\n|\\=\nbad\0\n\n".utf8) + [0xff, 0x0a, 0x80])),
      .init(.read(.sys("zeros")), .bytes([UInt8](repeating: 0, count: 100) + [1])),
      .init(.read(.sys("a\\b\nc")), .refused(.noEntry, nil)),
      .init(.list(.proc("")), .strings(["eth0", "", " ", "a\nb", "é"])),
      .init(.list(.sys("empty")), .strings([])),
      .init(.readLink(.sys("class/net/eth0/device")), .strings(["../../../0000:00:01.0"])),
      .init(.mode(.proc("irq/36/smp_affinity")), .strings(["444"])),
      .init(.mode(.sys("gone")), .refused(.noEntry, nil)),
      .init(
        .netlink(
          NetlinkRequest(
            .generic, type: 20, flags: .dump, payload: Array(1...40), subject: "ethtool rings-get")),
        .messages([
          NetlinkMessage(type: 20, payload: Array("\u{1}\0eth0\0queue".utf8)),
          NetlinkMessage(type: 21, payload: []),
        ])),
      .init(
        .netlink(NetlinkRequest(.sockDiag, type: 20, payload: [], subject: "")), .messages([])),
      .init(
        .netlink(NetlinkRequest(.route, type: 18, payload: [1], subject: "link \\ \n x")),
        .refused(.invalid, ExtendedAck(message: "bad \"thing\"", offset: 28, missingType: 3))),
      .init(
        .netlink(NetlinkRequest(.route, type: 18, payload: [2], subject: "")),
        .refused(Errno(rawValue: 525), nil)),
      .init(
        .netlink(NetlinkRequest(.route, type: 18, payload: [3], subject: "")),
        .malformed(DecodeError("link/3", offset: 7, "5 bytes where 4 are due"))),
      .init(
        .ethtool(device: "eth 0", data: [3, 0, 0, 0, 9]), .bytes([3, 0, 0, 0, 1, 2, 3])),
      .init(
        .ethtool(device: "eth0", data: []), .refused(.notSupported, ExtendedAck(offset: 4))),
    ])

  @Test func readsBackWhatWasWritten() throws {
    let bytes = Self.sample.write()
    let back = try Capture.parse(bytes)
    #expect(back == Self.sample)
    #expect(back.write() == bytes)
  }

  @Test func everyByteOfAFileSurvives() throws {
    let all = (0...255).map { UInt8($0) }
    var contents = [all, all + all.reversed(), [0x0a], [0x0a, 0x0a], [0x0d, 0x0a], [0xc3]]
    contents += [[UInt8](repeating: 0, count: 200_000) + [1]]
    contents += all.map { [$0] } + all.map { [UInt8(ascii: "x"), $0, 0x0a] }
    let capture = Capture(
      Self.sample.host,
      exchanges: contents.enumerated().map { .init(.read(.sys("\($0)")), .bytes($1)) })
    #expect(try Capture.parse(capture.write()) == capture)
  }

  @Test func theTextIsWhatTheDocumentationShows() {
    var capture = Self.sample
    capture.exchanges = [Self.sample.exchanges[0], Self.sample.exchanges[13]]
    capture.exchanges.append(
      .init(
        .netlink(
          NetlinkRequest(.generic, type: 16, payload: [3, 1, 0, 0, 9], subject: "a family")),
        .messages([NetlinkMessage(type: 16, payload: Array("\u{1}\u{2}\0\0eth0\0".utf8))])))
    #expect(
      String(decoding: capture.write(), as: UTF8.self) == """
        rxtune-capture 1
        kernel 6.18.0-test
        machine x86_64
        date 2026-02-03T04:05:06Z
        rxtune 0.1.0
        uid 1000
        redacted no

        read /proc/sys/net/core/somaxconn
        |4096

        netlink route 18 0x0 link \\x5c \\x0a x
        >01
        !EINVAL offset 28 missing 3
        |bad "thing"

        netlink generic 16 0x0 a family
        >03010000 09
        <16
        =01020000 65746830 00  ; ....eth0.

        end 3

        """)
  }

  @Test func everyPrefixIsRefused() {
    let bytes = Self.sample.write()
    for count in bytes.indices {
      #expect(throws: CaptureError.self) { try Capture.parse(Array(bytes[..<count])) }
    }
  }

  @Test(arguments: [
    ("", 1, CaptureError.Problem.foreign),
    ("hello\n", 1, .foreign),
    ("rxtune-cap", 1, .truncated),
    ("rxtune-capture 1", 1, .truncated),
    ("rxtune-capture 2\n", 1, .newer(version: "2")),
    ("rxtune-capture 0\n", 1, .malformed("unknown format 0")),
    (
      "rxtune-capture 1\r\n", 1,
      .malformed("lines end in CR LF: the capture was changed on its way")
    ),
    ("rxtune-capture 1\nuid 0\n", 3, .truncated),
    ("rxtune-capture 1\n\n", 2, .malformed("the header lacks 'kernel'")),
    ("rxtune-capture 1\nuid 0\nuid 0\n\n", 3, .malformed("the header has 'uid' twice")),
  ])
  func aFileThatIsNoCaptureIsRefused(
    text: String, line: Int, problem: CaptureError.Problem
  ) {
    #expect(throws: CaptureError(line: line, problem)) { try Capture.parse(Array(text.utf8)) }
  }

  static let header = """
    rxtune-capture 1
    kernel 6
    machine m
    date d
    rxtune 1
    uid 0
    redacted no


    """

  @Test(arguments: [
    ("end 0\n", nil),
    ("# a remark\n\nend 0\n", nil),
    ("end 1\n", CaptureError.Problem.miscounted(told: 1, found: 0)),
    ("end 0\nread /sys/x\n", .malformed("something follows the end line")),
    ("|text\n", .malformed("an answer without a question")),
    ("guess /sys/x\n", .malformed("'guess' is not a question that rxtune asks")),
    ("read /etc/x\n", .malformed("'/etc/x' is not a path below /proc, /sys or /dev")),
    ("read /sys/\\y\n", .malformed("a backslash should begin an escape like \\x5c")),
    ("netlink x 1 0x0\n", .malformed("'x' is not a netlink protocol that rxtune speaks")),
    (
      "netlink route 65536 0x0\n",
      .malformed("the request's type should be a number up to 65535, not '65536'")
    ),
    ("read /sys/x\n=0g\n", .malformed("column 2 should be a pair of hex digits")),
    ("read /sys/x\n=00 1\n", .malformed("column 5 should be a pair of hex digits")),
    ("read /sys/x\n=*65537\n", .malformed("a run of zeros is at most 65536 long")),
    ("read /sys/x\n>00\n", .malformed("no line of this kind belongs to this question")),
    ("read /sys/x\n!EWHAT\n", .malformed("'EWHAT' is not an error number's name")),
    ("read /sys/x\n|1\n!EIO\n", .malformed("a refusal beside another answer")),
    ("netlink route 18 0x0\n=00\n", .malformed("a reply's bytes come before its type")),
    ("readlink /sys/x\nend 1\n", .malformed("the exchange above this line should have one target")),
  ])
  func aLineThatMakesNoSenseIsNamed(body: String, problem: CaptureError.Problem?) throws {
    let parse = { try Capture.parse(Array((Self.header + body).utf8)) }
    if let problem {
      let lastLine = (Self.header + body).split(separator: "\n", omittingEmptySubsequences: false)
      let expected = body.hasPrefix("end 0\nread") ? 9 : lastLine.count - 1
      #expect(throws: CaptureError(line: expected, problem)) { try parse() }
    } else {
      #expect(try parse().exchanges.isEmpty)
    }
  }

  @Test func damagedBytesNeverTrap() {
    let bytes = Self.sample.write()
    var generator = SplitMix(seed: 42)
    for _ in 0..<5_000 {
      // What still parses must also be written and read back as it is.
      if let capture = try? Capture.parse(Damage.random(bytes, 8, using: &generator)) {
        #expect((try? Capture.parse(capture.write())) == capture)
        _ = try? capture.redacted()
      }
    }
  }

  @Test func randomLinesNeverTrap() {
    let words = [
      "read ", "/sys/", "=", "00", "|", "\\", "\n", "!", "EIO", "<", "16", ">", "*", " ", "x",
    ]
    var generator = SplitMix(seed: 11)
    for _ in 0..<5_000 {
      let count = Int.random(in: 0..<30, using: &generator)
      let body = (0..<count).compactMap { _ in words.randomElement(using: &generator) }.joined()
      #expect(throws: CaptureError.self) { try Capture.parse(Array((Self.header + body).utf8)) }
    }
  }

  /// A host at two moments: captures one behind the other.
  @Test func momentsStandOneBehindTheOther() throws {
    var one = Capture(
      Capture.Host(
        kernelRelease: "6.12", machine: "x", date: "d", rxtuneVersion: "1", userID: 0))
    one.exchanges = [Capture.Exchange(.read(.proc("uptime")), .bytes(Array("1 1\n".utf8)))]
    var two = one
    two.exchanges[0].answer = .bytes(Array("2 2\n".utf8))
    let bytes = one.write() + two.write()
    #expect(try Capture.moments(bytes) == [one, two])
    #expect(try Capture.moments(one.write()) == [one])
    // Whoever wants one has the first; what follows must be right all the same.
    #expect(try Capture.parse(bytes) == one)
    for cut in [1, 20, two.write().count - 1] {
      #expect(throws: CaptureError.self) { _ = try Capture.parse(Array(bytes.dropLast(cut))) }
      #expect(throws: CaptureError.self) { _ = try Capture.moments(Array(bytes.dropLast(cut))) }
    }
  }
}
