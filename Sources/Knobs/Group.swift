extension Knob {
  /// Knobs whose ids begin alike: those of one message, table or folder.
  package struct Group: Hashable, Sendable {
    /// "rings", "queue.coalesce".
    package let name: String

    private init(_ name: String) { self.name = name }

    fileprivate init(of knob: Knob) { name = String(knob.id.prefix { $0 != "." }) }

    package static let channels = Group("channels")
    package static let coalesce = Group("coalesce")
    package static let features = Group("features")
    package static let irq = Group("irq")
    package static let napi = Group("napi")
    package static let pause = Group("pause")
    package static let privateFlags = Group("private-flags")
    package static let queue = Group("queue")
    package static let queueCoalesce = Group("queue.coalesce")
    package static let rings = Group("rings")
    package static let rss = Group("rss")

    package func contains(_ knob: Knob) -> Bool { knob.id.hasPrefix(name + ".") }

    package var knobs: [Knob] { catalogue.filter(contains) }
  }

  /// The id up to its first ".": the message or the table that the setting is in.
  package var group: Group { Group(of: self) }

  /// The id without its group: "rx-usecs".
  package var name: String {
    String(id[(id.firstIndex(of: ".").map(id.index(after:)) ?? id.startIndex)...])
  }

  /// What a change of a knob resets besides.
  ///
  /// Of two knobs that reset each other one names the group: neither constant is there before the
  /// other.
  package enum Reset: Hashable, Sendable, CustomStringConvertible {
    case knob(Knob)
    case group(Group)

    package func contains(_ other: Knob) -> Bool {
      switch self {
      case .knob(let knob): knob == other
      case .group(let group): group.contains(other)
      }
    }

    /// In the order of the catalogue.
    package var knobs: [Knob] {
      switch self {
      case .knob(let knob): [knob]
      case .group(let group): group.knobs
      }
    }

    /// "irq.smp-affinity", or "napi.".
    package var word: String {
      switch self {
      case .knob(let knob): knob.id
      case .group(let group): group.name + "."
      }
    }

    /// "irq.smp-affinity", or "napi.*".
    package var description: String {
      if case .group = self { word + "*" } else { word }
    }
  }

  /// Whether a change of this one resets the other.
  package func resets(_ other: Knob) -> Bool { invalidates.contains { $0.contains(other) } }

  /// Whether it is written in order to overwrite what single queues or instances have of `other`.
  package func overwrites(_ other: Knob) -> Bool {
    if case .deviceFile = access { return resets(other) }
    return other.id == "queue.\(id)"
  }
}
