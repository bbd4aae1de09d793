#include "directory/credential.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/nthash.h"

static void password_wipe(struct credential *c)
{
	if (c->password.p != NULL)
		mem_wipe((char *)(uintptr_t)c->password.p, c->password.len);
	str_free(&c->password);
}

void credential_init(struct credential *c, struct str name, struct str domain, struct str password,
		     bool with_nt)
{
	*c = (struct credential){
		.name = str_dup(name),
		.domain = str_dup(domain),
		.password = str_dup(password),
		.with_nt = with_nt,
	};
}

/* RFC 7616 3.4.2: H(username ":" realm ":" password); the realm is the domain.  Clients differ in whether
 * their username has the domain. */
static void make_ha1s(struct credential *c)
{
	const struct str plain[] = { c->name, STR(":"), c->domain, STR(":"), c->password };
	const struct str full[] = { c->name,   STR("@"), c->domain,  STR(":"),
				    c->domain, STR(":"), c->password };

	digest_parts(DIGEST_MD5, plain, ARRAY_LEN(plain), c->made.ha1_md5);
	digest_parts(DIGEST_SHA256, plain, ARRAY_LEN(plain), c->made.ha1_sha256);
	digest_parts(DIGEST_MD5, full, ARRAY_LEN(full), c->made.ha1_md5_domain);
	digest_parts(DIGEST_SHA256, full, ARRAY_LEN(full), c->made.ha1_sha256_domain);
}

enum err credential_make(struct credential *c)
{
	enum err e = pwhash_make(c->password, c->argon2);

	if (e == E_OK && c->with_nt)
		e = nthash_make(c->password, c->made.nt_hash);
	if (e == E_OK) {
		make_ha1s(c);
		c->made.has_nt = c->with_nt;
		c->made.argon2 = str_of(c->argon2);
	}
	password_wipe(c);
	return e;
}

void credential_fini(struct credential *c)
{
	password_wipe(c);
	str_free(&c->name);
	str_free(&c->domain);
	mem_wipe(&c->made, sizeof(c->made));
	mem_wipe(c->argon2, sizeof(c->argon2));
}
