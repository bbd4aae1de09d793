/* Photos: the bytes stay on disk, memory knows who has one and which version it is. */
#include "directory/directory_int.h"

#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "db/photos.h"

_Static_assert((int)PHOTO_HASH_LEN == (int)DB_PHOTO_HASH_LEN,
	       "the file names versions as memory does");

static void load_one(int64_t id, const unsigned char hash[DB_PHOTO_HASH_LEN], void *arg)
{
	struct person *p = person_get(arg, id);

	if (p == NULL)
		return;
	p->a.has_photo = true;
	memcpy(p->a.photo_hash, hash, sizeof(p->a.photo_hash));
}

enum err photos_load(struct directory *d, struct db *db)
{
	return db_photo_each_hash(db, load_one, d);
}

/* --- changing --- */

struct new_photo {
	struct change c;
	struct str image; /* owned; empty: none */
	int64_t now_ms;
};

static struct new_photo *new_photo_of(struct change *c)
{
	return CONTAINER_OF(c, struct new_photo, c);
}

static void new_photo_fini(struct change *c)
{
	str_free(&new_photo_of(c)->image);
}

static enum err store_photo(struct store_op *op, struct db *db)
{
	const struct new_photo *x = new_photo_of(change_of(op));

	return x->image.len == 0 ? db_photo_drop(db, x->c.id)
				 : db_photo_put(db, x->c.id, x->image, x->now_ms);
}

static bool apply_photo(struct change *c)
{
	const struct new_photo *x = new_photo_of(c);
	struct person *p = person_get(c->d, c->id);

	if (p == NULL)
		return true;
	p->a.has_photo = x->image.len > 0;
	memset(p->a.photo_hash, 0, sizeof(p->a.photo_hash));
	if (p->a.has_photo)
		db_photo_hash(x->image, p->a.photo_hash);
	directory_tell(c->d, DIRECTORY_CHANGED, &p->a);
	return true;
}

void directory_set_photo(struct directory *d, account_id id, struct str image,
			 directory_done_fn *done, void *arg)
{
	struct new_photo *x = change_new(d, sizeof(*x), done, arg);

	x->c.id = id;
	x->c.apply = apply_photo;
	x->c.fini = new_photo_fini;
	x->now_ms = clk_wall_ms();
	if (image.len > PHOTO_BYTES_MAX) {
		change_answer(&x->c, E_TOOBIG);
		return;
	}
	if (image.len > 0)
		x->image = str_dup(image);
	change_store(&x->c, store_photo);
}

/* --- reading: what of a change only waits for its answer --- */

struct photo_read {
	struct change c;
	directory_photo_fn *fn;
	void *arg;
	struct str image; /* owned */
	const char *type;
};

static struct photo_read *photo_read_of(struct change *c)
{
	return CONTAINER_OF(c, struct photo_read, c);
}

static void photo_read_fini(struct change *c)
{
	str_free(&photo_read_of(c)->image);
}

static void keep_photo(const struct db_photo *p, void *arg)
{
	struct photo_read *x = arg;

	x->image = str_dup(p->image);
	x->type = p->type;
}

static enum err read_photo(struct store_op *op, struct db *db)
{
	struct photo_read *x = photo_read_of(change_of(op));

	return db_photo_get(db, x->c.id, keep_photo, x);
}

static void on_read(void *arg, enum err err, int64_t id)
{
	struct photo_read *x = arg;

	(void)id;
	if (err == E_OK)
		x->fn(x->arg, E_OK, x->image, x->type);
	else
		x->fn(x->arg, err, STR_NULL, NULL);
}

void directory_read_photo(struct directory *d, account_id id, directory_photo_fn *fn, void *arg)
{
	struct photo_read *x = change_new(d, sizeof(*x), on_read, NULL);

	x->c.id = id;
	x->c.arg = x;
	x->c.fini = photo_read_fini;
	x->fn = fn;
	x->arg = arg;
	change_read(&x->c, read_photo);
}
