#include "lync/rlmi.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/rand.h"
#include "codec/xmlw.h"

/* An empty line more before each boundary: libpurple's MIME reader takes four bytes off every part. */
#define PART_END STR("\r\n\r\n")

void rlmi_init(struct rlmi *r, struct str host, struct str list_uri, unsigned version)
{
	*r = (struct rlmi){ .host = host };
	buf_init(&r->list, SIP_BODY_MAX);
	buf_init(&r->parts, SIP_BODY_MAX);
	(void)snprintf(r->boundary, sizeof(r->boundary), "B%016llx",
		       (unsigned long long)rand_u64());
	buf_addz(&r->list, "<list xmlns=\"urn:ietf:params:xml:ns:rlmi\" uri=\"");
	xmlw_escape(&r->list, list_uri);
	buf_addf(&r->list, "\" version=\"%u\" fullState=\"false\">", version);
}

void rlmi_fini(struct rlmi *r)
{
	buf_fini(&r->list);
	buf_fini(&r->parts);
}

static void part_head(struct buf *b, const struct rlmi *r, const char *type, unsigned cid)
{
	buf_addf(b, "--%s\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <", r->boundary);
	if (cid == 0)
		buf_addz(b, "resourcelist");
	else
		buf_addf(b, "%u-%s", cid, r->boundary + 9);
	buf_addf(b, "@%.*s>\r\nContent-Type: %s\r\n\r\n", STR_ARG(r->host), type);
}

static void list_entry(struct rlmi *r, struct str uri)
{
	buf_addz(&r->list, "<resource uri=\"");
	xmlw_escape(&r->list, uri);
	buf_addz(&r->list, "\">");
}

void rlmi_add(struct rlmi *r, struct str uri, struct str document)
{
	unsigned cid = ++r->count;

	list_entry(r, uri);
	buf_addf(&r->list, "<instance id=\"0\" state=\"active\" cid=\"%u-%s@%.*s\"/></resource>",
		 cid, r->boundary + 9, STR_ARG(r->host));
	part_head(&r->parts, r, "application/msrtc-event-categories+xml", cid);
	buf_add(&r->parts, document);
	buf_add(&r->parts, PART_END);
}

void rlmi_add_unknown(struct rlmi *r, struct str uri)
{
	list_entry(r, uri);
	buf_addz(&r->list,
		 "<instance id=\"0\" state=\"terminated\" reason=\"noresource\"/></resource>");
}

void rlmi_end(struct rlmi *r, struct buf *body_out, struct buf *type_out)
{
	buf_addz(&r->list, "</list>");
	part_head(body_out, r, "application/rlmi+xml", 0);
	buf_add(body_out, buf_str(&r->list));
	buf_add(body_out, PART_END);
	buf_add(body_out, buf_str(&r->parts));
	buf_addf(body_out, "--%s--\r\n", r->boundary);
	buf_addf(
		type_out,
		"multipart/related; type=\"application/rlmi+xml\";start=\"resourcelist@%.*s\";boundary=\"%s\"",
		STR_ARG(r->host), r->boundary);
}
