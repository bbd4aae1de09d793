#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/mem.h"
#include "http/route.h"

static void handler(struct http_req *rq, void *arg)
{
	(void)rq;
	(void)arg;
}

static const struct http_route routes[] = {
	{ "GET", "/", handler, HTTP_PUBLIC, 0 },
	{ "GET", "/users", handler, HTTP_READ, 0 },
	{ "POST", "/users/import", handler, HTTP_ADMIN, 10 },
	{ "GET", "/users/{name}", handler, HTTP_READ, 0 },
	{ "DELETE", "/users/{name}", handler, HTTP_ADMIN, 0 },
	{ "POST", "/users/{name}/keys/{key}", handler, HTTP_ADMIN, 0 },
};

static const struct http_route *find(const char *method, const char *path, struct http_captures *c,
				     bool *known)
{
	static struct arena a;
	struct http_target t;

	arena_fini(&a);
	arena_init(&a, 4096);
	assert_int_equal(http_target_decode(&t, &a, str_of(path)), E_OK);
	return http_route_find(routes, ARRAY_LEN(routes), str_of(method), &t, c, known);
}

static void test_find(void **state)
{
	struct http_captures c;
	bool known;

	(void)state;
	assert_ptr_equal(find("GET", "/", &c, &known), &routes[0]);
	assert_ptr_equal(find("GET", "/users", &c, &known), &routes[1]);
	assert_ptr_equal(find("HEAD", "/users", &c, &known), &routes[1]);
	assert_ptr_equal(find("POST", "/users/import", &c, &known), &routes[2]);
	assert_ptr_equal(find("DELETE", "/users/x", &c, &known), &routes[4]);
	assert_ptr_equal(find("POST", "/users/x/keys/y", &c, &known), &routes[5]);
	assert_int_equal(c.n, 2);
	assert_true(str_eq(c.v[0].name, STR("name")) && str_eq(c.v[0].value, STR("x")));
	assert_true(str_eq(c.v[1].name, STR("key")) && str_eq(c.v[1].value, STR("y")));
}

static void test_miss(void **state)
{
	struct http_captures c;
	bool known;

	(void)state;
	assert_null(find("GET", "/nothing", &c, &known));
	assert_false(known);
	assert_null(find("PUT", "/users", &c, &known));
	assert_true(known);
	assert_null(find("GET", "/users/", &c, &known)); /* an empty capture is none */
	assert_false(known);
	assert_null(find("GET", "/users/x/y", &c, &known));
	assert_false(known);
	assert_null(
		find("get", "/users", &c, &known)); /* methods are case-sensitive, RFC 9110 9.1 */
	assert_true(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_find),
					    cmocka_unit_test(test_miss) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
