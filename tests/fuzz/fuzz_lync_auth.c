/* What a Lync-class client puts into its auth headers: parameters, NTLM tokens, signed heads. */
#include "base/mem.h"
#include "lync/auth_hdr.h"
#include "lync/ntlm.h"
#include "lync/sa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char zeros[16];
	const struct sa_names names = { STR("r"), STR("t") };
	unsigned char key[NTLM_KEY_LEN];
	struct str text = str_n(data, size);
	struct sa_keys keys = { .scheme = AUTH_NTLM, .version = 4 };
	struct sign_head head;
	struct ntlm_auth ntlm;
	struct auth_hdr auth;
	struct sa sa;

	if (ntlm_auth_decode(text, &ntlm) == E_OK &&
	    ntlm_verify(&ntlm, &(struct ntlm_check){ zeros, zeros, STR(""), text }, key) == E_OK)
		ntlm_keys_derive(key, ntlm.flags, NTLM_SIP_SEQ, &keys.ntlm);
	sa_init(&sa, "00000000", &keys, 1);
	if (sign_head_of(text, &head) == E_OK &&
	    auth_hdr_decode(str_sub(text, str_search(text, STR("NTLM")), size), &auth) == E_OK &&
	    sa_verify(&sa, &names, &auth, &head, 0) == E_OK)
		__builtin_trap(); /* nobody guesses a signature */
	sa_fini(&sa);
	return 0;
}
