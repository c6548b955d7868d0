import Knobs
import Notation
import ReceivePath
import Tuning

extension FuzzTarget {
  /// Values of knobs, places and addresses as words; the first byte chooses. What is understood is
  /// printed so that it is understood as the same again.
  static let values = FuzzTarget(name: "values", seeds: { valueSeeds() }) { bytes in
    let text = String(decoding: bytes.dropFirst(2), as: UTF8.self)
    guard bytes.count > 2, let second = bytes.dropFirst().first else { return }
    switch bytes.first {
    case UInt8(ascii: "k"):
      let knob = Knob.catalogue[Int(second) % Knob.catalogue.count]
      guard let value = try? KnobValue.parse(text, for: knob) else { return }
      let again = try? KnobValue.parse(value.description, for: knob)
      precondition(again == value, "another value of \(knob.id) came back")
    case UInt8(ascii: "p"):
      let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard let place = Place(words: words) else { return }
      precondition(Place(words: place.words) == place, "another place came back")
    case UInt8(ascii: "s"):
      guard let part = Place.Part(typed: text) else { return }
      precondition(Place.Part(typed: part.description) == part, "another part came back")
    case UInt8(ascii: "a"):
      guard let address = IPAddress(text) else { return }
      precondition(IPAddress(address.description) == address, "another address came back")
    default: return
    }
  }

  private static func valueSeeds() -> [[UInt8]] {
    let samples = ["8", "max", "0-3,8", "none", "on", "4096 131072 6291456", "equal 2", "-1"]
    let values = Knob.catalogue.indices.map { index in
      [UInt8(ascii: "k"), UInt8(clamping: index)] + Array(samples[index % samples.count].utf8)
    }
    let others = [
      "p-host", "p-device eth0", "p-rx eth0 3", "p-irq eth0 eth0-rx-0", "p-vector eth0 2",
      "p-cpu 3", "s-rx-3", "s-napi-261", "s-irq-39", "s-cpu2", "a-10.0.0.1", "a-2001:db8::1",
      "a-::ffff:10.0.0.1", "a-fe80::1",
    ]
    return values + others.map { Array($0.utf8) }
  }
}
