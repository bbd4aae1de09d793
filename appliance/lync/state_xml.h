/* state_xml.h: the documents the server itself puts into categories: state, contactCard, services. */
#ifndef LYNC_STATE_XML_H
#define LYNC_STATE_XML_H

#include "codec/xmlw.h"
#include "lync/lync_int.h"

enum card_detail { CARD_IDENTITY, CARD_FULL };

void state_xml_aggregate(struct xmlw *w, const struct presence_state *s);
void state_xml_offline(struct xmlw *w);
void state_xml_card(struct lync *l, struct xmlw *w, const struct account *a,
		    enum card_detail detail);
void state_xml_note(struct xmlw *w, struct str text);
void state_xml_services(struct lync *l, struct xmlw *w, const struct account *a,
			const struct presence_state *s);
void state_xml_properties(struct xmlw *w);
/* Appends "tel:" and the digits of a number as people write it. */
void state_xml_tel(struct str number, struct buf *out);

#endif
