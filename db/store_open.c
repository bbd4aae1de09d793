#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "db/migrate.h"
#include "db/sqlite_int.h"
#include "db/store_int.h"
#include "db/walguard.h"

/* --- what is refused --- */

/* Leases are for the owner of a file, and what root writes here the server's user could not read later. */
static enum err check_owner(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		if (errno == ENOENT)
			return E_OK;
		log_error("db", "%s: %s", path, strerror(errno));
		return errno == EACCES ? E_DENIED : E_IO;
	}
	if (!S_ISREG(st.st_mode)) {
		log_error("db", "%s is not a file", path);
		return E_DENIED;
	}
	if (st.st_uid != geteuid()) {
		log_error("db", "%s belongs to user %u, and this is user %u: run chown %u %s", path,
			  (unsigned)st.st_uid, (unsigned)geteuid(), (unsigned)geteuid(), path);
		return E_DENIED;
	}
	if ((st.st_mode & 077) != 0) {
		log_warn("db",
			 "%s holds every password and others could read it: its mode is now 0600",
			 path);
		if (chmod(path, 0600) != 0) {
			log_error("db", "%s: %s", path, strerror(errno));
			return E_IO;
		}
	}
	return E_OK;
}

static int64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

static void log_torn(const char *path)
{
	log_error(
		"db",
		"%s is torn: it was copied after a crash without the %s-wal beside it; copy both, or restore "
		"another copy",
		path, STORE_FILE);
}

/* Before SQLite turns it into a WAL database: is it ours at all?  Through the WAL if there is one, as
 * the file alone may be torn then. */
static enum err check_kind(const char *path, bool has_wal)
{
	struct db *db;
	int64_t id = 0;
	enum err e;

	if (size_of(path) == 0)
		return E_OK;
	e = db_open(path, has_wal ? DB_VIEW : DB_LONE, &db);
	if (e == E_OK) {
		e = db_pragma_i64(db, "PRAGMA application_id", &id);
		db_close(&db);
	}
	if (e == E_CORRUPT && !has_wal && walguard_is_torn(path))
		log_torn(path);
	else if (e == E_CORRUPT)
		log_error("db", "%s is damaged, or not a database: restore a copy", path);
	else if (e == E_AGAIN)
		log_error("db", "%s is in use by another process", path);
	else if (e != E_OK)
		log_error("db", "%s cannot be read: %s", path, err_str(e));
	if (e == E_OK && id != DB_APPLICATION_ID && id != DB_APPLICATION_ID_OPEN) {
		log_error("db", "%s is a database of another program", path);
		return E_BAD;
	}
	return e;
}

/* A file whose seal is open was left in the middle of a checkpoint; the WAL, had it come along, would
 * have mended that. */
static enum err check_seal(struct store *s, bool has_wal)
{
	struct walguard_marks m;
	enum err e = walguard_read(s->db, &m);

	if (e == E_NOTFOUND)
		return E_OK; /* new */
	if (e != E_OK)
		return e;
	s->db->is_guarded = true;
	/* by the process that crashed; a second mark would make it look foreign */
	s->db->is_marked = has_wal;
	if (m.is_sealed || has_wal)
		return E_OK;
	log_torn(s->path);
	return E_CORRUPT;
}

static enum err check_pages(struct store *s)
{
	struct query q;
	bool is_ok = false;
	enum err e;

	if (size_of(s->path) > STORE_CHECK_BYTES)
		return E_OK;
	db_query(&q, s->db, "PRAGMA quick_check(1)");
	if (db_step(&q)) {
		struct str text = db_str(&q, 0);

		is_ok = str_eqz(text, "ok");
		if (!is_ok)
			log_error("db", "%s is damaged: %.*s", s->path, LOG_PEER(text));
	}
	e = db_end(&q);
	return e == E_OK && !is_ok ? E_CORRUPT : e;
}

/* --- boot --- */

static enum err boot(struct store *s, const struct store_cfg *cfg)
{
	char *wal = xasprintf("%s-wal", s->path);
	bool has_wal;
	enum err e = check_owner(s->path);

	if (e == E_OK)
		e = check_owner(wal);
	if (e == E_OK)
		e = walguard_check(s->path);
	has_wal = size_of(wal) > 0; /* then it belongs to this file */
	free(wal);
	if (e == E_OK)
		e = check_kind(s->path, has_wal);
	if (e == E_OK) {
		mode_t old = umask(077);

		e = db_open(s->path, DB_STORE, &s->db);
		umask(old);
	}
	if (e == E_AGAIN)
		log_error("db", "%s is in use by another process", s->path);
	if (e == E_OK)
		e = check_seal(s, has_wal);
	if (e == E_OK)
		e = migrate_run(s->db, s->path, db_migrations, db_migrations_count);
	if (e == E_OK)
		e = check_pages(s);
	if (e != E_OK)
		return e;
	s->checkpoint = checkpoint_new(s->db, s->path, cfg);
	if (has_wal || size_of(s->path) == 0 || s->db->is_marked)
		checkpoint_on_commit(s->checkpoint);
	e = checkpoint_try_for(s->checkpoint, STORE_STOP_CHECKPOINT_MS);
	if (e == E_AGAIN)
		log_warn("db", "%s is held open by another program: copies lack what is in the WAL",
			 s->path);
	else if (e != E_OK)
		store_wrote(s, e);
	return E_OK;
}

static void store_free(struct store **sp)
{
	struct store *s = *sp;

	checkpoint_free(&s->checkpoint);
	db_close(&s->db);
	queue_free(&s->inbox);
	pthread_mutex_destroy(&s->lock);
	free(s->path);
	free(s->dir);
	free(s);
	*sp = NULL;
}

enum err store_open(const char *dir, const struct store_cfg *cfg, struct store **out)
{
	static const struct store_cfg none;
	struct store *s = xcalloc(1, sizeof(*s));
	enum err e;

	s->dir = xstrdup(dir);
	s->path = xasprintf("%s/%s", dir, STORE_FILE);
	s->inbox = queue_new();
	pthread_mutex_init(&s->lock, NULL);
	e = boot(s, cfg != NULL ? cfg : &none);
	if (e != E_OK) {
		store_free(&s);
		return e;
	}
	store_publish(s);
	*out = s;
	return E_OK;
}

void store_close(struct store **sp)
{
	struct store *s = *sp;
	enum err e;

	if (s == NULL)
		return;
	store_stop(s);
	e = checkpoint_try_for(s->checkpoint, STORE_STOP_CHECKPOINT_MS);
	if (e != E_OK)
		log_warn(
			"db",
			"%s: the WAL stays beside it (%s): copy both, or start once before you copy",
			s->path, e == E_AGAIN ? "another program holds the file" : err_str(e));
	store_free(sp);
}
