/* handlers.h: every handler of the route table, by file. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "http/route.h"

/* session.c */
http_handler_fn api_session_get, api_session_post, api_session_delete;
/* setup.c, link.c */
http_handler_fn api_setup_get, api_setup_post, api_link_post;
/* users.c, users_change.c, users_import.c */
http_handler_fn api_users_get, api_user_get;
http_handler_fn api_users_post, api_user_patch, api_user_delete, api_user_password;
http_handler_fn api_users_import;
/* access.c */
http_handler_fn api_access_get, api_access_put, api_access_delete;
/* client_certs.c */
http_handler_fn api_client_certs_get, api_client_certs_delete, api_client_cert_delete;
/* photos.c */
http_handler_fn api_photo_get, api_photo_put, api_photo_delete;
/* contacts.c */
http_handler_fn api_contacts_get, api_contact_put, api_contact_delete;
/* groups.c */
http_handler_fn api_groups_get, api_groups_post, api_group_get, api_group_patch, api_group_delete;
http_handler_fn api_group_member_put, api_group_member_delete;
/* audit.c */
http_handler_fn api_audit_get;
/* filters.c */
http_handler_fn api_filters_get, api_filters_patch;
/* archive.c */
http_handler_fn api_archive_rules_get, api_archive_all_put, api_archive_all_delete,
	api_archive_department_put, api_archive_department_delete, api_archive_user_put,
	api_archive_user_delete, api_archive_get;
/* departments.c */
http_handler_fn api_departments_get, api_departments_post, api_department_patch,
	api_department_delete;
/* admins_change.c */
http_handler_fn api_admins_get, api_admins_post, api_admin_delete, api_admin_password,
	api_admin_link, api_admin_reset_totp;
/* keys.c */
http_handler_fn api_keys_get, api_keys_post, api_key_delete;
/* certificates.c */
http_handler_fn api_certificates_get, api_certificates_ca, api_certificates_put;
/* backups.c */
http_handler_fn api_backups_post, api_checks_post, api_backup_get, api_backup_file,
	api_backup_delete;
/* records.c, live.c */
http_handler_fn api_records_get, api_endpoints_get, api_endpoint_delete;
/* settings.c, status.c, log.c */
http_handler_fn api_settings_get, api_settings_patch, api_status_get, api_log_get;
http_handler_fn api_healthz, api_metrics;
/* ca_page.c */
http_handler_fn api_ca_page, api_ca_pem, api_ca_der;

#endif
