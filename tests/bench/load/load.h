/* load.h: the load generator: N SIP/TLS user agents in one thread, around one epoll.
 *
 * It knows nothing of the server under test but its address and its process, so
 * every server is measured by the same client.  Each workload prints one JSON
 * line, and what went wrong in any of them is counted: then the exit status is 1.
 *
 *   agent.c    connections, TLS, the event loop      request.c  what is sent
 *   digest.c   the client's half of Digest           receive.c  what comes back
 *   usage.c    the server's CPU and memory           report.c   histograms and JSON
 *   storm.c traffic.c presence.c office.c group.c    the workloads */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

enum { CONTACTS_MAX = 64, NS_PER_MS = 1000000 };
#define NS_PER_S 1000000000ull

/* --- options (main.c) --- */

struct options {
	const char *host, *domain, *pattern, *password, *algorithm, *label, *group;
	int port, tls_version, first, users, newcomers, contacts, payload, connecting, window,
		publishing, sources;
	double rate, seconds, warm_up_s, settle_s, timeout_s;
	int server_pid;
	bool verbose;
};
extern struct options opt;

/* --- time, chance, failure (main.c) --- */

uint64_t now_ns(void);
uint32_t dice(uint32_t sides);
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- histograms and JSON (report.c) --- */

enum { HIST_LINEAR = 64, HIST_BUCKETS = HIST_LINEAR * 40 };

/* Microseconds, exact below 64 and to 3 % above. */
struct hist {
	uint64_t count, max_us;
	uint32_t bucket[HIST_BUCKETS];
};
void hist_add(struct hist *h, uint64_t ns);
double hist_quantile_ms(const struct hist *h, double q);

/* Everything that must not happen; counted over the whole run. */
struct faults {
	uint64_t refused;      /* a final answer other than 2xx */
	uint64_t unanswered;   /* no final answer in time */
	uint64_t undelivered;  /* a MESSAGE that was answered 2xx and reached nobody */
	uint64_t misdelivered; /* reached somebody else, or twice */
	uint64_t missing;      /* a NOTIFY that never came, or came without what was published */
	uint64_t dropped; /* a connection that the server closed, or that could not be opened */
};
extern struct faults faults;

struct usage {
	double server_cpu_s, own_cpu_s, machine_cpu_s;
	long pss_kib;
	uint64_t at_ns;
};
enum usage_detail { USAGE_CPU, USAGE_CPU_AND_MEMORY };
struct usage usage_take(enum usage_detail detail);

void report_begin(const char *workload);
void report_number(const char *name, double value);
void report_text(const char *name, const char *value);
void report_hist(const char *name, const struct hist *h);
void report_usage(const struct usage *from, const struct usage *to, double operations);
void report_end(void); /* with the answers by code and the faults since report_begin */
void report_answer(int code);

/* --- agents (agent.c) --- */

enum agent_state { AGENT_NONE, AGENT_CONNECTING, AGENT_HANDSHAKE, AGENT_UP, AGENT_GONE };
enum hash_kind { HASH_MD5, HASH_SHA256 };

struct bytes {
	char *p;
	size_t len, cap;
};

struct agent {
	enum agent_state state;
	int fd;
	SSL *ssl;
	SSL_SESSION *session; /* for the next handshake */
	struct bytes in, out;
	char address[32]; /* of our end */
	uint64_t started_ns;
	bool registered;
	uint32_t cseq;

	struct { /* of the last challenge */
		char nonce[256], realm[128], opaque[128], ha1[65];
		enum hash_kind hash;
		bool have, qop;
		uint32_t count;
	} digest;

	struct { /* of presence; bits are numbers of contacts or watchers */
		char etag[80];
		uint32_t serial; /* of what was published last */
		uint64_t published_ns, seen_by, subscribed, first_notify;
		bool publishing, accepted;
	} presence;
};
extern struct agent *agents; /* opt.users + opt.newcomers */

/* Called once for each agent_connect. */
extern void (*agent_on_up)(struct agent *a, bool ok);

void agents_init(void);
int agent_number(const struct agent *a);
const char *agent_name(const struct agent *a); /* one of eight buffers in turn */
void agent_connect(struct agent *a, bool resume);
void agent_close(struct agent *a);
void agent_send(struct agent *a, const char *p, size_t len);
void agents_pump(uint64_t wait_ns);
void agents_pump_for(double seconds);
uint64_t agents_resumed(void);

/* Contact n of 0 .. opt.contacts-1: neighbours on a ring, half of them on each side, so that contacts
 * are mutual, as they are in an office. */
struct agent *agent_contact(const struct agent *a, int n);
int agent_contact_index(const struct agent *a, const struct agent *contact); /* -1: none */

/* --- digest.c --- */

void digest_challenge(struct agent *a, const char *value, const char *end);
void digest_next_nonce(struct agent *a, const char *value, const char *end);
size_t digest_header(char *out, size_t max, struct agent *a, int code, const char *method,
		     const char *uri);

/* --- requests (request.c) --- */

enum method { REGISTER, MESSAGE, SUBSCRIBE, PUBLISH, METHODS };

struct txn {
	uint32_t generation;
	enum method method;
	struct agent *from, *to;
	uint64_t due_ns, sent_ns;
	int attempts;
	int code;		/* the final answer; 0: none yet, 408: none came */
	int deliveries, copies; /* of a text; one copy but for groups */
	bool used, counted;
};
/* Called once for each txn_start: when it is answered and, a text, has arrived; or when it is too late. */
extern void (*txn_on_done)(const struct txn *t);

void txns_init(void);
struct txn *txn_start(enum method method, struct agent *from, struct agent *to, uint64_t due_ns,
		      bool counted);
void txn_again(struct txn *t);
struct txn *txn_find(uint32_t index, uint32_t generation);
void txn_answered(struct txn *t, int code);
void txn_delivered(struct txn *t, struct agent *by);
void txns_expire(void);
int txns_open(void);
void txns_drain(void);

/* --- answers and requests from the server (receive.c) --- */

size_t receive(struct agent *a, const char *p, size_t len); /* bytes used */
extern void (*receive_on_text)(struct agent *a, const struct txn *t);
extern void (*receive_on_presence)(struct agent *watcher, struct agent *who, uint32_t serial);

/* --- workloads --- */

struct storm {
	const char *name;
	bool resume, sign_in;
};
void storm(const struct storm *s);
void idle(void);
void refresh(void);
void message(void);
void presence_subscribe(void);
void presence_fan_out(void);
void office(void);
void group(void);

#endif
