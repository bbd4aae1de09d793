/* micro.c: what Lync-class clients cost beyond TLS and SIP, measured on the functions themselves:
 * an NTLM sign-in, and verifying one request and signing its answer.  CPU time of this thread, the best of
 * several rounds: what else the machine does is not wanted here.  One JSON line each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "codec/base64.h"
#include "crypto/digest.h"
#include "lync/ntlm.h"
#include "lync/sa.h"

enum { ROUNDS = 7, BATCH = 2000 };

/* Of pidgin-sipe 1.25: password "Pa55word", server challenge 286D5294E4EF2FAF. */
static const char type3[] =
	"TlRMTVNTUAADAAAAGAAYAGQAAACkAKQAfAAAAA4ADgBIAAAACgAKAFYAAAAEAAQAYAAAABAAEAAgAQAAVYKYYgUB"
	"KAoAAAAPQwBPAE4AVABPAFMATwBhAGwAaQBjAGUAVgBNAAif07n3Ytxfwg6H7B8YnvMIfRST4ZVfcnKQf8agzkB8"
	"Tv+/lem5c30BAQAAAAAAAAB4IgPbet0BCH0Uk+GVX3IAAAAAAgAOAEMATwBOAFQATwBTAE8AAQAKAFAATwBPAEwA"
	"MQAEAB4AYwBvAG4AdABvAHMAbwAuAGUAeABhAG0AcABsAGUAAwAqAHAAbwBvAGwAMQAuAGMAbwBuAHQAbwBzAG8A"
	"LgBlAHgAYQBtAHAAbABlAAAAAAAAAAAACloos77t46iuTBRcO+z9MQ==";
static const unsigned char challenge[NTLM_CHALLENGE_LEN] = { 0x28, 0x6D, 0x52, 0x94,
							     0xE4, 0xEF, 0x2F, 0xAF };
static const struct sa_names names = { { "SIP Communications Service", 26 },
				       { "pool1.contoso.example", 21 } };
static const char request[] =
	"SERVICE sip:alice@contoso.example SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.1:50000\r\nMax-Forwards: 70\r\n"
	"From: <sip:alice@contoso.example>;tag=2123429737;epid=01010101\r\nTo: <sip:alice@contoso.example>\r\n"
	"Call-ID: C625g9714a834Di68DEm4A61tEB43b4B79xA5FAx\r\nCSeq: 17 SERVICE\r\n"
	"User-Agent: UCCAPI/15.0 OC/15.0 (Lync)\r\nContent-Length: 0\r\n\r\n";
static const char answer_headers[] = "Server: Porchlight\r\nContent-Length: 0\r\n";

static void must(int ok)
{
	if (!ok) {
		fputs("micro: a step failed that must not\n", stderr);
		exit(1);
	}
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void report(const char *workload, const char *what, double us)
{
	printf("{\"workload\":\"micro_%s\",\"server\":\"porchlight\",\"what\":\"%s\",\"us\":%.2f}\n",
	       workload, what, us);
}

/* One sign-in: our challenge, reading and verifying what comes back, and the keys made from it. */
static void sign_in_once(const unsigned char *nt_hash)
{
	const struct ntlm_names own = { STR("CONTOSO"), STR("POOL1"), STR("contoso.example"),
					STR("pool1.contoso.example") };
	struct ntlm_check check = { nt_hash, challenge, STR(""), STR("") };
	unsigned char exported[NTLM_KEY_LEN];
	struct buf type2, token;
	struct ntlm_keys keys;
	struct ntlm_auth a;

	buf_init(&type2, 4096);
	buf_init(&token, 4096);
	ntlm_challenge(&type2, NTLM_FOR_SIP, &own, challenge);
	must(base64_decode(str_of(type3), &token) == E_OK);
	must(ntlm_auth_decode(buf_str(&token), &a) == E_OK);
	must(ntlm_verify(&a, &check, exported) == E_OK);
	ntlm_keys_derive(exported, a.flags, NTLM_SIP_SEQ, &keys);
	buf_fini(&type2);
	buf_fini(&token);
}

static void sign_in(void)
{
	unsigned char nt_hash[NTHASH_LEN];
	double best = 1e9, begin, us;

	must(nthash_make(STR("Pa55word"), nt_hash) == E_OK);
	for (int r = 0; r < ROUNDS; r++) {
		begin = cpu_us();
		for (int i = 0; i < BATCH; i++)
			sign_in_once(nt_hash);
		us = (cpu_us() - begin) / BATCH;
		best = us < best ? us : best;
	}
	report("ntlm_sign_in", "NTLM sign-in beyond TLS and SIP", best);
}

/* The header values a client sends with its requests number 1 to BATCH. */
static void sign_as_client(const struct sa *sa, char values[BATCH][400])
{
	struct sign_auth auth = { 4,	   STR("NTLM"), STR("deadbeef"),
				  STR(""), names.realm, names.target };
	char num[12], hex[2 * NTLM_MAC_LEN + 1];
	unsigned char mac[NTLM_MAC_LEN];
	struct sign_head head;
	struct buf text;

	must(sign_head_of(str_of(request), &head) == E_OK);
	buf_init(&text, 4096);
	for (int i = 0; i < BATCH; i++) {
		buf_reset(&text);
		snprintf(num, sizeof(num), "%d", i + 1);
		auth.num = str_of(num);
		sign_text(&text, &auth, &head);
		ntlm_mac(&sa->keys.ntlm, NTLM_CLIENT, buf_str(&text), mac);
		digest_hex(mac, sizeof(mac), hex);
		snprintf(
			values[i], sizeof(values[i]),
			"NTLM qop=\"auth\", opaque=\"0A1B2C3D\", realm=\"%.*s\", targetname=\"%.*s\", crand=\"deadbeef\", "
			"cnum=\"%d\", response=\"%s\"",
			STR_ARG(names.realm), STR_ARG(names.target), i + 1, hex);
	}
	buf_fini(&text);
}

static void verify_and_sign_once(struct sa *sa, const char *value, struct buf *line)
{
	struct auth_hdr auth;
	struct sign_head head;

	must(auth_hdr_decode(str_of(value), &auth) == E_OK);
	must(sign_head_of(str_of(request), &head) == E_OK);
	must(sa_verify(sa, &names, &auth, &head, 0) == E_OK);
	head.status = STR("200");
	sign_head_read(&head, STR("<sip:alice@contoso.example>;tag=2123429737;epid=01010101"),
		       STR("<sip:alice@contoso.example>;tag=C7C5"), str_of(answer_headers));
	buf_reset(line);
	must(sa_sign(sa, &names, &head, line) == E_OK);
}

static void verify_and_sign(void)
{
	static char values[BATCH][400];
	struct sa_keys keys = { .scheme = AUTH_NTLM, .version = 4 };
	unsigned char exported[NTLM_KEY_LEN] = { 7 };
	double best = 1e9, begin, us;
	struct buf line;
	struct sa sa;

	ntlm_keys_derive(exported, 0x62988255, NTLM_SIP_SEQ, &keys.ntlm);
	buf_init(&line, 4096);
	for (int r = 0; r < ROUNDS; r++) {
		sa_init(&sa, "0A1B2C3D", &keys, 1000);
		sign_as_client(&sa, values);
		begin = cpu_us();
		for (int i = 0; i < BATCH; i++)
			verify_and_sign_once(&sa, values[i], &line);
		us = (cpu_us() - begin) / BATCH;
		best = us < best ? us : best;
		sa_fini(&sa);
	}
	buf_fini(&line);
	report("ntlm_verify_and_sign", "verifying a request and signing its answer (NTLM)", best);
}

int main(void)
{
	sign_in();
	verify_and_sign();
	return 0;
}
