/* server_int.h: the server from the inside: what app/server*.c share.
 *
 * Built bottom to top by server_new, taken apart in reverse by server_stop and
 * server_free.  What belongs to a thread is marked; everything else is set
 * before the threads start and not changed while they run. */
#ifndef APP_SERVER_INT_H
#define APP_SERVER_INT_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/heap.h"
#include "base/str.h"
#include "db/store.h"
#include "crypto/x509.h"
#include "directory/directory.h"
#include "http/control.h"
#include "http/server.h"
#include "immcu/immcu.h"
#include "net/conn.h"
#include "net/door.h"
#include "net/loop.h"
#include "net/throttle.h"
#include "net/tls.h"
#include "net/worker.h"
#include "presence/presence.h"
#include "registrar/registrar.h"
#include "sip/stack.h"
#include "webadmin/api/api.h"
#include "webadmin/api/settings.h"

#include "app/server.h"

struct renewal;		 /* server_cert.c */
struct trim;		 /* server_trim.c */
struct server_sip_rooms; /* server_sip.c: the dialects' adapters */

enum { SERVER_FDS_MAX = 2 * CONFIG_ADDRS_MAX };

struct server {
	const struct config *cfg;
	struct config cfg_copy;

	/* sockets */
	int fd[SERVER_FDS_MAX]; /* listening; the doors own them once doors is set */
	size_t n_fds;
	/* listening without TLS; struct plain owns them once the web thread runs */
	int plain_fd[CONFIG_ADDRS_MAX];
	size_t n_plain_fds;
	struct plain *plain[CONFIG_ADDRS_MAX];
	uint16_t sip_port, web_port;

	/* threads */
	struct loop *sw; /* the switch's */
	struct loop *web_loop;
	pthread_t web_thread;
	bool is_web_running;
	sem_t web_ready;
	enum err web_err;
	struct worker_pool *workers;
	struct store *store;
	bool is_store_started;
	struct throttle *throttle;

	/* switch */
	struct directory *directory;
	struct registrar *registrar;
	struct presence *presence;
	struct loop_work presence_work;
	struct immcu *immcu;
	struct sip_stack *sip;
	struct server_sip_rooms *rooms;
	struct log_rate closed_rate;
	struct hub *hub;
	struct doors *doors;
	struct tls_config *tls; /* the one new connections get; NULL without listeners */
	struct renewal *renewal;
	struct trim *trim;
	int signal_fd;	    /* -1: none */
	int64_t started_ms; /* wall */

	/* web */
	struct http_server *http;
	struct control *control;
	struct api api;

	/* any thread */
	_Atomic bool is_stopping;
	_Atomic bool is_set_up;
	_Atomic bool is_im_off;			     /* by the setting */
	_Atomic int64_t cert_not_after_ms;	     /* 0: no certificate */
	char cert_fingerprint[X509_FINGERPRINT_CAP]; /* switch */

	/* the stop */
	struct job stop_job, web_job, back_job, *drain_then;
	bool is_web_drained;
};

/* server_net.c: listening sockets, inherited or made, and the doors. */
MUST_USE enum err server_net_listen(struct server *s);
MUST_USE enum err server_net_open_doors(struct server *s);

/* server_cert.c: the certificate in use: found, made, renewed, changed. */
MUST_USE enum err server_cert_boot(struct server *s); /* store not started yet */
enum err server_cert_use(struct server *s, struct str cert_pem, struct str key_pem); /* switch */
void server_cert_watch(struct server *s); /* switch: looks now and then whether it is time */
void server_cert_free(struct server *s);  /* after store and workers: a renewal may be under way */

/* server_trim.c */
/* switch: looks now and then whether many have come or gone */
void server_trim_watch(struct server *s);
void server_trim_free(struct server *s);

/* server_sip.c: the switch's rooms, wired to each other. */
MUST_USE enum err server_sip_boot(struct server *s, struct str domain, struct str host);
void server_sip_set_names(struct server *s, struct str domain, struct str host);
void server_sip_apply_settings(struct server *s, const struct api_settings *set);
/* connections and calls; what the store answers is still heard */
void server_sip_close(struct server *s);
void server_sip_free(struct server *s);

/* server_web.c: the web thread and what its handlers ask of the rest. */
MUST_USE enum err server_web_boot(struct server *s, struct str domain, struct str host);
MUST_USE enum err server_web_start(struct server *s);
void server_web_drain(struct server *s, struct job *then /* pushed to the switch */);
void server_web_stop(struct server *s); /* joins */
void server_web_free(struct server *s);

/* server_setup.c: what the console says before and after the first set-up. */
void server_setup_announce(const struct server *s);

/* server_metrics.c, server_health.c */
void server_metrics_write(struct server *s, struct buf *out); /* switch */
json_t *server_reasons(struct server *s, bool *fatal_out);    /* any thread */

#endif
