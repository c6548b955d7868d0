import Testing

@testable import Notation

@Suite("JSON") struct JSONTests {
  @Test func objectsKeepTheirOrderAndLeaveOutTheAbsent() {
    let json = JSON.object([
      "rx-usecs": .integer(8), "absent": nil, "list": .integers([0, 2]),
      "nest": .array([.object(["a": .null])]), "none": .array([]),
    ])
    #expect(json.line() == #"{"rx-usecs":8,"list":[0,2],"nest":[{"a":null}],"none":[]}"#)
    #expect(
      json.text() == """
        {
          "rx-usecs": 8,
          "list": [0, 2],
          "nest": [
            {
              "a": null
            }
          ],
          "none": []
        }

        """)
  }

  @Test func textIsEscaped() {
    #expect(JSON.string("a\"b\\c\n\u{1}é").line() == "\"a\\\"b\\\\c\\n\\u0001é\"")
  }

  @Test func numbersThatJSONCannotHoldAreNull() {
    #expect(JSON.number(.nan).line() == "null")
    #expect(JSON.number(0.25).line() == "0.25")
    #expect(JSON.unsigned(.max).line() == "18446744073709551615")
  }
}
