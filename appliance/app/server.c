/* server.c: the boot order and the stop, each as a numbered story. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/settings.h"
#include "net/pagealloc.h"

#include "app/datadir.h"
#include "app/notify.h"
#include "app/sandbox.h"
#include "app/server_int.h"

enum { WORKERS = 2, SETTING_MAX = 512, ARENAS = 2, BARRIERS_MAX = 10000 };

/* ---- boot ---- */

/* What set-up has decided; empty before it. */
struct names {
	struct store_op op;
	struct buf domain, host;
	struct api_settings settings;
};

static enum err names_read(struct store_op *op, struct db *db)
{
	struct names *n = CONTAINER_OF(op, struct names, op);
	enum err e = db_setting_get(db, STR("domain"), &n->domain);

	if (e == E_OK)
		e = db_setting_get(db, STR("host"), &n->host);
	if (e != E_OK && e != E_NOTFOUND)
		return e;
	return api_settings_read(db, &n->settings);
}

/* Descriptors for NET_CONNS_MAX connections, if the system lets us. */
static void raise_limits(void)
{
	struct rlimit r;

	(void)mallopt(M_ARENA_MAX, ARENAS); /* threads share arenas: memory over malloc speed */
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur == r.rlim_max)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

static void on_signal(int fd, uint32_t events, void *arg)
{
	struct server *s = arg;
	struct signalfd_siginfo si;

	(void)events;
	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGHUP) {
			log_info("boot", "SIGHUP: settings and certificates live in the database, "
					 "nothing to reload");
			continue;
		}
		log_info("boot", "signal %u: stopping", si.ssi_signo);
		server_stop(s);
	}
}

/* Before the first thread, so that all of them leave these signals to the switch. */
static enum err take_signals(struct server *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		return E_IO;
	s->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->signal_fd < 0) {
		log_error("boot", "signalfd: %s", strerror(errno));
		return E_IO;
	}
	return loop_add_fd(s->sw, s->signal_fd, EPOLLIN, on_signal, s);
}

static void on_stop_job(struct job *j);
static void on_web_drained(struct job *j);

static struct server *server_blank(const struct config *cfg)
{
	struct server *s = xcalloc(1, sizeof(*s));

	s->cfg_copy = *cfg;
	s->cfg = &s->cfg_copy;
	s->signal_fd = -1;
	s->started_ms = clk_wall_ms();
	s->stop_job.fn = on_stop_job;
	s->back_job.fn = on_web_drained;
	sem_init(&s->web_ready, 0, 0);
	return s;
}

static enum err boot(struct server *s, struct names *n)
{
	enum err e;

	/* 1. What the process needs before anything else: ports, while we may still bind them. */
	pagealloc_install();
	if (s->cfg->listen) {
		raise_limits();
		if ((e = server_net_listen(s)) != E_OK)
			return e;
	}

	/* 2. The data directory: from here on as its owner. */
	if (s->cfg->listen && (e = datadir_make(s->cfg->data)) != E_OK)
		return e;
	if ((e = datadir_become_owner(s->cfg->data)) != E_OK)
		return e;

	/* 3. The file: locked, checked, migrated; what set-up decided is read from it. */
	if ((e = store_open(s->cfg->data, NULL, &s->store)) != E_OK)
		return e;
	n->op = (struct store_op){ .cls = STORE_QUERY, .run = names_read };
	if ((e = store_run_sync(s->store, &n->op)) != E_OK)
		return e;
	s->is_set_up = n->domain.len > 0;
	if ((e = server_cert_boot(s)) != E_OK)
		return e;

	/* 4. No way back: nothing but the data directory can be written by the threads that follow. */
	if (s->cfg->listen && (e = sandbox_enter(s->cfg->data)) != E_OK)
		return e;

	/* 5. Loops and signals; then the rooms, bottom to top, filled from the file. */
	s->sw = loop_new();
	s->web_loop = loop_new();
	if (s->cfg->listen && (e = take_signals(s)) != E_OK)
		return e;
	s->throttle = throttle_new();
	s->workers = worker_pool_new(WORKERS);
	if ((e = server_sip_boot(s, buf_str(&n->domain), buf_str(&n->host))) != E_OK)
		return e;
	server_sip_apply_settings(s, &n->settings);
	if ((e = server_web_boot(s, buf_str(&n->domain), buf_str(&n->host))) != E_OK)
		return e;

	/* 6. The other threads: store, web, and last the doors. */
	if ((e = store_start(s->store)) != E_OK)
		return e;
	s->is_store_started = true;
	if ((e = server_web_start(s)) != E_OK)
		return e;
	if (s->cfg->listen) {
		server_cert_watch(s);
		server_trim_watch(s);
		return server_net_open_doors(s);
	}
	return E_OK;
}

enum err server_new(const struct config *cfg, struct server **out)
{
	struct server *s = server_blank(cfg);
	struct names n;
	enum err e;

	buf_init(&n.domain, SETTING_MAX);
	buf_init(&n.host, SETTING_MAX);
	e = boot(s, &n);
	buf_fini(&n.domain);
	buf_fini(&n.host);
	if (e != E_OK) {
		server_free(&s);
		return e;
	}
	*out = s;
	return E_OK;
}

void server_run(struct server *s)
{
	if (s->cfg->listen) {
		server_setup_announce(s);
		log_info("boot", "ready version=%s data=%s", PORCHLIGHT_VERSION, s->cfg->data);
		notify_systemd("READY=1");
	}
	loop_run(s->sw);
}

/* ---- stop ---- */

void server_stop(struct server *s)
{
	if (!atomic_exchange(&s->is_stopping, true))
		queue_push(loop_queue(s->sw), &s->stop_job);
}

/* Switch: nobody new comes in; what the web thread has begun is finished first. */
static void on_stop_job(struct job *j)
{
	struct server *s = CONTAINER_OF(j, struct server, stop_job);

	if (s->cfg->listen)
		notify_systemd("STOPPING=1");
	if (s->doors != NULL)
		doors_stop(s->doors);
	server_web_drain(s, &s->back_job);
}

static void on_web_drained(struct job *j)
{
	struct server *s = CONTAINER_OF(j, struct server, back_job);

	s->is_web_drained = true;
	loop_stop(s->sw);
}

/* An operation whose only use is that everything submitted before it has been answered. */
struct barrier {
	struct store_op op;
	bool is_back;
};

static enum err barrier_run(struct store_op *op, struct db *db)
{
	(void)op;
	(void)db;
	return E_OK;
}

static void barrier_done(struct store_op *op)
{
	CONTAINER_OF(op, struct barrier, op)->is_back = true;
}

static void wait_for(struct server *s, enum store_class cls)
{
	struct barrier b = { .op = { .reply = loop_queue(s->sw),
				     .cls = cls,
				     .run = barrier_run,
				     .done = barrier_done } };

	store_submit(s->store, &b.op);
	while (!b.is_back) {
		/* The loop has been stopped, so its queue is served here. */
		if (queue_run(loop_queue(s->sw), SIZE_MAX) == 0)
			(void)usleep(1000);
	}
}

/* Completions may submit more, a text that fails over to the disk its record, an import its next department: until
 * nothing does.  What is STORE_SOON waits for company and is not waited for: store_close brings it to the disk. */
static void settle_store(struct server *s)
{
	struct store_stats st;

	for (int i = 0; i < BARRIERS_MAX; i++) {
		wait_for(s, STORE_DURABLE);
		wait_for(s, STORE_QUERY);
		store_stats(s->store, &st);
		if (st.waiting_durable + st.waiting_query == 0 &&
		    queue_depth(loop_queue(s->sw)) == 0)
			return;
	}
	log_warn("boot", "stopping although the store is still asked for more");
}

static void run_switch_queue(struct server *s)
{
	while (s->sw != NULL && queue_run(loop_queue(s->sw), SIZE_MAX) > 0)
		;
}

void server_free(struct server **sp)
{
	struct server *s = *sp;

	if (s == NULL)
		return;
	/* 1. Connections end; texts under way fail over to the offline store, records are closed. */
	if (s->doors != NULL)
		doors_stop(s->doors);
	server_sip_close(s);
	/* 2. Slow work ends or is called off, and what is owed to the disk is brought there. */
	if (s->workers != NULL)
		worker_pool_stop(s->workers);
	if (s->is_store_started)
		settle_store(s);
	/* 3. The web thread has answered everybody, or lets them go. */
	server_web_stop(s);
	if (s->store != NULL)
		store_close(&s->store);
	run_switch_queue(
		s); /* the last completions: nothing is submitted any more, memory is let go */
	/* 4. The rooms, top to bottom. */
	server_trim_free(s);
	server_cert_free(s);
	server_web_free(s);
	server_sip_free(s);
	worker_pool_free(&s->workers);
	doors_free(&s->doors);
	throttle_free(&s->throttle);
	tls_config_unref(&s->tls);
	for (size_t i = 0; i < s->n_fds; i++)
		close(s->fd[i]);
	for (size_t i = 0; i < s->n_plain_fds; i++)
		if (s->plain_fd[i] >= 0)
			close(s->plain_fd[i]);
	if (s->signal_fd >= 0) {
		loop_del_fd(s->sw, s->signal_fd);
		close(s->signal_fd);
	}
	loop_free(&s->web_loop);
	loop_free(&s->sw);
	sem_destroy(&s->web_ready);
	if (s->cfg->listen && s->is_web_drained)
		log_info("boot", "stopped");
	free(s);
	*sp = NULL;
}
