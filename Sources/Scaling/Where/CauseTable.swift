/// Which cause a kernel function's time has, by what its name begins with.
///
/// Names are those of Linux 6.1 to 7.x. The longest beginning decides; a function that none fits,
/// or that serves many (locks, copies, clocks), is charged to its caller.
package enum CauseTable {
  /// nil where the caller decides.
  package static func cause(of function: String) -> Cause? {
    let name = Array(function.utf8)
    for length in stride(from: min(name.count, longest), through: 1, by: -1) {
      if let cause = causes[Array(name.prefix(length))] { return cause }
    }
    return nil
  }

  private static let causes: [[UInt8]: Cause?] = rows.reduce(into: [:]) { causes, row in
    for word in row.1.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      causes.updateValue(row.0, forKey: Array(word.utf8))
    }
  }

  private static let longest = causes.keys.map(\.count).max() ?? 0

  private static let rows: [(Cause?, String)] = [
    // arch/x86/entry, arch/arm64/kernel/entry-common.c, kernel/entry/common.c
    (
      .entry,
      """
      do_syscall entry_SYSCALL entry_INT80 syscall_ x64_sys_call ia32_sys_call __x64_sys_ \
      __ia32_sys_ __arm64_sys_ __se_sys_ exit_to_user arch_exit_to_user arch_do_signal irqentry_ \
      asm_ sysvec_ common_interrupt __common_interrupt el0 el1 invoke_syscall do_el0_svc ret_to_user \
      sysret swapgs error_entry error_return paranoid_ switch_fpu fpregs_ restore_fpregs \
      entry_ibpb write_ibpb clear_bhb entry_untrain __seccomp seccomp_ __audit audit_ irq_enter \
      irq_exit __irq_exit handle_irq generic_handle handle_edge handle_fasteoi
      """
    ),
    // fs/file.c, fs/file_table.c, fs/inode.c, fs/dcache.c, fs/read_write.c, kernel/task_work.c,
    // the socket's own file and inode in net/socket.c; file systems
    (
      .vfs,
      """
      alloc_fd get_unused_fd __get_unused_fd put_unused_fd __put_unused_fd fd_install close_fd \
      file_close_fd __close_fd filp_ fput __fput ____fput delayed_fput flush_delayed_fput task_work_ \
      alloc_file alloc_empty_file init_file new_inode alloc_inode inode_ __inode iput evict \
      destroy_inode generic_delete_inode clear_inode ihold inc_nlink drop_nlink d_ __d_ dput dget \
      dentry_ __dentry lockref_ fdget __fdget fget __fget expand_f expand_files dup_fd do_dup \
      locks_remove fsnotify __fsnotify dnotify inotify vfs_ rw_verify mnt_ mntput mntget \
      sock_alloc sock_alloc_file sock_alloc_inode sock_free_inode sock_map_fd sockfs_ sockfd_ \
      anon_inode __anon_inode alloc_anon security_file security_inode security_d_ file_ __file \
      ksys_ do_dentry_open do_filp_open do_sys_open path_ link_path walk_component step_into \
      lookup_ __lookup new_sync_ do_iter_ touch_atime generic_ __generic filemap_ __filemap folio_ \
      __folio iomap_ shmem_ simple_write simple_read ext4_ __ext4 jbd2_ btrfs_ xfs_ nfs_ overlay \
      ovl_ eventfd_ do_eventfd pipe_ anon_pipe signalfd_ timerfd_ getname do_sys_fcntl do_fcntl \
      balance_dirty __mark_inode block_ blk_ bio_ submit_bio proc_ seq_ kernfs_ sysfs_ null_ \
      write_null read_zero
      """
    ),
    // mm/slub.c, mm/page_alloc.c, mm/memcontrol.c, net/core/skbuff.c, net/core/page_pool.c,
    // kernel/rcu, what socket objects take and give in net/core/sock.c, mm/memory.c
    (
      .allocation,
      """
      kmem_ __kmem kmalloc __kmalloc kfree __kfree kvfree kvmalloc __kvmalloc krealloc ksize \
      __ksize slab_ __slab ___slab __cache_ ___cache allocate_slab alloc_slab free_slab __free_slab \
      discard_slab new_slab get_partial get_any_partial get_from_partial put_cpu_partial \
      __put_partials __unfreeze deactivate_slab setup_object free_to_partial free_deferred \
      __pcs_ refill_ barn_ alloc_empty_sheaf alloc_full_sheaf free_empty_sheaf sheaf_ rcu_free_sheaf \
      memcg_ __memcg mem_cgroup __mem_cgroup obj_cgroup __obj_cgroup get_obj_cgroup current_obj \
      drain_obj drain_stock consume_stock consume_obj mod_objcg __mod_objcg mod_memcg __mod_memcg \
      account_slab mod_lruvec __mod_lruvec try_charge charge_memcg page_counter cgroup_rstat \
      css_rstat mod_node_page __mod_node mod_zone __mod_zone alloc_pages __alloc_pages \
      alloc_frozen __alloc_frozen free_pages __free_pages free_frozen free_unref free_pcp free_one \
      free_page free_tail get_page_from rmqueue __rmqueue prep_new_page post_alloc page_frag \
      __page_frag skb_page_frag sk_page_frag sock_alloc_send page_pool_ __page_pool alloc_skb __alloc_skb \
      build_skb __build_skb napi_build napi_alloc __napi_alloc napi_skb_cache napi_skb_free \
      napi_get_frags napi_consume __napi_kfree __napi_build netdev_alloc __netdev_alloc kfree_skb \
      __kfree_skb sk_skb_reason_drop skb_release skb_free skb_clone __skb_clone skb_copy_expand \
      skb_copy_header __copy_skb skb_defer skb_attempt_defer skb_unref consume_skb __consume \
      kfree_skbmem skbuff_ skb_ext_ pskb_ __pskb skb_kfree skb_data_unref sk_prot_alloc \
      sk_prot_free sk_alloc sk_free __sk_free sk_destruct __sk_destruct reqsk_alloc inet_reqsk_alloc \
      reqsk_free __reqsk_free rcu_do_batch rcu_core rcu_free rcu_cblist rcu_segcblist rcu_nocb \
      call_rcu __call_rcu rcu_accelerate rcu_advance kvfree_rcu kfree_rcu __kfree_rcu rcu_gp \
      invoke_rcu note_gp rcu_report rcu_qs rcu_sched rcu_pending rcu_is rcu_exp strict_work \
      exc_page_fault do_user_addr handle_mm_fault __handle_mm do_anonymous do_fault __do_fault \
      do_pte do_mmap mmap_ vm_mmap do_munmap __vm_munmap do_vmi unmap_ zap_ madvise_ do_madvise \
      clear_page clear_huge tlb_ flush_tlb lru_ vma_ __vma mas_ mt_ __vmalloc vmalloc vfree
      """
    ),
    // fs/eventpoll.c, fs/select.c
    (
      .epoll,
      """
      ep_ __ep_ do_epoll eventpoll epoll_ reverse_path attach_epitem __x64_sys_epoll \
      __arm64_sys_epoll __do_sys_epoll __se_sys_epoll do_sys_poll do_poll poll_ __pollwait \
      do_select core_sys_select select_estimate pollwake sock_poll
      """
    ),
    // kernel/sched, kernel/sched/wait.c, kernel/futex, kernel/context_tracking.c,
    // drivers/cpuidle; what sleeps on a socket, net/core/sock.c
    (
      .scheduling,
      """
      try_to_wake default_wake ttwu __ttwu wake_ __wake_ wakeup_ woken_ wait_woken select_task \
      select_idle available_idle sched_ __sched schedule __schedule io_schedule preempt_ __preempt \
      finish_task finish_wait pick_ __pick put_prev set_next set_task enqueue_task dequeue_task \
      enqueue_entity dequeue_entit __enqueue_entity __dequeue_entity enqueue_dl update_curr \
      update_load update_rq update_cfs update_min update_dl update_se update_entity __update_load \
      __update_idle avg_vruntime entity_ place_entity check_preempt wakeup_preempt resched_ \
      __resched prepare_task prepare_to_wait autoremove add_wait remove_wait do_idle cpuidle \
      cpu_startup cpu_idle cpu_util default_idle arch_cpu_idle acpi_idle acpi_safe intel_idle \
      mwait_idle poll_idle haltpoll guest_halt ct_ context_ __ct_ dynticks __switch_to switch_mm \
      load_new_mm enter_lazy_tlb psi_ native_send native_smp native_apic x2apic __x2apic kvm_ pv_ \
      paravirt smp_ __smp generic_smp flush_smp call_function csd_ __flush_smp llist_ nohz \
      newidle load_balance rebalance find_busiest cpuacct account_ irqtime dl_ rt_mutex pull_ push_ \
      balance_ hrtick attach_task detach_task migrate_ futex_ do_futex __futex get_futex \
      rcu_note_context rwsem_ __rwsem down_ up_ mutex_ __mutex ___mutex yield do_sched sock_def_ \
      sk_wake __sk_wake worker_ process_one_work wq_ queue_work __queue_work insert_work kick_pool \
      kthread irq_work set_nr_ task_ __task sysvec_reschedule sysvec_call_function tick_nohz \
      ret_from_fork menu_ teo_ ladder_ rcu_idle osq_ raw_spin_rq __task_rq need_resched
      """
    ),
    // kernel/time
    (
      .timers,
      """
      mod_timer __mod_timer add_timer del_timer timer_ __timer try_to_del sk_reset_timer \
      sk_stop_timer run_timer __run_timer call_timer expire_timers detach_if detach_timer \
      internal_add enqueue_timer lock_timer calc_wheel get_next_timer __get_next_timer forward_timer \
      hrtimer_ __hrtimer enqueue_hrtimer clockevents_ lapic_next lapic_timer sysvec_apic_timer \
      __sysvec_apic_timer tick_ update_process_times update_wall update_vsyscall timekeeping_ \
      sched_tick scheduler_tick task_tick run_posix run_local_timers do_nanosleep hrtimer_nanosleep \
      calc_global_load clocksource_ tmigr_ posix_
      """
    ),
    // io_uring
    (.uring, "io_ __io_ iou_ __x64_sys_io_uring __do_sys_io_uring __arm64_sys_io_uring"),
    // net/xdp, net/core/filter.c, kernel/bpf, the drivers' parts of XDP
    (
      .bpf,
      """
      xsk_ __xsk xdp_ __xdp xp_ __xp veth_xdp veth_convert bpf_ __bpf dev_map cpu_map \
      generic_xdp do_xdp netif_receive_generic_xdp
      """
    ),
    // kernel/events, kernel/trace
    (
      .tracing,
      """
      perf_ __perf ftrace_ trace_ __traceiter __bpf_trace bpf_trace ring_buffer_ rb_reserve \
      rb_commit __rb_ swevent_ ctx_sched event_sched __do_sys_perf
      """
    ),
    // net/core/dev.c, net/core/gro.c, net/sched, net/packet, drivers/net, kernel/softirq.c
    (
      .device,
      """
      veth_ __veth dev_ __dev_ sch_ qdisc_ __qdisc pfifo_ fq_ noqueue_ noop_ netif_ __netif \
      process_backlog enqueue_to_backlog napi_ __napi net_rx_action net_tx_action gro_ dev_gro \
      ____napi busy_poll validate_xmit eth_ packet_ tpacket prb_ tun_ loopback_xmit virtnet_ \
      virtqueue_ virtio vring_ detach_buf e1000 igb_ igc_ ixgbe i40e ice_ mlx4 mlx5 bnxt ena_ gve_ \
      r8169 rtl8169 rps_ get_rps net_rps net_tx net_enable netdev_ skb_flow __skb_flow skb_get_hash \
      __skb_get_hash skb_tx_hash skb_network_protocol skb_gso __skb_gso skb_mac_gso skb_csum_hwoffload \
      skb_checksum_help skb_crc handle_softirqs __do_softirq do_softirq __softirqentry \
      run_ksoftirqd ksoftirqd raise_softirq __raise_softirq invoke_softirq wakeup_softirqd \
      tasklet_ __tasklet dma_ swiotlb_ iommu_ bond_ br_ vlan_ macvlan_ ipvlan_ tc_ tcf_ mq_ \
      bql dql_ passthru_ harmonize_features
      """
    ),
    // net/ipv4, net/ipv6, net/netfilter, net/core/neighbour.c, net/core/dst.c
    (
      .ip,
      """
      ip_ __ip_ ip4_ ip6_ __ip6 ipv4_ ipv6_ __ipv6 fib_ fib4_ fib6_ __fib dst_ __dst rt_dst rt_set \
      rt_cache rt6_ rt_add rt_del nf_ __nf neigh_ __neigh inet_csk_route inet6_csk_route __mkroute \
      find_exception raw_v4 raw_local raw6_ icmp icmpv6 ping_ xfrm_ __xfrm arp_ inet_addr_type \
      iptable_ ipt_ xt_ nft_ __inet_dev_addr inet_select_addr ip_route inet_get_local
      """
    ),
    // net/socket.c, net/core/sock.c, net/core/datagram.c, net/ipv4/tcp*.c, udp.c, inet_*.c,
    // net/unix, security hooks of sockets, lib/iov_iter.c
    (
      .protocols,
      """
      tcp_ __tcp tcpv6 inet_ __inet inet6_ __inet6 sock_ __sock ____sock sk_ __sk lock_sock \
      __lock_sock release_sock __release_sock reqsk_ __reqsk req_ bbr_ cubictcp bictcp cubic_ \
      secure_ siphash __siphash hsiphash __sys_ ___sys ____sys security_ __security apparmor_ aa_ \
      selinux_ avc_ smack_ cap_ bpf_lsm_socket skb_ __skb ___skb kernel_ copy_ _copy __copy csum_ \
      simple_copy memcpy_ udp __udp udplite reuseport_ __reuseport do_accept import_ __import iov_ \
      move_addr move_iovec datagram_ __datagram mptcp_ unix_ __unix crypto_ do_tcp do_ip_setsockopt \
      do_sock ip_setsockopt sockopt_ bind __zerocopy zerocopy_ msg_ lockless_ get_random_u \
      cookie_ timewait_ rtnl_ netlink_
      """
    ),
    // Whoever calls these decides.
    (
      nil,
      """
      rb_ kvm_clock kvm_sched_clock pv_queued pv_native_queued paravirt_sched sched_clock pvclock \
      copy_from_user copy_to_user _copy_from_user _copy_to_user preempt_count_
      """
    ),
  ]
}
