import Notation
import Rendering

/// A Grafana dashboard of what `rxtune metrics` exports: queues, listeners, drift.
///
/// A test looks its metrics and labels up in `Metric.all`.
struct MetricsDashboard {
  struct Panel {
    enum Kind: String { case timeseries, stat }
    var title: String
    var description: String
    var kind = Kind.timeseries
    /// As Grafana calls it.
    var unit = "short"
    /// PromQL, and what a line is called.
    var queries: [(expression: String, legend: String)]
  }

  struct Row {
    var title: String
    var panels: [Panel]
  }

  private static let host = #"instance=~"$instance""#
  private static let device = #"instance=~"$instance", device=~"$device""#
  private static let interval = "[$__rate_interval]"

  static let rows: [Row] = [
    Row(
      title: "Settings",
      panels: [
        Panel(
          title: "Drifted settings", description: "Settings in force that no longer hold.",
          kind: .stat,
          queries: [
            ("rxtune_settings_drifted{\(host)}", "{{instance}} drifted"),
            ("rxtune_settings_unreadable{\(host)}", "{{instance}} unreadable"),
          ]),
        Panel(
          title: "Settings in force", description: "0 after a boot: was rxtune persist run?",
          kind: .stat, queries: [("rxtune_settings_in_force{\(host)}", "{{instance}}")]),
        Panel(
          title: "Pending changes", description: "Changes that wait for rxtune confirm.",
          kind: .stat, queries: [("rxtune_change_pending{\(host)}", "{{instance}}")]),
        Panel(
          title: "Version", description: "The rxtune that writes the metrics.", kind: .stat,
          queries: [("rxtune_build_info{\(host)}", "{{instance}} {{version}}")]),
      ]),
    Row(
      title: "Queues",
      panels: [
        Panel(
          title: "Packets per queue", description: "One line far above the others: RSS is uneven.",
          unit: "pps",
          queries: [
            (
              "rate(rxtune_queue_receive_packets_total{\(device)}\(interval))",
              "{{instance}} {{device}} rx-{{queue}}"
            )
          ]),
        Panel(
          title: "Drops per queue", description: "Packets that found no room in the ring.",
          unit: "pps",
          queries: [
            (
              "rate(rxtune_queue_receive_drops_total{\(device)}\(interval)) > 0",
              "{{instance}} {{device}} rx-{{queue}}"
            )
          ]),
        Panel(
          title: "Imbalance", description: "The busiest queue by the mean; 1 is even.",
          queries: [
            (
              "max by (instance, device) (rate(rxtune_queue_receive_packets_total{\(device)}"
                + "\(interval))) / avg by (instance, device) "
                + "(rate(rxtune_queue_receive_packets_total{\(device)}\(interval)))",
              "{{instance}} {{device}}"
            )
          ]),
        Panel(
          title: "Share of the RSS table", description: "Where a hash that is even would lead.",
          unit: "percentunit",
          queries: [
            ("rxtune_queue_rss_share_ratio{\(device)}", "{{instance}} {{device}} rx-{{queue}}")
          ]),
        Panel(
          title: "Interrupts per CPU",
          description: "By the CPUs that the queues' interrupts are delivered to.", unit: "ops",
          queries: [
            (
              "sum by (instance, cpu) (rate(rxtune_queue_interrupts_total{\(device)}\(interval))"
                + " * on (instance, device, queue) group_left (cpu) rxtune_queue_info)",
              "{{instance}} CPU {{cpu}}"
            )
          ]),
        Panel(
          title: "Packets per interrupt",
          description: "Near 1 under load: coalescing is off, or too short.",
          queries: [
            (
              "sum by (instance, device) (rate(rxtune_queue_receive_packets_total{\(device)}"
                + "\(interval))) / sum by (instance, device) "
                + "(rate(rxtune_queue_interrupts_total{\(device)}\(interval)))",
              "{{instance}} {{device}}"
            )
          ]),
      ]),
    Row(
      title: "Listeners",
      panels: [
        Panel(
          title: "Accept queue, of its limit",
          description: "The fullest socket of each listener; at 1 connections are dropped.",
          unit: "percentunit",
          queries: [
            (
              "rxtune_listener_queued_max{\(host)} / rxtune_listener_queue_limit{\(host)} > 0",
              "{{instance}} {{address}} {{port}}"
            )
          ]),
        Panel(
          title: "Dropped connections", description: "By listener, as its open sockets count.",
          unit: "ops",
          queries: [
            (
              "rate(rxtune_listener_drops_total{\(host)}\(interval)) > 0",
              "{{instance}} {{address}} {{port}}"
            )
          ]),
        Panel(
          title: "Skew of a group",
          description: "The fullest socket's queue by the mean, of SO_REUSEPORT groups.",
          queries: [
            (
              "(rxtune_listener_queued_max{\(host)} * rxtune_listener_sockets{\(host)} "
                + "/ rxtune_listener_queued{\(host)}) and rxtune_listener_sockets{\(host)} > 1",
              "{{instance}} {{address}} {{port}}"
            )
          ]),
        Panel(
          title: "Waiting connections", description: "Over all sockets of a listener.",
          queries: [
            ("rxtune_listener_queued{\(host)} > 0", "{{instance}} {{address}} {{port}}")
          ]),
      ]),
  ]

  // MARK: JSON

  var text: String {
    JSON.object([
      "title": .string("rxtune"), "uid": .string("rxtune"), "tags": .strings(["rxtune"]),
      "description": .string("What rxtune metrics exports. Generated: do not edit."),
      "schemaVersion": .integer(38), "version": .integer(1), "editable": .bool(true),
      "refresh": .string("1m"),
      "time": .object(["from": .string("now-1h"), "to": .string("now")]),
      "templating": .object(["list": .array(Self.variables)]),
      "panels": .array(Self.panels),
    ]).text()
  }

  private static let source = JSON.object([
    "type": .string("prometheus"), "uid": .string("${datasource}"),
  ])

  private static let variables: [JSON] =
    [
      .object([
        "name": .string("datasource"), "type": .string("datasource"),
        "query": .string("prometheus"),
      ])
    ]
    + [
      ("instance", "label_values(rxtune_build_info, instance)"),
      ("device", #"label_values(rxtune_queue_info{instance=~"$instance"}, device)"#),
    ].map { name, query in
      .object([
        "name": .string(name), "type": .string("query"), "datasource": source,
        "query": .string(query), "refresh": .integer(2), "multi": .bool(true),
        "includeAll": .bool(true), "sort": .integer(1),
      ])
    }

  /// Two graphs side by side, stats four, of the 24 columns that a dashboard has.
  private static var panels: [JSON] {
    var panels: [JSON] = []
    var top = 0
    for row in rows {
      panels.append(
        .object([
          "type": .string("row"), "title": .string(row.title), "id": .integer(panels.count + 1),
          "gridPos": place(0, top, width: 24, height: 1), "panels": .array([]),
        ]))
      top += 1
      var left = 0
      var height = 0
      for panel in row.panels {
        let width = panel.kind == .stat ? 6 : 12
        if left + width > 24 { (left, top) = (0, top + height) }
        height = panel.kind == .stat ? 4 : 8
        panels.append(
          json(panel, id: panels.count + 1, at: place(left, top, width: width, height: height)))
        left += width
      }
      top += height
    }
    return panels
  }

  private static func place(_ left: Int, _ top: Int, width: Int, height: Int) -> JSON {
    .object([
      "h": .integer(height), "w": .integer(width), "x": .integer(left), "y": .integer(top),
    ])
  }

  private static func json(_ panel: Panel, id: Int, at place: JSON) -> JSON {
    .object([
      "type": .string(panel.kind.rawValue), "title": .string(panel.title),
      "description": .string(panel.description), "id": .integer(id), "datasource": source,
      "gridPos": place,
      "fieldConfig": .object([
        "defaults": .object(["unit": .string(panel.unit), "min": .integer(0)]),
        "overrides": .array([]),
      ]),
      "targets": .array(
        panel.queries.enumerated().map { index, query in
          .object([
            "refId": .string(String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index)))),
            "datasource": source, "expr": .string(query.expression),
            "legendFormat": .string(query.legend),
          ])
        }),
    ])
  }
}
