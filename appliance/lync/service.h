/* service.h: SERVICE requests by the type of their body; between service.c and what carries them out. */
#ifndef LYNC_SERVICE_H
#define LYNC_SERVICE_H

#include "codec/xml.h"
#include "codec/xmlw.h"
#include "lync/lync_int.h"

void lync_on_service(struct sip_txn *t, void *arg);

/* root: of the decoded body. */
void lync_on_publish(struct lync *l, struct sip_txn *t,
		     const struct xml_node *root); /* publish.c */
void lync_on_members(struct lync *l, struct sip_txn *t,
		     const struct xml_node *root); /* members.c */
void lync_on_subscriber(struct lync *l, struct sip_txn *t,
			const struct xml_node *root);				     /* members.c */
void lync_on_soap(struct lync *l, struct sip_txn *t, const struct xml_node *root);   /* soap.c */
void lync_on_search(struct lync *l, struct sip_txn *t, const struct xml_node *body); /* search.c */
/* A person's attribute, by its name in Active Directory, begins with what. */
bool lync_search_fits(const struct lync *l, const struct account *a, struct str attribute,
		      struct str what);

/* Appends the envelope of an answer around inner, which the caller then writes into. */
void lync_soap_start(struct xmlw *w, struct buf *b);
#define LYNC_SOAP_TYPE STR("application/SOAP+xml")

#endif
