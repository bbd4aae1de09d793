/* records.h: what is kept of a conversation: who, with whom, when, how long, how many; never the text.
 *
 * Store thread.  Ids are the caller's: ascending, above db_record_last_id at the
 * start, so that a conversation's id and its record's are one. */
#ifndef DB_RECORDS_H
#define DB_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

enum db_record_kind { DB_RECORD_IM = 1, DB_RECORD_GROUP, DB_RECORD_CALL };

enum db_record_origin {
	DB_ORIGIN_UNKNOWN,   /* from before this was kept */
	DB_ORIGIN_TEXT,	     /* a text */
	DB_ORIGIN_SESSION,   /* an invitation to a session of two */
	DB_ORIGIN_GROUP,     /* people met in a group */
	DB_ORIGIN_ESCALATED, /* two talked, and became a group */
	DB_ORIGIN_CALL,
};

struct db_record {
	int64_t id;
	enum db_record_kind kind;
	int64_t started_ms;	   /* wall */
	int64_t ended_ms;	   /* 0: goes on */
	int64_t first_ms, last_ms; /* first and last message */
	int64_t result_code;	   /* of the last message or the call, as SIP has it */
	int64_t end_reason;	   /* the caller's */
	int64_t messages, failures;
	enum db_record_origin origin;
	struct str begun_by; /* address; empty: nobody in particular */
};

struct db_participant {
	struct str uri;	    /* one row per address and record */
	int64_t account_id; /* 0: none, or deleted since */
	int64_t sent, received;
	struct str client, dialect; /* User-Agent, "simple" or "lync" */
	int64_t joined_ms, left_ms; /* 0: still there */
	struct str invited_by;	    /* address; empty: came by himself */
};

/* Adds or replaces the record and the participants given; participants not given stay. */
MUST_USE enum err db_record_put(struct db *db, const struct db_record *r,
				const struct db_participant *p, size_t count);
/* Closes what a crash left open: ended at the last message. */
MUST_USE enum err db_record_close_open(struct db *db, int64_t end_reason);
MUST_USE enum err db_record_last_id(struct db *db, int64_t *out);

struct db_record_filter {
	struct str uri;		  /* of a participant; empty: any */
	int64_t account_id;	  /* of a participant; 0: any */
	enum db_record_kind kind; /* 0: any */
	int64_t from_ms, to_ms;	  /* of the start; to_ms exclusive; 0: open */
	bool only_failed;	  /* failures > 0 */
	/* The last row of the page before; both 0: the newest. */
	int64_t before_started_ms, before_id;
	size_t limit; /* capped at DB_LIST_MAX */
};
typedef void db_record_fn(const struct db_record *r, const struct db_participant *p, size_t count,
			  void *arg);
/* Newest first.  Borrowed until fn returns. */
MUST_USE enum err db_record_list(struct db *db, const struct db_record_filter *f, db_record_fn *fn,
				 void *arg);
MUST_USE enum err db_record_get(struct db *db, int64_t id, db_record_fn *fn, void *arg);
/* Deletes up to limit that started before before_ms. */
MUST_USE enum err db_record_expire(struct db *db, int64_t before_ms, size_t limit,
				   size_t *deleted_out);

#endif
