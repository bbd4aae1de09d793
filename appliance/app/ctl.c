#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#include "app/cli.h"
#include "app/ctl.h"
#include "app/datadir.h"
#include "app/httpc.h"
#include "app/server.h"

enum { CTL_PATH_MAX = 4096, CTL_PAGE = 200 };

struct ctl {
	int fd;
	struct server *server; /* NULL: another process serves */
	pthread_t thread;
};

static int connect_running(const char *dir)
{
	char *path = datadir_path(dir, DATADIR_SOCKET);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = -1;

	if (strlen(path) < sizeof(un.sun_path)) {
		memcpy(un.sun_path, path, strlen(path) + 1);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0) {
			close(fd);
			fd = -1;
		}
	}
	free(path);
	return fd;
}

static void *run_server(void *arg)
{
	server_run(arg);
	return NULL;
}

static enum err boot_here(struct ctl *c, const char *dir)
{
	struct config cfg = { .data = dir, .listen = false, .log_level = log_get_level() };
	enum err e = server_new(&cfg, &c->server);

	if (e != E_OK)
		return e;
	if (pthread_create(&c->thread, NULL, run_server, c->server) != 0) {
		server_free(&c->server);
		return E_IO;
	}
	e = server_local_fd(c->server, &c->fd);
	if (e == E_OK)
		return E_OK;
	server_stop(c->server);
	pthread_join(c->thread, NULL);
	server_free(&c->server);
	return e;
}

static enum err open_as_owner(const char *dir, struct ctl **out)
{
	struct ctl *c;
	enum err e;

	log_to_stderr(false);
	e = datadir_become_owner(dir);
	if (e != E_OK) {
		cli_fail_logged(e);
		return e;
	}
	c = xcalloc(1, sizeof(*c));
	c->fd = connect_running(dir);
	if (c->fd < 0) {
		e = boot_here(c, dir);
		/* A server may have started in the meantime: it has the file, so ask it. */
		if (e == E_AGAIN && (c->fd = connect_running(dir)) >= 0)
			e = E_OK;
	}
	if (e != E_OK) {
		cli_fail_logged(e);
		free(c);
		return e;
	}
	*out = c;
	return E_OK;
}

enum err ctl_open(const char *data_dir, struct ctl **out)
{
	char *db = datadir_path(data_dir, DATADIR_DB);
	bool is_there = access(db, F_OK) == 0;

	/* Without this a mistyped directory would become a new, empty server. */
	if (!is_there) {
		cli_fail("%s: %s", db,
			 errno == ENOENT ? "no such file; porchlight init or serve makes it"
					 : strerror(errno));
		free(db);
		return E_NOTFOUND;
	}
	free(db);
	return open_as_owner(data_dir, out);
}

enum err ctl_open_new(const char *data_dir, struct ctl **out)
{
	log_to_stderr(false);
	if (datadir_make(data_dir) != E_OK) {
		cli_fail_logged(E_IO);
		return E_IO;
	}
	return open_as_owner(data_dir, out);
}

void ctl_close(struct ctl **cp)
{
	struct ctl *c = *cp;

	if (c == NULL)
		return;
	close(c->fd);
	if (c->server != NULL) {
		server_stop(c->server);
		pthread_join(c->thread, NULL);
		server_free(&c->server);
	}
	free(c);
	*cp = NULL;
}

static void say_error(const struct ctl_answer *a)
{
	const json_t *e = json_object_get(a->json, "error");
	const char *message = json_string_value(json_object_get(e, "message"));
	const char *field = json_string_value(json_object_get(e, "field"));

	if (message == NULL)
		cli_fail("the server answered %d", a->status);
	else if (field != NULL)
		cli_fail("%s: %s", field, message);
	else
		cli_fail("%s", message);
}

static bool call(struct ctl *c, const struct httpc_request *rq, struct ctl_answer *out)
{
	struct httpc_answer h = { 0 };
	enum err e = httpc_call(c->fd, rq, &h);

	*out = (struct ctl_answer){ 0 };
	if (e != E_OK) {
		cli_fail("no answer from the server: %s", err_str(e));
		return false;
	}
	*out = (struct ctl_answer){ .status = h.status, .body = h.body, .len = h.len };
	if (h.body != NULL)
		out->json = json_loadb(h.body, h.len, JSON_DECODE_ANY, NULL);
	if (h.status >= 200 && h.status < 300)
		return true;
	say_error(out);
	ctl_answer_fini(out);
	return false;
}

bool ctl_send(struct ctl *c, const char *method, const char *path, const char *type,
	      struct str body, struct ctl_answer *out)
{
	struct httpc_request rq = { .method = str_of(method),
				    .path = str_of(path),
				    .type = str_of(type),
				    .body = body,
				    .to_fd = -1 };

	return call(c, &rq, out);
}

bool ctl_call(struct ctl *c, const char *method, const char *path, json_t *body,
	      struct ctl_answer *out)
{
	char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	bool ok = ctl_send(c, method, path, body != NULL ? "application/json" : NULL, str_of(text),
			   out);

	if (text != NULL)
		mem_wipe(text, strlen(text));
	free(text);
	json_decref(body);
	return ok;
}

bool ctl_download(struct ctl *c, const char *path, json_t *body, int fd)
{
	char *text = json_dumps(body, JSON_COMPACT);
	struct httpc_request rq = { .method = STR("POST"),
				    .path = str_of(path),
				    .type = STR("application/json"),
				    .body = str_of(text),
				    .to_fd = fd };
	struct ctl_answer a;
	bool ok = call(c, &rq, &a);

	if (text != NULL)
		mem_wipe(text, strlen(text));
	free(text);
	json_decref(body);
	ctl_answer_fini(&a);
	return ok;
}

void ctl_answer_fini(struct ctl_answer *a)
{
	json_decref(a->json);
	free(a->body);
	*a = (struct ctl_answer){ 0 };
}

void ctl_path_add(struct buf *path, const char *piece)
{
	for (const unsigned char *p = (const unsigned char *)piece; *p != '\0'; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9') || strchr("-._~", *p) != NULL;

		if (plain)
			buf_addc(path, (char)*p);
		else
			buf_addf(path, "%%%02X", *p);
	}
}

char *ctl_path(const char *prefix, const char *piece, const char *suffix)
{
	struct buf b;
	char *s;

	buf_init(&b, CTL_PATH_MAX);
	buf_addz(&b, prefix);
	ctl_path_add(&b, piece);
	buf_addz(&b, suffix);
	s = str_z(buf_err(&b) == E_OK ? buf_str(&b) : STR("/"));
	buf_fini(&b);
	return s;
}

json_t *ctl_list(struct ctl *c, const char *path, const char *field)
{
	json_t *all = json_array();
	char *after = NULL;

	for (;;) {
		char *page = xasprintf("%s%climit=%d%s%s", path,
				       strchr(path, '?') != NULL ? '&' : '?', CTL_PAGE,
				       after != NULL ? "&after=" : "", after != NULL ? after : "");
		const char *next;
		struct ctl_answer a;
		bool ok = ctl_call(c, "GET", page, NULL, &a);

		free(page);
		free(after);
		after = NULL;
		if (!ok) {
			json_decref(all);
			return NULL;
		}
		json_array_extend(all, json_object_get(a.json, field));
		next = json_string_value(json_object_get(a.json, "next"));
		after = next != NULL ? ctl_path("", next, "") : NULL;
		ctl_answer_fini(&a);
		if (after == NULL)
			return all;
	}
}
