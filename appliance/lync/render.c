#include "lync/render.h"

#include "base/mem.h"
#include "base/num.h"
#include "codec/xml.h"

#include "lync/state_xml.h"

/* A rendering is a row of pieces, each a kind of category: a byte that says which, a hash in hexadecimal, the
 * elements, END.  END cannot be in XML. */
enum { PIECE_BASE = 0x40, PIECE_END = 0x01, PIECE_HASH = 8, PIECE_HEAD = 1 + PIECE_HASH };

static const struct {
	const char *name;
	unsigned bit;
} known[] = {
	{ "state", RENDER_STATE },	 { "contactCard", RENDER_CARD },
	{ "note", RENDER_NOTE },	 { "calendarData", RENDER_CALENDAR },
	{ "services", RENDER_SERVICES },
};

unsigned render_category_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eqz(name, known[i].name))
			return known[i].bit;
	return RENDER_OTHERS;
}

struct rendering {
	struct lync *lync;
	const struct presence_view *view;
	const struct account *account;
	struct lync_user *user; /* NULL: no such client of his was ever here */
	uint32_t level;		/* his container for this access level */
	struct buf *out;
};

static uint32_t container_of(enum access_level l)
{
	switch (l) {
	case ACCESS_BLOCKED:
		return CONTAINER_BLOCKED;
	case ACCESS_PUBLIC:
		return 100;
	case ACCESS_TEAM:
		return 300;
	case ACCESS_PERSONAL:
		return 400;
	case ACCESS_COLLEAGUES:
	case ACCESS_LEVELS:
		break;
	}
	return 200;
}

/* Per category: the watcher's own container, else the one of his class, else the one for everybody; the
 * blocked see theirs alone. */
static bool find_container(const struct rendering *r, struct str name, uint32_t *out)
{
	const uint32_t order[] = { r->level, 200, 0 };
	size_t n = r->level == CONTAINER_BLOCKED ? 1 : r->level == 100 ? 2 : ARRAY_LEN(order);

	for (size_t i = 0; r->user != NULL && i < n; i++) {
		if (r->level == 100 && i == 1) /* shown less than colleagues are: not theirs */
			*out = 0;
		else
			*out = order[i];
		if (categories_has(&r->user->categories, name, *out))
			return true;
	}
	return false;
}

static void start_category(struct xmlw *w, struct str name, uint32_t instance, int64_t published_ms)
{
	struct buf when;

	buf_init(&when, 64);
	category_time(&when, published_ms);
	xmlw_start(w, "category");
	xmlw_attr(w, "name", name);
	xmlw_attr_u64(w, "instance", instance);
	xmlw_attr(w, "publishTime", buf_str(&when));
	buf_fini(&when);
}

static void write_empty(struct xmlw *w, struct str name)
{
	xmlw_start(w, "category");
	xmlw_attr(w, "name", name);
	xmlw_end(w);
}

/* All instances of the container; false: there is none. */
static bool write_published(const struct rendering *r, struct str name, struct xmlw *w)
{
	uint32_t container;

	if (!find_container(r, name, &container))
		return false;
	LIST_EACH (&r->user->categories.list, n) {
		const struct category *c = LIST_ITEM(n, struct category, node);

		if (c->container != container || !str_eq(c->name, name))
			continue;
		start_category(w, name, c->instance, c->published_ms);
		xmlw_raw(w, c->xml);
		xmlw_end(w);
	}
	return true;
}

/* What the person's Lync-class client said of itself, if that is what counts now. */
static bool is_published_note(const struct rendering *r)
{
	uint32_t container;
	bool found = false;

	if (!find_container(r, STR("note"), &container))
		return false;
	LIST_EACH (&r->user->categories.list, n) {
		const struct category *c = LIST_ITEM(n, struct category, node);
		struct xml_doc doc;

		if (c->container != container || !str_eqz(c->name, "note") || c->xml.len == 0 ||
		    xml_decode(c->xml, &doc) != E_OK)
			continue;
		found |= str_eq(xml_child_text(doc.root, NULL, "body"), r->view->state->note);
		xml_fini(&doc);
	}
	return found;
}

static int64_t state_time(const struct rendering *r)
{
	return r->view->state->since_ms != 0 ? r->view->state->since_ms : r->account->created_ms;
}

static void write_state(const struct rendering *r, struct xmlw *w)
{
	start_category(w, STR("state"), 1, state_time(r));
	state_xml_aggregate(w, r->view->state);
	xmlw_end(w);
}

static void write_card(const struct rendering *r, struct xmlw *w)
{
	bool is_full = r->level >= 200 && r->level <= 400;

	start_category(w, STR("contactCard"), 0, r->account->created_ms);
	state_xml_card(r->lync, w, r->account, is_full ? CARD_FULL : CARD_IDENTITY);
	xmlw_end(w);
	(void)write_published(r, STR("contactCard"), w);
}

static void write_note(const struct rendering *r, struct xmlw *w)
{
	if (r->view->state->note.len == 0) {
		write_empty(w, STR("note"));
	} else if (!is_published_note(r) || !write_published(r, STR("note"), w)) {
		start_category(w, STR("note"), 0, state_time(r));
		state_xml_note(w, r->view->state->note);
		xmlw_end(w);
	}
}

static void write_services(const struct rendering *r, struct xmlw *w)
{
	start_category(w, STR("services"), 0, state_time(r));
	state_xml_services(r->lync, w, r->account, r->view->state);
	xmlw_end(w);
}

static void write_others(const struct rendering *r, struct xmlw *w)
{
	const struct category *last = NULL;

	if (r->user == NULL)
		return;
	LIST_EACH (&r->user->categories.list, n) {
		const struct category *c = LIST_ITEM(n, struct category, node);
		bool seen = false;

		if (render_category_of(c->name) != RENDER_OTHERS ||
		    (last != NULL && str_eq(last->name, c->name)))
			continue;
		LIST_EACH (&r->user->categories.list, k) {
			if (k == n)
				break;
			seen |= str_eq(LIST_ITEM(k, struct category, node)->name, c->name);
		}
		last = c;
		if (!seen)
			(void)write_published(r, c->name, w);
	}
}

static void write_piece(const struct rendering *r, unsigned bit, struct xmlw *w)
{
	switch (bit) {
	case RENDER_STATE:
		write_state(r, w);
		break;
	case RENDER_CARD:
		write_card(r, w);
		break;
	case RENDER_NOTE:
		write_note(r, w);
		break;
	case RENDER_CALENDAR:
		if (!write_published(r, STR("calendarData"), w))
			write_empty(w, STR("calendarData"));
		break;
	case RENDER_SERVICES:
		write_services(r, w);
		break;
	default:
		write_others(r, w);
		break;
	}
}

/* A piece that does not fit any more is left out: what remains is still whole. */
static void add_piece(const struct rendering *r, unsigned bit)
{
	struct xmlw w;
	struct buf b;

	buf_init(&b, PRESENCE_RENDERING_MAX);
	xmlw_init(&w, &b);
	write_piece(r, bit, &w);
	if (buf_err(&b) == E_OK && b.len + PIECE_HEAD + 1 <= PRESENCE_RENDERING_MAX - r->out->len) {
		/* Never 0, which stands for nothing sent. */
		buf_addf(r->out, "%c%08x", (char)(PIECE_BASE + bit),
			 (unsigned)(str_hash(1, buf_str(&b)) | 1));
		buf_add(r->out, buf_str(&b));
		buf_addc(r->out, PIECE_END);
	} else {
		log_warn("lync", "account=%lld has published too much for one document",
			 (long long)r->account->id);
	}
	buf_fini(&b);
}

void lync_render(void *arg, const struct presence_view *v, struct buf *out)
{
	struct lync *l = arg;
	struct rendering r = {
		.lync = l,
		.view = v,
		.account = directory_get(l->cfg.directory, v->presentity),
		.user = lync_user_find(l, v->presentity),
		.level = container_of(v->level),
		.out = out,
	};

	if (r.account == NULL) { /* about to end */
		buf_addc(out, PIECE_END);
		return;
	}
	for (unsigned bit = RENDER_STATE; bit <= RENDER_OTHERS; bit <<= 1)
		add_piece(&r, bit);
}

static size_t index_of(unsigned bit)
{
	size_t i = 0;

	while (bit > 1) {
		bit >>= 1;
		i++;
	}
	return i;
}

bool lync_render_document(struct str rendering, unsigned wanted, struct str uri,
			  enum render_how how, struct render_sent *sent, struct buf *out)
{
	bool any = false;

	while (rendering.len > 0) {
		struct str piece = str_cut(&rendering, PIECE_END);
		unsigned bit = piece.len < PIECE_HEAD
				       ? 0
				       : (unsigned)(unsigned char)piece.p[0] - PIECE_BASE;
		uint64_t hash = 0;
		uint32_t *last;

		if ((bit & wanted) == 0 ||
		    num_hex_u64(str_sub(piece, 1, PIECE_HEAD), &hash) != E_OK)
			continue;
		last = &sent->hash[index_of(bit)];
		if (how == RENDER_CHANGES && *last == (uint32_t)hash)
			continue;
		*last = (uint32_t)hash;
		if (!any) {
			buf_addz(
				out,
				"<categories xmlns=\"http://schemas.microsoft.com/2006/09/sip/categories\" uri=\"");
			xmlw_escape(out, uri);
			buf_addz(out, "\">");
			any = true;
		}
		buf_add(out, str_sub(piece, PIECE_HEAD, piece.len));
	}
	if (any)
		buf_addz(out, "</categories>");
	return any;
}
