import Testing

@testable import Notation

@Suite("Codable values in JSON") struct JSONCodingTests {
  struct Machine: Codable, Hashable {
    var name: String
    var isVirtual: Bool
    var cpus: [Int]
    var mtu: UInt16?
    var load: Double
    var counters: [String: UInt64]
    var kind: Kind
    var message: Message
  }

  enum Kind: String, Codable { case server, laptop }

  enum Message: Codable, Hashable {
    case stop
    case go(Int, after: Double?)
  }

  static let machine = Machine(
    name: "é/\"", isVirtual: true, cpus: [3, -1], mtu: nil, load: 0.5,
    counters: ["b": .max, "a": 0],
    kind: .laptop, message: .go(7, after: nil))
  static let text =
    #"{"counters":{"a":0,"b":18446744073709551615},"cpus":[3,-1],"isVirtual":true,"#
    + #""kind":"laptop","load":0.5,"message":{"go":{"_0":7}},"name":"é/\""}"#

  @Test func membersAreInTheOrderOfTheirNames() throws {
    #expect(try JSON(encoding: Self.machine).line() == Self.text)
  }

  @Test func whatIsEncodedDecodes() throws {
    #expect(try JSON(encoding: Self.machine).decode() == Self.machine)
    for message in [Message.stop, .go(.min, after: 1), .go(.max, after: nil)] {
      #expect(try JSON(encoding: [message]).decode() == [message])
    }
    let lists: [[Int?]] = [[], [nil, 1], [2]]
    #expect(try JSON(encoding: lists).decode() == lists)
  }

  @Test func wholeNumbersAreNumbers() throws {
    #expect(try JSON.integers([1, 2]).decode([Double].self) == [1, 2])
    #expect(try JSON.number(3).decode(UInt8.self) == 3)
    #expect(throws: EncodingError.self) { try JSON(encoding: Double.nan) }
  }

  @Test(arguments: [
    (#""name""#, #""other""#, "name is missing"),
    ("[3,-1]", "[3,true]", "cpus.1 is of another type"),
    ("[3,-1]", "7", "cpus is of another type"), ("[3,-1]", "null", "cpus has no value"),
    ("[3,-1]", "[0.5]", "cpus.0 is out of range"), ("true", "1", "isVirtual is of another type"),
    ("18446744073709551615", "-1", "counters.b is out of range"),
    ("laptop", "fridge", "kind holds a word that this rxtune does not know"),
    (#"{"_0":7}"#, "{}", "message.go._0 is missing"),
    (#"{"go":"#, #"{"leave":"#, "message is of another type"),
  ])
  func whatDoesNotFitIsNamed(old: String, new: String, reason: String) throws {
    let place = try #require(Self.text.firstOccurrence(of: old))
    let text = Self.text.replacingSubrange(place, with: new)
    let error = try #require(throws: DecodingError.self) {
      try JSONParserTests.parse(text).decode(Machine.self)
    }
    #expect(DecodingError.reason(error) == reason)
  }
}

extension String {
  fileprivate func replacingSubrange(_ range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
