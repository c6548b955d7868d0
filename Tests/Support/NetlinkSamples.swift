package import Netlink

/// Messages as a kernel sends them, one of each shape that the codec decodes.
package enum NetlinkSamples {
  package static let all: [[UInt8]] = [attributes, family, status, done, bitset, arrays]

  /// A number, a string, a nest of odd length.
  package static let attributes: [UInt8] = {
    var writer = AttributeWriter(header: [1, 1, 0, 0])
    writer.put(1, UInt32(7))
    writer.put(2, "eth0")
    writer.nest(3) { nest in
      nest.put(1, UInt64(1 << 40))
      nest.put(2, bytes: [0xaa, 0xbb, 0xcc])
    }
    return writer.bytes
  }()

  /// CTRL_CMD_NEWFAMILY.
  package static let family: [UInt8] = {
    var writer = AttributeWriter(header: [1, 2, 0, 0])
    writer.put(2, "ethtool")
    writer.put(1, UInt16(21))
    writer.put(3, UInt32(1))
    writer.nest(6) { operations in
      for number: UInt32 in 1...3 {
        operations.nest(UInt16(number)) { operation in
          operation.put(1, number)
          operation.put(2, UInt32(0x0e))
        }
      }
    }
    writer.nest(7) { groups in
      groups.nest(1) { group in
        group.put(2, UInt32(5))
        group.put(1, "monitor")
      }
    }
    return writer.bytes
  }()

  /// NLMSG_ERROR with the request's header and the kernel's words.
  package static let status: [UInt8] = {
    var writer = AttributeWriter(
      header: hostBytes(Int32(-22)) + hostBytes(UInt32(36)) + [UInt8](repeating: 0, count: 12))
    writer.put(1, "requested ring size exceeds maximum")
    writer.put(2, UInt32(28))
    writer.put(5, UInt32(3))
    return writer.bytes
  }()

  /// NLMSG_DONE of a dump that failed.
  package static let done: [UInt8] = {
    var writer = AttributeWriter(header: hostBytes(Int32(-95)))
    writer.put(1, "not here")
    return writer.bytes
  }()

  /// A bitset with a mask, as FEATURES_GET answers.
  package static let bitset: [UInt8] = {
    var writer = AttributeWriter(header: [1, 1, 0, 0])
    writer.nest(1) { set in
      set.put(2, UInt32(64))
      set.nest(3) { bits in
        for index: UInt32 in 0..<3 {
          bits.nest(1) { bit in
            bit.put(1, index)
            bit.put(2, "feature-\(index)")
            bit.put(3, flag: index == 1)
          }
        }
      }
    }
    return writer.bytes
  }()

  /// A link, and an RSS table in it.
  package static let arrays: [UInt8] = {
    var writer = AttributeWriter(header: [UInt8](repeating: 0, count: 16))
    writer.put(1, bytes: (0..<8).flatMap { hostBytes(UInt32($0)) })
    writer.put(3, "eth0")
    return writer.bytes
  }()

  /// What the decoders of the codec say against these bytes, each asked for as far as they go.
  package static func refusals(of bytes: [UInt8]) -> [DecodeError] {
    var refusals: [DecodeError] = []
    let message = NetlinkMessage(type: 16, payload: bytes)
    do { _ = try GenericFamily(reply: message) } catch { refusals.append(error) }
    for echoes in [false, true] {
      for flags: UInt16 in [0, 0x100, 0x200, 0x300] {
        do {
          _ = try NetlinkStatus(payload: bytes, flags: flags, echoesRequest: echoes)
        } catch { refusals.append(error) }
      }
    }
    for header in [0, 3, 4, 16] {
      do {
        let attributes = try message.attributes(after: header, "sample")
        decode(attributes, depth: 0, &refusals)
        _ = try ExtendedAck(attributes: attributes)
      } catch { refusals.append(error) }
    }
    return refusals
  }

  private static func decode(
    _ attributes: Attributes, depth: Int, _ refusals: inout [DecodeError]
  ) {
    for attribute in attributes {
      do { _ = try attribute.u8() } catch { refusals.append(error) }
      do { _ = try attribute.u16() } catch { refusals.append(error) }
      do { _ = try attribute.u32() } catch { refusals.append(error) }
      do { _ = try attribute.s32() } catch { refusals.append(error) }
      do { _ = try attribute.u64() } catch { refusals.append(error) }
      do { _ = try attribute.uint() } catch { refusals.append(error) }
      do { _ = try attribute.u32Array() } catch { refusals.append(error) }
      do { _ = try Bitset(attribute) } catch { refusals.append(error) }
      _ = attribute.string()
      guard depth < 8 else { continue }
      do {
        decode(try attribute.nested(), depth: depth + 1, &refusals)
      } catch { refusals.append(error) }
    }
  }
}
