import KernelIO
import Live
import Rendering

extension FuzzTarget {
  /// Recordings of `rxtune top`, to every screen and document that is made of them.
  static let recording = FuzzTarget(name: "recording", seeds: { recordingSeeds() }) { bytes in
    guard let timeline = try? Recording.decode(bytes, from: "fuzz") else { return }
    for index in timeline.indices.prefix(4) {
      guard let rates = timeline.rates(at: index) else { continue }
      _ = TopDocument(rates).text(as: .jsonLine)
      for view in TopView.all.indices {
        var screen = TopScreen()
        screen.view = view
        _ = TopFrame(rates, screen, for: Display(columns: 100, rows: 20)).encoded
      }
    }
  }

  /// Bytes from a terminal, to keys.
  static let keys = FuzzTarget(
    name: "keys", seeds: { [Array("q\u{1b}[A\u{1b}OB\u{1b}[5~é/x\r".utf8)] }
  ) { bytes in
    var decoder = KeyDecoder()
    var keys = decoder.decode(bytes) + decoder.flush()
    precondition(!decoder.isWaiting, "something is left")
    keys += decoder.decode(Array("q".utf8))
    precondition(keys.last == .character("q"), "a key was swallowed")
  }

  private static func recordingSeeds() -> [[UInt8]] {
    let configuration =
      #"{"configuration":{"devices":[{"index":2,"name":"eth0","queues":[{"number":0,"irq":40,"#
      + #""cpus":"0","rpsCPUs":""},{"number":1}],"source":"qstats"}]},"format":1}"# + "\n"
    func sample(_ second: Int) -> String {
      #"{"sample":{"time":\#(second)000000000,"clock":178000000\#(second),"devices":[{"index":2,"#
        + #""name":"eth0","isUp":true,"queues":[{"number":0,"packets":\#(second)00,"drops":1}]}],"#
        + #""vectors":[{"irq":40,"counts":[{"cpu":0,"count":\#(second)}]}],"cpus":[{"number":0,"#
        + #""netRX":\#(second)}],"protocols":{"UdpRcvbufErrors":\#(second)},"sockets":[{"#
        + #""transport":"udp","address":"::","port":53,"uid":0,"cookie":9,"queued":1,"limit":2,"#
        + #""drops":\#(second)}]}}"# + "\n"
    }
    return [configuration, configuration + sample(1), configuration + sample(1) + sample(2)]
      .map { Array($0.utf8) }
  }
}
