/* certificates.h: certificates in the file and as JSON. */
#ifndef API_CERTIFICATES_H
#define API_CERTIFICATES_H

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "db/certs.h"

/* Store thread: the new active one of its kind, with its dates read from the PEM. */
MUST_USE enum err api_certificate_store(struct db *db, enum db_cert_kind kind, struct str cert_pem,
					struct str key_pem, bool own);
/* NULL when the PEM cannot be read. */
json_t *api_certificate_json(struct str cert_pem, bool own);

#endif
