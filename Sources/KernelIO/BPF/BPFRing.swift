import CKernel

/// Reads a ring that programs put records into (BPF_MAP_TYPE_RINGBUF; bpf/ringbuf.rst).
@safe package final class BPFRing {
  private var ring: rxtune_bpf_ring
  private var position: UInt64
  /// Where a record lies while it is looked at.
  private var words: [UInt64] = []

  /// BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ.
  private static let busy: UInt32 = 1 << 31
  private static let discarded: UInt32 = 1 << 30
  private static let headerSize: UInt64 = 8

  init(_ ring: rxtune_bpf_ring) {
    unsafe self.ring = ring
    position = unsafe ring.consumer.pointee
  }

  deinit { unsafe rxtune_bpf_close_ring(&ring) }

  /// Hands over what came since the last call, as words of the host's byte order; the last word of
  /// a record whose length is no multiple of eight is left out.
  package func drain(_ body: ([UInt64]) -> Void) {
    let end = unsafe rxtune_bpf_ring_end(&ring)
    let size = unsafe UInt64(ring.size)
    while position < end {
      let header = unsafe rxtune_bpf_ring_header(&ring, position)
      guard header & Self.busy == 0 else { break }
      let length = UInt64(header & ~(Self.busy | Self.discarded))
      guard length <= size - Self.headerSize else { break }
      if header & Self.discarded == 0 {
        let count = Int(length / 8)
        if words.count != count { words = [UInt64](repeating: 0, count: count) }
        unsafe words.withUnsafeMutableBytes { space in
          let start = Int((position + Self.headerSize) & (size - 1))
          unsafe space.copyMemory(
            from: UnsafeRawBufferPointer(start: ring.data + start, count: 8 * count))
        }
        body(words)
      }
      position &+= (length + Self.headerSize + 7) & ~7
    }
    unsafe rxtune_bpf_ring_release(&ring, position)
  }
}
