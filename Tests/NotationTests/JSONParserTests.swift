import TestSupport
import Testing

@testable import Notation

@Suite("JSON that is read") struct JSONParserTests {
  static func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)[...]) }

  @Test func whatIsWrittenIsRead() throws {
    let json = JSON.object([
      "plain": .array([.null, .bool(true), .bool(false), .integer(-1), .number(0.25)]),
      "limits": .array([
        .integer(.min), .integer(.max), .unsigned(.max), .number(.greatestFiniteMagnitude),
        .number(-.leastNonzeroMagnitude),
      ]),
      "a\"b\\c\n\t\u{1}é👩‍👩‍👧": .string("\u{0}\u{7f}/𝄞"), "": .object([JSON.Member]()),
      "none": .array([]),
    ])
    #expect(try Self.parse(json.line()) == json)
    #expect(try Self.parse(json.text()) == json)
  }

  @Test(arguments: [
    (#""\u0041\u00e9\ud834\udd1e\/\b\f\n\r\t\"\\""#, "Aé𝄞/\u{8}\u{c}\n\r\t\"\\"), (#""""#, ""),
  ])
  func escapesAreCharacters(text: String, string: String) throws {
    #expect(try Self.parse(text) == .string(string))
  }

  @Test(arguments: [
    ("0", JSON.integer(0)), ("-0", .integer(0)), ("9223372036854775807", .integer(Int64.max)),
    ("9223372036854775808", .unsigned(9_223_372_036_854_775_808)), ("1.0", .number(1)),
    ("18446744073709551616", .number(18_446_744_073_709_551_616)), ("1e2", .number(100)),
    ("-1.5E-1", .number(-0.15)), (" [ 1 , 2 ] ", .integers([1, 2])),
  ])
  func numbersKeepTheirKind(text: String, json: JSON) throws {
    #expect(try Self.parse(text) == json)
  }

  /// Each with the bytes of it that are JSON.
  @Test(arguments: [
    ("", 0), ("x", 0), ("nul", 0), ("{", 1), ("[1", 2), ("[1,]", 3), ("{\"a\"}", 4), ("1 2", 2),
    ("{\"a\":1,}", 7), ("\"a", 2), ("\"\n\"", 1), ("\"\\x\"", 3), ("\"\\ud834\"", 7), ("-", 1),
    ("\"\\udd1e\"", 7), ("\"\\u00g0\"", 5), ("\"\\ud834\\u0041\"", 13), ("01", 1), (".5", 0),
    ("1.", 2), ("1e", 2), ("+1", 0), ("1e999", 5), ("{1:2}", 1), ("'a'", 0), ("[1 2]", 3),
  ])
  func whatIsNotJSONIsRefusedWithItsPlace(text: String, offset: Int) {
    #expect(throws: JSONError(offset: offset)) { try Self.parse(text) }
  }

  @Test func textThatIsNotUTF8IsRefused() {
    for bytes: [UInt8] in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]] {
      #expect(throws: JSONError(offset: 1)) {
        try JSON(parsing: ([0x22] + bytes + [0x22])[...])
      }
    }
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try Self.parse(nested(64))
    #expect(throws: JSONError(offset: 64)) { try Self.parse(nested(65)) }
    #expect(throws: JSONError.self) { try Self.parse(String(repeating: "[", count: 1 << 20)) }
  }

  @Test func aSliceIsReadFromItsStart() throws {
    #expect(try JSON(parsing: Array("xx[7]yy".utf8)[2..<5]) == .integers([7]))
    #expect(throws: JSONError(offset: 1)) { try JSON(parsing: Array("xx[".utf8)[2...]) }
  }

  @Test func damageIsAnErrorOrAValue() {
    let text = #"{"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":[true,false]}}"#
    var random = SplitMix(seed: 3)
    var read = 0
    for _ in 0..<2000 {
      let damaged = Damage.random(Array(text.utf8), using: &random)
      do {
        let json = try JSON(parsing: damaged[...])
        #expect(try Self.parse(json.line()) == json)
        read += 1
      } catch let error as JSONError {
        #expect((0...damaged.count).contains(error.offset))
      } catch {
        Issue.record(error)
      }
    }
    #expect(read > 0)
  }
}
