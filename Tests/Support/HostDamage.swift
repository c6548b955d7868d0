package import KernelIO
import Netlink

/// Turns a recorded host into a hostile one: instructions of six bytes each change one answer.
package enum HostDamage {
  package static let instructionSize = 6

  package static func apply(_ instructions: [UInt8], to capture: Capture) -> Capture {
    var capture = capture
    guard !capture.exchanges.isEmpty else { return capture }
    var rest = instructions[...]
    while rest.count >= instructionSize {
      let word = Array(rest.prefix(instructionSize))
      rest = rest.dropFirst(instructionSize)
      let index = (Int(word[0]) << 8 | Int(word[1])) % capture.exchanges.count
      let change = Change(
        kind: word[2], position: Int(word[3]) << 8 | Int(word[4]), value: word[5])
      capture.exchanges[index].answer = change.applied(to: capture.exchanges[index].answer)
    }
    return capture
  }

  private struct Change {
    var kind: UInt8
    var position: Int
    var value: UInt8

    func applied(to answer: Capture.Answer) -> Capture.Answer {
      if kind % 8 == 7 { return .refused(Errno(rawValue: Int32(value)), nil) }
      switch answer {
      case .bytes(let bytes): return .bytes(applied(to: bytes))
      case .strings(var strings):
        guard !strings.isEmpty else { return .strings([String(decoding: [value], as: UTF8.self)]) }
        let index = position % strings.count
        strings[index] = String(
          decoding: Change(kind: kind, position: position / strings.count, value: value)
            .applied(to: Array(strings[index].utf8)), as: UTF8.self)
        return .strings(strings)
      case .messages(var messages):
        guard !messages.isEmpty else { return answer }
        let index = position % messages.count
        if kind % 8 == 6 {
          messages.remove(at: index)
        } else {
          messages[index].payload = Change(
            kind: kind, position: position / messages.count, value: value
          ).applied(to: messages[index].payload)
        }
        return .messages(messages)
      case .refused, .malformed: return answer
      }
    }

    private func applied(to bytes: [UInt8]) -> [UInt8] {
      guard !bytes.isEmpty else { return [value] }
      var bytes = bytes
      let index = position % bytes.count
      switch kind % 8 {
      case 0, 1: bytes[index] = value
      case 2: bytes.insert(value, at: index)
      case 3: bytes.remove(at: index)
      case 4: bytes.removeSubrange(index...)
      case 5: bytes.insert(contentsOf: bytes[index...].prefix(Int(value)), at: index)
      default: bytes = []
      }
      return bytes
    }
  }
}
