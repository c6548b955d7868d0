/// Samples in the order in which they were taken, with the configuration that was in force: what can
/// be walked back through.
package struct Timeline: Sendable {
  private var configurations: [LiveConfiguration] = []
  private var moments: [Moment] = []
  /// How many were taken and are kept no more.
  private var forgotten = 0
  private var weight = 0
  private let limit: Int?

  private struct Moment: Sendable {
    var configuration: Int
    var sample: Sample
  }

  /// - Parameter limit: values to keep, about 100 MB unless told otherwise: an hour of 64 queues at
  ///   one sample a second. nil keeps all.
  package init(limit: Int? = 1 << 21) { self.limit = limit }

  /// The numbers of those that are kept. A sample keeps its number.
  package var indices: Range<Int> { forgotten..<forgotten + moments.count }

  package mutating func append(_ sample: Sample, _ configuration: LiveConfiguration) {
    if configurations.last != configuration { configurations.append(configuration) }
    moments.append(Moment(configuration: configurations.count - 1, sample: sample))
    weight += sample.weight
    guard let limit, weight > limit, moments.count > 2 else { return }
    // A good part at once: each removal moves all that stay.
    let old = moments.prefix(max(1, moments.count / 8))
    weight -= old.reduce(0) { $0 + $1.sample.weight }
    forgotten += old.count
    moments.removeFirst(old.count)
  }

  package func sample(at index: Int) -> Sample? {
    indices.contains(index) ? moments[index - forgotten].sample : nil
  }

  /// What happened up to a sample since the one before it; for the first, a state without rates.
  package func rates(at index: Int) -> Rates? {
    guard indices.contains(index) else { return nil }
    let moment = moments[index - forgotten]
    return Rates(
      configurations[moment.configuration], from: sample(at: index - 1), to: moment.sample)
  }

  /// The sample nearest to a time, in seconds since 1970; nil where there is none.
  package func index(nearest clock: Int64) -> Int? {
    func distance(_ index: Int) -> UInt64 {
      let other = moments[index].sample.clock
      return UInt64(bitPattern: max(clock, other) &- min(clock, other))
    }
    return moments.indices.min { distance($0) < distance($1) }.map { $0 + forgotten }
  }
}
