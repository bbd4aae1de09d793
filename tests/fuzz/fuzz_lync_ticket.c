/* What the web services are sent: a request for a ticket, or one with a ticket in it. */
#include "base/mem.h"
#include "codec/xml.h"
#include "lync/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lync l = { .tickets = lync_tickets_new() };
	const struct lync_ticket *t;
	struct xml_doc doc;

	if (xml_decode(str_n(data, size), &doc) == E_OK) {
		if (lync_ticket_check(&l, doc.root, &t) == E_OK)
			__builtin_trap(); /* none was given out */
		xml_fini(&doc);
	}
	lync_tickets_free(&l.tickets);
	return 0;
}
