// mTCP as the stack of rxtune's server (../rxtune-lwip/program.h), over the packet I/O of CKernel. It is
// linked with a libmtcp that its user has built (make libexec MTCP=…): what follows declares of its
// interface what is called here, and gives it its packets in the place of its own netmap module, whose
// name it looks for.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../CKernel/PacketIO/arp.h"
#include "exchange.h"
#include "program.h"
#include "sum.h"

// MARK: - Of mtcp_api.h, mtcp_epoll.h and io_module.h

typedef struct mtcp_context *mctx_t;
struct mtcp_thread_context;

int mtcp_init(const char *path);
mctx_t mtcp_create_context(int core);
int mtcp_socket(mctx_t, int domain, int type, int protocol);
int mtcp_bind(mctx_t, int socket, const struct sockaddr *address, socklen_t length);
int mtcp_listen(mctx_t, int socket, int backlog);
int mtcp_accept(mctx_t, int socket, struct sockaddr *address, socklen_t *length);
int mtcp_setsock_nonblock(mctx_t, int socket);
ssize_t mtcp_recv(mctx_t, int socket, char *bytes, size_t length, int flags);
ssize_t mtcp_write(mctx_t, int socket, const char *bytes, size_t length);
int mtcp_close(mctx_t, int socket);

enum { MTCP_ADD = 1, MTCP_MODIFY = 3, MTCP_IN = 1, MTCP_OUT = 4, MTCP_ERROR = 8 | 16 };
struct mtcp_epoll_event {
  uint32_t events;
  union {
    void *pointer;
    int socket;
    uint64_t number;
  } data;
};
int mtcp_epoll_create(mctx_t, int size);
int mtcp_epoll_ctl(mctx_t, int epoll, int operation, int socket, struct mtcp_epoll_event *event);
int mtcp_epoll_wait(mctx_t, int epoll, struct mtcp_epoll_event *events, int count, int milliseconds);

typedef struct io_module_func {
  void (*load_module)(void);
  void (*init_handle)(struct mtcp_thread_context *);
  int32_t (*link_devices)(struct mtcp_thread_context *);
  void (*release_pkt)(struct mtcp_thread_context *, int device, unsigned char *packet, int length);
  uint8_t *(*get_wptr)(struct mtcp_thread_context *, int device, uint16_t length);
  int32_t (*send_pkts)(struct mtcp_thread_context *, int device);
  uint8_t *(*get_rptr)(struct mtcp_thread_context *, int device, int index, uint16_t *length);
  int32_t (*recv_pkts)(struct mtcp_thread_context *, int device);
  int32_t (*select)(struct mtcp_thread_context *);
  void (*destroy_handle)(struct mtcp_thread_context *);
  int32_t (*dev_ioctl)(struct mtcp_thread_context *, int device, int command, void *argument);
} __attribute__((aligned(__WORDSIZE))) io_module_func;
extern io_module_func *current_iomodule_func;

// MARK: - What it is to be

const char *const stack_name = "mTCP";

enum { CONNECTIONS = 10000, EVENTS = 256, CHUNK = 65536 };
enum { ETHERNET = 14, IDLE_ROUNDS = 10 };

static stack_setup options;
static stack_counts counts;
static rxtune_packet_port *const *ports;
static uint32_t port_count;
static int is_busy;
/// What a port came to its end with.
static int end_code;

const stack_counts *stack_count(void) { return &counts; }

// MARK: - Packets, which mTCP's own thread asks for

/// Of the port whose turn it is. What is answered goes out where it came in.
static rxtune_packet_port *current;
static rxtune_packet packets[BURST], reserved;
static uint32_t taken, turn, idle_rounds;
static int is_pending;

/// The kernel does ARP for the device, so that mTCP would never hear who has an address: before the first
/// packet of a peer it is handed an answer, as if it had asked.
static uint32_t known[PEERS];
static uint8_t answers[BURST][RXTUNE_ARP_BYTES];
static uint32_t answer_count;

static void introduce(const uint8_t *frame) {
  const uint32_t address = source_address(frame);
  uint32_t *place = &known[peer_index(address)];
  if (*place == address)
    return;
  *place = address;
  rxtune_arp_answer(answers[answer_count++], frame + 6, address, options.mac, options.address);
}

static int32_t receive(struct mtcp_thread_context *context, int device) {
  if (taken > 0)
    rxtune_packets_release(current, packets, taken);
  current = ports[turn++ % port_count];
  taken = is_stopping ? 0 : rxtune_packets_receive(current, packets, BURST);
  answer_count = 0;
  idle_rounds = taken > 0 ? 0 : idle_rounds + 1;
  if (taken == 0)
    return 0;
  count(&received, taken);
  count(&bursts, 1);
  for (uint32_t i = 0; i < taken; i++)
    if (packets[i].length >= ETHERNET + 20 && packets[i].data[13] == 0) {
      introduce(packets[i].data);
      complete_sum(packets[i].data, packets[i].length);
    }
  return (int32_t)(answer_count + taken);
}

static uint8_t *read_packet(struct mtcp_thread_context *context, int device, int index,
                            uint16_t *length) {
  if ((uint32_t)index < answer_count) {
    *length = RXTUNE_ARP_BYTES;
    return answers[index];
  }
  const rxtune_packet *packet = &packets[(uint32_t)index - answer_count];
  *length = (uint16_t)packet->length;
  return packet->data;
}

static void release(struct mtcp_thread_context *context, int device, unsigned char *packet,
                    int length) {}

/// mTCP has written to what it was given last.
static void commit(void) {
  if (is_pending)
    rxtune_packets_commit(current, &reserved, 1);
  is_pending = 0;
}

static uint8_t *reserve(struct mtcp_thread_context *context, int device, uint16_t length) {
  commit();
  if (!reserve_one(current, &reserved) || length > reserved.length)
    return NULL;
  reserved.length = length;
  is_pending = 1;
  return reserved.data;
}

static int32_t send_packets(struct mtcp_thread_context *context, int device) {
  commit();
  rxtune_packets_flush(current);
  return 0;
}

/// Its application's thread wakes nobody who sleeps here: a millisecond at most.
static int32_t rest(struct mtcp_thread_context *context) {
  if (is_busy || is_stopping || idle_rounds < IDLE_ROUNDS)
    return 0;
  const int code = rxtune_packets_wait(ports, port_count, 1);
  count(&wake_ups, 1);
  if (code != 0) {
    end_code = code;
    is_stopping = 1;
  }
  return 0;
}

static void nothing(void) {}
static void nothing_of(struct mtcp_thread_context *context) {}
static int32_t linked(struct mtcp_thread_context *context) { return 0; }

io_module_func netmap_module_func = {
    nothing,     nothing_of, linked, release,    reserve, send_packets,
    read_packet, receive,    rest,   nothing_of, NULL,
};

// MARK: - Setting up

static int write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  if (!file)
    return errno;
  fputs(text, file);
  return fclose(file) == 0 ? 0 : errno;
}

/// Threads of its own pin themselves to the first CPU.
static void pin_all(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((size_t)cpu, &set);
  DIR *threads = opendir("/proc/self/task");
  if (!threads)
    return;
  for (struct dirent *thread; (thread = readdir(threads));)
    if (atoi(thread->d_name) > 0)
      sched_setaffinity(atoi(thread->d_name), sizeof set, &set);
  closedir(threads);
}

static mctx_t context;
static int listener, epoll;
static char *response, *chunk;

/// It reads its configuration from files, and others below where it is started.
static int configure(const char *device) {
  char folder[] = "/tmp/rxtune-mtcp-XXXXXX", text[512];
  if (!mkdtemp(folder) || chdir(folder) != 0 || mkdir("config", 0700) != 0)
    return errno;
  snprintf(text, sizeof text,
           "port = %s\nnum_cores = 1\nmax_concurrency = %d\nmax_num_buffers = %d\nrcvbuf = 8192\n"
           "sndbuf = 8192\ntcp_timeout = 30\ntcp_timewait = 0\n",
           device, CONNECTIONS, CONNECTIONS);
  int code = write_file("mtcp.conf", text);
  if (code == 0)
    code = write_file("config/route.conf", "ROUTES 0\n");
  if (code == 0)
    code = write_file("config/arp.conf", "\n");
  current_iomodule_func = &netmap_module_func;
  if (code == 0 && mtcp_init("mtcp.conf") != 0)
    code = EINVAL;
  if (code == 0 && !(context = mtcp_create_context(0)))
    code = ENOMEM;
  for (const char *const *path = (const char *const[]){"mtcp.conf", "config/route.conf",
                                                       "config/arp.conf", "log_0", NULL};
       *path; path++)
    unlink(*path);
  rmdir("config");
  return chdir("/") == 0 && rmdir(folder) == 0 ? code : code;
}

int stack_start(const stack_setup *setup, const char *device, rxtune_packet_port *const *all,
                uint32_t count, int busy, int cpu) {
  options = *setup;
  ports = all;
  port_count = count;
  is_busy = busy;
  current = ports[0];
  response = malloc(options.response_bytes);
  chunk = malloc(CHUNK);
  if (!response || !chunk)
    return ENOMEM;
  for (uint32_t i = 0; i < options.response_bytes; i++)
    response[i] = (char)(7 * i);
  // It thinks aloud.
  const int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (quiet < 0 || dup2(quiet, 1) < 0 || dup2(quiet, 2) < 0)
    return errno;
  int code = configure(device);
  if (code != 0)
    return code;
  if (cpu >= 0)
    pin_all(cpu);
  listener = mtcp_socket(context, AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(options.port), .sin_addr = {options.address}};
  epoll = mtcp_epoll_create(context, CONNECTIONS);
  struct mtcp_epoll_event event = {.events = MTCP_IN};
  if (listener < 0 || epoll < 0 || mtcp_setsock_nonblock(context, listener) != 0 ||
      mtcp_bind(context, listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      mtcp_listen(context, listener, 4096) != 0 ||
      mtcp_epoll_ctl(context, epoll, MTCP_ADD, listener, &event) != 0)
    return errno ? errno : EIO;
  return 0;
}

int stack_has_ended(void) { return 0; }

// MARK: - Connections

typedef struct connection {
  int socket;
  /// For room to send the rest of a response.
  int is_waiting;
  exchange exchange;
  struct connection *next;
} connection;

static connection *spare;

static connection *take_connection(int socket) {
  connection *c = spare ? spare : calloc(1, sizeof *c);
  if (!c)
    return NULL;
  spare = c->next;
  *c = (connection){.socket = socket};
  return c;
}

static void end(connection *c) {
  if (exchange_is_open(&c->exchange))
    count(&counts.broken, 1);
  mtcp_close(context, c->socket);
  c->next = spare;
  spare = c;
}

static int watch(connection *c, int is_waiting) {
  if (c->is_waiting == is_waiting)
    return 1;
  c->is_waiting = is_waiting;
  struct mtcp_epoll_event event = {.events = MTCP_IN | (is_waiting ? MTCP_OUT : 0),
                                   .data.pointer = c};
  return mtcp_epoll_ctl(context, epoll, MTCP_MODIFY, c->socket, &event) == 0;
}

/// As much of the response as it takes; 0 where the connection has ended.
static int answer(connection *c) {
  while (c->exchange.left > 0) {
    const uint32_t position = options.response_bytes - c->exchange.left;
    if (position < HEAD)
      memcpy(response, c->exchange.head, HEAD);
    const ssize_t sent = mtcp_write(context, c->socket, response + position, c->exchange.left);
    if (sent <= 0)
      return sent < 0 && errno == EAGAIN && watch(c, 1);
    c->exchange.left -= (uint32_t)sent;
    if (c->exchange.left > 0)
      continue;
    count(&counts.transactions, 1);
    if (options.closes)
      return 0;
  }
  return watch(c, 0);
}

/// 0 where the connection has ended.
static int serve(connection *c) {
  if (!answer(c))
    return 0;
  while (c->exchange.left == 0) {
    const ssize_t got = mtcp_recv(context, c->socket, chunk, CHUNK, 0);
    if (got <= 0)
      return got < 0 && errno == EAGAIN;
    if (!exchange_take(&c->exchange, options.request_bytes, options.response_bytes,
                       (const uint8_t *)chunk, (uint32_t)got))
      return 0;
    if (!answer(c))
      return 0;
  }
  return 1;
}

static void accept_all(void) {
  for (int socket; (socket = mtcp_accept(context, listener, NULL, NULL)) >= 0;) {
    connection *c = take_connection(socket);
    struct mtcp_epoll_event event = {.events = MTCP_IN, .data.pointer = c};
    if (!c || mtcp_setsock_nonblock(context, socket) != 0 ||
        mtcp_epoll_ctl(context, epoll, MTCP_ADD, socket, &event) != 0) {
      mtcp_close(context, socket);
      continue;
    }
    count(&counts.accepted, 1);
    if (!serve(c))
      end(c);
  }
}

int stack_serve(void) {
  static struct mtcp_epoll_event events[EVENTS];
  while (!is_stopping) {
    const int ready = mtcp_epoll_wait(context, epoll, events, EVENTS, WAIT);
    for (int i = 0; i < ready; i++) {
      connection *c = events[i].data.pointer;
      if (!c)
        accept_all();
      else if ((events[i].events & MTCP_ERROR) || !serve(c))
        end(c);
    }
  }
  return end_code;
}
