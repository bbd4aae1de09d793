/* routes.c: the route table of the API: who may call what, with how much body. */
#include "base/limits.h"
#include "base/mem.h"

#include "webadmin/api/api.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/reply.h"

const struct http_route api_routes[] = {
	{ "GET", "/healthz", api_healthz, HTTP_PUBLIC, 0 },
	{ "GET", "/metrics", api_metrics, HTTP_READ, 0 },
	{ "GET", "/ca", api_ca_page, HTTP_PUBLIC, 0 },
	{ "GET", "/ca.pem", api_ca_pem, HTTP_PUBLIC, 0 },
	{ "GET", "/ca.crt", api_ca_der, HTTP_PUBLIC, 0 },

	{ "GET", "/api/v1/setup", api_setup_get, HTTP_PUBLIC, 0 },
	{ "POST", "/api/v1/setup", api_setup_post, HTTP_PUBLIC, HTTP_BODY_SMALL },
	{ "POST", "/api/v1/link", api_link_post, HTTP_PUBLIC, HTTP_BODY_SMALL },

	{ "GET", "/api/v1/session", api_session_get, HTTP_READ, 0 },
	{ "POST", "/api/v1/session", api_session_post, HTTP_PUBLIC, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/session", api_session_delete, HTTP_SESSION, HTTP_BODY_SMALL },

	{ "GET", "/api/v1/users", api_users_get, HTTP_READ, 0 },
	{ "POST", "/api/v1/users", api_users_post, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "POST", "/api/v1/users/import", api_users_import, HTTP_ADMIN, HTTP_BODY_LARGE },
	{ "GET", "/api/v1/users/{name}", api_user_get, HTTP_READ, 0 },
	{ "PATCH", "/api/v1/users/{name}", api_user_patch, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/users/{name}", api_user_delete, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "POST", "/api/v1/users/{name}/password", api_user_password, HTTP_ADMIN, HTTP_BODY_SMALL },

	{ "GET", "/api/v1/users/{name}/certificates", api_client_certs_get, HTTP_READ, 0 },
	{ "DELETE", "/api/v1/users/{name}/certificates", api_client_certs_delete, HTTP_ADMIN,
	  HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/users/{name}/certificates/{id}", api_client_cert_delete, HTTP_ADMIN,
	  HTTP_BODY_SMALL },
	{ "GET", "/api/v1/users/{name}/photo", api_photo_get, HTTP_READ, 0 },
	{ "PUT", "/api/v1/users/{name}/photo", api_photo_put, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/users/{name}/photo", api_photo_delete, HTTP_ADMIN, HTTP_BODY_SMALL },

	{ "GET", "/api/v1/users/{name}/contacts", api_contacts_get, HTTP_READ, 0 },
	{ "PUT", "/api/v1/users/{name}/contacts/{contact}", api_contact_put, HTTP_ADMIN,
	  HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/users/{name}/contacts/{contact}", api_contact_delete, HTTP_ADMIN,
	  HTTP_BODY_SMALL },

	{ "GET", "/api/v1/users/{name}/access", api_access_get, HTTP_READ, 0 },
	{ "PUT", "/api/v1/users/{name}/access/{member}", api_access_put, HTTP_ADMIN,
	  HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/users/{name}/access/{member}", api_access_delete, HTTP_ADMIN,
	  HTTP_BODY_SMALL },

	{ "GET", "/api/v1/departments", api_departments_get, HTTP_READ, 0 },
	{ "POST", "/api/v1/departments", api_departments_post, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "PATCH", "/api/v1/departments/{name}", api_department_patch, HTTP_ADMIN,
	  HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/departments/{name}", api_department_delete, HTTP_ADMIN,
	  HTTP_BODY_SMALL },

	{ "GET", "/api/v1/groups", api_groups_get, HTTP_READ, 0 },
	{ "POST", "/api/v1/groups", api_groups_post, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "GET", "/api/v1/groups/{name}", api_group_get, HTTP_READ, 0 },
	{ "PATCH", "/api/v1/groups/{name}", api_group_patch, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/groups/{name}", api_group_delete, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "PUT", "/api/v1/groups/{name}/members/{user}", api_group_member_put, HTTP_ADMIN,
	  HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/groups/{name}/members/{user}", api_group_member_delete, HTTP_ADMIN,
	  HTTP_BODY_SMALL },

	{ "GET", "/api/v1/filters", api_filters_get, HTTP_READ, 0 },
	{ "PATCH", "/api/v1/filters", api_filters_patch, HTTP_ADMIN, HTTP_BODY_SMALL },

	/* What people wrote: no API key gets it. */
	{ "GET", "/api/v1/archive", api_archive_get, HTTP_SESSION, 0 },
	{ "GET", "/api/v1/archive/rules", api_archive_rules_get, HTTP_SESSION, 0 },
	{ "PUT", "/api/v1/archive/rules/all", api_archive_all_put, HTTP_SESSION, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/archive/rules/all", api_archive_all_delete, HTTP_SESSION,
	  HTTP_BODY_SMALL },
	{ "PUT", "/api/v1/archive/rules/departments/{name}", api_archive_department_put,
	  HTTP_SESSION, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/archive/rules/departments/{name}", api_archive_department_delete,
	  HTTP_SESSION, HTTP_BODY_SMALL },
	{ "PUT", "/api/v1/archive/rules/users/{name}", api_archive_user_put, HTTP_SESSION,
	  HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/archive/rules/users/{name}", api_archive_user_delete, HTTP_SESSION,
	  HTTP_BODY_SMALL },

	{ "GET", "/api/v1/admins", api_admins_get, HTTP_SESSION, 0 },
	{ "POST", "/api/v1/admins", api_admins_post, HTTP_SESSION, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/admins/{name}", api_admin_delete, HTTP_SESSION, HTTP_BODY_SMALL },
	{ "POST", "/api/v1/admins/{name}/password", api_admin_password, HTTP_SESSION,
	  HTTP_BODY_SMALL },
	{ "POST", "/api/v1/admins/{name}/link", api_admin_link, HTTP_SESSION, HTTP_BODY_SMALL },
	{ "POST", "/api/v1/admins/{name}/reset-totp", api_admin_reset_totp, HTTP_SESSION,
	  HTTP_BODY_SMALL },

	{ "GET", "/api/v1/keys", api_keys_get, HTTP_SESSION, 0 },
	{ "POST", "/api/v1/keys", api_keys_post, HTTP_SESSION, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/keys/{id}", api_key_delete, HTTP_SESSION, HTTP_BODY_SMALL },

	{ "GET", "/api/v1/certificates", api_certificates_get, HTTP_READ, 0 },
	{ "GET", "/api/v1/certificates/ca", api_certificates_ca, HTTP_READ, 0 },
	{ "PUT", "/api/v1/certificates/server", api_certificates_put, HTTP_SESSION,
	  2 * HTTP_BODY_SMALL },

	/* The file holds every password and key there is: no API key gets it. */
	{ "POST", "/api/v1/backups", api_backups_post, HTTP_SESSION, HTTP_BODY_SMALL },
	{ "POST", "/api/v1/checks", api_checks_post, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "GET", "/api/v1/backups/{id}", api_backup_get, HTTP_READ, 0 },
	{ "POST", "/api/v1/backups/{id}/file", api_backup_file, HTTP_SESSION, HTTP_BODY_SMALL },
	{ "DELETE", "/api/v1/backups/{id}", api_backup_delete, HTTP_ADMIN, HTTP_BODY_SMALL },

	{ "GET", "/api/v1/records", api_records_get, HTTP_READ, 0 },
	{ "GET", "/api/v1/endpoints", api_endpoints_get, HTTP_READ, 0 },
	{ "DELETE", "/api/v1/endpoints/{id}", api_endpoint_delete, HTTP_ADMIN, HTTP_BODY_SMALL },

	{ "GET", "/api/v1/settings", api_settings_get, HTTP_READ, 0 },
	{ "PATCH", "/api/v1/settings", api_settings_patch, HTTP_ADMIN, HTTP_BODY_SMALL },
	{ "GET", "/api/v1/status", api_status_get, HTTP_READ, 0 },
	{ "GET", "/api/v1/audit", api_audit_get, HTTP_SESSION, 0 },
	{ "GET", "/api/v1/log", api_log_get, HTTP_SESSION, 0 },
};
const size_t api_routes_count = ARRAY_LEN(api_routes);

void api_on_error(struct http_req *rq, unsigned status, const char *message)
{
	static const struct {
		unsigned status;
		const char *code;
	} codes[] = {
		{ 400, "invalid" },
		{ 401, "unauthorized" },
		{ 403, "forbidden" },
		{ 404, "not_found" },
		{ 405, "method_not_allowed" },
		{ 413, "too_big" },
		{ 414, "target_too_long" },
		{ 503, "busy" },
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		if (codes[i].status == status) {
			api_error(rq, status, codes[i].code, message, NULL);
			return;
		}
	}
	api_error(rq, status, "failed", message, NULL);
}
