#include "lync/service.h"

#include "base/mem.h"
#include "codec/mime.h"
#include "lync/conf.h"

typedef void body_fn(struct lync *l, struct sip_txn *t, const struct xml_node *root);

static const struct {
	const char *type;
	body_fn *fn;
} bodies[] = {
	{ "application/msrtc-category-publish+xml", lync_on_publish },
	{ "application/msrtc-setcontainermembers+xml", lync_on_members },
	{ "application/msrtc-presence-setsubscriber+xml", lync_on_subscriber },
	{ "application/SOAP+xml", lync_on_soap },
	{ "application/cccp+xml", conf_on_service },
};

static body_fn *body_of(struct str content_type)
{
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
		if (mime_is(content_type, bodies[i].type))
			return bodies[i].fn;
	return NULL;
}

void lync_on_service(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	const struct sip_msg *m = sip_txn_msg(t);
	body_fn *fn = body_of(m->content_type);
	struct xml_doc doc;

	if (fn == NULL) {
		lync_refuse(l, t, 501, 4013, "No such service");
		return;
	}
	if (xml_decode(m->body, &doc) != E_OK) {
		lync_refuse(l, t, 400, 4001, "The body is not well-formed");
		return;
	}
	fn(l, t, doc.root);
	xml_fini(&doc);
}
