#include "http/static.h"

const struct http_asset *http_asset_find(const struct http_asset *table, size_t n, struct str path)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(path, str_of(table[mid].path));

		if (c == 0)
			return &table[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* Accept-Encoding has gzip and does not forbid it with q=0 (RFC 9110 12.5.3). */
static bool takes_gzip(struct str accept)
{
	while (accept.p != NULL) {
		struct str params = str_cut(&accept, ',');
		struct str coding = str_trim(str_cut(&params, ';'));

		if (!str_ieq(coding, STR("gzip")))
			continue;
		params = str_trim(params);
		return !(str_istarts(params, STR("q=0")) &&
			 str_search(params, STR("q=0.")) == params.len);
	}
	return false;
}

/* If-None-Match is a list of tags, each possibly weak (RFC 9110 13.1.2). */
static bool has_tag(struct str list, struct str tag)
{
	while (list.p != NULL) {
		struct str t = str_trim(str_cut(&list, ','));

		if (str_starts(t, STR("W/")))
			t = str_sub(t, 2, t.len);
		if (str_eq(t, tag) || str_eq(t, STR("*")))
			return true;
	}
	return false;
}

void http_asset_reply(struct http_req *rq, const struct http_asset *a)
{
	bool gz = a->gz != NULL && takes_gzip(http_req_header(rq, "Accept-Encoding"));

	http_req_add_header(rq, "ETag", str_of(a->etag));
	http_req_add_header(rq, "Cache-Control", STR("no-cache"));
	if (a->gz != NULL)
		http_req_add_header(rq, "Vary", STR("Accept-Encoding"));
	if (has_tag(http_req_header(rq, "If-None-Match"), str_of(a->etag))) {
		http_reply_static(rq, 304, NULL, STR(""));
		return;
	}
	if (gz)
		http_req_add_header(rq, "Content-Encoding", STR("gzip"));
	http_reply_static(rq, 200, a->type, gz ? str_n(a->gz, a->gz_len) : str_n(a->body, a->len));
}
