/* server_health.c: what keeps the server from being wholly well, in sentences for the operator. */
#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"

#include "app/server_int.h"

static const int64_t cert_warn_ms = 7LL * 86400 * 1000;

static void add(json_t *list, const char *reason)
{
	json_array_append_new(list, json_string(reason));
}

static void add_store(struct server *s, json_t *list, bool *fatal)
{
	struct store_stats st;

	store_stats(s->store, &st);
	if (st.is_disk_full)
		add(list,
		    "The disk is full: nothing new can be stored. What needs no disk goes on.");
	else if (st.is_failing)
		add(list, "The database cannot be written. What needs no disk goes on.");
	if (st.is_disk_full || st.is_failing)
		*fatal = true;
	if (!st.has_leases)
		add(list, "This file system has no leases: plain copies of the database are not "
			  "safe, use backup.");
	if (st.dirty_since_ms != 0 && clk_wall_ms() - st.dirty_since_ms > STORE_POSTPONED_WARN_MS)
		add(list, "A program holds the database file open: copies made now lack the newest "
			  "changes.");
	if (st.wal_bytes > STORE_WAL_WARN_BYTES)
		add(list, "The write-ahead log is over 64 MiB.");
}

json_t *server_reasons(struct server *s, bool *fatal_out)
{
	int64_t left = s->cert_not_after_ms - clk_wall_ms();
	json_t *list = json_array();

	*fatal_out = false;
	add_store(s, list, fatal_out);
	if (!s->is_set_up)
		add(list, "The server waits for its first set-up.");
	if (s->is_im_off)
		add(list, "IM is switched off in the settings: texts are refused.");
	if (s->cert_not_after_ms != 0 && left < 0)
		add(list, "The server's certificate has expired.");
	else if (s->cert_not_after_ms != 0 && left < cert_warn_ms)
		add(list, "The server's certificate expires within a week.");
	if (s->is_stopping)
		add(list, "The server is stopping.");
	return list;
}
