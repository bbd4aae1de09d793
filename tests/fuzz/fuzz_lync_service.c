/* What SERVICE requests and the address book's carry: contacts, publications, containers, searches. */
#include "base/mem.h"
#include "lync/abook.h"
#include "lync/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool is)
{
	if (!is)
		__builtin_trap();
}

static void contact(const struct xml_node *root)
{
	const struct xml_node *n = xml_child(xml_child(root, NULL, "Body"), NULL, NULL);
	struct roster_op op = { .uri = STR("") };
	enum err err;

	if (n == NULL || !decode_contact_op(n, &op, &err) || err != E_OK)
		return;
	if (op.kind == ROSTER_CHANGE_GROUP || op.kind == ROSTER_REMOVE_GROUP)
		must(op.group > 0);
	/* It goes into the documents of the list as it stands. */
	if (op.kind == ROSTER_PUT_CONTACT) {
		struct xml_doc doc;
		struct buf b;

		buf_init(&b, 2 * XML_BYTES_MAX);
		buf_addf(&b, "<list><extension>%.*s</extension></list>", STR_ARG(op.extension));
		must(xml_decode(buf_str(&b), &doc) == E_OK);
		xml_fini(&doc);
		buf_fini(&b);
	}
}

static void publications(const struct xml_node *root)
{
	const struct xml_node *list = xml_child(root, NULL, "publications");
	struct publication v[PUBLICATIONS_MAX];
	size_t count = 0;

	if (decode_publications(list, v, &count).code != 0)
		return;
	for (size_t i = 0; i < count; i++) {
		must(v[i].name.len > 0 && v[i].name.len <= LYNC_CATEGORY_NAME_MAX);
		must(v[i].xml.len <= LYNC_CATEGORY_MAX);
		/* It goes into other people's documents as it stands. */
		if (v[i].xml.len > 0) {
			struct xml_doc doc;

			must(xml_decode(v[i].xml, &doc) == E_OK);
			xml_fini(&doc);
		}
	}
}

static void members(const struct xml_node *root)
{
	const struct xml_node *n = xml_child(root, NULL, "container"), *m;
	struct container_change container;
	struct member_change member;
	struct buf text;
	struct uri u;

	for (; n != NULL; n = xml_next(n, NULL, "container")) {
		if (decode_container(n, &container) != E_OK)
			continue;
		for (m = decode_member(&container, NULL, &member); m != NULL;
		     m = decode_member(&container, m, &member)) {
			buf_init(&text, URI_MAX);
			if (decode_member_uri(member.who, &text, &u) == E_OK)
				must(text.len <= URI_MAX);
			buf_fini(&text);
		}
	}
}

static void address_book(const struct xml_node *root)
{
	struct abook_query q;

	if (abook_query_decode(root, &q) != E_OK)
		return;
	must(q.n > 0 && q.n <= ABOOK_TERMS_MAX && q.max >= 1 && q.max <= LYNC_SEARCH_MAX);
	for (size_t i = 0; i < q.n; i++)
		must(q.terms[i].value.len > 0);
	(void)abook_list_has(q.wanted, "title");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xml_doc doc;

	if (xml_decode(str_n(data, size), &doc) != E_OK)
		return 0;
	contact(doc.root);
	publications(doc.root);
	members(doc.root);
	address_book(doc.root);
	xml_fini(&doc);
	return 0;
}
