import KernelIO
import Live
import Notation
import Rendering
import TestSupport
import Testing

@testable import Commands

/// What keys do in `rxtune top`, without a terminal.
@Suite struct TopSessionTests {
  private let machine = SampledMachine()

  private func live(_ count: UInt64 = 6) throws -> TopSession {
    var session = TopSession(every: Span(milliseconds: 1_000))
    for second in 0..<count { session.append(try machine.sample(second), machine.configuration) }
    return session
  }

  private func press(_ text: String, _ session: inout TopSession) {
    for character in text { _ = session.press(.character(character)) }
  }

  @Test func viewsByNumberAndInTurn() throws {
    var session = try live()
    press("3", &session)
    #expect(session.screen.current.name == "sockets")
    _ = session.press(.tab)
    #expect(session.screen.current.name == "drops")
    _ = session.press(.tab)
    #expect(session.screen.current.name == "queues")
    _ = session.press(.backTab)
    #expect(session.screen.current.name == "drops")
    press("9", &session)
    #expect(session.screen.current.name == "drops")
  }

  @Test func theOrderOfEachView() throws {
    var session = try live()
    _ = session.press(.right)
    press("s", &session)
    #expect(session.screen.sortColumns[0] == 3)
    press("r", &session)
    #expect(session.screen.isReversed)
    press("2", &session)
    #expect(!session.screen.isReversed && session.screen.cursor == nil)
    for _ in 0..<99 { _ = session.press(.left) }
    press("s", &session)
    #expect(session.screen.sortColumns[1] == 0 && session.screen.sortColumns[0] == 3)
    for _ in 0..<99 { _ = session.press(.right) }
    press("s", &session)
    #expect(session.screen.sortColumns[1] == session.screen.current.columns.count - 1)
  }

  @Test func aFilterIsSeenWhileItIsTyped() throws {
    var session = try live()
    press("/rq", &session)
    #expect(session.screen.filter == "rq" && session.screen.prompt?.text == "rq")
    _ = session.press(.backspace)
    #expect(session.screen.filter == "r")
    _ = session.press(.enter)
    #expect(session.screen.filter == "r" && session.screen.prompt == nil)
    #expect(session.press(.character("q")) == .quit)
    press("/", &session)
    _ = session.press(.escape)
    #expect(session.screen.filter == "" && session.screen.prompt == nil)
  }

  @Test func pauseAndWalk() throws {
    var session = try live()
    press("[", &session)
    #expect(session.screen.message?.contains("Space") == true && session.position == nil)
    press(" ", &session)
    #expect(session.screen.state == "paused")
    press("[[", &session)
    #expect(session.screen.state == "paused, 2 back")
    #expect(session.rates?.clock.seconds == SampledMachine.start + 3)
    // What comes in the meantime moves nothing.
    session.append(try machine.sample(6), machine.configuration)
    #expect(session.rates?.clock.seconds == SampledMachine.start + 3)
    #expect(session.screen.state == "paused, 3 back")
    press("]]]]]]", &session)
    #expect(session.rates?.clock.seconds == SampledMachine.start + 6)
    press("[[[[[[[[[[[[[", &session)
    #expect(session.rates?.clock.seconds == SampledMachine.start)
    press(" ", &session)
    #expect(session.position == nil && session.screen.state == "every 1s")
    #expect(session.rates?.clock.seconds == SampledMachine.start + 6)
  }

  @Test func jumpToATimeOfDay() throws {
    // 1,780,000,000 is 2026-05-28T20:26:40Z.
    var session = TopSession(try machine.timeline(10))
    #expect(session.screen.state == "recorded, 2 of 10")
    press("j20:26:45", &session)
    _ = session.press(.enter)
    #expect(session.rates?.clock.seconds == SampledMachine.start + 5)
    press("j23:59", &session)
    _ = session.press(.enter)
    #expect(session.rates?.clock.seconds == SampledMachine.start + 9)
    for wrong in ["", "7", "25:00", "20:61", "x:y", "1:2:3:4", "-1:00", "20:26:99"] {
      press("j" + wrong, &session)
      _ = session.press(.enter)
      #expect(session.screen.message?.contains("HH:MM") == true, "\(wrong)")
    }
    #expect(session.rates?.clock.seconds == SampledMachine.start + 9)
    press("j", &session)
    _ = session.press(.escape)
    #expect(session.screen.prompt == nil)
  }

  @Test func paces() throws {
    var session = try live()
    #expect(session.press(.character("+")) == .newPace)
    #expect(session.interval.milliseconds == 2_000 && session.screen.state == "every 2s")
    for _ in 0..<20 { press("-", &session) }
    #expect(session.interval.milliseconds == 100)
    #expect(session.press(.character("-")) == nil)
    for _ in 0..<20 { press("+", &session) }
    #expect(session.interval.milliseconds == 60_000)
    var recorded = TopSession(try machine.timeline(3))
    #expect(recorded.press(.character("+")) == nil && recorded.screen.message != nil)
  }

  @Test func devicesInTurn() throws {
    var session = try live()
    press("d", &session)
    #expect(session.screen.device == "eth0")
    press("d", &session)
    #expect(session.screen.device == nil)
  }

  @Test func aRecordingIsWalkedThroughFromItsFirstRates() throws {
    var session = TopSession(try machine.timeline(3))
    #expect(session.rates?.seconds == 1)
    press("]]]]", &session)
    #expect(session.screen.state == "recorded, 3 of 3")
    press(" ", &session)
    #expect(session.screen.message != nil && session.position == 2)
    #expect(session.press(.character("w")) == session.rates.map(TopSession.Effect.write))
    let one = TopSession(try machine.timeline(1))
    #expect(one.rates != nil && one.rates?.seconds == nil)
  }

  @Test func helpReturnsAtAnyKey() throws {
    var session = try live()
    press("?", &session)
    #expect(session.screen.isHelp)
    press("2", &session)
    #expect(!session.screen.isHelp && session.screen.view == 0)
  }

  @Test func noKeyTrapsBeforeTheFirstLook() {
    var keys: [KeyPress] = (0x20..<0x7f).map { .character(Character(Unicode.Scalar(UInt8($0)))) }
    keys += [
      .enter, .escape, .tab, .backTab, .backspace, .up, .down, .left, .right, .home, .end, .pageUp,
      .pageDown, .delete,
    ]
    var generator = SplitMix(seed: 11)
    var session = TopSession(every: Span(milliseconds: 1_000))
    for _ in 0..<5_000 {
      guard let key = keys.randomElement(using: &generator) else { continue }
      _ = session.press(key)
      _ = TopFrame(session.rates, session.screen, for: Display(columns: 60, rows: 10)).lines
    }
    #expect(session.rates == nil)
  }

  @Test func anyKeysOnARecording() throws {
    let keys =
      "1234/drsj[] +-wx".map(KeyPress.character) + [.enter, .escape, .left, .right, .down, .tab]
    var generator = SplitMix(seed: 12)
    var session = TopSession(try machine.timeline(20))
    for _ in 0..<3_000 {
      guard let key = keys.randomElement(using: &generator) else { continue }
      _ = session.press(key)
      #expect(session.rates != nil)
      _ = TopFrame(session.rates, session.screen, for: Display(columns: 60, rows: 10)).lines
    }
  }
}
