import CKernel
import Glibc
import KernelIO

/// The load of `receive`: bursts of datagrams from the sockets in turn, at a rate or flat out, and
/// no answer to wait for. What was sent is all that this side knows.
extension LoadThread {
  private static let burst: UInt32 = 64

  @inline(never) mutating func sendOneWay() {
    var slot = 0
    var now = MonotonicClock.now()
    while now < window.until && !shouldStop {
      let due = isOpenLoop ? schedule.take(dueAt: now, atMost: Self.burst) : Self.burst
      if due > 0 {
        send(due, from: slot, now)
        slot = slot &+ 1 == slotCount ? 0 : slot &+ 1
      } else {
        let next = min(schedule.next, window.until)
        _ = unsafe rxtune_epoll_wait(epoll, events, 1, next > now ? Int64(next &- now) : 0)
      }
      now = MonotonicClock.now()
    }
    counts.overdue = schedule.overdue(at: min(window.until, now))
  }

  private mutating func send(_ count: UInt32, from slot: Int, _ now: UInt64) {
    guard unsafe slots[slot].descriptor >= 0 || connectOneWay(slot) else {
      usleep(1000)
      return
    }
    let isMeasured = now >= window.from && now < window.until
    var left = count
    while left > 0 {
      let sent = unsafe rxtune_send_burst(slots[slot].descriptor, request, requestBytes, left)
      guard _fastPath(sent > 0) else {
        guard canGoOn(slot, errno) else { return }
        continue
      }
      left &-= UInt32(truncatingIfNeeded: sent)
      counts.transactions &+= UInt64(truncatingIfNeeded: sent)
      if isMeasured { counts.measured &+= UInt64(truncatingIfNeeded: sent) }
    }
  }

  private mutating func connectOneWay(_ slot: Int) -> Bool {
    guard open(slot) else { return false }
    let address = unsafe targets + Int(slots[slot].target) &* Self.addressStride
    let code = unsafe Glibc.connect(
      slots[slot].descriptor, address.assumingMemoryBound(to: sockaddr.self), addressLength)
    if code != 0 { fail(slot, errno) }
    return code == 0
  }

  /// After a burst of which nothing was sent: is the rest of it to be tried?
  @inline(never) private mutating func canGoOn(_ slot: Int, _ code: Int32) -> Bool {
    switch code {
    case EINTR: return true
    case EAGAIN, ENOBUFS:
      // What the device has not sent yet fills the socket's buffer.
      var wait = pollfd(
        fd: unsafe slots[slot].descriptor, events: Int16(POLLOUT), revents: 0)
      _ = unsafe poll(&wait, 1, 10)
      return MonotonicClock.now() < window.until && !shouldStop
    case ECONNREFUSED:
      // An earlier datagram's answer: nobody listens there.
      counts.refused &+= 1
      counts.lastError = code
      return false
    default:
      fail(slot, code)
      return false
    }
  }
}
