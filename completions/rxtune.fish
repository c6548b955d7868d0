function __rxtune_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __rxtune_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __rxtune_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __rxtune_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __rxtune_parse_tokens -S
    set -l unparsed_tokens (__rxtune_tokens -pc)
    switch $unparsed_tokens[1]
    case 'rxtune'
        __rxtune_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'show'
            __rxtune_parse_subcommand -r 1 'stage=+' 'json' 'follow' 'from=' 'version' 'h/help'
        case 'flow'
            __rxtune_parse_subcommand -r 2 'json' 'from=' 'version' 'h/help'
        case 'get'
            __rxtune_parse_subcommand -r 1 'json' 'from=' 'version' 'h/help'
        case 'knobs'
            __rxtune_parse_subcommand 1 'stage=' 'json' 'ids' 'version' 'h/help'
        case 'explain'
            __rxtune_parse_subcommand -r 1 'json' 'version' 'h/help'
        case 'capture'
            __rxtune_parse_subcommand 1 'redact' 'version' 'h/help'
        case 'set'
            __rxtune_parse_subcommand -r 1 'dry-run' 'force' 'confirm-within=' 'wait-link=' 'irqbalance=' 'json' 'state-dir=' 'version' 'h/help'
        case 'channels'
            __rxtune_parse_subcommand -r 2 'dry-run' 'force' 'confirm-within=' 'wait-link=' 'irqbalance=' 'json' 'state-dir=' 'version' 'h/help'
        case 'rings'
            __rxtune_parse_subcommand -r 2 'dry-run' 'force' 'confirm-within=' 'wait-link=' 'irqbalance=' 'json' 'state-dir=' 'version' 'h/help'
        case 'rss'
            __rxtune_parse_subcommand 1 'equal=' 'start=' 'weights=' 'table=' 'default' 'key=' 'function=' 'fields=' 'symmetric=' 'context=' 'delete' 'dry-run' 'force' 'confirm-within=' 'wait-link=' 'irqbalance=' 'json' 'state-dir=' 'version' 'h/help'
        case 'ntuple'
            __rxtune_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'add'
                __rxtune_parse_subcommand -r 2 'dry-run' 'force' 'confirm-within=' 'wait-link=' 'irqbalance=' 'json' 'state-dir=' 'version' 'h/help'
            case 'del'
                __rxtune_parse_subcommand -r 2 'dry-run' 'force' 'confirm-within=' 'wait-link=' 'irqbalance=' 'json' 'state-dir=' 'version' 'h/help'
            case 'list'
                __rxtune_parse_subcommand 1 'json' 'from=' 'version' 'h/help'
            end
        case 'irq'
            __rxtune_parse_subcommand -r 2 'dry-run' 'force' 'confirm-within=' 'wait-link=' 'irqbalance=' 'json' 'state-dir=' 'version' 'h/help'
        case 'profile'
            __rxtune_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __rxtune_parse_subcommand 0 'version' 'h/help'
            case 'show'
                __rxtune_parse_subcommand 1 'version' 'h/help'
            case 'check'
                __rxtune_parse_subcommand 1 'version' 'h/help'
            case 'save'
                __rxtune_parse_subcommand 2 'force' 'from=' 'version' 'h/help'
            end
        case 'plan'
            __rxtune_parse_subcommand -r 2 'json' 'from=' 'version' 'h/help'
        case 'apply'
            __rxtune_parse_subcommand -r 2 'dry-run' 'force' 'confirm-within=' 'wait-link=' 'irqbalance=' 'json' 'state-dir=' 'version' 'h/help'
        case 'verify'
            __rxtune_parse_subcommand -r 2 'json' 'state-dir=' 'version' 'h/help'
        case 'confirm'
            __rxtune_parse_subcommand 1 'state-dir=' 'version' 'h/help'
        case 'rollback'
            __rxtune_parse_subcommand 1 'state-dir=' 'version' 'h/help'
        case 'history'
            __rxtune_parse_subcommand 0 'json' 'state-dir=' 'version' 'h/help'
        case 'watch'
            __rxtune_parse_subcommand -r 1 'repair' 'interval=' 'json' 'state-dir=' 'version' 'h/help'
        case 'persist'
            __rxtune_parse_subcommand -r 2 'root=' 'version' 'h/help'
        case 'unpersist'
            __rxtune_parse_subcommand -r 1 'root=' 'version' 'h/help'
        case 'export'
            __rxtune_parse_subcommand 2 'format=' 'from=' 'version' 'h/help'
        case 'bench'
            __rxtune_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'reuseport'
                __rxtune_parse_subcommand 0 'modes=' 'workload=' 'close=' 'request-bytes=' 'response-bytes=' 'workers=' 'connections=' 'duration=' 'warm-up=' 'repeat=' 'max-repeat=' 'rate=' 'cpus=+' 'netns' 'no-netns' 'locks' 'no-locks' 'sources=' 'backlog=' 'time-limit=' 'seed=' 'out=' 'version' 'h/help'
            case 'serve'
                __rxtune_parse_subcommand 0 'mode=' 'workload=' 'close=' 'request-bytes=' 'response-bytes=' 'workers=' 'cpus=' 'host=' 'port=' 'backlog=' 'max-connections=' 'duration=' 'close-listener-after=' 'version' 'h/help'
            case 'load'
                __rxtune_parse_subcommand -r 1 'workload=' 'close=' 'request-bytes=' 'response-bytes=' 'connections=' 'threads=' 'cpus=' 'sources=' 'rate=' 'duration=' 'warm-up=' 'timeout=' 'start-at=' 'version' 'h/help'
            case 'report'
                __rxtune_parse_subcommand 1 'html=' 'version' 'h/help'
            case 'compare'
                __rxtune_parse_subcommand 2 'version' 'h/help'
            end
        case 'help'
            __rxtune_parse_subcommand -r 1 'version'
        end
    end
end

function __rxtune_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __rxtune_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __rxtune_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __rxtune_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__rxtune_tokens -p)
    if test -z "$(__rxtune_tokens -t)"
        set -l index (count (__rxtune_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'rxtune' -f
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'show' -d 'Show the receive path: queues, interrupts, steering and sockets.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'flow' -d 'Tell which queue, IRQ and CPU a flow\'s packets go to.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'get' -d 'Print the values of knobs.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'knobs' -d 'List the knobs of the receive path.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'explain' -d 'Explain knobs.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'capture' -d 'Record this host, so that reading commands can be run on it elsewhere.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'set' -d 'Change knobs: all of them, or none.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'channels' -d 'Set how many queues a device serves (ethtool -L).'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'rings' -d 'Set the sizes of a device\'s rings (ethtool -G).'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'rss' -d 'Set how a device spreads flows over its queues (ethtool -X).'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'ntuple' -d 'Add, delete and list a device\'s flow rules (ethtool -N).'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'irq' -d 'Set which CPUs take the interrupts of a device\'s queues.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'profile' -d 'List, show, check and save profiles.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'plan' -d 'Show what a profile would change, and why; change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'apply' -d 'Carry a profile out: all of it, or nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'verify' -d 'Check that what was set is still so; say what probably changed it.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'confirm' -d 'Keep a change that --confirm-within would roll back.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'rollback' -d 'Put back what was there before a change.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'history' -d 'List the changes that were made, the newest first.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'watch' -d 'Watch that changes stay in force; say what drifted, and put it back.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'persist' -d 'Apply a profile at each boot and keep it in force.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'unpersist' -d 'Remove what persist wrote; what is in force stays until the next boot.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'export' -d 'Write a profile in the words of other programs.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'bench' -d 'Measure what a listen socket costs as cores are added.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune show" -ge 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune show"' -l 'stage' -d 'Show only these stages: device, rss, ring, irq, napi, gro, rps, socket, transmit.' -rfka 'device rss ring irq napi gro rps socket transmit'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune show" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune show" follow' -l 'follow' -d 'Show again whenever the kernel announces a change of these devices (link, ethtool).'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune show" from' -l 'from' -d 'Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.' -rF
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune show" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune flow" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune flow" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune flow" from' -l 'from' -d 'Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.' -rF
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune flow" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune flow" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune get" -ge 1' -fka '(rxtune knobs --ids; ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune get" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune get" from' -l 'from' -d 'Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.' -rF
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune get" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune get" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune knobs" -eq 1' -fka 'link.mtu tunable.rx-copybreak tunable.tx-copybreak tunable.tx-copybreak-buf-size private-flags pause.rx pause.tx pause.autoneg rss.indirection rss.hash-key rss.hash-function rss.input-xfrm rss.hash-fields rss.contexts flow-rules features.rx-ntuple-filter features.rx-hashing net.core.netdev_rss_key channels.rx channels.tx channels.other channels.combined rings.rx rings.rx-mini rings.rx-jumbo rings.tx rings.rx-buf-len rings.tcp-data-split rings.cqe-size rings.tx-push rings.rx-push rings.tx-push-buf-len rings.hds-thresh irq.smp-affinity irq.effective-affinity irq.affinity-hint irq.node irq.default-smp-affinity coalesce.rx-usecs coalesce.rx-frames coalesce.rx-usecs-irq coalesce.rx-frames-irq coalesce.tx-usecs coalesce.tx-frames coalesce.tx-usecs-irq coalesce.tx-frames-irq coalesce.stats-block-usecs coalesce.adaptive-rx coalesce.adaptive-tx coalesce.pkt-rate-low coalesce.rx-usecs-low coalesce.rx-frames-low coalesce.tx-usecs-low coalesce.tx-frames-low coalesce.pkt-rate-high coalesce.rx-usecs-high coalesce.rx-frames-high coalesce.tx-usecs-high coalesce.tx-frames-high coalesce.sample-interval coalesce.cqe-mode-tx coalesce.cqe-mode-rx coalesce.tx-aggr-max-bytes coalesce.tx-aggr-max-frames coalesce.tx-aggr-time-usecs coalesce.rx-profile coalesce.tx-profile queue.coalesce.rx-usecs queue.coalesce.rx-frames queue.coalesce.adaptive-rx queue.coalesce.tx-usecs queue.coalesce.tx-frames queue.coalesce.adaptive-tx cpu-dma-latency cpufreq.scaling-governor cpuidle.disable napi.defer-hard-irqs napi.gro-flush-timeout napi.irq-suspend-timeout napi.threaded device.napi-defer-hard-irqs device.gro-flush-timeout device.threaded net.core.netdev_budget net.core.netdev_budget_usecs net.core.dev_weight net.core.dev_weight_rx_bias net.core.dev_weight_tx_bias net.core.netdev_tstamp_prequeue net.core.skb_defer_max net.core.mem_pcpu_rsv net.core.busy_poll net.core.busy_read epoll.busy-poll-usecs epoll.busy-poll-budget epoll.prefer-busy-poll features.rx-gro features.rx-gro-hw features.rx-lro features.rx-gro-list features.rx-udp-gro-forwarding features.rx-checksum link.gro-max-size link.gro-ipv4-max-size net.core.gro_normal_batch queue.rps-cpus queue.rps-flow-cnt net.core.rps_sock_flow_entries net.core.rps_default_mask net.core.netdev_max_backlog net.core.flow_limit_cpu_bitmap net.core.flow_limit_table_len arfs net.core.somaxconn net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_syncookies net.ipv4.tcp_abort_on_overflow net.ipv4.tcp_migrate_req net.ipv4.tcp_synack_retries net.ipv4.tcp_fastopen net.ipv4.tcp_early_demux net.ipv4.tcp_backlog_ack_defer net.ipv4.tcp_child_ehash_entries net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_mem net.ipv4.udp_mem net.ipv4.tcp_max_orphans net.core.rmem_max net.core.rmem_default net.core.wmem_max net.core.wmem_default socket.so-reuseport socket.so-attach-reuseport-cbpf socket.so-attach-reuseport-ebpf socket.so-detach-reuseport-bpf socket.so-incoming-cpu socket.so-incoming-napi-id socket.so-busy-poll socket.so-prefer-busy-poll socket.so-busy-poll-budget socket.so-rcvbuf socket.so-rcvbufforce socket.so-txrehash socket.tcp-defer-accept socket.tcp-fastopen queue.xps-cpus queue.xps-rxqs queue.tx-maxrate queue.byte-queue-limits.limit-min queue.byte-queue-limits.limit-max queue.byte-queue-limits.hold-time queue.byte-queue-limits.stall-thrs net.core.default_qdisc link.tx-queue-len'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune knobs" stage' -l 'stage' -d 'Only knobs of this stage.' -rfka 'device rss ring irq napi gro rps socket transmit'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune knobs" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune knobs" ids' -l 'ids' -d 'Print the ids alone, one a line.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune knobs" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune knobs" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune explain" -ge 1' -fka 'link.mtu tunable.rx-copybreak tunable.tx-copybreak tunable.tx-copybreak-buf-size private-flags pause.rx pause.tx pause.autoneg rss.indirection rss.hash-key rss.hash-function rss.input-xfrm rss.hash-fields rss.contexts flow-rules features.rx-ntuple-filter features.rx-hashing net.core.netdev_rss_key channels.rx channels.tx channels.other channels.combined rings.rx rings.rx-mini rings.rx-jumbo rings.tx rings.rx-buf-len rings.tcp-data-split rings.cqe-size rings.tx-push rings.rx-push rings.tx-push-buf-len rings.hds-thresh irq.smp-affinity irq.effective-affinity irq.affinity-hint irq.node irq.default-smp-affinity coalesce.rx-usecs coalesce.rx-frames coalesce.rx-usecs-irq coalesce.rx-frames-irq coalesce.tx-usecs coalesce.tx-frames coalesce.tx-usecs-irq coalesce.tx-frames-irq coalesce.stats-block-usecs coalesce.adaptive-rx coalesce.adaptive-tx coalesce.pkt-rate-low coalesce.rx-usecs-low coalesce.rx-frames-low coalesce.tx-usecs-low coalesce.tx-frames-low coalesce.pkt-rate-high coalesce.rx-usecs-high coalesce.rx-frames-high coalesce.tx-usecs-high coalesce.tx-frames-high coalesce.sample-interval coalesce.cqe-mode-tx coalesce.cqe-mode-rx coalesce.tx-aggr-max-bytes coalesce.tx-aggr-max-frames coalesce.tx-aggr-time-usecs coalesce.rx-profile coalesce.tx-profile queue.coalesce.rx-usecs queue.coalesce.rx-frames queue.coalesce.adaptive-rx queue.coalesce.tx-usecs queue.coalesce.tx-frames queue.coalesce.adaptive-tx cpu-dma-latency cpufreq.scaling-governor cpuidle.disable napi.defer-hard-irqs napi.gro-flush-timeout napi.irq-suspend-timeout napi.threaded device.napi-defer-hard-irqs device.gro-flush-timeout device.threaded net.core.netdev_budget net.core.netdev_budget_usecs net.core.dev_weight net.core.dev_weight_rx_bias net.core.dev_weight_tx_bias net.core.netdev_tstamp_prequeue net.core.skb_defer_max net.core.mem_pcpu_rsv net.core.busy_poll net.core.busy_read epoll.busy-poll-usecs epoll.busy-poll-budget epoll.prefer-busy-poll features.rx-gro features.rx-gro-hw features.rx-lro features.rx-gro-list features.rx-udp-gro-forwarding features.rx-checksum link.gro-max-size link.gro-ipv4-max-size net.core.gro_normal_batch queue.rps-cpus queue.rps-flow-cnt net.core.rps_sock_flow_entries net.core.rps_default_mask net.core.netdev_max_backlog net.core.flow_limit_cpu_bitmap net.core.flow_limit_table_len arfs net.core.somaxconn net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_syncookies net.ipv4.tcp_abort_on_overflow net.ipv4.tcp_migrate_req net.ipv4.tcp_synack_retries net.ipv4.tcp_fastopen net.ipv4.tcp_early_demux net.ipv4.tcp_backlog_ack_defer net.ipv4.tcp_child_ehash_entries net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_mem net.ipv4.udp_mem net.ipv4.tcp_max_orphans net.core.rmem_max net.core.rmem_default net.core.wmem_max net.core.wmem_default socket.so-reuseport socket.so-attach-reuseport-cbpf socket.so-attach-reuseport-ebpf socket.so-detach-reuseport-bpf socket.so-incoming-cpu socket.so-incoming-napi-id socket.so-busy-poll socket.so-prefer-busy-poll socket.so-busy-poll-budget socket.so-rcvbuf socket.so-rcvbufforce socket.so-txrehash socket.tcp-defer-accept socket.tcp-fastopen queue.xps-cpus queue.xps-rxqs queue.tx-maxrate queue.byte-queue-limits.limit-min queue.byte-queue-limits.limit-max queue.byte-queue-limits.hold-time queue.byte-queue-limits.stall-thrs net.core.default_qdisc link.tx-queue-len'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune explain" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune explain" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune explain" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune capture" -eq 1' -F
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune capture" redact' -l 'redact' -d 'Mask MAC and IP addresses.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune capture" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune capture" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" dry-run' -l 'dry-run' -d 'Show what would be changed, and change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" force' -l 'force' -d 'Write also what is marked as dangerous.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" confirm-within' -l 'confirm-within' -d 'Roll back by itself unless rxtune confirm comes within this time.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" wait-link' -l 'wait-link' -d 'Wait so long for the link to come back; roll back if it does not.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" irqbalance' -l 'irqbalance' -d 'Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines of its configuration that keep it off, and go on.' -rfka 'refuse ignore ban'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune set" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune channels" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" dry-run' -l 'dry-run' -d 'Show what would be changed, and change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" force' -l 'force' -d 'Write also what is marked as dangerous.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" confirm-within' -l 'confirm-within' -d 'Roll back by itself unless rxtune confirm comes within this time.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" wait-link' -l 'wait-link' -d 'Wait so long for the link to come back; roll back if it does not.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" irqbalance' -l 'irqbalance' -d 'Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines of its configuration that keep it off, and go on.' -rfka 'refuse ignore ban'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune channels" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune rings" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" dry-run' -l 'dry-run' -d 'Show what would be changed, and change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" force' -l 'force' -d 'Write also what is marked as dangerous.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" confirm-within' -l 'confirm-within' -d 'Roll back by itself unless rxtune confirm comes within this time.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" wait-link' -l 'wait-link' -d 'Wait so long for the link to come back; roll back if it does not.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" irqbalance' -l 'irqbalance' -d 'Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines of its configuration that keep it off, and go on.' -rfka 'refuse ignore ban'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rings" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune rss" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" equal' -l 'equal' -d 'Spread evenly over so many queues, from the first.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" start' -l 'start' -d 'The first queue of --equal or --weights, instead of 0.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" weights' -l 'weights' -d 'Spread by weight, one a queue: 6,2,1,1.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" table' -l 'table' -d 'The queue of each entry in order; 3*64 for 64 in a row.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" default' -l 'default' -d 'Give the table back to the driver.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" key' -l 'key' -d 'Hash key: hex bytes separated by colons.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" function' -l 'function' -d 'Hash function: toeplitz, xor or crc32.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" fields' -l 'fields' -d 'Fields hashed, by flow type: udp4:sdfn; several, separated by commas.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" symmetric' -l 'symmetric' -d 'Hash both directions of a flow alike: xor, or-xor or none.' -rfka 'xor or-xor none'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" context' -l 'context' -d 'An RSS context besides the main one: its number, or new.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" delete' -l 'delete' -d 'Delete the context.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" dry-run' -l 'dry-run' -d 'Show what would be changed, and change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" force' -l 'force' -d 'Write also what is marked as dangerous.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" confirm-within' -l 'confirm-within' -d 'Roll back by itself unless rxtune confirm comes within this time.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" wait-link' -l 'wait-link' -d 'Wait so long for the link to come back; roll back if it does not.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" irqbalance' -l 'irqbalance' -d 'Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines of its configuration that keep it off, and go on.' -rfka 'refuse ignore ban'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rss" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune ntuple" -eq 1' -fa 'add' -d 'Add a rule.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune ntuple" -eq 1' -fa 'del' -d 'Delete rules by their locations.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune ntuple" -eq 1' -fa 'list' -d 'Show a device\'s rules, by location.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune ntuple add" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" dry-run' -l 'dry-run' -d 'Show what would be changed, and change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" force' -l 'force' -d 'Write also what is marked as dangerous.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" confirm-within' -l 'confirm-within' -d 'Roll back by itself unless rxtune confirm comes within this time.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" wait-link' -l 'wait-link' -d 'Wait so long for the link to come back; roll back if it does not.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" irqbalance' -l 'irqbalance' -d 'Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines of its configuration that keep it off, and go on.' -rfka 'refuse ignore ban'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple add" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune ntuple del" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" dry-run' -l 'dry-run' -d 'Show what would be changed, and change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" force' -l 'force' -d 'Write also what is marked as dangerous.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" confirm-within' -l 'confirm-within' -d 'Roll back by itself unless rxtune confirm comes within this time.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" wait-link' -l 'wait-link' -d 'Wait so long for the link to come back; roll back if it does not.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" irqbalance' -l 'irqbalance' -d 'Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines of its configuration that keep it off, and go on.' -rfka 'refuse ignore ban'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple del" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune ntuple list" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple list" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple list" from' -l 'from' -d 'Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.' -rF
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple list" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune ntuple list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune irq" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" dry-run' -l 'dry-run' -d 'Show what would be changed, and change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" force' -l 'force' -d 'Write also what is marked as dangerous.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" confirm-within' -l 'confirm-within' -d 'Roll back by itself unless rxtune confirm comes within this time.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" wait-link' -l 'wait-link' -d 'Wait so long for the link to come back; roll back if it does not.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" irqbalance' -l 'irqbalance' -d 'Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines of its configuration that keep it off, and go on.' -rfka 'refuse ignore ban'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune irq" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune profile" -eq 1' -fa 'list' -d 'List the profiles that there are.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune profile" -eq 1' -fa 'show' -d 'Print a profile, with the reason and source of each line.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune profile" -eq 1' -fa 'check' -d 'Check a profile, and say where it is wrong.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune profile" -eq 1' -fa 'save' -d 'Write a profile of what is there now.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile list" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile show" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune profile check" -eq 1' -F
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile check" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune profile save" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile save" force' -l 'force' -d 'Replace a profile of that name.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile save" from' -l 'from' -d 'Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.' -rF
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile save" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune profile save" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune plan" -ge 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune plan" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune plan" from' -l 'from' -d 'Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.' -rF
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune plan" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune plan" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune apply" -ge 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" dry-run' -l 'dry-run' -d 'Show what would be changed, and change nothing.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" force' -l 'force' -d 'Write also what is marked as dangerous.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" confirm-within' -l 'confirm-within' -d 'Roll back by itself unless rxtune confirm comes within this time.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" wait-link' -l 'wait-link' -d 'Wait so long for the link to come back; roll back if it does not.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" irqbalance' -l 'irqbalance' -d 'Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines of its configuration that keep it off, and go on.' -rfka 'refuse ignore ban'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune apply" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune verify" -ge 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune verify" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune verify" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune verify" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune confirm" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune confirm" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune confirm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rollback" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rollback" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune rollback" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune history" json' -l 'json' -d 'Print JSON.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune history" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune history" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune history" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune watch" -ge 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune watch" repair' -l 'repair' -d 'Put back what drifted.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune watch" interval' -l 'interval' -d 'Time between two looks.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune watch" json' -l 'json' -d 'Print JSON, a line each.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune watch" state-dir' -l 'state-dir' -d 'Where the journals of changes are kept.' -rfa '(__rxtune_complete_directories)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune watch" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune watch" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune persist" -ge 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune persist" root' -l 'root' -d 'Write below this directory.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune persist" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune persist" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune unpersist" root' -l 'root' -d 'Look below this directory.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune unpersist" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune unpersist" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune export" format' -l 'format' -d 'systemd-link, sysctl.d, ethtool or networkmanager.' -rfka 'systemd-link sysctl.d ethtool networkmanager'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune export" -eq 1' -fka '(ls /sys/class/net)'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune export" from' -l 'from' -d 'Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.' -rF
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune export" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune export" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune bench" -eq 1' -fa 'reuseport' -d 'Measure SO_REUSEPORT against single-listener servers.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune bench" -eq 1' -fa 'serve' -d 'Serve one benchmark workload in one listener mode.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune bench" -eq 1' -fa 'load' -d 'Put a benchmark workload on servers that rxtune bench serve started.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune bench" -eq 1' -fa 'report' -d 'Show benchmark results: a table, a chart, what follows from them.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_positional "rxtune bench" -eq 1' -fa 'compare' -d 'Hold two benchmark results against each other: faster, slower, or cannot be told.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" modes' -l 'modes' -d 'Modes to measure, with commas; all that serve the workload without.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" workload' -l 'workload' -d 'What a client does: crr (connect, request, response, close), rr (request and response on connections that stay open), udp-rr (request and response in datagrams).' -rfka 'crr rr udp-rr'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" close' -l 'close' -d 'How a crr connection ends: rst (the client resets; no TIME_WAIT), fin (the client closes first and holds the port in TIME_WAIT).' -rfka 'rst fin'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" request-bytes' -l 'request-bytes' -d 'Bytes of a request, 8 to 65536.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" response-bytes' -l 'response-bytes' -d 'Bytes of a response, 8 to 65536.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" workers' -l 'workers' -d 'Numbers of workers, with commas; 1, 2, 4 … up to the server\'s CPUs without.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" connections' -l 'connections' -d 'Connections at once.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" duration' -l 'duration' -d 'Seconds that a run is measured.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" warm-up' -l 'warm-up' -d 'Seconds of a run before it is measured.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" repeat' -l 'repeat' -d 'Rounds that are made in any case.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" max-repeat' -l 'max-repeat' -d 'Rounds after which it ends although intervals are wide.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" rate' -l 'rate' -d 'Transactions a second to begin (open loop); as many as there can be without.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport"' -l 'cpus' -d 'server=LIST client=LIST: who runs where, as server=0-3 client=4-7; by halves without.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" netns' -l 'netns' -d 'A fresh pair of network namespaces a run, or loopback; namespaces where root allows.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" no-netns' -l 'no-netns' -d 'A fresh pair of network namespaces a run, or loopback; namespaces where root allows.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" locks' -l 'locks' -d 'Trace waits for locks, in one more run of each; done where root allows.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" no-locks' -l 'no-locks' -d 'Trace waits for locks, in one more run of each; done where root allows.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" sources' -l 'sources' -d 'Addresses that the load comes from.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" backlog' -l 'backlog' -d 'Length of the accept queue; the kernel cuts it to net.core.somaxconn.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" time-limit' -l 'time-limit' -d 'Seconds after which no new run begins.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" seed' -l 'seed' -d 'Seed of the order of runs.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" out' -l 'out' -d 'Directory for the results; made where it is missing.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench reuseport" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" mode' -l 'mode' -d 'How workers share the port: acceptor, shared-accept, shared-epoll, shared-exclusive, reuseport, reuseport-cpu, reuseport-numa, uring.' -rfka 'acceptor shared-accept shared-epoll shared-exclusive reuseport reuseport-cpu reuseport-numa uring'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" workload' -l 'workload' -d 'What a client does: crr (connect, request, response, close), rr (request and response on connections that stay open), udp-rr (request and response in datagrams).' -rfka 'crr rr udp-rr'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" close' -l 'close' -d 'How a crr connection ends: rst (the client resets; no TIME_WAIT), fin (the client closes first and holds the port in TIME_WAIT).' -rfka 'rst fin'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" request-bytes' -l 'request-bytes' -d 'Bytes of a request, 8 to 65536.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" response-bytes' -l 'response-bytes' -d 'Bytes of a response, 8 to 65536.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" workers' -l 'workers' -d 'Threads that serve.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" cpus' -l 'cpus' -d 'CPUs of the workers, as 0-3,8; unpinned without.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" host' -l 'host' -d 'Address to listen on.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" port' -l 'port' -d 'Port to listen on; 0 lets the kernel choose.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" backlog' -l 'backlog' -d 'Length of the accept queue; the kernel cuts it to net.core.somaxconn.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" max-connections' -l 'max-connections' -d 'Most connections open at once.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" duration' -l 'duration' -d 'Seconds to serve; until Ctrl-C without.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" close-listener-after' -l 'close-listener-after' -d 'Seconds after which the first worker\'s listener is closed (reuseport modes).' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench serve" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" workload' -l 'workload' -d 'What a client does: crr (connect, request, response, close), rr (request and response on connections that stay open), udp-rr (request and response in datagrams).' -rfka 'crr rr udp-rr'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" close' -l 'close' -d 'How a crr connection ends: rst (the client resets; no TIME_WAIT), fin (the client closes first and holds the port in TIME_WAIT).' -rfka 'rst fin'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" request-bytes' -l 'request-bytes' -d 'Bytes of a request, 8 to 65536.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" response-bytes' -l 'response-bytes' -d 'Bytes of a response, 8 to 65536.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" connections' -l 'connections' -d 'Connections at once.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" threads' -l 'threads' -d 'Threads that load.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" cpus' -l 'cpus' -d 'CPUs of the threads, as 0-3,8; unpinned without.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" sources' -l 'sources' -d 'Addresses to connect from, with commas.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" rate' -l 'rate' -d 'Transactions a second to begin; as many as there can be without.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" duration' -l 'duration' -d 'Seconds to measure.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" warm-up' -l 'warm-up' -d 'Seconds to run before measuring.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" timeout' -l 'timeout' -d 'Seconds after which a transaction has failed.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" start-at' -l 'start-at' -d 'When to start, in seconds since 1970, so that several hosts start together.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench load" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench report" html' -l 'html' -d 'Write one self-contained page there instead.' -rfka ''
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench report" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench report" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench compare" version' -l 'version' -d 'Show the version.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune bench compare" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'rxtune' -n '__rxtune_should_offer_completions_for_flags_or_options "rxtune help" version' -l 'version' -d 'Show the version.'