import KernelIO
import Live
import Rendering

/// What somebody looks at in `rxtune top`, and what keys make of it. Knows no terminal.
struct TopSession {
  private(set) var timeline: Timeline
  private(set) var screen = TopScreen()
  /// The sample that is shown; nil: whichever is the newest.
  private(set) var position: Int?
  private let isRecorded: Bool
  private(set) var interval: Span

  /// What a key asks for that is done elsewhere.
  enum Effect: Equatable {
    case quit
    /// The interval changed.
    case newPace
    case write(Rates)
  }

  /// Looks at this machine: samples are added as they come.
  init(every interval: Span) {
    timeline = Timeline()
    self.interval = interval
    isRecorded = false
    describe()
  }

  /// Replays a recording, from the first sample that has rates.
  init(_ recording: Timeline) {
    timeline = recording
    interval = Span(milliseconds: 1_000)
    isRecorded = true
    position = min(recording.indices.lowerBound + 1, recording.indices.upperBound - 1)
    describe()
  }

  mutating func append(_ sample: Sample, _ configuration: LiveConfiguration) {
    timeline.append(sample, configuration)
    // What was looked at may be kept no more.
    position = position.map { max($0, timeline.indices.lowerBound) }
    describe()
  }

  mutating func tell(_ message: String) { screen.message = message }

  /// nil before the first look.
  var rates: Rates? { timeline.rates(at: shown) }

  /// What is below `Timeline.indices` where there is nothing yet.
  private var shown: Int { position ?? timeline.indices.upperBound - 1 }

  private static let paces: [Int64] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000,
  ]

  mutating func press(_ key: KeyPress) -> Effect? {
    screen.message = nil
    if screen.prompt != nil {
      answer(key)
      return nil
    }
    if screen.isHelp {
      screen.isHelp = false
      return key == .character("q") ? .quit : nil
    }
    let effect = act(key)
    describe()
    return effect
  }

  private mutating func act(_ key: KeyPress) -> Effect? {
    switch key {
    case .character("q"): return .quit
    case .character("?"), .character("h"): screen.isHelp = true
    case .tab: show((screen.view + 1) % TopView.all.count)
    case .backTab: show((screen.view + TopView.all.count - 1) % TopView.all.count)
    case .right: moveCursor(1)
    case .left: moveCursor(-1)
    case .character("s"): sort()
    case .character("r"): screen.isReversed.toggle()
    case .down: screen.offset += 1
    case .up: screen.offset = max(0, screen.offset - 1)
    case .pageDown: screen.offset += 10
    case .pageUp: screen.offset = max(0, screen.offset - 10)
    case .home: screen.offset = 0
    case .character("/"): ask(.filter, screen.filter)
    case .escape: screen.filter = ""
    case .character("d"): nextDevice()
    case .character(" "): pause()
    case .character("["): walk(-1)
    case .character("]"): walk(1)
    case .character("j"):
      if position == nil { return refuse("Space pauses; then j jumps") }
      ask(.time, "")
    case .character("+"), .character("="): return change(pace: 1)
    case .character("-"): return change(pace: -1)
    case .character("w"): return rates.map(Effect.write)
    case .character(let digit):
      guard let number = digit.wholeNumberValue, TopView.all.indices.contains(number - 1) else {
        return nil
      }
      show(number - 1)
    default: break
    }
    return nil
  }

  private mutating func refuse(_ message: String) -> Effect? {
    screen.message = message
    return nil
  }

  private mutating func show(_ view: Int) {
    screen.view = view
    screen.offset = 0
    screen.cursor = nil
    screen.isReversed = false
  }
}

// MARK: - Order and part

extension TopSession {
  private mutating func moveCursor(_ step: Int) {
    let count = screen.current.columns.count
    let from = screen.cursor ?? screen.sortColumns[screen.view]
    screen.cursor = min(max(from + step, 0), count - 1)
  }

  private mutating func sort() {
    guard let cursor = screen.cursor else { return tell("← and → choose the column to sort by") }
    screen.sortColumns[screen.view] = cursor
    screen.isReversed = false
  }

  private mutating func nextDevice() {
    let names = (rates?.devices ?? []).map(\.name)
    let next = screen.device.flatMap { names.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
    screen.device = names.indices.contains(next) ? names[next] : nil
    screen.offset = 0
  }

  private enum Question: String {
    case filter = "show rows with"
    case time = "jump to (HH:MM or HH:MM:SS, UTC)"
  }

  private mutating func ask(_ question: Question, _ text: String) {
    screen.prompt = (question.rawValue, text)
  }

  private static let longestAnswer = 64

  /// A key while something is typed.
  private mutating func answer(_ key: KeyPress) {
    guard var prompt = screen.prompt else { return }
    let question = Question(rawValue: prompt.question)
    switch key {
    case .enter:
      screen.prompt = nil
      if question == .time { jump(to: prompt.text) }
      describe()
      return
    case .escape:
      screen.prompt = nil
      if question == .filter { screen.filter = "" }
      return
    case .backspace: _ = prompt.text.popLast()
    case .character(let character) where prompt.text.count < Self.longestAnswer:
      prompt.text.append(character)
    default: break
    }
    screen.prompt = prompt
    if question == .filter {
      screen.filter = prompt.text
      screen.offset = 0
    }
  }
}

// MARK: - Time

extension TopSession {
  private mutating func pause() {
    if isRecorded { return tell("a recording: [ and ] walk through it") }
    position = position == nil && !timeline.indices.isEmpty ? shown : nil
  }

  private mutating func walk(_ step: Int) {
    guard let position else { return tell("Space pauses; then [ and ] walk back and forward") }
    let indices = timeline.indices
    self.position = min(max(position + step, indices.lowerBound), indices.upperBound - 1)
  }

  private mutating func jump(to text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt8($0) }
    guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1],
      let second = parts.count > 2 ? parts[2] : 0, hour < 24, minute < 60, second < 60
    else { return tell("\"\(text)\" is not a time; use HH:MM or HH:MM:SS, as in 14:05:30") }
    guard let clock = timeline.sample(at: shown)?.clock else { return }
    let ofDay = Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second)
    // Of the day that is shown. A clock from a file may be any number.
    let (sum, overflow) = (clock - clock % 86_400).addingReportingOverflow(ofDay)
    position = timeline.index(nearest: overflow ? clock : sum)
  }

  private mutating func change(pace step: Int) -> Effect? {
    if isRecorded { return refuse("a recording keeps the pace that it was taken at") }
    let now = interval.milliseconds
    let next = step > 0 ? Self.paces.first { $0 > now } : Self.paces.last { $0 < now }
    guard let next else { return nil }
    interval = Span(milliseconds: next)
    return .newPace
  }

  /// Says in the title where in time this is.
  private mutating func describe() {
    let indices = timeline.indices
    guard let position else {
      screen.state = "every \(interval)"
      return
    }
    if isRecorded {
      screen.state = "recorded, \(position - indices.lowerBound + 1) of \(indices.count)"
    } else {
      let back = indices.upperBound - 1 - position
      screen.state = back > 0 ? "paused, \(back) back" : "paused"
    }
  }
}
