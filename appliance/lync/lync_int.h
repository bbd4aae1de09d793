/* lync_int.h: what the files of the Lync-class dialect share. */
#ifndef LYNC_LYNC_INT_H
#define LYNC_LYNC_INT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "lync/auth_hdr.h"
#include "lync/lync.h"
#include "lync/ntlm.h"
#include "lync/sa.h"
#include "sip/dialog.h"

/* what every deployment says, and clients expect */
#define LYNC_REALM STR("SIP Communications Service")

struct conf;
struct im;

struct dsk;
struct dsk_auth;
struct lync_tickets;
struct web_auth;

struct lync {
	struct lync_cfg cfg;
	struct dsk_auth *dsk;
	struct lync_tickets *tickets; /* of the web services, like the next */
	struct web_auth *web_auth;
	struct im *im;		    /* im.h */
	struct conf *conf;	    /* conf.h */
	bool is_ntlm_off;	    /* on SIP */
	bool is_web_ntlm_off;	    /* where web tickets are given */
	struct map subs;	    /* struct lync_sub, by id */
	struct map watches;	    /* struct lync_watch, by number */
	struct map users;	    /* struct lync_user, by account */
	struct sip_dialogs dialogs; /* of the subscriptions */
	uint64_t last_sub, last_watch;
	int dialect, self_dialect; /* of the presence room */
	uint64_t seed;		   /* of keyed hashes over what peers choose */
	struct lync_stats stats;
	struct log_rate wrong_rate, spoof_rate, throttle_rate, signature_rate;
};

/* A NTLM exchange between challenge and answer. */
struct lync_handshake {
	bool is_open;
	char opaque[SA_OPAQUE_LEN + 1];
	unsigned char server_challenge[NTLM_CHALLENGE_LEN];
	struct buf challenge; /* as sent: a MIC covers it */
};

/* One client's connection.  Invariants:
 * 1. has_sa: sa is that of account, and the connection's finisher signs with it.
 * 2. handshake replaces sa only when it has succeeded: until then the old one signs. */
struct lync_conn {
	struct lync *lync;
	conn_id id;
	struct sa sa;
	bool has_sa;
	account_id account; /* whose sa it is; 0: none yet */
	struct lync_handshake handshake;
	struct dsk *dsk;     /* the TLS-DSK handshake under way; NULL: none */
	uint64_t dsk_serial; /* which one it is */
	char dsk_opaque[SA_OPAQUE_LEN + 1];
	/* of a finished one: the next REGISTER signs with it and makes it the sa */
	struct sa previous; /* the client's answers on their way when sa was renewed */
	bool has_previous;
	struct sa pending;
	bool has_pending;
	account_id pending_account;
	struct list subs;   /* struct lync_sub */
	unsigned conflicts; /* refused publications since then */
	int64_t conflicts_since_ms;
	unsigned refusals; /* 401s in a row to requests other than REGISTER */
	/* The REGISTER's dialog, for deregistration notices: header values of requests we send. */
	struct str reg_from, reg_to, reg_call_id, epid; /* owned */
	uint32_t reg_cseq;				/* of our last request in it */
};

/* --- auth.c --- */
enum sip_auth_result lync_authenticate(void *arg, struct sip_txn *t);
struct lync_conn *lync_conn_of(struct sip_conn *c); /* NULL: none yet, or another dialect's */
bool lync_accepts_response(void *arg, struct sip_conn *c, const struct sip_msg *m);
void lync_on_close(void *arg, struct sip_conn *c);
/* The 401 with the schemes; why: for the client's log, may be NULL.  txn gone is fine. */
void lync_challenge(struct lync *l, uint64_t txn, const char *why);
/* The 401 of a handshake under way. */
void lync_challenge_token(struct lync *l, uint64_t txn, enum auth_scheme scheme, const char *opaque,
			  struct str token);

/* --- finish.c --- */
void lync_finish(void *arg, const struct sip_finishing *f, struct buf *out);

/* --- register.c --- */
void lync_on_register(struct sip_txn *t, void *arg);

/* --- deregister.c --- */
void lync_on_sign_out(void *arg, const struct endpoint *e, enum registrar_end why);

/* --- options.c --- */
void lync_on_options(struct sip_txn *t, void *arg);

/* --- who.c --- */
/* The account a URI of our domain names, by its user part alone.  NULL: nobody. */
const struct account *lync_account_of(const struct lync *l, const struct uri *u);
/* "alice", "alice@contoso.example", with or without a domain in front.  NULL: nobody of ours. */
const struct account *lync_account_named(const struct lync *l, struct str domain, struct str user);
/* The URI is the GRUU of that endpoint. */
bool lync_is_gruu_of(const struct lync *l, const struct uri *u, const struct endpoint *e);
/* Appends sip:name@domain. */
void lync_aor(const struct lync *l, const struct account *a, struct buf *out);
/* Answers with an ms-diagnostics line: which says why to whoever reads the client's log. */
void lync_refuse(struct lync *l, struct sip_txn *t, int code, unsigned id, const char *reason);
/* The same for users outside, who see the text. */
void lync_refuse_public(struct lync *l, struct sip_txn *t, int code, unsigned id,
			const char *reason);

#endif
