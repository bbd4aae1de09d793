/* abook.h: the address-book web query ([MS-ABS] 2.2.3, SearchAbEntry), as clients ask it over HTTPS, and the photos
 * its answers name. */
#ifndef LYNC_ABOOK_H
#define LYNC_ABOOK_H

#include "codec/xml.h"
#include "http/server.h"
#include "lync/lync_int.h"

/* Under the server's own name, told to clients at sign-in. */
#define ABOOK_PATH "/groupexpansion/service.svc"
#define PHOTOS_PATH "/abs/handler"

enum { ABOOK_TERMS_MAX = 8 };

/* Any of the attributes begins with value. */
struct abook_term {
	struct str attributes; /* "givenName,sn" */
	struct str value;
};

/* Views of the document.  Whoever fits every term is an answer. */
struct abook_query {
	struct abook_term terms[ABOOK_TERMS_MAX];
	size_t n;
	uint32_t max;
	struct str wanted; /* attributes to return, like those above; empty: all there are */
};

/* --- abook_query.c --- */
/* E_BAD: no SearchAbEntry, or one that asks for nothing; E_TOOBIG: more than ABOOK_TERMS_MAX terms. */
MUST_USE enum err abook_query_decode(const struct xml_node *envelope, struct abook_query *out);
/* The name is one of a list with commas; ASCII case ignored. */
bool abook_list_has(struct str list, const char *name);

/* --- abook.c; switch thread --- */
void abook_on_request(struct lync *l, struct http_req *rq, const struct xml_node *envelope);
/* Answers with the picture of the account of that number; assertion: the X-MS-WebTicket, NULL: none. */
void abook_on_photo(struct lync *l, struct http_req *rq, struct str number,
		    const struct xml_node *assertion);

#endif
