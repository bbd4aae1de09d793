/* fuzz_sip_stack.c: a whole stack fed with what a hostile client sends: first byte: signed in, and how the rest
 * is cut.  Nothing but requests may be owed an answer, and the neighbour is served as ever. */
#include <assert.h>

#include "tests/unit/sip/fake_net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_invite(struct sip_txn *t, void *arg)
{
	struct fake *f = arg;

	f->last_txn = sip_txn_id(t); /* waits: for a CANCEL, or for its silence to be noticed */
}

static const struct sip_verb verbs[] = {
	{ "REGISTER", fake_handle, SIP_AUTH_REQUIRED, 0, 2 },
	{ "MESSAGE", fake_handle, SIP_AUTH_REQUIRED, IM_BODY_MAX, 1 },
	{ "OPTIONS", fake_handle, SIP_AUTH_NONE, 4096, 1 },
	{ "INVITE", on_invite, SIP_AUTH_REQUIRED, 4096, 1 },
	{ "ACK", fake_handle, SIP_AUTH_REQUIRED, 4096, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char options[] =
		"OPTIONS sip:porchlight.test SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.9;branch=z9hG4bKn\r\n"
		"From: <sip:n@porchlight.test>;tag=n\r\nTo: <sip:porchlight.test>\r\nCall-ID: n\r\n"
		"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
	struct fake_feed feed = { .last = 0 };
	struct sip_stats st;
	struct fake f;

	if (size < 2)
		return 0;
	fake_init_verbs(&f, verbs);
	fake_open(&f, 1);
	fake_open(&f, 2);
	if ((data[0] & 1) != 0)
		fake_sign_in(&f, 1);
	(void)fake_feed(&f, 1, &feed, str_n(data + 1, size - 1), (size_t)(data[0] >> 1) * 8 + 1);
	assert(sip_on_bytes(f.stack, 2, str_of(options)) == sizeof(options) - 1);
	assert(str_starts(buf_str(&f.sent[2]), STR("SIP/2.0 200 OK\r\n")));
	fake_advance(&f, SIP_INVITE_WAIT_MS + SIP_TXN_SILENT_MS);
	sip_stats_get(f.stack, &st);
	assert(st.server_txns == 0); /* nobody waits for ever */
	sip_on_close(f.stack, 1);
	fake_fini(&f);
	return 0;
}
