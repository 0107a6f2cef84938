/*
 * The load of the benchmarks and the server behind the relays: one thread, epoll, TLS by OpenSSL.
 *
 *   load serve [--cert FILE --key FILE [--ca FILE]]       prints its port, serves until its standard input ends
 *   load connect|refused|up|down|trips|http|hold PORT [--count N] [--at-once N] [--bytes N]
 *        [--ca FILE [--cert FILE --key FILE] [--name NAME]]
 *
 * 1. The first byte of a connection says what the server does. 'e': it echoes everything, that byte included. 'u', 15 digits:
 *    it takes as many bytes and answers with their SHA-256 in hex. 'd', 15 digits: it sends as many bytes. 'G': it answers
 *    each request of HTTP/1.1 with a small page, and keeps the connection unless the request says close.
 * 2. What is carried in bulk is the same everywhere: blocks of pseudo-random bytes, the first eight of each its number, so that
 *    no block can be lost, doubled or exchanged without another digest. Every answer is compared; any difference, and any
 *    connection that fails, ends the program with 1.
 * 3. A connection is whole: a full handshake under TLS (no tickets, no sessions), one small request, its answer, the client's
 *    end (close_notify and FIN), then the server's. The next begins with the client's end. A run lasts until the last of
 *    the server's ends. What is not answered, or not ended, within a second (--patience) is given up and counted as lost.
 * 4. A run prints one JSON object: units, those lost, seconds, bytes, milliseconds of a unit until its answer (p50, p99,
 *    longest), and this program's own processor seconds. With 'hold' it prints one when all connections are open, closes them when its
 *    standard input ends, and prints another.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  BLOCK = 256 * 1024,
  PING = 64,
  HEAD = 16,
  DIGEST = 64, /* SHA-256 in hex */
  MOST_EVENTS = 512,
  /* A turn of one plaintext connection, so that others have theirs. */
  TURN = 4 * 1024 * 1024,
  /* Client addresses, 127.0.0.2 and following: one alone runs out of ports while closed ones linger. */
  ADDRESSES = 64,
  /* Ends that are awaited while others begin. */
  MOST_ENDING = 1024,
  TICK_MILLISECONDS = 100,
  /* How many times as long as for one connection. */
  FAILED_AFTER = 10,
};

enum mode { CONNECT, REFUSED, UP, DOWN, TRIPS, HTTP, HOLD, SERVE };
static const char *const modes[] = {"connect", "refused", "up", "down", "trips", "http", "hold", "serve"};

enum phase {
  CONNECTING,  /* client: the TCP connection */
  HANDSHAKE,   /* both: TLS */
  TALKING,     /* both: whatever the mode is */
  WAITING,     /* client: opened, and kept open (hold) */
  ENDING,      /* both: everything was said; the peer's end is awaited */
  DRAINING,    /* server: what is buffered goes out, then the end */
};

/* Results of reading and writing: bytes, or one of these. */
enum { AGAIN = -1, END = -2, FAILED = -3 };

struct connection {
  int fd;
  SSL *ssl;
  enum phase phase;
  uint32_t interest;
  bool wants_write; /* TLS or the socket has something that did not go out */
  char kind;        /* server: the first byte */
  char head[HEAD];
  size_t head_length;
  EVP_MD_CTX *digest;
  uint64_t sent, received, wanted;
  char *out; /* what is to be written next: echoed bytes, an answer, a request */
  size_t out_length, out_at;
  char answer[4096];
  size_t answer_length;
  double began;
  struct connection *next, *previous;
};

static struct {
  enum mode mode;
  int port;
  long count, at_once, patience;
  uint64_t bytes;
  const char *ca, *cert, *key, *name;
} options = {.count = 1000, .at_once = 8, .patience = 1000, .bytes = 100 * 1000 * 1000, .name = "bench.localhost"};

static int epoll_fd, listener = -1;
static SSL_CTX *tls;
static unsigned char block[BLOCK], scratch[BLOCK];
static char expected[DIGEST + 1]; /* of what one connection carries */
static long started_units, finished_units, lost_units, open_connections, ending_connections;
static struct connection *first; /* of the open ones */
static double *durations;
static double run_began, last_moment;

static const char ping_text[PING + 1] = "echo, 64 bytes: abcdefghijklmnopqrstuvwxyz, 0123456789, abcdefgh";
static const char request_text[] = "GET /small HTTP/1.1\r\nHost: bench.localhost\r\n\r\n";
static const char page_text[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nsmall";

static void fail(const char *what) {
  fprintf(stderr, "load %s: %s", modes[options.mode], what);
  unsigned long code = ERR_get_error();
  if (code) fprintf(stderr, ": %s", ERR_error_string(code, NULL));
  else if (errno) fprintf(stderr, ": %s", strerror(errno));
  fprintf(stderr, " (%ld of %ld done)\n", finished_units, options.count);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- bytes in bulk ---- */

static void make_block(void) {
  uint64_t state = 0x9e3779b97f4a7c15u;
  for (size_t at = 0; at < BLOCK; at += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    memcpy(block + at, &state, 8);
  }
}

static const unsigned char *numbered_block(uint64_t number) {
  memcpy(block, &number, 8);
  return block;
}

static void hex_of(EVP_MD_CTX *digest, char *hex) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(digest, bytes, &length);
  for (unsigned int at = 0; at < length; at++) sprintf(hex + 2 * at, "%02x", bytes[at]);
}

static EVP_MD_CTX *new_digest(void) {
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  if (!digest || !EVP_DigestInit_ex(digest, EVP_sha256(), NULL)) fail("SHA-256");
  return digest;
}

static void expect_digest_of(uint64_t bytes) {
  EVP_MD_CTX *digest = new_digest();
  for (uint64_t at = 0; at < bytes; at += BLOCK)
    EVP_DigestUpdate(digest, numbered_block(at / BLOCK), bytes - at < BLOCK ? (size_t)(bytes - at) : BLOCK);
  hex_of(digest, expected);
  EVP_MD_CTX_free(digest);
}

/* ---- sockets and TLS ---- */

static ssize_t outcome_of_tls(struct connection *c, int result) {
  if (result > 0) return result;
  switch (SSL_get_error(c->ssl, result)) {
  case SSL_ERROR_WANT_WRITE:
    c->wants_write = true;
    return AGAIN;
  case SSL_ERROR_WANT_READ:
    return AGAIN;
  case SSL_ERROR_ZERO_RETURN:
    return END;
  default:
    return FAILED;
  }
}

static ssize_t receive(struct connection *c, void *into, size_t length) {
  errno = 0;
  if (c->ssl) {
    ERR_clear_error();
    return outcome_of_tls(c, SSL_read(c->ssl, into, (int)length));
  }
  ssize_t got = recv(c->fd, into, length, 0);
  return got > 0 ? got : got == 0 ? END : errno == EAGAIN || errno == EINTR ? AGAIN : FAILED;
}

static ssize_t transmit(struct connection *c, const void *from, size_t length) {
  errno = 0;
  ssize_t done;
  if (c->ssl) {
    ERR_clear_error();
    done = outcome_of_tls(c, SSL_write(c->ssl, from, (int)length));
  } else {
    done = send(c->fd, from, length, MSG_NOSIGNAL);
    if (done < 0) done = errno == EAGAIN || errno == EINTR ? AGAIN : FAILED;
  }
  c->wants_write = done == AGAIN || (done >= 0 && (size_t)done < length);
  return done;
}

/* Our end: close_notify under TLS, then FIN. */
static void send_end(struct connection *c) {
  if (c->ssl) {
    ERR_clear_error();
    SSL_shutdown(c->ssl);
  }
  shutdown(c->fd, SHUT_WR);
}

/* Everything was said on this connection: our end, and the peer's is awaited. */
static void begin_end(struct connection *c) {
  c->phase = ENDING;
  ending_connections++;
  send_end(c);
}

static void update_interest(struct connection *c) {
  uint32_t interest = (c->phase == CONNECTING ? 0 : EPOLLIN) | (c->phase == CONNECTING || c->wants_write ? EPOLLOUT : 0);
  /* What cannot be echoed yet is not read yet. */
  if (options.mode == SERVE && c->out_length > c->out_at) interest &= ~(uint32_t)EPOLLIN;
  if (interest == c->interest) return;
  c->interest = interest;
  struct epoll_event event = {.events = interest, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static struct connection *add_connection(int fd, enum phase phase) {
  struct connection *c = calloc(1, sizeof *c);
  if (!c) fail("memory");
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->fd = fd;
  c->phase = phase;
  c->interest = phase == CONNECTING ? EPOLLOUT : EPOLLIN;
  if (tls) {
    c->ssl = SSL_new(tls);
    if (!c->ssl || !SSL_set_fd(c->ssl, fd)) fail("TLS");
    if (options.mode == SERVE) SSL_set_accept_state(c->ssl);
    else {
      SSL_set_connect_state(c->ssl);
      SSL_set_tlsext_host_name(c->ssl, options.name);
      SSL_set1_host(c->ssl, options.name);
    }
  }
  struct epoll_event event = {.events = c->interest, .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll");
  open_connections++;
  c->next = first;
  if (first) first->previous = c;
  first = c;
  return c;
}

static void drop(struct connection *c) {
  if (c->phase == ENDING) ending_connections--;
  if (c->next) c->next->previous = c->previous;
  if (c->previous) c->previous->next = c->next;
  else first = c->next;
  SSL_free(c->ssl);
  EVP_MD_CTX_free(c->digest);
  free(c->out);
  close(c->fd);
  free(c);
  open_connections--;
}

/* Writes what is pending; true when nothing is left. */
static bool flush(struct connection *c, bool *failed) {
  while (c->out_at < c->out_length) {
    ssize_t done = transmit(c, c->out + c->out_at, c->out_length - c->out_at);
    if (done == AGAIN) return false;
    if (done < 0) {
      *failed = true;
      return false;
    }
    c->out_at += (size_t)done;
  }
  c->out_at = c->out_length = 0;
  c->wants_write = false;
  return true;
}

static void queue(struct connection *c, const void *bytes, size_t length) {
  c->out = realloc(c->out, c->out_length + length);
  if (!c->out) fail("memory");
  memcpy(c->out + c->out_length, bytes, length);
  c->out_length += length;
}

/* Sends blocks up to c->wanted; FAILED, or AGAIN when the socket takes no more, or 0 when everything is out. */
static ssize_t pour(struct connection *c) {
  while (c->sent < c->wanted) {
    uint64_t at = c->sent % BLOCK, left = c->wanted - c->sent;
    size_t length = left < BLOCK - at ? (size_t)left : (size_t)(BLOCK - at);
    ssize_t done = transmit(c, numbered_block(c->sent / BLOCK) + at, length);
    if (done < 0) return done;
    c->sent += (uint64_t)done;
  }
  c->wants_write = false;
  return 0;
}

/* ---- the server ---- */

static void begin_service(struct connection *c) {
  c->kind = c->head[0];
  if (c->kind == 'u' || c->kind == 'd') c->wanted = strtoull(c->head + 1, NULL, 10);
  if (c->kind == 'u') c->digest = new_digest();
}

/* Takes what one read brought. False: nothing that the server knows. */
static bool serve_bytes(struct connection *c, const unsigned char *bytes, size_t length) {
  if (!c->kind) {
    /* A head of 'u' and 'd' may come in pieces. */
    size_t wanted = c->head_length > 0 || bytes[0] == 'u' || bytes[0] == 'd' ? HEAD : 1;
    size_t take = wanted - c->head_length < length ? wanted - c->head_length : length;
    memcpy(c->head + c->head_length, bytes, take);
    c->head_length += take;
    if (c->head_length < wanted) return true;
    begin_service(c);
    if (c->kind == 'u' || c->kind == 'd') bytes += take, length -= take;
  }
  switch (c->kind) {
  case 'e':
    queue(c, bytes, length);
    return true;
  case 'u': {
    EVP_DigestUpdate(c->digest, bytes, length);
    c->received += length;
    if (c->received < c->wanted) return true;
    char hex[DIGEST + 1];
    hex_of(c->digest, hex);
    queue(c, hex, DIGEST);
    c->phase = DRAINING;
    return c->received == c->wanted;
  }
  case 'd':
    return true;
  case 'G':
    for (size_t at = 0; at < length; at++) {
      if (c->answer_length == sizeof c->answer - 1) return false;
      c->answer[c->answer_length++] = (char)bytes[at];
      if (c->answer_length < 4 || memcmp(c->answer + c->answer_length - 4, "\r\n\r\n", 4) != 0) continue;
      c->answer[c->answer_length] = 0;
      queue(c, page_text, sizeof page_text - 1);
      if (strcasestr(c->answer, "connection: close")) c->phase = DRAINING;
      c->answer_length = 0;
    }
    return true;
  default:
    return false;
  }
}

/* True when the connection is over. */
static bool serve_turn(struct connection *c, uint32_t events) {
  if (c->phase == HANDSHAKE) {
    ERR_clear_error();
    c->wants_write = false;
    ssize_t done = outcome_of_tls(c, SSL_do_handshake(c->ssl));
    if (done == AGAIN) return false;
    if (done < 0) return true;
    c->phase = TALKING;
  }
  bool failed = false;
  bool flushed = flush(c, &failed);
  if (failed) return true;
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && flushed) {
    for (size_t turn = 0; turn < TURN || (c->ssl && SSL_has_pending(c->ssl));) {
      ssize_t got = receive(c, scratch, sizeof scratch);
      if (got == AGAIN) break;
      if (got == FAILED) return true;
      if (got == END) {
        send_end(c);
        return true;
      }
      if (c->phase != ENDING && !serve_bytes(c, scratch, (size_t)got)) return true;
      turn += (size_t)got;
      if (c->out_length > 0 && !(flushed = flush(c, &failed))) break;
    }
  }
  if (failed) return true;
  if (c->kind == 'd' && c->phase == TALKING) {
    ssize_t done = pour(c);
    if (done == FAILED) return true;
    if (done == 0) c->phase = DRAINING;
  }
  if (c->phase == DRAINING && flushed) {
    begin_end(c);
  }
  return false;
}

static void accept_all(void) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    add_connection(fd, tls ? HANDSHAKE : TALKING);
  }
}

/* ---- the client ---- */

static void dial(void) {
  static long dialed;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  struct sockaddr_in from = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)(dialed++ % ADDRESSES))};
  bind(fd, (struct sockaddr *)&from, sizeof from);
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)options.port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  double began = now();
  errno = 0;
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) fail("connect");
  add_connection(fd, CONNECTING)->began = began;
}

/* Opens what may be open and is still to be done. */
static void dial_more(void) {
  while (open_connections - ending_connections < options.at_once && ending_connections < MOST_ENDING &&
         started_units < options.count) {
    if (options.mode != HTTP) started_units++;
    dial();
  }
}

static void finish_unit(struct connection *c) {
  last_moment = now();
  durations[finished_units++] = last_moment - c->began;
}

/* The next request of a connection that stays; false when there is none to be made. */
static bool next_request(struct connection *c) {
  if (started_units >= options.count) return false;
  started_units++;
  c->began = now();
  c->received = c->answer_length = 0;
  if (options.mode == HTTP) queue(c, request_text, sizeof request_text - 1);
  else queue(c, ping_text, PING);
  return true;
}

static void begin_talking(struct connection *c) {
  c->phase = TALKING;
  char head[HEAD + 1];
  switch (options.mode) {
  case UP:
  case DOWN:
    /* Time begins behind the handshake, with the first that begins. */
    if (run_began == 0) run_began = now();
    snprintf(head, sizeof head, "%c%015llu", options.mode == UP ? 'u' : 'd',
             (unsigned long long)(options.bytes / (uint64_t)options.count));
    queue(c, head, HEAD);
    c->wanted = options.bytes / (uint64_t)options.count;
    if (options.mode == DOWN) c->digest = new_digest();
    break;
  case HTTP:
  case TRIPS:
    if (run_began == 0) run_began = now();
    if (options.mode == TRIPS) started_units--;
    if (!next_request(c)) begin_end(c);
    break;
  default:
    queue(c, ping_text, PING);
  }
}

/* How many bytes the answer has in all, 0 while its head is not whole. */
static size_t http_length(const char *answer) {
  const char *end = strstr(answer, "\r\n\r\n");
  if (!end) return 0;
  const char *length = strcasestr(answer, "content-length:");
  if (strncmp(answer, "HTTP/1.1 200", 12) != 0 || !length || length > end) fail("an answer that is none");
  return (size_t)(end + 4 - answer) + strtoul(length + 15, NULL, 10);
}

static void take_answer(struct connection *c, const unsigned char *bytes, size_t length) {
  if (options.mode == DOWN) {
    EVP_DigestUpdate(c->digest, bytes, length);
    c->received += length;
    if (c->received < c->wanted) return;
    char hex[DIGEST + 1];
    hex_of(c->digest, hex);
    if (c->received != c->wanted || memcmp(hex, expected, DIGEST) != 0) fail("other bytes arrived than were sent");
    finish_unit(c);
    begin_end(c);
    return;
  }
  if (c->answer_length + length >= sizeof c->answer) fail("more came back than was asked for");
  memcpy(c->answer + c->answer_length, bytes, length);
  c->answer_length += length;
  c->answer[c->answer_length] = 0;
  if (options.mode == UP) {
    if (c->answer_length < DIGEST) return;
    if (c->answer_length > DIGEST || memcmp(c->answer, expected, DIGEST) != 0)
      fail("other bytes arrived than were sent");
    finish_unit(c);
    begin_end(c);
    return;
  }
  size_t whole = options.mode == HTTP ? http_length(c->answer) : PING;
  if (whole == 0 || c->answer_length < whole) return;
  if (c->answer_length > whole || (options.mode != HTTP && memcmp(c->answer, ping_text, PING) != 0) ||
      (options.mode == HTTP && memcmp(c->answer + whole - 5, "small", 5) != 0))
    fail("another answer than the one expected");
  switch (options.mode) {
  case HTTP:
    finish_unit(c);
    if (strcasestr(c->answer, "connection: close") || !next_request(c)) begin_end(c);
    break;
  case TRIPS:
    finish_unit(c);
    if (!next_request(c)) begin_end(c);
    break;
  case HOLD:
    finish_unit(c);
    c->phase = WAITING;
    break;
  default:
    finish_unit(c);
    begin_end(c);
  }
}

/* True when the connection is over. */
static bool client_turn(struct connection *c, uint32_t events) {
  if (c->phase == CONNECTING) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    if (error) fail("connect");
    c->phase = HANDSHAKE;
    if (!tls) begin_talking(c);
  }
  if (c->phase == HANDSHAKE) {
    ERR_clear_error();
    c->wants_write = false;
    ssize_t done = outcome_of_tls(c, SSL_do_handshake(c->ssl));
    if (done == AGAIN) return false;
    if (done < 0) {
      if (options.mode != REFUSED) fail("the handshake failed");
      finish_unit(c);
      return true;
    }
    begin_talking(c);
  }
  bool failed = false;
  if (c->phase == TALKING) {
    if (flush(c, &failed) && options.mode == UP && pour(c) == FAILED) failed = true;
    if (failed && options.mode != REFUSED) fail("writing");
  }
  failed = false;
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
    for (size_t turn = 0; turn < TURN || (c->ssl && SSL_has_pending(c->ssl));) {
      ssize_t got = receive(c, scratch, sizeof scratch);
      if (got == AGAIN) break;
      if (got < 0 && options.mode == REFUSED) {
        finish_unit(c);
        return true;
      }
      /* Relays differ in how they pass on an end; what was to be carried has been compared by then. */
      if (got < 0 && c->phase == ENDING) {
        if (options.mode == CONNECT) last_moment = now();
        return true;
      }
      if (got < 0) fail("the connection was closed too early");
      if (c->phase != TALKING) fail("more came back than was asked for");
      if (options.mode == REFUSED) fail("an answer, where a refusal was expected");
      take_answer(c, scratch, (size_t)got);
      turn += (size_t)got;
    }
  }
  if (c->phase == TALKING && c->out_length > c->out_at && !flush(c, &failed) && failed) {
    if (options.mode != REFUSED) fail("writing");
    finish_unit(c);
    return true;
  }
  return false;
}

/* ---- the run ---- */

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(double seconds) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double own = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  qsort(durations, (size_t)finished_units, sizeof *durations, compare_doubles);
  double *of = durations;
  long n = finished_units;
  /* Where everything was lost there is no middle. */
  if (n == 0) of[0] = 0;
  bool bulk = options.mode == UP || options.mode == DOWN;
  printf("{\"mode\":\"%s\",\"units\":%ld,\"lost\":%ld,\"seconds\":%.6f,\"bytes\":%llu,\"p50\":%.4f,\"p99\":%.4f,\"longest\":%.4f,"
         "\"cpu\":%.3f}\n",
         modes[options.mode], n, options.mode == HOLD ? 0 : lost_units + open_connections, seconds, bulk ? (unsigned long long)options.bytes : 0ull, 1e3 * of[n / 2],
         1e3 * of[n * 99 / 100], 1e3 * of[n > 0 ? n - 1 : 0], own);
  fflush(stdout);
}

/* Gives up connections that have waited for their answer too long. */
static void give_up_unanswered(void) {
  double oldest = now() - (double)options.patience / 1e3;
  for (struct connection *c = first, *next; c; c = next) {
    next = c->next;
    if (c->phase == ENDING || c->began > oldest) continue;
    drop(c);
    lost_units++;
  }
}

static void load_run(void) {
  struct epoll_event events[MOST_EVENTS];
  durations = calloc((size_t)options.count, sizeof *durations);
  if (!durations) fail("memory");
  bool bulk = options.mode == UP || options.mode == DOWN;
  if (bulk) expect_digest_of(options.bytes / (uint64_t)options.count);
  /* Everything that is carried in bulk is open at once, and so is everything that is held. */
  if (bulk || options.mode == HOLD) options.at_once = options.count;
  if (bulk && options.bytes % (uint64_t)options.count) fail("bytes that cannot be divided");
  struct connection **held = calloc((size_t)options.count, sizeof *held);
  double began = now();
  int quiet = 0; /* ticks without an event */
  /* A crowd of connections arrives over some turns, not in one: the queue of a listener has an end. */
  long most_pending = 256;
  while (finished_units + lost_units < options.count || (options.mode != HOLD && open_connections > 0)) {
    if (options.mode == HOLD) {
      while (started_units < options.count && started_units - finished_units < most_pending) started_units++, dial();
    } else if (options.mode == TRIPS) {
      if (open_connections == 0 && started_units == 0) started_units++, dial();
    } else dial_more();
    int got = epoll_wait(epoll_fd, events, MOST_EVENTS, TICK_MILLISECONDS);
    quiet = got == 0 ? quiet + 1 : 0;
    long idle = (long)quiet * TICK_MILLISECONDS;
    if (idle >= options.patience && finished_units + lost_units == options.count) break;
    if (idle >= FAILED_AFTER * options.patience) {
      errno = 0;
      fail("nothing has moved for a long time");
    }
    if (options.mode == CONNECT && got == 0) give_up_unanswered();
    for (int at = 0; at < got; at++) {
      struct connection *c = events[at].data.ptr;
      enum phase before = c->phase;
      if (client_turn(c, events[at].events)) {
        drop(c);
        continue;
      }
      if (c->phase == WAITING && before != WAITING) held[finished_units - 1] = c;
      update_interest(c);
    }
  }
  report(last_moment - (run_began > 0 ? run_began : began));
  if (options.mode != HOLD) return;
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {}
  double ending = now();
  for (long at = 0; at < options.count; at++) begin_end(held[at]);
  while (open_connections > 0) {
    int got = epoll_wait(epoll_fd, events, MOST_EVENTS, (int)(FAILED_AFTER * options.patience));
    if (got == 0) fail("nothing has moved for a long time");
    for (int at = 0; at < got; at++)
      if (client_turn(events[at].data.ptr, events[at].events)) drop(events[at].data.ptr);
  }
  report(now() - ending);
}

static void serve_run(void) {
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof here;
  if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 4096) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&here, &length);
  struct epoll_event listening = {.events = EPOLLIN, .data.ptr = &listener};
  struct epoll_event leash = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &listening);
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &leash) < 0) fail("standard input is no pipe");
  printf("%d\n", ntohs(here.sin_port));
  fflush(stdout);
  struct epoll_event events[MOST_EVENTS];
  for (;;) {
    int got = epoll_wait(epoll_fd, events, MOST_EVENTS, -1);
    for (int at = 0; at < got; at++) {
      struct connection *c = events[at].data.ptr;
      if (!c) {
        char bytes[256];
        if (read(STDIN_FILENO, bytes, sizeof bytes) <= 0) return;
      } else if (events[at].data.ptr == &listener) accept_all();
      else if (serve_turn(c, events[at].events)) drop(c);
      else update_interest(c);
    }
  }
}

static void prepare_tls(void) {
  bool serves = options.mode == SERVE;
  if (serves ? !options.cert : !options.ca) return;
  tls = SSL_CTX_new(serves ? TLS_server_method() : TLS_client_method());
  if (!tls) fail("TLS");
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(tls, SSL_OP_NO_TICKET);
  if (serves) SSL_CTX_set_num_tickets(tls, 0);
  SSL_CTX_set_read_ahead(tls, 1);
  SSL_CTX_set_default_read_buffer_len(tls, 128 * 1024);
  if (options.cert && (SSL_CTX_use_certificate_chain_file(tls, options.cert) != 1 ||
                       SSL_CTX_use_PrivateKey_file(tls, options.key ? options.key : "", SSL_FILETYPE_PEM) != 1))
    fail("certificate or key");
  if (options.ca) {
    if (SSL_CTX_load_verify_locations(tls, options.ca, NULL) != 1) fail("CA");
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | (serves ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
  }
}

static void usage(void) {
  fprintf(stderr, "usage: load serve [--cert FILE --key FILE [--ca FILE]]\n"
                  "       load connect|refused|up|down|trips|http|hold PORT [--count N] [--at-once N] [--bytes N]\n"
                  "            [--patience MILLISECONDS]"
                  " [--ca FILE [--cert FILE --key FILE] [--name NAME]]\n");
  exit(2);
}

static void read_options(int count, char **words) {
  if (count < 2) usage();
  size_t mode = 0;
  while (mode < sizeof modes / sizeof *modes && strcmp(words[1], modes[mode]) != 0) mode++;
  if (mode == sizeof modes / sizeof *modes) usage();
  options.mode = (enum mode)mode;
  int at = 2;
  if (options.mode != SERVE) options.port = at < count ? atoi(words[at++]) : 0;
  if (options.mode == UP || options.mode == DOWN) options.count = 1;
  for (; at + 1 < count; at += 2) {
    const char *name = words[at], *value = words[at + 1];
    if (!strcmp(name, "--count")) options.count = atol(value);
    else if (!strcmp(name, "--at-once")) options.at_once = atol(value);
    else if (!strcmp(name, "--patience")) options.patience = atol(value);
    else if (!strcmp(name, "--bytes")) options.bytes = strtoull(value, NULL, 10);
    else if (!strcmp(name, "--ca")) options.ca = value;
    else if (!strcmp(name, "--cert")) options.cert = value;
    else if (!strcmp(name, "--key")) options.key = value;
    else if (!strcmp(name, "--name")) options.name = value;
    else usage();
  }
  if (at != count || options.count < 1 || options.at_once < 1 || (options.mode != SERVE && options.port < 1)) usage();
}

int main(int count, char **words) {
  read_options(count, words);
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  make_block();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  prepare_tls();
  if (options.mode == SERVE) serve_run();
  else load_run();
  return 0;
}
