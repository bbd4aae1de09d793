#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "load.h"

struct options opt = { .host = "127.0.0.1",
		       .domain = "bench.test",
		       .password = "secret",
		       .algorithm = "MD5",
		       .label = "",
		       .port = 5061,
		       .tls_version = 13,
		       .first = 1,
		       .users = 100,
		       .contacts = 10,
		       .payload = 100,
		       .connecting = 64,
		       .window = 64,
		       .publishing = 16,
		       .sources = 8,
		       .seconds = 5,
		       .warm_up_s = 1,
		       .settle_s = 1,
		       .timeout_s = 10 };

static const char usage[] =
	"load OPTION... WORKLOAD...\n"
	"  --host A --port N --domain D --password P  the server; users are user00001 and so on\n"
	"  --algorithm MD5|SHA-256                    of the Digest challenge to answer\n"
	"  --tls 12|13                                the version to speak\n"
	"  --first N --users N --newcomers N          who takes part\n"
	"  --contacts K                               of each user (at most 64)\n"
	"  --payload BYTES                            of a text\n"
	"  --connecting N --window N --publishing N   how many at once\n"
	"  --rate R                                   so many a second, instead of N at once\n"
	"  --seconds S --warm-up S --settle S --timeout S\n"
	"  --sources N                                addresses 127.0.0.2 and on to come from\n"
	"  --group NAME                               of the workload group\n"
	"  --pid PID --label TEXT --verbose\n"
	"workloads, in the order given: connect reconnect register idle refresh message subscribe "
	"notify office group\n";

enum {
	HOST = 1,
	PORT,
	DOMAIN,
	PASSWORD,
	ALGORITHM,
	TLS,
	FIRST,
	USERS,
	NEWCOMERS,
	CONTACTS,
	PAYLOAD,
	CONNECTING,
	WINDOW,
	PUBLISHING,
	RATE,
	SECONDS,
	WARM_UP,
	SETTLE,
	TIMEOUT,
	SOURCES,
	GROUP,
	PID,
	LABEL,
	VERBOSE
};

static const struct option options[] = {
	{ "host", 1, 0, HOST },
	{ "port", 1, 0, PORT },
	{ "domain", 1, 0, DOMAIN },
	{ "password", 1, 0, PASSWORD },
	{ "algorithm", 1, 0, ALGORITHM },
	{ "tls", 1, 0, TLS },
	{ "first", 1, 0, FIRST },
	{ "users", 1, 0, USERS },
	{ "newcomers", 1, 0, NEWCOMERS },
	{ "contacts", 1, 0, CONTACTS },
	{ "payload", 1, 0, PAYLOAD },
	{ "connecting", 1, 0, CONNECTING },
	{ "window", 1, 0, WINDOW },
	{ "publishing", 1, 0, PUBLISHING },
	{ "rate", 1, 0, RATE },
	{ "seconds", 1, 0, SECONDS },
	{ "warm-up", 1, 0, WARM_UP },
	{ "settle", 1, 0, SETTLE },
	{ "timeout", 1, 0, TIMEOUT },
	{ "sources", 1, 0, SOURCES },
	{ "group", 1, 0, GROUP },
	{ "pid", 1, 0, PID },
	{ "label", 1, 0, LABEL },
	{ "verbose", 0, 0, VERBOSE },
	{ 0 },
};

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The same throws in every run, for every server. */
uint32_t dice(uint32_t sides)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 11) % sides;
}

void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static void set_option(int c)
{
	int *const numbers[] = { [PORT] = &opt.port,
				 [TLS] = &opt.tls_version,
				 [FIRST] = &opt.first,
				 [USERS] = &opt.users,
				 [NEWCOMERS] = &opt.newcomers,
				 [CONTACTS] = &opt.contacts,
				 [PAYLOAD] = &opt.payload,
				 [CONNECTING] = &opt.connecting,
				 [WINDOW] = &opt.window,
				 [PUBLISHING] = &opt.publishing,
				 [SOURCES] = &opt.sources,
				 [PID] = &opt.server_pid,
				 [VERBOSE] = NULL };
	double *const reals[] = {
		[RATE] = &opt.rate,	  [SECONDS] = &opt.seconds,   [WARM_UP] = &opt.warm_up_s,
		[SETTLE] = &opt.settle_s, [TIMEOUT] = &opt.timeout_s, [VERBOSE] = NULL
	};
	const char **const texts[] = { [HOST] = &opt.host,
				       [DOMAIN] = &opt.domain,
				       [PASSWORD] = &opt.password,
				       [ALGORITHM] = &opt.algorithm,
				       [GROUP] = &opt.group,
				       [LABEL] = &opt.label,
				       [VERBOSE] = NULL };

	if (c == VERBOSE)
		opt.verbose = true;
	else if (numbers[c] != NULL)
		*numbers[c] = (int)strtol(optarg, NULL, 10);
	else if (reals[c] != NULL)
		*reals[c] = strtod(optarg, NULL);
	else
		*texts[c] = optarg;
}

static void run(const char *workload)
{
	static const struct storm connect = { .name = "connect" },
				  reconnect = { .name = "reconnect", .resume = true },
				  sign_in = { .name = "register", .sign_in = true };
	static const struct {
		const char *name;
		void (*run)(void);
	} others[] = { { "idle", idle },
		       { "refresh", refresh },
		       { "message", message },
		       { "subscribe", presence_subscribe },
		       { "notify", presence_fan_out },
		       { "office", office },
		       { "group", group } };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(workload, others[i].name) == 0) {
			others[i].run();
			return;
		}
	}
	if (strcmp(workload, "connect") == 0)
		storm(&connect);
	else if (strcmp(workload, "reconnect") == 0)
		storm(&reconnect);
	else if (strcmp(workload, "register") == 0)
		storm(&sign_in);
	else
		die("no workload %s", workload);
}

int main(int argc, char **argv)
{
	struct rlimit files;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?') {
			fputs(usage, stderr);
			return 2;
		}
		set_option(c);
	}
	if (optind == argc || opt.contacts < 1 || opt.contacts > CONTACTS_MAX ||
	    opt.users <= opt.contacts || opt.window >= 4096) {
		fputs(usage, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	agents_init();
	txns_init();
	while (optind < argc)
		run(argv[optind++]);
	return faults.refused + faults.unanswered + faults.undelivered + faults.misdelivered +
				       faults.missing + faults.dropped ==
			       0
		       ? 0
		       : 1;
}
