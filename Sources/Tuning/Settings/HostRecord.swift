package import KernelIO
import Knobs
import ReceivePath

extension HostSettings {
  /// Asks all that any reading command asks, in the order in which they ask it: what a record of
  /// the host is made of.
  package func readEverything() throws(KernelError) {
    let links = try host.links()
    _ = host.chosen(links, named: [])
    _ = host.snapshot(of: links, isWhole: true)
    let names = links.map(\.name)
    let answers = SharedAnswers()
    for knob in Knob.catalogue {
      // What cannot be listed or read is recorded as such.
      let targets = (try? host.places(of: knob, on: names, sharing: answers)) ?? []
      for target in targets {
        _ = host.reading(of: knob, at: target, sharing: answers)
        _ = host.isReadOnly(knob, at: target)
      }
    }
    _ = host.systemHashKey()
    // What plans stand on.
    for name in names { _ = locality(of: name) }
  }
}
