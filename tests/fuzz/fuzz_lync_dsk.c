/* Two flights of a TLS-DSK client: the first two bytes say where the second begins. */
#include <stdlib.h>

#include "base/mem.h"
#include "lync/dsk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dsk_key *key;

/* Making a key takes seconds under the sanitizers: not within an input's time. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct buf pem;

	(void)argc, (void)argv;
	buf_init(&pem, 8192);
	if (dsk_key_make(&pem) != E_OK ||
	    dsk_key_load(buf_str(&pem), STR("fuzz"), 1790000000, &key) != E_OK)
		abort();
	buf_fini(&pem);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dsk *d = dsk_new(key);
	struct str rest = str_n(data, size);
	enum dsk_next next;
	struct dsk_rsa *job;
	struct buf out;
	size_t cut;

	buf_init(&out, 65536);
	if (size >= 2) {
		cut = 2 + ((size_t)data[0] << 8 | data[1]);
		if (dsk_feed(d, str_sub(rest, 2, cut), &out, &next) == E_OK &&
		    dsk_feed(d, str_sub(rest, cut, size), &out, &next) == E_OK) {
			job = dsk_take_job(d);
			dsk_rsa_run(job);
			if (dsk_finish(d, job, &out) == E_OK)
				__builtin_trap(); /* the secret was sealed for us */
			free(job);
		}
	}
	dsk_free(&d);
	buf_fini(&out);
	return 0;
}
