#include "codec/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

/* Stands between namespace and local name in expat's names; no XML text can hold it. */
#define SEPARATOR '\x01'

/* Character data comes in pieces, between children too: they are listed while an element is open
 * and joined at its end. */
struct piece {
	struct piece *next;
	struct str text;
};

struct level {
	struct xml_node *node;
	struct xml_node **tail; /* where the next child goes */
	struct piece *first, *last;
	size_t text_len;
};

struct reader {
	XML_Parser parser;
	struct str source;
	struct arena *arena;
	struct xml_node *root;
	struct level level[XML_DEPTH_MAX];
	size_t depth, nodes;
	enum err err; /* the reason why we stopped the parser */
};

static void stop(struct reader *r, enum err e)
{
	if (r->err == E_OK)
		r->err = e;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static void *alloc(struct reader *r, size_t n)
{
	void *p = arena_alloc(r->arena, n);

	if (p == NULL)
		stop(r, E_TOOBIG);
	return p;
}

static bool copy(struct reader *r, struct str s, struct str *out)
{
	char *p = alloc(r, s.len + 1);

	if (p == NULL)
		return false;
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	*out = str_n(p, s.len);
	return true;
}

/* Names repeat: what the parent or a sibling has is not copied again. */
static bool copy_ns(struct reader *r, struct str ns, struct str *out)
{
	if (ns.len == 0) {
		*out = STR("");
		return true;
	}
	for (size_t i = r->depth; i > 0; i--) {
		if (str_eq(r->level[i - 1].node->ns, ns)) {
			*out = r->level[i - 1].node->ns;
			return true;
		}
	}
	return copy(r, ns, out);
}

static bool split_name(struct reader *r, const char *full, struct str *ns, struct str *name)
{
	struct str all = str_of(full), left = str_cut(&all, SEPARATOR);

	if (all.p == NULL)
		return copy_ns(r, STR_NULL, ns) && copy(r, left, name);
	return copy_ns(r, left, ns) && copy(r, all, name);
}

static void add_attrs(struct reader *r, struct xml_node *n, const char **atts)
{
	struct xml_attr **tail = &n->attrs, *a;

	for (size_t i = 0; atts[i] != NULL; i += 2) {
		if (i / 2 == XML_ATTRS_MAX) {
			stop(r, E_TOOBIG);
			return;
		}
		a = alloc(r, sizeof(*a));
		if (a == NULL || !split_name(r, atts[i], &a->ns, &a->name) ||
		    !copy(r, str_of(atts[i + 1]), &a->value))
			return;
		*tail = a;
		tail = &a->next;
	}
}

static void on_start(void *arg, const char *name, const char **atts)
{
	struct reader *r = arg;
	struct xml_node *n;
	size_t at = (size_t)XML_GetCurrentByteIndex(r->parser);

	if (r->err != E_OK)
		return;
	if (r->depth == XML_DEPTH_MAX || r->nodes == XML_NODES_MAX) {
		stop(r, E_TOOBIG);
		return;
	}
	n = alloc(r, sizeof(*n));
	if (n == NULL || !split_name(r, name, &n->ns, &n->name))
		return;
	n->raw = str_sub(r->source, at, at);
	at += (size_t)XML_GetCurrentByteCount(r->parser);
	n->inner = str_sub(r->source, at, at);
	n->text = STR("");
	add_attrs(r, n, atts);
	if (r->depth == 0) {
		r->root = n;
	} else {
		n->parent = r->level[r->depth - 1].node;
		*r->level[r->depth - 1].tail = n;
		r->level[r->depth - 1].tail = &n->next;
	}
	r->level[r->depth++] = (struct level){ .node = n, .tail = &n->child };
	r->nodes++;
}

static void on_text(void *arg, const char *p, int len)
{
	struct reader *r = arg;
	struct level *l;
	struct piece *piece;

	if (r->err != E_OK || r->depth == 0)
		return;
	l = &r->level[r->depth - 1];
	piece = alloc(r, sizeof(*piece));
	if (piece == NULL || !copy(r, str_n(p, (size_t)len), &piece->text))
		return;
	if (l->last == NULL)
		l->first = piece;
	else
		l->last->next = piece;
	l->last = piece;
	l->text_len += piece->text.len;
}

static void join_text(struct reader *r, struct level *l)
{
	char *p;
	size_t len = 0;

	if (l->first == NULL)
		return;
	if (l->first->next == NULL) {
		l->node->text = l->first->text;
		return;
	}
	p = alloc(r, l->text_len + 1);
	if (p == NULL)
		return;
	for (const struct piece *t = l->first; t != NULL; t = t->next) {
		memcpy(p + len, t->text.p, t->text.len);
		len += t->text.len;
	}
	l->node->text = str_n(p, len);
}

static void on_end(void *arg, const char *name)
{
	struct reader *r = arg;
	struct xml_node *n;
	size_t at = (size_t)XML_GetCurrentByteIndex(r->parser);
	size_t end = at + (size_t)XML_GetCurrentByteCount(r->parser);

	(void)name;
	if (r->err != E_OK)
		return;
	r->depth--;
	n = r->level[r->depth].node;
	join_text(r, &r->level[r->depth]);
	/* After <name/> expat stands behind the tag, with no bytes of its own. */
	n->inner.len = (size_t)(r->source.p + at - n->inner.p);
	n->raw.len = (size_t)(r->source.p + end - n->raw.p);
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id,
		       int has_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_subset;
	stop(arg, E_UNSUPPORTED);
}

static enum err parse(struct reader *r)
{
	/* An encoding named in the document would move what the views point to. */
	r->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
	if (r->parser == NULL)
		return E_NOMEM;
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	(void)XML_SetParamEntityParsing(r->parser, XML_PARAM_ENTITY_PARSING_NEVER);
	if (XML_Parse(r->parser, r->source.p, (int)r->source.len, XML_TRUE) != XML_STATUS_OK &&
	    r->err == E_OK)
		r->err = E_BAD;
	XML_ParserFree(r->parser);
	return r->err;
}

enum err xml_decode(struct str text, struct xml_doc *out)
{
	struct xml_doc d = { .root = NULL };
	struct reader *r;
	enum err e;

	if (text.len == 0)
		return E_BAD;
	if (text.len > XML_BYTES_MAX)
		return E_TOOBIG;
	/* expat follows a byte order mark and NULs into UTF-16, whatever it was told. */
	if (!str_is_utf8(text) || memchr(text.p, '\0', text.len) != NULL)
		return E_BAD;
	arena_init(&d.arena, XML_ARENA_MAX);
	r = xcalloc(1, sizeof(*r));
	r->source = text;
	r->arena = &d.arena;
	e = parse(r);
	d.root = r->root;
	free(r);
	if (e != E_OK) {
		arena_fini(&d.arena);
		return e;
	}
	*out = d;
	return E_OK;
}

void xml_fini(struct xml_doc *d)
{
	arena_fini(&d->arena);
	d->root = NULL;
}
