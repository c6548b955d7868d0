import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("RSS contexts") struct RSSContextTests {
  @Test(arguments: [
    "none", "1 equal 2", "1 equal 2 from 4; 3 0*64,1*64 key 6d:5a function xor",
    "2 0*3,1 transform symmetric-xor fields tcp4:sdfn udp4:sd; new equal 4",
  ])
  func tablesAreReadAsTheyArePrinted(_ text: String) throws {
    #expect(try RSSContextTable(text).description == text)
  }

  @Test(arguments: [
    ("", "is empty"), ("x equal 2", "begins with its number"), ("0 equal 2", "begins with"),
    ("1 equal", "is not a table"), ("1 default", "is not a table"), ("1 key", "key has no value"),
    ("1 key zz", "is not a key"), ("1 function md5", "not a hash function"),
    ("1 transform odd", "not a transform"), ("1 fields tcp4", "names no fields"),
    ("1 equal 2; 1 equal 3", "given twice"), ("1 equal 2;", "is empty"),
  ])
  func whatIsNoContextSaysWhy(_ text: String, _ problem: String) {
    let error = #expect(throws: RSSContextError.self) { try RSSContextTable(text) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }

  @Test func tablesThatBeginAtAQueue() {
    #expect(IndirectionTable(entries: [4, 5, 6, 4, 5, 6])?.description == "equal 3 from 4")
    #expect(IndirectionTable("equal 3 from 4")?.entries(size: 4) == [4, 5, 6, 4])
    #expect(IndirectionTable(entries: [3, 3])?.description == "3*2")
    #expect(IndirectionTable("equal 3 from 4")?.highestQueue == 6)
    #expect(IndirectionTable("0*3,9,1")?.highestQueue == 9)
    for text in ["equal 3 from", "equal 3 from -1", "equal 3 at 4", "equal 4294967295 from 9"] {
      #expect(IndirectionTable(text) == nil)
    }
  }

  static let kernels = [ContextKernel.Kind.ioctl, .netlink]

  /// What is written is what is read, by either way; numbers that were there come back.
  @Test(arguments: kernels)
  func deviceHasWhatItWasGiven(_ kind: ContextKernel.Kind) throws {
    let kernel = ContextKernel(kind)
    let host = Host(kernel)
    let knob = try #require(Knob.named("rss.contexts"))
    func read() throws -> String {
      try host.read(knob, at: .device("eth0")).value.description
    }
    func write(_ text: String) throws {
      try host.write(knob, try KnobValue.parse(text, for: knob), at: .device("eth0"))
    }
    #expect(try read() == "none")
    let rest = " key aa:bb function toeplitz"
    try write("new equal 2")
    #expect(try read() == "1 equal 2" + rest)
    try write("1 equal 2; new 0*3,3 key 01:02; new equal 2 from 2 function xor")
    let three =
      "1 equal 2\(rest); 2 0*3,3 key 01:02 function toeplitz; "
      + "3 equal 2 from 2 key aa:bb function xor"
    #expect(try read() == three)
    // Again, and nothing is sent.
    kernel.changes = 0
    try write(three)
    #expect(kernel.changes == 0)
    // A part of one is changed, and one goes.
    try write("1 equal 4; 3 equal 2 from 2")
    let two = "1 equal 4\(rest); 3 equal 2 from 2 key aa:bb function xor"
    #expect(try read() == two)
    try write("none")
    #expect(try read() == "none")
    // Under their own numbers again, though the lowest is free.
    try write(two)
    #expect(try read() == two)
    try write(three)
    #expect(try read() == three)
  }

  /// Devices that hide their key answer with zeroes.
  @Test(arguments: kernels)
  func aKeyOfZeroesIsNoKey(_ kind: ContextKernel.Kind) throws {
    let kernel = ContextKernel(kind)
    #expect(try Host(kernel).rss("eth0").key == [0xaa, 0xbb])
    kernel.mainKey = [0, 0]
    #expect(try Host(kernel).rss("eth0").key == [])
  }

  /// A driver that gives numbers as it likes cannot have one back: said, and nothing left over.
  @Test func aNumberThatCannotBeHadIsAnError() throws {
    let kernel = ContextKernel(.ioctl)
    kernel.first = 5
    let error = #expect(throws: KernelError.self) {
      try Host(kernel).setRSSContexts("eth0", try RSSContextTable("2 equal 2"))
    }
    #expect(error?.errno == .exists)
    #expect(error?.extendedAck?.message == "the driver gives numbers as it likes: 5")
    #expect(try Host(kernel).rssContextTable("eth0").isEmpty)
  }

  @Test func aDriverWithoutContextsHasNoneToSet() throws {
    let kernel = ContextKernel(.ioctl)
    kernel.hasContexts = false
    let error = #expect(throws: KernelError.self) { try Host(kernel).rssContextTable("eth0") }
    #expect(error?.kind == .notSupported)
  }

  @Test func whatIsWantedReadsAsItWillBe() throws {
    func expected(_ wanted: String, _ present: String) throws -> String {
      try RSSContextTable(wanted).expected(among: try RSSContextTable(present).contexts).description
    }
    let present = "1 equal 2 key aa:bb; 2 equal 4 key aa:bb"
    // A new one is not what is there already under a number that is wanted too.
    #expect(
      try expected("1 equal 2; new equal 2", present) == "1 equal 2 key aa:bb; new equal 2")
    #expect(try expected("1 equal 2; new equal 4", present) == present)
    #expect(try expected("1 equal 3", present) == "1 equal 3 key aa:bb")
    #expect(try expected("3 equal 3", present) == "3 equal 3")
    #expect(try expected("1 key AA:BB", present) == "1 equal 2 key aa:bb")
  }
}

/// A kernel that knows nothing but the RSS contexts of one device: a table of four entries, a key
/// of two bytes. Before 6.12 there is the ioctl; since 6.17 all goes by netlink.
final class ContextKernel: BareKernel {
  enum Kind: Sendable { case ioctl, netlink }

  private struct Context {
    var table: [UInt32]
    var key: [UInt8]
    var function: UInt32
  }

  private let kind: Kind
  private var contexts: [UInt32: Context] = [
    0: Context(table: [0, 1, 2, 3], key: [0xaa, 0xbb], function: 1)
  ]
  var mainKey: [UInt8] {
    get { contexts[0]?.key ?? [] }
    set { contexts[0]?.key = newValue }
  }
  /// The lowest number that it gives.
  var first: UInt32 = 1
  var hasContexts = true
  var changes = 0

  init(_ kind: Kind) { self.kind = kind }

  private func refuse(_ errno: Errno) -> KernelError { KernelError("rss", "eth0", errno) }

  private func create(_ number: UInt32?) throws(KernelError) -> UInt32 {
    guard let main = contexts[0] else { throw refuse(.invalid) }
    let number = number ?? (first...).first { contexts[$0] == nil } ?? 0
    guard contexts[number] == nil else { throw refuse(.exists) }
    contexts[number] = Context(table: main.table, key: main.key, function: main.function)
    return number
  }

  // MARK: The ioctl

  func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    var data = data
    func word(_ offset: Int) -> UInt32 { hostInteger(data[offset..<offset + 4]) }
    func put(_ value: UInt32, _ offset: Int) {
      data.replaceSubrange(offset..<offset + 4, with: hostBytes(value))
    }
    let command = word(0)
    guard command == 0x46 || (command == 0x47 && kind == .ioctl) else {
      throw refuse(.notSupported)
    }
    var number = word(4)
    guard number == 0 || hasContexts else { throw refuse(.notSupported) }
    if command == 0x46 {
      guard let context = contexts[number] else { throw refuse(.noEntry) }
      let isWhole = word(8) != 0
      put(4, 8)
      put(2, 12)
      data[16] = UInt8(context.function)
      if isWhole {
        data.replaceSubrange(24..<42, with: context.table.flatMap { hostBytes($0) } + context.key)
      }
      return data
    }
    changes += 1
    let (entries, keySize) = (word(8), Int(word(12)))
    if entries == 0 && number != 0 {
      guard contexts.removeValue(forKey: number) != nil else { throw refuse(.noEntry) }
      return data
    }
    if number == .max {
      number = try create(nil)
      put(number, 4)
    }
    guard contexts[number] != nil else { throw refuse(.noEntry) }
    let tableSize = entries == .max ? 0 : Int(entries) * 4
    if tableSize > 0 {
      contexts[number]?.table = (0..<4).map { word(24 + $0 * 4) }
    }
    if keySize > 0 { contexts[number]?.key = Array(data[(24 + tableSize)...]) }
    if data[16] != 0 { contexts[number]?.function = UInt32(data[16]) }
    return data
  }

  // MARK: Netlink

  func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    guard kind == .netlink else { throw refuse(.noEntry) }
    if request == GenericFamily.request(named: "ethtool") {
      var writer = AttributeWriter(header: [1, 2, 0, 0])
      writer.put(2, "ethtool")
      writer.put(1, UInt16(21))
      writer.nest(6) { list in
        for operation: UInt32 in [38, 48, 49, 50] {
          list.nest(UInt16(operation)) { $0.put(1, operation) }
        }
      }
      return [NetlinkMessage(type: GenericFamily.controllerID, payload: writer.bytes)]
    }
    guard let command = request.payload.first,
      let attributes = try? Attributes(request.payload.dropFirst(4), "request")
    else { throw refuse(.invalid) }
    var number = (try? attributes[2]?.u32()) ?? 0
    switch command {
    case 38 where request.flags.contains(.dump): return contexts.keys.sorted().map(reply)
    case 38: return contexts[number] == nil ? [] : [reply(number)]
    case 49: number = try create(number == 0 ? nil : number)
    case 50:
      changes += 1
      guard contexts.removeValue(forKey: number) != nil else { throw refuse(.noEntry) }
      return []
    case 48: break
    default: throw refuse(.notSupported)
    }
    changes += 1
    guard contexts[number] != nil else { throw refuse(.noEntry) }
    if let table = try? attributes[4]?.u32Array() { contexts[number]?.table = table }
    if let key = attributes[5] { contexts[number]?.key = Array(key.payload) }
    if let function = try? attributes[3]?.u32() { contexts[number]?.function = function }
    return command == 49 ? [reply(number)] : []
  }

  private func reply(_ number: UInt32) -> NetlinkMessage {
    var writer = AttributeWriter(header: [38, 1, 0, 0])
    if let context = contexts[number] {
      if number != 0 { writer.put(2, number) }
      writer.put(3, context.function)
      writer.put(4, bytes: context.table.flatMap { hostBytes($0) })
      writer.put(5, bytes: context.key)
    }
    return NetlinkMessage(type: 21, payload: writer.bytes)
  }
}
