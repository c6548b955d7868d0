import ArgumentParser
import KernelIO
import Live
import Notation
import Rendering

/// `rxtune top` on a terminal: looks, draws, and does what keys say, until somebody quits.
struct TopScreenLoop {
  private var session: TopSession
  private let sampler: Sampler?
  private let writer: RecordingWriter?
  private let count: Int?
  private var shown = Screen()

  /// Looks at this machine.
  init(_ sampler: Sampler, _ writer: RecordingWriter?, every interval: Span, count: Int?) {
    session = TopSession(every: interval)
    self.sampler = sampler
    self.writer = writer
    self.count = count
  }

  /// Replays a recording.
  init(_ recording: Timeline) {
    session = TopSession(recording)
    sampler = nil
    writer = nil
    count = nil
  }

  mutating func run() throws {
    let terminal = try TerminalSession()
    defer { terminal.close() }
    // A recording waits for keys alone.
    var next = sampler == nil ? UInt64.max : MonotonicClock.now()
    var left = count
    while true {
      if let sampler, MonotonicClock.now() >= next {
        let sample = try sampler.look()
        try writer?.append(sample, sampler.configuration)
        session.append(sample, sampler.configuration)
        next = Pace.next(after: next, session.interval)
        if session.timeline.indices.upperBound > 1 { left = left.map { $0 - 1 } }
      }
      draw(terminal)
      if left == 0 { return }
      for event in try terminal.wait(until: next) {
        switch event {
        case .time: break
        case .redraw: shown.forget()
        case .ended(let signal): terminal.end(by: signal)
        case .key(let key):
          switch session.press(key) {
          case .quit: return
          case .newPace: next = min(next, Pace.next(after: MonotonicClock.now(), session.interval))
          case .write(let rates): write(rates)
          case nil: break
          }
        }
      }
    }
  }

  private mutating func draw(_ terminal: TerminalSession) {
    let size = terminal.size
    let display = Display(
      columns: size.columns, rows: size.rows, hasColour: !Console.wantsNoColour,
      isUnicode: Console.isUnicode)
    let frame = TopFrame(session.rates, session.screen, for: display)
    let bytes = shown.update(frame.encoded)
    if !bytes.isEmpty { _ = terminal.write(bytes) }
  }

  private mutating func write(_ rates: Rates) {
    let path = "rxtune-top-\(rates.clock.compact).json"
    do {
      try LocalFile.write(path, Array(TopDocument(rates).printed(as: .json).utf8))
      session.tell("wrote \(path)")
    } catch {
      session.tell("\(error)")
    }
  }
}
