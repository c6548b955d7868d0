/// What became of the packets that were followed: each is in one of `outcomes`.
package struct TraceCounts: Hashable, Sendable {
  /// Handed up by the driver.
  package var entered: UInt64 = 0
  package var droppedBeforeStack: UInt64 = 0
  package var atStack: UInt64 = 0
  package var otherProtocol: UInt64 = 0
  package var otherPort: UInt64 = 0
  package var withoutData: UInt64 = 0
  package var droppedBeforeSocket: UInt64 = 0
  package var atSocket: UInt64 = 0
  package var droppedInSocket: UInt64 = 0
  package var read: UInt64 = 0
  package var readByNewThread: UInt64 = 0
  package var ringFull: UInt64 = 0
  package var slotLost: UInt64 = 0

  package init() {}

  /// From the map `counts` of stages.bpf.c; what it lacks is 0.
  init(_ values: [UInt64]) {
    let fields: [WritableKeyPath<TraceCounts, UInt64>] = [
      \.entered, \.droppedBeforeStack, \.atStack, \.otherProtocol, \.otherPort, \.withoutData,
      \.droppedBeforeSocket, \.atSocket, \.droppedInSocket, \.read, \.readByNewThread, \.ringFull,
      \.slotLost,
    ]
    for (field, value) in zip(fields, values) { self[keyPath: field] = value }
  }

  /// Merged into another packet by GRO: only the first of them goes on.
  package var mergedByGRO: UInt64 { Self.rest(entered, droppedBeforeStack, atStack) }

  /// Forwarded, taken by a tunnel, or part of a handshake; UDP also where a reader on another CPU
  /// was done with it before the socket told of it.
  package var withoutSocket: UInt64 {
    Self.rest(atStack, otherProtocol, otherPort, withoutData, droppedBeforeSocket, atSocket)
  }

  /// Merged with the packet before it in the socket's queue, spliced, or not read yet.
  package var unread: UInt64 {
    Self.rest(atSocket, droppedInSocket, read, readByNewThread, ringFull, slotLost)
  }

  /// With data, for the port that was asked for: the packets that a trace is about.
  package var asked: UInt64 { Self.rest(entered, otherProtocol, otherPort, withoutData) }

  /// Of those asked for, they whose end is known.
  package var accounted: UInt64 {
    Self.rest(asked, withoutSocket, readByNewThread, ringFull, slotLost)
  }

  package var dropped: UInt64 { droppedBeforeStack &+ droppedBeforeSocket &+ droppedInSocket }

  /// Counters of several CPUs are not read at one moment: never below 0.
  private static func rest(_ whole: UInt64, _ parts: UInt64...) -> UInt64 {
    let sum = parts.reduce(0, &+)
    return whole > sum ? whole - sum : 0
  }

  /// One end of a packet's way.
  package struct Outcome: Sendable {
    /// As JSON calls it.
    package let id: String
    package let title: String
    package let summary: String
    package let count: @Sendable (TraceCounts) -> UInt64
  }

  package static let outcomes = [
    Outcome(id: "read", title: "read", summary: "Read by a program; its stages are known") {
      $0.read
    },
    Outcome(
      id: "merged-by-gro", title: "merged by GRO",
      summary: "Merged into another packet by GRO; only the first of them is followed on"
    ) { $0.mergedByGRO },
    Outcome(
      id: "unread", title: "merged in the socket's queue, or not read yet",
      summary: "Merged with the packet before it in the socket's queue, spliced, or not read yet"
    ) { $0.unread },
    Outcome(
      id: "without-data", title: "TCP without data",
      summary: "TCP segments without data: acknowledgements, handshakes, resets"
    ) { $0.withoutData },
    Outcome(
      id: "other-port", title: "of other ports",
      summary: "For another local port than the one asked for"
    ) { $0.otherPort },
    Outcome(
      id: "other-protocol", title: "of other protocols",
      summary: "Neither TCP nor UDP, a later fragment, or IPv6 with extension headers"
    ) { $0.otherProtocol },
    Outcome(
      id: "without-socket", title: "not seen at a socket",
      summary: "Forwarded, taken by a tunnel, or read before the socket announced it"
    ) { $0.withoutSocket },
    Outcome(id: "dropped", title: "dropped", summary: "Dropped by the kernel, see drops") {
      $0.dropped
    },
    Outcome(
      id: "new-reader", title: "the first that a thread read",
      summary: "The first packet that a thread read: when it was woken is not known"
    ) { $0.readByNewThread },
    Outcome(
      id: "ring-full", title: "lost by the trace",
      summary: "Read, but the trace's ring of records was full"
    ) { $0.ringFull },
    Outcome(
      id: "lost-track", title: "lost track of",
      summary: "In a socket's queue of over 4,096 datagrams, or its slot was taken by another"
    ) { $0.slotLost },
  ]
}
