import CYAML

/// libyaml over one text.
@safe final class Composer {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// libyaml reads from it as it goes on.
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ text: String) {
    unsafe parser = .allocate(capacity: 1)
    unsafe self.text = .allocate(capacity: text.utf8.count)
    _ = unsafe self.text.initialize(from: text.utf8)
    // Nothing but a lack of memory fails it; then the first document does.
    _ = unsafe yaml_parser_initialize(parser)
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, self.text.baseAddress, self.text.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The nodes of the next document, its root first; nil at the end of the text.
  func nextDocument() throws(YAMLError) -> [YAMLNode.Entry]? {
    var document = unsafe yaml_document_t()
    guard unsafe yaml_parser_load(parser, &document) == 1 else { throw problem() }
    defer { unsafe yaml_document_delete(&document) }
    guard let first = unsafe document.nodes.start, let end = unsafe document.nodes.top else {
      return nil
    }
    var entries: [YAMLNode.Entry] = []
    var node = unsafe first
    while unsafe node < end {
      unsafe entries.append(YAMLNode.Entry(node.pointee))
      unsafe node += 1
    }
    return entries.isEmpty ? nil : entries
  }

  private func problem() -> YAMLError {
    let state = unsafe parser.pointee
    let words = unsafe state.problem.map { unsafe String(cString: $0) } ?? "out of memory"
    guard unsafe state.error != YAML_READER_ERROR else {
      // Its mark is not set yet: only the byte is told.
      let before = unsafe text.prefix(state.problem_offset)
      let line = unsafe before.count { $0 == 0x0a } + 1
      let column = unsafe before.reversed().prefix { $0 != 0x0a }.count { $0 & 0xc0 != 0x80 } + 1
      return YAMLError(line, column, words)
    }
    let mark = unsafe state.problem_mark
    return YAMLError(Int(mark.line) + 1, Int(mark.column) + 1, words)
  }
}

extension YAMLNode.Entry {
  fileprivate init(_ node: yaml_node_t) {
    unsafe line = Int(node.start_mark.line) + 1
    unsafe column = Int(node.start_mark.column) + 1
    switch unsafe node.type {
    case YAML_SCALAR_NODE:
      let scalar = unsafe node.data.scalar
      content = unsafe .scalar(
        String(
          decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self))
    case YAML_MAPPING_NODE:
      let pairs = unsafe node.data.mapping.pairs
      let count = unsafe pairs.start.map { unsafe pairs.top - $0 } ?? 0
      // libyaml counts nodes from 1.
      content = unsafe .mapping(
        UnsafeBufferPointer(start: pairs.start, count: count).map {
          (key: Int($0.key) - 1, value: Int($0.value) - 1)
        })
    default:
      content = .sequence
    }
  }
}
