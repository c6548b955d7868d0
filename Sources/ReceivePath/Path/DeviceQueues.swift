import KernelIO

/// The receive queues of a device, without the rest of a snapshot: for who looks again and again.
package struct DeviceQueues: Sendable {
  package var link: Link
  package var driver: Reading<DriverInfo>
  /// Ascending; with their counters and their share of the RSS table where these were asked for.
  package var paths: [QueuePath]
}

extension Host {
  /// - Parameters:
  ///   - all: the devices of the namespace, which `links` are some of.
  ///   - isCounted: reads counters and the RSS table, and in return less of each queue's path.
  package func deviceQueues(
    of links: [Link], among all: [Link], isCounted: Bool = false
  ) -> [DeviceQueues] {
    let shared = SharedTables(self, links: links, among: all)
    let unread = Absence(.notSupported)
    return links.map { link in
      let join = queueJoin(link, shared)
      let rss: Reading<RSS> =
        isCounted
        ? Reading { () throws(KernelError) in try self.rss(link.name) } : .absent(unread)
      let statistics = isCounted ? queueCounters(join).queues : .absent(unread)
      return DeviceQueues(
        link: link, driver: join.driver,
        paths: queuePaths(join, rss, statistics, nil, shared, isBrief: isCounted))
    }
  }

  /// Queues' counters as the netdev family tells them, or where it tells none, as the driver names
  /// them.
  ///
  /// - Parameter isWhole: reads the driver's own in any case.
  func queueCounters(
    _ join: QueueJoin, isWhole: Bool = false
  ) -> (queues: Reading<[QueueStatistics]>, own: DriverStatistics?) {
    let name = join.link.name
    let told = Reading { () throws(KernelError) in
      try queueStatistics(name, ifindex: UInt32(clamping: join.link.index))
    }
    let isNeeded = told.value?.isEmpty ?? true
    guard let count = join.driver.value?.statistics, count > 0, isNeeded || isWhole else {
      return (told, nil)
    }
    let own = Reading { () throws(KernelError) in try driverStatistics(name, count: count) }
    return (isNeeded ? own.map { $0.queueStatistics() } : told, own.value)
  }
}
