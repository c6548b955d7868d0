/// The schema that stands beside the sources, as another program reads it.
package enum JSONSchemaFile {
  /// python3-jsonschema is there.
  package static let isUsable = Shell.has("/usr/bin/python3 -c 'import jsonschema' && true")

  private static let path =
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    + "/Sources/rxtune.schema.json"

  /// Whether what a command prints on standard output, or each line of it, is a document of `kind`,
  /// one of the schema's definitions; and if not, why.
  package static func validate(
    _ command: String, is kind: String, lines: Bool = false
  ) throws -> Shell.Result {
    let check = """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1]))
      jsonschema.Draft202012Validator.check_schema(schema)
      schema = {"$ref": "#/$defs/" + sys.argv[2], "$defs": schema["$defs"]}
      documents = sys.stdin if sys.argv[3] == "true" else [sys.stdin.read()]
      for document in documents:
          jsonschema.Draft202012Validator(schema).validate(json.loads(document))
      """
    return try Shell.result(
      "(\(command)) | /usr/bin/python3 -c '\(check)' '\(path)' \(kind) \(lines)")
  }
}
