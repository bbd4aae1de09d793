/* simple_int.h: what the files of the standards dialect share. */
#ifndef SIMPLE_SIMPLE_INT_H
#define SIMPLE_SIMPLE_INT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "sip/digest.h"
#include "sip/quirks.h"
#include "simple/simple.h"

struct watching;
struct focus;

struct simple {
	struct simple_cfg cfg;
	struct sip_digest *digest;
	struct sip_offers *offers;
	struct watching *watching; /* watching.h */
	struct queue *sw;	   /* set by simple_web */
	struct focus *focus;	   /* focus.h */
	uint64_t seed;		   /* of keyed hashes over what peers choose */
	struct buf scratch;	   /* of deliver.c */
	struct simple_stats stats;
	struct log_rate wrong_rate, throttle_rate, unusable_rate;
};

/* --- auth.c --- */
enum sip_auth_result simple_authenticate(void *arg, struct sip_txn *t);
/* A HTTP request's Authorization: the account, or 0 and the status to answer with (401 and its
 * WWW-Authenticate lines in lines_out, 503, 400). */
struct simple_web_auth {
	struct str method, target, credentials;
	const struct addr *peer;
};
account_id simple_authenticate_web(struct simple *s, const struct simple_web_auth *a,
				   int *status_out, struct buf *lines_out);

/* --- register.c --- */
void simple_on_register(struct sip_txn *t, void *arg);

/* --- message.c --- */
void simple_on_message(struct sip_txn *t, void *arg);

/* --- deliver.c --- */
void simple_deliver(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
		    const struct account *to, const struct im_text *t);

/* --- options.c --- */
void simple_on_options(struct sip_txn *t, void *arg);

/* --- who.c --- */
/* The account a URI of our domain names: its user part, or a GRUU's.  NULL: nobody, or disabled. */
const struct account *simple_account_of(const struct simple *s, const struct uri *u);
/* The same for the Request-URI, with the Routes in front of it; *code_out is the answer when NULL. */
const struct account *simple_target_of(const struct simple *s, struct sip_txn *t, int *code_out);
/* Appends sip:name@domain. */
void simple_aor(const struct simple *s, const struct account *a, struct buf *out);
/* Appends a name-addr: "display" <sip:name@domain>. */
void simple_name_addr(const struct simple *s, const struct account *a, struct buf *out);
/* Appends "Date: now" CRLF; Unix milliseconds. */
void simple_date_line(int64_t wall_ms, struct buf *out);

extern const char *const simple_supported[]; /* option tags, ends with NULL */

#endif
