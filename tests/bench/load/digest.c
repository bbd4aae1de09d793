/* digest.c: the client's half of Digest (RFC 7616, RFC 8760). */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load.h"

static void hash(enum hash_kind kind, const char *text, char hex[65])
{
	static EVP_MD *md5, *sha256;
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (md5 == NULL) { /* fetched once: it costs more than hashing */
		md5 = EVP_MD_fetch(NULL, "MD5", NULL);
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	}
	if (!EVP_Digest(text, strlen(text), raw, &len, kind == HASH_MD5 ? md5 : sha256, NULL))
		die("hashing failed");
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", raw[i]);
}

static bool parameter(const char *s, const char *end, const char *name, char *out, size_t max)
{
	size_t len = strlen(name), n = 0;

	for (const char *p = s; p + len < end; p++) {
		if (strncasecmp(p, name, len) != 0 || p[len] != '=' ||
		    (p != s && p[-1] != ' ' && p[-1] != ',' && p[-1] != '\t'))
			continue;
		p += len + 1;
		if (*p == '"')
			for (p++; p < end && *p != '"' && n < max - 1; p++)
				out[n++] = *p;
		else
			for (; p < end && strchr(", \r\n", *p) == NULL && n < max - 1; p++)
				out[n++] = *p;
		out[n] = '\0';
		return true;
	}
	return false;
}

void digest_challenge(struct agent *a, const char *value, const char *end)
{
	char text[512] = "MD5", qop[64];
	enum hash_kind kind;

	parameter(value, end, "algorithm", text, sizeof(text));
	if (strcasecmp(text, opt.algorithm) != 0)
		return;
	kind = strcasecmp(text, "MD5") == 0 ? HASH_MD5 : HASH_SHA256;
	a->digest.realm[0] = a->digest.opaque[0] = '\0';
	parameter(value, end, "realm", a->digest.realm, sizeof(a->digest.realm));
	parameter(value, end, "opaque", a->digest.opaque, sizeof(a->digest.opaque));
	a->digest.have = parameter(value, end, "nonce", a->digest.nonce, sizeof(a->digest.nonce));
	a->digest.qop = parameter(value, end, "qop", qop, sizeof(qop)) &&
			strstr(qop, "auth") != NULL;
	a->digest.hash = kind;
	a->digest.count = 0;
	snprintf(text, sizeof(text), "%s:%s:%s", agent_name(a), a->digest.realm, opt.password);
	hash(kind, text, a->digest.ha1);
}

void digest_next_nonce(struct agent *a, const char *value, const char *end)
{
	if (parameter(value, end, "nextnonce", a->digest.nonce, sizeof(a->digest.nonce)))
		a->digest.count = 0;
}

size_t digest_header(char *out, size_t max, struct agent *a, int code, const char *method,
		     const char *uri)
{
	char text[1024], ha2[65], response[65], cnonce[16], opaque[160] = "", counted[80] = "";

	if (!a->digest.have)
		return 0;
	snprintf(text, sizeof(text), "%s:%s", method, uri);
	hash(a->digest.hash, text, ha2);
	snprintf(cnonce, sizeof(cnonce), "%08x", (unsigned)agent_number(a) * 2654435761u);
	a->digest.count++;
	if (a->digest.qop) {
		snprintf(text, sizeof(text), "%s:%s:%08x:%s:auth:%s", a->digest.ha1,
			 a->digest.nonce, a->digest.count, cnonce, ha2);
		snprintf(counted, sizeof(counted), ",qop=auth,nc=%08x,cnonce=\"%s\"",
			 a->digest.count, cnonce);
	} else {
		snprintf(text, sizeof(text), "%s:%s:%s", a->digest.ha1, a->digest.nonce, ha2);
	}
	hash(a->digest.hash, text, response);
	if (a->digest.opaque[0] != '\0')
		snprintf(opaque, sizeof(opaque), ",opaque=\"%s\"", a->digest.opaque);
	return (size_t)snprintf(out, max,
				"%s: Digest "
				"username=\"%s\",realm=\"%s\",nonce=\"%s\",uri=\"%s\",response=\"%"
				"s\",algorithm=%s%s%s\r\n",
				code == 407 ? "Proxy-Authorization" : "Authorization",
				agent_name(a), a->digest.realm, a->digest.nonce, uri, response,
				a->digest.hash == HASH_MD5 ? "MD5" : "SHA-256", counted, opaque);
}
